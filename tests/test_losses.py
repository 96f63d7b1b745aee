"""Each loss equals what PyTorch's own distributions and losses say."""

import math

import pytest
import torch
import torch.nn.functional as F
from torch.distributions import Bernoulli, Normal, kl_divergence

from course_lib.losses import (
    bce,
    bernoulli_nll,
    critic_loss,
    gaussian_nll,
    gradient_penalty,
    kl_to_standard_normal,
    packed,
    pairing,
    slope,
    slope_penalty,
    squared_error,
)


def test_kl_equals_torch_distributions():
    torch.manual_seed(0)
    mu, logvar = torch.randn(2, 4, 7, dtype=torch.float64)
    reference = kl_divergence(Normal(mu, (0.5 * logvar).exp()), Normal(0.0, 1.0)).sum(dim=1)
    torch.testing.assert_close(kl_to_standard_normal(mu, logvar), reference)


def test_kl_equals_the_average_of_log_q_over_p():
    torch.manual_seed(0)
    mu, logvar = torch.tensor([[0.8, -0.3]]), torch.tensor([[-1.0, 0.4]])
    q, p = Normal(mu, (0.5 * logvar).exp()), Normal(0.0, 1.0)
    z = q.sample((200_000,))
    average = (q.log_prob(z) - p.log_prob(z)).sum(dim=-1).mean(dim=0)
    torch.testing.assert_close(kl_to_standard_normal(mu, logvar), average, atol=0.02, rtol=0)


def test_kl_is_0_for_the_standard_normal_and_positive_elsewhere():
    torch.manual_seed(0)
    zero = torch.zeros(3, 5)
    torch.testing.assert_close(kl_to_standard_normal(zero, zero), torch.zeros(3))
    assert (kl_to_standard_normal(torch.randn(99, 5), torch.randn(99, 5)) > 0).all()


def test_kl_stays_finite_where_the_encoder_clamps():
    zero = torch.zeros(2, 1)
    assert kl_to_standard_normal(zero, torch.tensor([[-30.0], [20.0]])).isfinite().all()


def test_squared_error_sums_over_pixels_and_keeps_the_images_apart():
    x = torch.zeros(2, 3, 4, 4)
    x_hat = torch.stack([torch.full((3, 4, 4), 0.5), torch.full((3, 4, 4), -2.0)])
    torch.testing.assert_close(squared_error(x_hat, x), torch.tensor([48 * 0.25, 48 * 4.0]))


def test_squared_error_equals_pytorch_mse_with_sum():
    torch.manual_seed(0)
    x_hat, x = torch.randn(2, 5, 1, 8, 8, dtype=torch.float64)
    total = F.mse_loss(x_hat, x, reduction="sum")
    torch.testing.assert_close(squared_error(x_hat, x).sum(), total)


@pytest.mark.parametrize("sigma", [0.5, 0.1])
def test_squared_error_is_a_gaussian_log_likelihood_up_to_a_constant(sigma):
    torch.manual_seed(0)
    x_hat, other, x = torch.randn(3, 5, 1, 8, 8, dtype=torch.float64)
    nll = [-Normal(mean, sigma).log_prob(x).sum(dim=(1, 2, 3)) for mean in (x_hat, other)]
    ours = [squared_error(mean, x) / (2 * sigma**2) for mean in (x_hat, other)]
    torch.testing.assert_close(ours[0] - ours[1], nll[0] - nll[1])


def test_squared_error_refuses_shapes_that_would_broadcast():
    with pytest.raises(ValueError, match=r"one shape, got \(2, 1, 4, 4\) and \(1, 1, 4, 4\)"):
        squared_error(torch.zeros(2, 1, 4, 4), torch.zeros(1, 1, 4, 4))


@pytest.mark.parametrize("sigma", [0.5, 0.1, torch.tensor(2.0)])
def test_the_gaussian_likelihood_equals_torch_distributions(sigma):
    torch.manual_seed(0)
    x_hat, x = torch.randn(2, 5, 1, 8, 8, dtype=torch.float64)
    truth = -Normal(x_hat, sigma).log_prob(x).sum(dim=(1, 2, 3))
    torch.testing.assert_close(gaussian_nll(x_hat, x, sigma), truth)


def test_the_best_sigma_is_the_root_of_the_mean_squared_error():
    torch.manual_seed(0)
    x_hat, x = torch.randn(2, 5, 1, 8, 8)
    best = (x_hat - x).square().mean().sqrt().requires_grad_()
    slope = torch.autograd.grad(gaussian_nll(x_hat, x, best).mean(), best)[0]
    assert slope.abs() < 1e-3
    worse = [gaussian_nll(x_hat, x, best * off).mean() for off in (0.8, 1.25)]
    assert min(worse) > gaussian_nll(x_hat, x, best).mean()


@pytest.mark.parametrize("sigma", [0.0, -0.1, float("nan")])
def test_a_standard_deviation_that_is_not_above_0_is_refused(sigma):
    with pytest.raises(ValueError, match="a standard deviation is above 0, got"):
        gaussian_nll(torch.zeros(2, 4), torch.zeros(2, 4), sigma)


