"""The jobs for pictures: each step is the update it claims to be, told what the pictures show."""

from copy import deepcopy

import pytest
import torch
import torch.nn.functional as F
from torch import nn
from torch.distributions import Normal, kl_divergence

from course_lib.data import Batch, load
from course_lib.data.catalog import SPLITS, split_factors
from course_lib.data.catalog_paint import render
from course_lib.models.pictures import (
    PictureDiscriminator,
    PictureGenerator,
    PictureUNet,
    PictureVAE,
)
from course_lib.recipes.picture_steps import (
    picture_gan_step,
    picture_vae_step,
    placed_velocity_step,
    silenced,
    velocity_step,
)
from course_lib.recipes.pictures import (
    JOBS,
    SHAPES,
    described_pictures,
    fit_prior,
    picture_job,
)
from course_lib.runtime import noise
from course_lib.schedules import cosine_alpha_bar
from course_lib.training import EMA

SMALL = {"channels": 1, "size": 8, "patch": 2, "width": 8}


def some_batch(n=6):
    x = noise(n, 1, 8, 8, seed=1, device="cpu").clamp(-1, 1)
    return Batch(x, torch.arange(n)[:, None] % 10)


def sgd(model, lr=0.1):
    return torch.optim.SGD(model.parameters(), lr=lr)


@pytest.mark.parametrize("family", JOBS)
def test_a_job_trains_from_its_seed(family):
    found = []
    for seed in (0, 0, 1):
        job = picture_job(family, "digits", seed)
        batches = job.batches(seed, 0)
        for player in job.players.values():
            if isinstance(player, nn.Module):
                player.train()
        job.step(next(batches), **job.players)
        found.append(torch.cat([p.flatten() for p in job.model.parameters()]))
    torch.testing.assert_close(found[0], found[1])
    assert not torch.allclose(found[0], found[2])


@pytest.mark.parametrize("data", SHAPES)
@pytest.mark.parametrize("family", JOBS)
def test_the_config_builds_the_model_of_the_job_again(family, data):
    job = picture_job(family, data, 0)
    again = type(job.model)(**job.config)
    assert again.load_state_dict(job.model.state_dict())


@pytest.mark.parametrize(
    ("family", "data", "said"),
    [("flow", "digits", "vae, gan, diffusion"), ("vae", "ring", "digits, catalog, fashion")],
)
def test_unknown_names_are_answered_with_the_known_ones(family, data, said):
    with pytest.raises(ValueError, match=said):
        picture_job(family, data, 0)


def test_pictures_of_the_catalog_come_with_their_five_words(monkeypatch):
    few = {split: (64, seed) for split, (_, seed) in SPLITS.items()}
    monkeypatch.setattr("course_lib.data.catalog.SPLITS", few)
    batch = next(described_pictures("catalog", 64)(0, 0))
    factors = split_factors("train")
    place = torch.cdist(batch.x.flatten(1), render(factors).flatten(1)).argmin(1)
    assert len(place.unique()) == 64
    torch.testing.assert_close(batch.label, torch.stack(factors[:5], dim=1)[place])


def test_a_vae_step_is_the_negative_elbo_up_to_a_constant():
    vae, batch, sigma = PictureVAE(**SMALL, latent_dim=8, n_clouds=2), some_batch(), 0.3
    before = deepcopy(vae)
    torch.manual_seed(2)
    found = picture_vae_step(batch, vae, sgd(vae, 1e-3), EMA(vae), sigma)
    torch.manual_seed(2)
    x_hat, mu, logvar = before(batch.x, torch.randn(6, vae.latent_dim))
    kl = kl_divergence(Normal(mu, (logvar / 2).exp()), Normal(0.0, 1.0)).sum(1).mean()
    log_p, best = (Normal(m, sigma).log_prob(batch.x).sum((1, 2, 3)) for m in (x_hat, batch.x))
    torch.testing.assert_close(found["kl"], kl)
    torch.testing.assert_close(found["error"], (best - log_p).mean(), rtol=1e-4, atol=1e-3)


