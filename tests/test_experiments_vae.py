"""The experiments on the VAE do what they say: steps as distributions, runs from their seed."""

import math

import pytest
import torch
from torch import nn
from torch.distributions import Bernoulli, Normal, kl_divergence

from course_lib.data import Batch, load
from course_lib.experiments import EXPERIMENTS, cartographers, vae_price
from course_lib.experiments.cartographers import point_step, redrawing, trained
from course_lib.experiments.vae_axes import pca_error
from course_lib.experiments.vae_basics import coin
from course_lib.experiments.vae_pixels import as_bits, bit_bounds, bit_step, gaussian_step
from course_lib.experiments.vae_price import bounds, kinds_found
from course_lib.models import PlainVAE


@pytest.fixture(autouse=True)
def on_the_cpu(monkeypatch):
    monkeypatch.setenv("COURSE_DEVICE", "cpu")


def some_batch(n=6):
    torch.manual_seed(1)
    return Batch(torch.rand(n, 1, 8, 8) * 2 - 1, torch.zeros(n, dtype=torch.int64))


def still(vae):
    return torch.optim.SGD(vae.parameters(), lr=0.0)


@pytest.mark.parametrize(("size", "channels"), [(8, 1), (32, 3), (5, 1)])
def test_a_plain_vae_has_the_shapes_of_a_vae_and_stays_in_range(size, channels):
    vae, x = PlainVAE(channels, size, latent_dim=7), torch.randn(3, channels, size, size)
    x_hat, mu, logvar = vae(x, torch.randn(3, 7))
    assert x_hat.shape == x.shape and mu.shape == logvar.shape == (3, 7)
    assert vae.decode(100 * torch.randn(9, 7)).abs().max() <= 1


def test_a_plain_vae_takes_other_activations_inside_and_at_the_end():
    vae = PlainVAE(activation=nn.ReLU, last=nn.Identity)
    kinds = [type(layer) for layer in vae.modules()]
    assert kinds.count(nn.ReLU) == 4 and nn.SiLU not in kinds and nn.Tanh not in kinds
    assert vae.decode(100 * torch.randn(99, 16)).abs().max() > 1


def test_an_autoencoder_decodes_the_middle_and_pays_what_it_is_told():
    vae, batch = PlainVAE(), some_batch()
    found = point_step(batch, vae, still(vae), kl_weight=1.0)
    mu, logvar = vae.encode(batch.x)
    error = (vae.decode(mu) - batch.x).square().sum((1, 2, 3)).mean() / 0.32
    kl = kl_divergence(Normal(mu, (logvar / 2).exp()), Normal(0.0, 1.0)).sum(1).mean()
    torch.testing.assert_close((found["error"], found["kl"]), (error, kl))


@pytest.mark.parametrize("sigma", [0.1, 2.0])
def test_the_gaussian_step_knows_the_whole_likelihood(sigma):
    vae, batch = PlainVAE(), some_batch()
    torch.manual_seed(2)
    found = gaussian_step(batch, vae, still(vae), torch.tensor(math.log(sigma)))
    torch.manual_seed(2)
    x_hat, _, _ = vae(batch.x, torch.randn(6, 16))
    truth = -Normal(x_hat, sigma).log_prob(batch.x).sum((1, 2, 3)).mean()
    torch.testing.assert_close(found["error"], truth)


@pytest.mark.parametrize("only_bits", [True, False])
def test_the_step_for_bits_is_the_likelihood_of_bits(only_bits):
    vae, batch = PlainVAE(last=nn.Identity), some_batch()
    torch.manual_seed(2)
    found = bit_step(batch, vae, still(vae), only_bits)
    torch.manual_seed(2)
    x = (batch.x > 0).float() if only_bits else (batch.x + 1) / 2
    score, _, _ = vae(2 * x - 1, torch.randn(6, 16))
    truth = -Bernoulli(logits=score, validate_args=False).log_prob(x).sum((1, 2, 3)).mean()
    torch.testing.assert_close(found["error"], truth)