def test_the_bernoulli_likelihood_equals_torch_distributions():
    torch.manual_seed(0)
    logit = 5 * torch.randn(5, 1, 8, 8, dtype=torch.float64)
    x = (torch.rand_like(logit) > 0.4).double()
    truth = -Bernoulli(logits=logit).log_prob(x).sum(dim=(1, 2, 3))
    torch.testing.assert_close(bernoulli_nll(logit, x), truth)


def test_the_probabilities_of_all_pictures_of_bits_add_up_to_1():
    torch.manual_seed(0)
    every = torch.cartesian_prod(*[torch.tensor([0.0, 1.0])] * 9).reshape(512, 1, 3, 3)
    total = (-bernoulli_nll(torch.randn(1, 1, 3, 3).expand_as(every), every)).exp().sum()
    torch.testing.assert_close(total, torch.tensor(1.0))


def test_pixels_that_are_no_shares_are_refused():
    with pytest.raises(ValueError, match=r"pixels of 0 and 1, got \[-1, 1\]"):
        bernoulli_nll(torch.zeros(1, 2), torch.tensor([[-1.0, 1.0]]))
    with pytest.raises(ValueError, match="must have one shape"):
        bernoulli_nll(torch.zeros(2, 1), torch.zeros(2, 2))


@pytest.mark.parametrize("target", [0.0, 1.0, 0.9])
@pytest.mark.parametrize("n", [64, 5])  # a ragged last batch needs nothing special
def test_bce_equals_pytorch(target, n):
    torch.manual_seed(0)
    logit = 5 * torch.randn(n, 1, dtype=torch.float64)
    reference = F.binary_cross_entropy_with_logits(logit, torch.full_like(logit, target))
    torch.testing.assert_close(bce(logit, target), reference)


@pytest.mark.parametrize("target", [0.0, 1.0])
def test_a_discriminator_that_cannot_decide_scores_log_2(target):
    torch.testing.assert_close(bce(torch.zeros(8, 1), target), torch.tensor(math.log(2)))


def test_bce_is_stable_at_extreme_scores():
    for logit, target, truth in ((100, 1, 0), (100, 0, 100), (-100, 1, 100), (-100, 0, 0)):
        score = torch.tensor([[float(logit)]], requires_grad=True)
        loss = bce(score, float(target))
        loss.backward()
        torch.testing.assert_close(loss.detach(), torch.tensor(float(truth)))
        torch.testing.assert_close(score.grad, torch.tensor([[float((logit > 0) - target)]]))


def test_a_forger_who_is_caught_still_feels_a_steep_slope():
    logit = torch.tensor([[-20.0]], requires_grad=True)  # D is sure that it is fake
    bce(logit, 1.0).backward()
    torch.testing.assert_close(logit.grad, torch.tensor([[-1.0]]))


def doubles(*shape):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(7), dtype=torch.float64)


def quadratic(x):
    """A score whose slope is known: x squared, summed, has the slope 2 x."""
    return x.square().flatten(1).sum(dim=1, keepdim=True)


def straight(x):
    """D(x) = w x: its slope is w everywhere."""
    return x.flatten(1) @ torch.arange(1.0, 1 + x[0].numel(), dtype=x.dtype)[:, None]


def test_a_critic_is_paid_for_scoring_real_above_fake():
    real, fake = torch.tensor([[3.0], [5.0]]), torch.tensor([[1.0], [2.0], [6.0]])
    torch.testing.assert_close(critic_loss(real, fake), torch.tensor(3.0 - 4.0))
    assert critic_loss(0 * real, 0 * fake) == 0  # always saying 0 costs nothing: below 0 is better


def test_a_trained_critic_does_better_than_always_saying_0():
    torch.manual_seed(0)
    critic = torch.nn.Linear(2, 1)
    optimizer = torch.optim.Adam(critic.parameters(), lr=0.05)
    for _ in range(50):
        real, fake, share = torch.randn(64, 2) + 2, torch.randn(64, 2), torch.rand(64)
        loss = critic_loss(critic(real), critic(fake))
        optimizer.zero_grad()
        (loss + 10 * gradient_penalty(critic, real, fake, share)).backward()
        optimizer.step()
    assert loss < -1.5  # two Gaussians, sqrt(8) = 2.8 apart: their Wasserstein distance
    assert critic(real).mean() > critic(fake).mean() + 1.5
    torch.testing.assert_close(critic.weight.norm(), torch.tensor(1.0), atol=0.2, rtol=0)


@pytest.mark.parametrize("shape", [(6, 2), (4, 3, 5, 5)])
def test_the_slope_of_a_straight_score_is_its_weight_everywhere(shape):
    w = torch.arange(1.0, 1 + math.prod(shape[1:]), dtype=torch.float64)
    real, fake, share = doubles(*shape), 3 * doubles(*shape), torch.rand(shape[0]).double()
    torch.testing.assert_close(slope(straight, real).flatten(1), w.expand(shape[0], -1))
    torch.testing.assert_close(slope_penalty(straight, real), w.norm() ** 2)
    exact = (w.norm() - 1) ** 2
    torch.testing.assert_close(gradient_penalty(straight, real, fake, share), exact)


