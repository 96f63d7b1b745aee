"""Each family's recipe for points is complete, and draws the ring when its network knows it."""

from copy import deepcopy

import pytest
import torch
from torch import nn

from course_lib.data import Batch, load, stream
from course_lib.data.points import ring
from course_lib.recipes import point_recipe
from course_lib.runtime import noise
from course_lib.sampling import ddim
from course_lib.schedules import cosine_alpha_bar
from course_lib.training import fit

EVERY_FAMILY = pytest.mark.parametrize("family", ["vae", "gan", "diffusion"])


@pytest.fixture(autouse=True)
def on_the_cpu(monkeypatch):
    monkeypatch.setenv("COURSE_DEVICE", "cpu")


def trained(family, seed, n_steps=3):
    """Train a recipe for a few steps on points of standard deviation 1."""
    recipe, train = point_recipe(family, seed), load("ring", device="cpu").train
    scaled = Batch(train.x / train.x.std(), train.label)
    history = fit(recipe.step, stream(scaled, 32, seed), n_steps, **recipe.players)
    return recipe, history


def test_an_unknown_family_is_answered_with_the_known_ones():
    with pytest.raises(ValueError, match="'flow': choose one of vae, gan, diffusion"):
        point_recipe("flow", 0)


@EVERY_FAMILY
def test_a_recipe_trains_from_its_seed_and_draws_points(family):
    drawn = []
    for seed in (0, 0, 1):
        recipe, history = trained(family, seed)
        assert all(len(values) == 3 for values in history.values())
        drawn.append(recipe.draw(noise(5, 2, seed=9)))
    assert drawn[0].shape == (5, 2) and drawn[0].isfinite().all()
    torch.testing.assert_close(drawn[0], drawn[1])
    assert not torch.allclose(drawn[0], drawn[2])


@EVERY_FAMILY
def test_each_optimizer_of_a_recipe_holds_one_network_and_all_of_it(family):
    recipe = point_recipe(family, 0)
    optimizers = [p for p in recipe.players.values() if isinstance(p, torch.optim.Optimizer)]
    held = [{p for group in opt.param_groups for p in group["params"]} for opt in optimizers]
    assert held == [set(network.parameters()) for network in recipe.networks]
    assert len({id(network) for network in recipe.networks}) == len(optimizers)  # nobody twice


@pytest.mark.parametrize(("family", "learner"), [("gan", "G"), ("diffusion", "model")])
def test_the_slow_copy_draws(family, learner):
    recipe, _ = trained(family, 0)
    before = recipe.draw(noise(4, 2, seed=0))
    with torch.no_grad():
        for weight in recipe.players[learner].parameters():
            weight.zero_()
    torch.testing.assert_close(recipe.draw(noise(4, 2, seed=0)), before)
    assert recipe.players["ema"].n_updates == 3


def test_the_vae_pays_for_errors_as_a_decoder_of_standard_deviation_a_tenth():
    recipe = point_recipe("vae", 0)
    vae = deepcopy(recipe.players["vae"])
    batch = Batch(noise(8, 2, seed=1), torch.zeros(8, dtype=torch.int64))
    torch.manual_seed(4)
    reported = recipe.step(batch, **recipe.players)
    torch.manual_seed(4)
    x_hat = vae(batch.x, torch.randn(8, 2)).x_hat
    log_p, best = (
        torch.distributions.Normal(m, 0.1).log_prob(batch.x).sum(1) for m in (x_hat, batch.x)
    )
    torch.testing.assert_close(reported["error"], (best - log_p).mean(), rtol=1e-4, atol=1e-3)


class KnowsTheRing(nn.Module):
    """Answers with the best guess of the noise, from the known density of the noised ring."""

    def __init__(self, mixture, alpha_bar):
        super().__init__()
        self.mixture, self.alpha_bar, self.calls = mixture, alpha_bar, 0

    def forward(self, x_t, t):
        self.calls += 1
        a = self.alpha_bar[t[0]].item()
        return -((1 - a) ** 0.5) * self.mixture.noised(a).score(x_t.double()).to(x_t.dtype)


def test_with_a_perfect_network_the_diffusion_recipe_draws_the_ring():
    scale = load("ring", device="cpu").train.x.std().item()
    mixture = ring()._replace(centres=ring().centres / scale, sigma=0.01 / scale)
    recipe = point_recipe("diffusion", 0)
    perfect = KnowsTheRing(mixture, recipe.players["alpha_bar"])
    recipe.players["ema"].model = perfect
    x = scale * recipe.draw(noise(4000, 2, seed=0)).double()
    distance, mode = torch.cdist(x, ring().centres).min(dim=1)
    assert perfect.calls == recipe.n_passes == 50
    assert (distance < 0.03).double().mean() > 0.95
    assert torch.bincount(mode, minlength=8).min() > 400  # of 500


def test_without_clipping_ddim_reaches_points_outside_the_range_of_pixels():
    point, alpha_bar = torch.tensor([[3.0, -2.0]]), cosine_alpha_bar(20)

    class KnowsThePoint(nn.Module):
        def forward(self, x_t, t):
            a = alpha_bar[t][:, None]
            return (x_t - a.sqrt() * point) / (1 - a).sqrt()

    free, clipped = (
        ddim(KnowsThePoint(), noise(6, 2, seed=0), alpha_bar, 10, clip=c) for c in (False, True)
    )
    assert (free - point).abs().max() < 1e-3
    assert (clipped - point.clamp(-1, 1)).abs().max() < 1e-3


GUARDS = [
    (test_with_a_perfect_network_the_diffusion_recipe_draws_the_ring, (), "recipes.points", [
        ("clip=False", "clip=True"),
        ("n_steps=50, eta", "n_steps=5, eta"),
    ]),
    (test_the_slow_copy_draws, ("gan", "G"), "recipes.points", [
        ("decode(ema.model, noise)", "decode(G, noise)"),
    ]),
    (test_the_slow_copy_draws, ("diffusion", "model"), "recipes.points", [
        ("ddim(ema.model, noise", "ddim(model, noise"),
    ]),
    (test_the_vae_pays_for_errors_as_a_decoder_of_standard_deviation_a_tenth, (),
     "recipes.points", [
        (', "pixel_sigma": 0.1', ""),
    ]),
    (test_each_optimizer_of_a_recipe_holds_one_network_and_all_of_it, ("gan",), "recipes.points", [
        ("gan_players(G, D,", "gan_players(G, G,"),
    ]),
    (test_without_clipping_ddim_reaches_points_outside_the_range_of_pixels, (), "sampling.ddim", [
        ("n_steps, eta, seed, clip)", "n_steps, eta, seed)"),
    ]),
]  # fmt: skip