def test_a_gan_step_is_one_hinge_move_of_each_player_told_what_is_wanted():
    torch.manual_seed(0)
    G = PictureGenerator(**SMALL, latent_dim=8, answers=(10,))
    D = PictureDiscriminator(**SMALL, answers=(10,))
    batch, old_G, old_D = some_batch(), deepcopy(G), deepcopy(D)
    torch.manual_seed(3)
    found = picture_gan_step(batch, G, D, sgd(G), sgd(D), EMA(G))
    torch.manual_seed(3)
    z = torch.randn(6, G.latent_dim)
    fake = old_G(z, batch.label)
    real_score, fake_score = old_D(batch.x, batch.label), old_D(fake.detach(), batch.label)
    d_loss = (1 - real_score).clamp(min=0).mean() + (1 + fake_score).clamp(min=0).mean()
    torch.testing.assert_close(found["detective"], d_loss)
    optimizer = sgd(old_D)
    d_loss.backward()
    optimizer.step()
    g_loss = -old_D(fake, batch.label).mean()  # by the detective that has just learned
    torch.testing.assert_close(found["forger"], g_loss, rtol=1e-3, atol=1e-5)
    g_loss.backward()
    for new, old in zip(G.parameters(), old_G.parameters(), strict=True):
        torch.testing.assert_close(new, old - 0.1 * old.grad, rtol=1e-3, atol=1e-5)
    assert all(p.requires_grad for p in D.parameters())


class KnowsBoth(nn.Module):
    """Answer with the true velocity of pictures that are all 0.5, or with a lie."""

    def __init__(self, alpha_bar, lie=0.0):
        super().__init__()
        self.alpha_bar, self.lie = alpha_bar, nn.Parameter(torch.tensor(lie))
        self.heard = None

    def forward(self, x_t, t, wanted):
        self.heard, self.visited = wanted, t
        a = self.alpha_bar[t][:, None, None, None]
        eps = (x_t - a.sqrt() * 0.5) / (1 - a).sqrt()
        return a.sqrt() * eps - (1 - a).sqrt() * 0.5 + self.lie


@pytest.mark.parametrize("lie", [0.0, 0.3])
def test_a_diffusion_step_asks_for_the_velocity(lie):
    alpha_bar = cosine_alpha_bar(50)
    model = KnowsBoth(alpha_bar, lie)
    batch = Batch(torch.full((64, 1, 8, 8), 0.5), torch.arange(64)[:, None] % 10)
    found = velocity_step(batch, model, sgd(model), EMA(model), alpha_bar, silence=0.5)
    assert found["loss"].item() == pytest.approx(lie**2, abs=1e-3)
    said = model.heard[:, 0] >= 0
    assert 10 < said.sum() < 54 and (model.heard[said] == batch.label[said]).all()


@pytest.mark.parametrize("lie", [0.0, 0.3])
def test_the_placed_step_asks_for_the_velocity_where_it_is_told_to(lie):
    alpha_bar, shares = cosine_alpha_bar(50), torch.zeros(50)
    shares[10:20] = 0.1
    model = KnowsBoth(alpha_bar, lie)
    batch = Batch(torch.full((40, 1, 8, 8), 0.5), torch.arange(40)[:, None] % 10)
    idle = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], 0.1)
    found = placed_velocity_step(batch, model, sgd(model), idle, EMA(model), alpha_bar, shares)
    assert found["loss"].item() == pytest.approx(lie**2, abs=1e-3)
    assert model.visited.bincount(minlength=50)[10:20].tolist() == [4] * 10


