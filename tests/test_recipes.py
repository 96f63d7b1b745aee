"""Each family's step is one honest update, and its recipe trains and draws."""

from copy import deepcopy

import pytest
import torch
import torch.nn.functional as F
from torch import nn
from torch.distributions import Normal, kl_divergence

from course_lib.data import Batch, load, stream
from course_lib.models import VAE, Discriminator, Generator
from course_lib.recipes import FAMILIES, ddpm_step, digit_recipe, gan_step, vae_step
from course_lib.runtime import noise
from course_lib.schedules import cosine_alpha_bar
from course_lib.training import EMA, fit


@pytest.fixture(autouse=True)
def on_the_cpu(monkeypatch):
    monkeypatch.setenv("COURSE_DEVICE", "cpu")


def some_batch(n=6):
    torch.manual_seed(1)
    return Batch(torch.rand(n, 1, 8, 8) * 2 - 1, torch.zeros(n, dtype=torch.int64))


def sgd(model, lr=0.1):
    return torch.optim.SGD(model.parameters(), lr=lr)


def test_an_unknown_family_is_answered_with_the_known_ones():
    with pytest.raises(ValueError, match="'flow': choose one of vae, gan, diffusion"):
        digit_recipe("flow", 0)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_recipe_trains_from_its_seed_and_draws_digits(family):
    drawn = []
    for seed in (0, 0, 1):
        recipe = digit_recipe(family, seed)
        batches = stream(load("digits").train, 16, seed)
        history = fit(recipe.step, batches, 2, **recipe.players)
        assert all(len(values) == 2 for values in history.values())
        drawn.append(recipe.draw(noise(3, 64, seed=9)))
    assert drawn[0].shape == (3, 1, 8, 8) and drawn[0].abs().max() <= 1
    torch.testing.assert_close(drawn[0], drawn[1])
    assert not torch.allclose(drawn[0], drawn[2])


@pytest.mark.parametrize("family", FAMILIES)
def test_each_optimizer_of_a_recipe_holds_one_network_and_all_of_it(family):
    recipe = digit_recipe(family, 0)
    optimizers = [p for p in recipe.players.values() if isinstance(p, torch.optim.Optimizer)]
    held = [{p for group in opt.param_groups for p in group["params"]} for opt in optimizers]
    assert held == [set(network.parameters()) for network in recipe.networks]


@pytest.mark.parametrize("kl_weight", [1.0, 0.0, 4.0])
def test_the_vae_step_reports_the_negative_elbo_up_to_a_constant(kl_weight):
    vae, batch, sigma = VAE(), some_batch(), 0.4
    before = deepcopy(vae)
    torch.manual_seed(2)
    found = vae_step(batch, vae, sgd(vae, 1e-3), kl_weight, sigma)
    torch.manual_seed(2)
    x_hat, mu, logvar = before(batch.x, torch.randn(6, vae.latent_dim))
    kl = kl_divergence(Normal(mu, (logvar / 2).exp()), Normal(0.0, 1.0)).sum(1).mean()
    log_p, best = (Normal(m, sigma).log_prob(batch.x).sum((1, 2, 3)) for m in (x_hat, batch.x))
    torch.testing.assert_close(found["kl"], kl)
    torch.testing.assert_close(found["error"], (best - log_p).mean(), rtol=1e-4, atol=1e-3)
    torch.testing.assert_close(found["loss"], found["error"] + kl_weight * kl)
    assert (vae.decoder[0].weight != before.decoder[0].weight).any()


def moved(model, loss, lr=0.1):
    """Take one gradient step by hand."""
    parameters = list(model.parameters())
    for p, slope in zip(parameters, torch.autograd.grad(loss, parameters), strict=True):
        p.data -= lr * slope


def test_the_gan_step_is_one_move_of_the_detective_and_then_one_of_the_forger():
    torch.manual_seed(0)
    G, D, batch = Generator(), Discriminator(), some_batch()
    G2, D2 = deepcopy(G), deepcopy(D)
    torch.manual_seed(3)
    found = gan_step(batch, G, D, sgd(G), sgd(D), EMA(G))
    torch.manual_seed(3)
    fake = G2(torch.randn(6, 16))
    d_loss = F.softplus(-D2(batch.x)).mean() + F.softplus(D2(fake.detach())).mean()
    moved(D2, d_loss)
    g_loss = F.softplus(-D2(fake)).mean()  # the detective who has just moved, asked anew
    moved(G2, g_loss)
    torch.testing.assert_close(found, {"detective": d_loss, "forger": g_loss})
    torch.testing.assert_close(dict(D.named_parameters()), dict(D2.named_parameters()))
    torch.testing.assert_close(dict(G.named_parameters()), dict(G2.named_parameters()))


class KnowsTheNoise(nn.Module):
    """Answers with the noise that was added to pictures it knows, or with a share of it."""

    def __init__(self, x, alpha_bar, share):
        super().__init__()
        self.x, self.alpha_bar, self.times = x, alpha_bar, []
        self.share = nn.Parameter(torch.tensor(share))

    def forward(self, x_t, t):
        self.times.extend(t.tolist())
        a = self.alpha_bar[t].reshape(-1, 1, 1, 1)
        return self.share * (x_t - a.sqrt() * self.x) / (1 - a).sqrt()


@pytest.mark.parametrize(("share", "loss"), [(1.0, 0.0), (0.0, 1.0)])
def test_the_diffusion_step_asks_for_the_noise_that_was_added(share, loss):
    torch.manual_seed(0)
    batch, alpha_bar = some_batch(500), cosine_alpha_bar(20)
    model = KnowsTheNoise(batch.x, alpha_bar, share)
    found = ddpm_step(batch, model, sgd(model, 0.0), alpha_bar, EMA(model))
    assert found["loss"].item() == pytest.approx(loss, abs=0.03)
    assert set(model.times) == set(range(20))  # every timestep, from first to last


@pytest.mark.parametrize("family", ["gan", "diffusion"])
def test_the_slow_copy_follows_after_every_step(family):
    recipe = digit_recipe(family, 0)
    fit(recipe.step, iter([some_batch()] * 3), 3, **recipe.players)
    assert recipe.players["ema"].n_updates == 3