def test_independent_pixels_are_scored_as_a_table_of_frequencies_would():
    train, test = (as_bits(torch.randn(n, 1, 8, 8)) for n in (400, 50))
    share = (train.sum(0) + 1) / 402
    truth = Bernoulli(share).log_prob(test).sum((1, 2, 3)).mean().item()
    floor = bit_bounds(PlainVAE(last=nn.Identity), train, test)["floor"]
    assert floor == pytest.approx(truth, abs=1e-3)


def test_the_error_of_pca_is_the_variance_it_leaves_out_on_training_pictures(monkeypatch):
    data = load("digits", "cpu")
    monkeypatch.setattr("course_lib.experiments.vae_axes.load",
                        lambda *_: data._replace(test=data.train))  # fmt: skip
    x = data.train.x.flatten(1).double()
    left = torch.linalg.svdvals(x - x.mean(0))[5:].square().sum() / len(x)
    assert pca_error(5) == pytest.approx(left.item())


def test_a_run_is_decided_by_its_seed_and_constants_that_learn_are_trained():
    sigma = nn.Parameter(torch.zeros(()))
    first, again, other = (trained(seed, n_steps=3) for seed in (0, 0, 1))
    torch.testing.assert_close(first.state_dict(), again.state_dict())
    assert not torch.allclose(first.decoder[0][0].weight, other.decoder[0][0].weight)
    trained(0, gaussian_step, n_steps=3, log_sigma=sigma)
    assert sigma != 0


def test_the_answer_to_a_coin_is_its_mean():
    found = coin(0)
    assert found["answer"] == pytest.approx(0.4, abs=0.05) and found["mean"] == pytest.approx(0.4)


def test_kinds_are_counted_by_the_nearest_training_picture():
    train = load("digits", "cpu").train
    some = train.x[train.label < 4][:200]
    assert kinds_found(some, train) == 4 and kinds_found(train.x, train) == 10


def test_redrawing_and_bounds_agree_about_the_elbo():
    vae, x = trained(0, n_steps=20), load("digits").test.x
    cost, found = redrawing(vae, x), bounds(vae, x, seed=0)
    constant = 64 * math.log(0.4 * math.sqrt(2 * math.pi))
    elbo = -(cost["noisy_distortion"] / 0.32 + cost["rate"] + constant)
    assert found["elbo"] == pytest.approx(elbo, rel=0.02)
    assert found["elbo"] < found["10 draws"] < found["100 draws"]


@pytest.mark.parametrize(
    "name", ["vae_price", "vae_axes", "vae_basics", "vae_activations", "vae_pixels"]
)
def test_an_experiment_returns_names_and_finite_numbers(name, monkeypatch):
    fit = cartographers.fit
    monkeypatch.setattr(
        cartographers, "fit", lambda step, batches, n, **p: fit(step, batches, 2, **p)
    )
    monkeypatch.setattr(vae_price, "DRAWS", (1, 2))
    for numbers in EXPERIMENTS[name](0).values():
        assert numbers and all(math.isfinite(value) for value in numbers.values())


GUARDS = [
    (test_an_autoencoder_decodes_the_middle_and_pays_what_it_is_told, (),
     "experiments.cartographers", [
        ("squared_error(vae.decode(mu)", "squared_error(vae.decode(mu + 1)"),
        ("/ (2 * pixel_sigma**2)", "/ pixel_sigma**2"),
    ]),
    (test_the_gaussian_step_knows_the_whole_likelihood, (2.0,), "experiments.vae_pixels", [
        ("log_sigma.exp())", "log_sigma)"),
    ]),
    (test_the_step_for_bits_is_the_likelihood_of_bits, (True,), "experiments.vae_pixels", [
        ("if only_bits else", "if not only_bits else"),
        ("vae(2 * x - 1, torch", "vae(x, torch"),
    ]),
    (test_independent_pixels_are_scored_as_a_table_of_frequencies_would, (),
     "experiments.vae_pixels", [
        ("share.logit()", "share"),
    ]),
]  # fmt: skip
