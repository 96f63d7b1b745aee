"""Each loss equals what PyTorch's own distributions and losses say."""

import math

import pytest
import torch
import torch.nn.functional as F
from torch.distributions import Normal, kl_divergence

from course_lib.losses import bce, kl_to_standard_normal, squared_error


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