def test_slopes_are_taken_at_the_items_and_between_the_pairs():
    real, fake = doubles(5, 1, 2, 2), doubles(5, 1, 2, 2) + 1
    torch.testing.assert_close(slope(quadratic, real), 2 * real)
    share = torch.tensor([0.0, 0.2, 0.5, 0.9, 1.0], dtype=torch.float64)
    lengths = [2 * (a * r + (1 - a) * f).norm() for a, r, f in zip(share, real, fake, strict=True)]
    exact = torch.stack([(length - 1) ** 2 for length in lengths]).mean()
    torch.testing.assert_close(gradient_penalty(quadratic, real, fake, share), exact)


def test_a_penalty_reaches_the_weights_of_the_detective_alone():
    x, w = doubles(9, 2).requires_grad_(), doubles(2, 1).requires_grad_()
    slope_penalty(lambda y: y @ w, x).backward()
    torch.testing.assert_close(w.grad, 2 * w.detach())  # of w squared
    assert x.grad is None


def test_a_flat_critic_has_a_penalty_of_1_and_no_endless_gradient():
    w = torch.zeros(2, 1, requires_grad=True)
    loss = gradient_penalty(lambda y: y @ w, torch.ones(3, 2), torch.zeros(3, 2), torch.rand(3))
    loss.backward()
    assert loss == 1 and w.grad.isfinite().all()


def test_pairing_equals_pytorch_on_differences():
    winner, loser = 5 * doubles(8, 1), doubles(8, 1)
    ones = torch.ones_like(winner)
    reference = F.binary_cross_entropy_with_logits(winner - loser, ones)
    torch.testing.assert_close(pairing(winner, loser), reference)
    torch.testing.assert_close(pairing(winner, winner).item(), math.log(2))


def test_pairing_refuses_scores_that_are_no_pairs():
    with pytest.raises(ValueError, match=r"in pairs, got \(4, 1\) and \(5, 1\)"):
        pairing(torch.zeros(4, 1), torch.zeros(5, 1))


def test_packs_lie_side_by_side():
    x = torch.arange(12.0).reshape(6, 2)
    truth = torch.tensor([[0.0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11]])
    assert torch.equal(packed(x, 2), truth)
    pictures = torch.randn(6, 3, 4, 4)
    assert torch.equal(packed(pictures, 3)[1], torch.cat([*pictures[3:6]]))
    with pytest.raises(ValueError, match="6 items do not divide into packs of 4"):
        packed(x, 4)


GUARDS = [
    (test_the_gaussian_likelihood_equals_torch_distributions, (0.5,), "losses", [
        ("(2 * sigma.square())", "sigma.square()"),
        ("sigma.log() + 0.5 *", "sigma.log() - 0.5 *"),
        ("x[0].numel() * (", "("),
    ]),
    (test_the_best_sigma_is_the_root_of_the_mean_squared_error, (), "losses", [
        ("sigma.log() + 0.5", "2 * sigma.log() + 0.5"),
    ]),
    (test_the_bernoulli_likelihood_equals_torch_distributions, (), "losses", [
        ("F.softplus(logit) - x * logit)", "F.softplus(logit) + x * logit)"),
        ("x * logit).flatten(1).sum(dim=1)", "x * logit).flatten(1).mean(dim=1)"),
    ]),
    (test_a_critic_is_paid_for_scoring_real_above_fake, (), "losses", [
        ("fake_score.mean() - real_score.mean()", "real_score.mean() - fake_score.mean()"),
        ("fake_score.mean() - real_score.mean()", "fake_score.sum() - real_score.sum()"),
    ]),
    (test_a_trained_critic_does_better_than_always_saying_0, (), "losses", [
        ("fake_score.mean() - real_score.mean()", "real_score.mean() - fake_score.mean()"),
    ]),
    (test_the_slope_of_a_straight_score_is_its_weight_everywhere, ((4, 3, 5, 5),), "losses", [
        (".flatten(1), dim=1)", ", dim=1)"),
        ("(length - 1)", "(length - 0)"),
        ("(length - 1).square()", "(length - 1)"),
        (".square().sum() / len(x)", ".square().mean()"),
        ("D(x).sum(), x", "D(x).mean(), x"),
    ]),
    (test_slopes_are_taken_at_the_items_and_between_the_pairs, (), "losses", [
        ("share * real + (1 - share) * fake", "real"),
        ("share * real + (1 - share) * fake", "share * fake + (1 - share) * real"),
    ]),
    (test_pairing_equals_pytorch_on_differences, (), "losses", [
        ("loser_score - winner_score).mean()", "winner_score - loser_score).mean()"),
    ]),
    (test_packs_lie_side_by_side, (), "losses", [
        ("x.unflatten(0, (-1, size)).flatten(1, 2)",
         "x.unflatten(0, (size, -1)).transpose(0, 1).flatten(1, 2)"),
    ]),
]  # fmt: skip