def test_each_weight_of_a_long_run_is_moved_by_one_optimizer():
    players = picture_job("diffusion", "digits", 0).players
    model, opt, other = (players[name] for name in ("model", "opt", "opt_other"))
    moved = [w for o in (opt, other) for group in o.param_groups for w in group["params"]]
    assert len(moved) == len(set(moved)) == len(list(model.parameters()))
    by_muon = {w for group in opt.param_groups for w in group["params"]}
    assert model.high[0].second[-1].weight in by_muon and model.shrink.weight in by_muon
    assert not by_muon & {model.enter.weight, model.leave[-1].weight, *model.embed.parameters()}


def test_a_diffusion_run_begins_by_guessing_nothing():
    model = picture_job("diffusion", "digits", 0).players["model"]
    x_t, t, wish = torch.ones(2, 1, 8, 8), torch.tensor([3, 700]), torch.tensor([[1], [-1]])
    assert model(x_t, t, wish).eq(0).all()
    h = torch.randn(2, 32, 8, 8)
    torch.testing.assert_close(model.high[0](h, torch.randn(2, 128)), h)


def test_silence_takes_whole_wishes_and_single_words():
    label = torch.arange(50_000).reshape(-1, 5)
    torch.manual_seed(0)
    quiet = silenced(label, 0.1) < 0
    assert quiet.all(1).float().mean() == pytest.approx(0.1, abs=0.01)
    assert quiet.float().mean() == pytest.approx(1 - 0.9**2, abs=0.01)
    one = silenced(torch.arange(10_000)[:, None], 0.1)
    assert (one < 0).float().mean() == pytest.approx(0.1, abs=0.01)


def test_the_prior_is_fitted_to_the_codes_of_training_pictures():
    torch.manual_seed(0)
    vae = PictureVAE(**SMALL, latent_dim=4, n_clouds=1)
    fit_prior(vae, "digits", n=500)
    mu, logvar = vae.encode(load("digits", "cpu").train.x[:500])
    torch.testing.assert_close(vae.prior.centre[0], mu.mean(0), atol=0.25, rtol=0)
    spread = mu.T.cov().diagonal() + logvar.exp().mean(0)
    covariance = vae.prior.shape[0] @ vae.prior.shape[0].T
    torch.testing.assert_close(covariance.diagonal(), spread, rtol=0.3, atol=0.05)


def picture_networks(size=32, patch=4):
    """Return one of each, for colour pictures with two questions."""
    shape = {"channels": 3, "size": size, "patch": patch, "width": 8}
    torch.manual_seed(0)
    return {
        "vae": PictureVAE(**shape, latent_dim=8, n_clouds=2),
        "gan": PictureGenerator(**shape, latent_dim=8, answers=(3, 2)),
        "detective": PictureDiscriminator(**shape, answers=(3, 2)).eval(),
        "diffusion": PictureUNet(**shape, depth=2, answers=(3, 2)),
    }


X, Z = noise(2, 3, 32, 32, seed=0, device="cpu"), noise(2, 8, seed=0, device="cpu")
CALL = {
    "vae": lambda network, wanted: network(X, Z).x_hat,
    "gan": lambda network, wanted: network(Z, wanted),
    "detective": lambda network, wanted: network(X, wanted),
    "diffusion": lambda network, wanted: network(X, torch.tensor([3, 4]), wanted),
}


@pytest.mark.parametrize("patch", [1, 2, 4])
@pytest.mark.parametrize("name", CALL)
def test_patches_change_the_cost_and_not_the_shapes(name, patch):
    out = CALL[name](picture_networks(patch=patch)[name], torch.tensor([[0, 1], [2, -1]]))
    assert out.shape == ((2, 1) if name == "detective" else (2, 3, 32, 32))
    with pytest.raises(ValueError, match=f"multiple of {4 * patch}, got {32 + 2 * patch}"):
        picture_networks(32 + 2 * patch, patch)


@pytest.mark.parametrize("name", ["gan", "detective", "diffusion"])
def test_every_word_that_is_said_changes_the_answer(name):
    network = picture_networks()[name]
    wishes = ([[0, 1], [2, -1]], [[1, 1], [2, -1]], [[0, 0], [2, 0]])
    outs = [CALL[name](network, torch.tensor(wish)) for wish in wishes]
    assert not torch.allclose(outs[0][0], outs[1][0]) and torch.allclose(outs[0][1], outs[1][1])
    assert not torch.allclose(outs[0][0], outs[2][0])
    assert not torch.allclose(outs[0][1], outs[2][1])


def test_a_picture_is_cut_into_patches_and_put_together_upright():
    vae = picture_networks()["vae"]
    vae.encoder, vae.decoder = nn.Identity(), nn.Identity()
    patches = F.pixel_unshuffle(X, 4)
    torch.testing.assert_close(vae.decode(patches), X)
    torch.testing.assert_close(torch.cat(vae.encode(X), dim=1), patches.clamp(-30, 20))
    assert patches[0, 6, 2, 5] == X[0, 0, 4 * 2 + 1, 4 * 5 + 2]  # channel 6 is row 1, column 2


def test_a_told_detective_adds_how_well_picture_and_words_agree():
    D = picture_networks()["detective"]
    wanted = torch.tensor([[0, 1], [2, 0]])
    features = D.net[:-1](F.pixel_unshuffle(X, 4))
    words = D.conditions.tables[0].weight[[0, 2]] + D.conditions.tables[1].weight[[1, 0]]
    agree = F.cosine_similarity(features, words) * features.norm(dim=1) * words.norm(dim=1)
    expected = D.net[-1](features) + (agree / features.shape[1] ** 0.5)[:, None]
    torch.testing.assert_close(D(X, wanted), expected)


def test_depth_puts_more_blocks_in_a_row():
    network = picture_networks()["diffusion"]
    h, time = noise(2, 8, 8, 8, seed=0, device="cpu"), noise(2, 32, seed=1, device="cpu")
    first, second = network.high
    torch.testing.assert_close(network.high(h, time), second(first(h, time), time))


GUARDS = [
    (test_a_vae_step_is_the_negative_elbo_up_to_a_constant, (), "recipes.picture_steps", [
        ("/ (2 * pixel_sigma**2)", "/ pixel_sigma**2"),
    ]),
    (test_a_gan_step_is_one_hinge_move_of_each_player_told_what_is_wanted, (),
     "recipes.picture_steps", [
        ("F.relu(1 - real_score.float())", "F.relu(1 + real_score.float())"),
        ("D(fake.detach(), batch.label)", "D(fake.detach(), 0 * batch.label)"),
        ("g_loss = -D(fake", "g_loss = D(fake"),
        ("    D.requires_grad_(True)\n", ""),
    ]),
    (test_a_diffusion_step_asks_for_the_velocity, (0.0,), "recipes.picture_steps", [
        ("velocity(batch.x, eps, alpha_bar[t])", "eps"),
        ("silenced(batch.label, silence)", "batch.label"),
    ]),
    (test_the_placed_step_asks_for_the_velocity_where_it_is_told_to, (0.0,),
     "recipes.picture_steps", [
        ("timesteps_at(shares, ", "timesteps_at(shares.flip(0), "),
    ]),
    (test_each_weight_of_a_long_run_is_moved_by_one_optimizer, (), "recipes.pictures", [
        ('"enter", "leave"', '"enter", "exit"'),
        ("AdamW(other,", "AdamW(inner,"),
    ]),
    (test_a_diffusion_run_begins_by_guessing_nothing, (), "recipes.pictures", [
        ("(*last, model.leave[-1])", "last"),
        ("(*last, model.leave[-1])", "(model.leave[-1],)"),
    ]),
    (test_silence_takes_whole_wishes_and_single_words, (), "recipes.picture_steps", [
        ("    if questions > 1:\n", "    if questions > 9:\n"),
        ("torch.rand(n, 1, device", "torch.rand(1, 1, device"),
    ]),
]  # fmt: skip
