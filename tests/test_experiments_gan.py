"""What the GAN experiments compare differs in one thing, and what they measure has a known case."""

from collections import Counter
from copy import deepcopy

import pytest
import scipy.stats
import torch
from torch import nn

from course_lib.data import Batch, load
from course_lib.data.points import ring
from course_lib.experiments import gan_parts, gan_slopes
from course_lib.experiments.even_game import rank_correlation
from course_lib.experiments.frozen_detective import targets
from course_lib.experiments.gan_parts import at_once_step, probability_step, turns_step
from course_lib.losses import bce
from course_lib.models import Discriminator, Generator
from course_lib.recipes import gan_step
from course_lib.recipes.witness import witnessed
from course_lib.training import EMA


@pytest.fixture(autouse=True)
def on_the_cpu(monkeypatch):
    monkeypatch.setenv("COURSE_DEVICE", "cpu")


def players():
    torch.manual_seed(0)
    G, D = Generator(), Discriminator()
    opt_G, opt_D = (torch.optim.SGD(p.parameters(), 0.1) for p in (G, D))
    return {"G": G, "D": D, "opt_G": opt_G, "opt_D": opt_D, "ema": EMA(G)}


def after(step, n=10):
    torch.manual_seed(1)
    batch, cast = Batch(torch.rand(n, 1, 8, 8) * 2 - 1, None), players()
    torch.manual_seed(2)
    return step(batch, **cast), cast


def test_at_once_means_that_each_moves_against_the_opponent_of_before():
    torch.manual_seed(2)
    z, cast = torch.randn(10, 16), players()
    G, D = cast["G"], cast["D"]
    torch.manual_seed(1)
    D(torch.rand(10, 1, 8, 8) * 2 - 1), D(G(z))  # the spectral norm looks on at each pass
    weights = list(G.parameters())
    slopes = torch.autograd.grad(bce(D(G(z)), 1.0), weights)
    truth = [w - 0.1 * s for w, s in zip(weights, slopes, strict=True)]
    _, found = after(at_once_step)
    torch.testing.assert_close(list(found["G"].parameters()), truth)
    _, in_turn = after(gan_step)
    moved = (list(cast["D"].parameters()) for cast in (found, in_turn))
    torch.testing.assert_close(*moved)  # the detective, as in turn
    assert not torch.allclose(found["G"].net[0].weight, in_turn["G"].net[0].weight)


def test_a_sigmoid_with_the_loss_that_belongs_to_it_is_the_same_game():
    (ours, a), (theirs, b) = after(gan_step), after(probability_step)
    torch.testing.assert_close(ours, theirs, atol=1e-5, rtol=1e-5)
    for name in ("G", "D"):
        torch.testing.assert_close(
            a[name].state_dict(), b[name].state_dict(), atol=1e-5, rtol=1e-4
        )  # fmt: skip


@pytest.mark.parametrize(("n_detective", "n_forger"), [(5, 1), (1, 5)])
def test_turns_are_shared_out_as_said(n_detective, n_forger):
    cast, diary = witnessed(players())
    gan_turns = turns_step(n_detective, n_forger)
    gan_turns(Batch(torch.zeros(10, 1, 8, 8), None), **cast)
    moves = Counter(line for line in diary if line.endswith(" moves"))
    assert moves == {"detective moves": n_detective, "forger moves": n_forger}
    assert gan_turns.n_moves == n_detective + n_forger


def test_all_games_of_a_seed_begin_alike():
    games = gan_parts.games(3)
    assert set(gan_parts.BENT.values()) < set(games)
    first = games["as it is"]
    for name, (G, D, _) in games.items():
        torch.testing.assert_close(list(G.parameters()), list(first[0].parameters()), msg=name)
        assert sum(p.numel() for p in D.parameters()) == sum(
            p.numel() for p in first[1].parameters()
        )


def test_the_rank_correlation_is_that_of_scipy():
    torch.manual_seed(0)
    a, b = torch.randn(2, 9).tolist()
    assert rank_correlation(a, b) == pytest.approx(scipy.stats.spearmanr(a, b).statistic)
    assert rank_correlation([1.0, 5.0, 9.0], [3.0, 2.0, -7.0]) == pytest.approx(-1)


def test_a_stretched_sigmoid_is_the_tanh_of_half_its_input():
    x = torch.linspace(-9, 9, 99, dtype=torch.float64)
    torch.testing.assert_close(gan_parts.Stretched()(x), torch.tanh(x / 2))


def test_a_detective_who_only_weighs_pixels_gives_every_picture_the_same_advice():
    torch.manual_seed(0)
    weighs = nn.Sequential(nn.Flatten(), nn.Linear(64, 1))
    found = gan_slopes.reach(weighs, torch.randn(20, 1, 8, 8))
    assert found["rank"] == pytest.approx(1.0, abs=1e-4)


def test_layers_that_pass_everything_on_lose_no_power_of_ten_to_speak_of():
    x = torch.randn(32, 1, 8, 8)
    kept, lost = (gan_slopes.depth(make, x, seed=0) for make in (nn.Identity, nn.Sigmoid))
    assert lost < -6 < kept


def test_before_the_detective_moves_the_slopes_are_what_they_were(monkeypatch):
    monkeypatch.setattr(gan_slopes, "N_ALONE", 0)
    data, cast = load("digits"), players()
    before = deepcopy(cast["D"].state_dict())
    found = gan_slopes.alone(cast["D"], cast["G"], data, seed=0)
    assert found == pytest.approx({"steep": 1.0, "flat": 1.0})
    torch.testing.assert_close(cast["D"].state_dict(), before)


class Places(nn.Module):
    """A forger who puts its points at given places, whatever the noise."""

    latent_dim = 2

    def __init__(self, x):
        super().__init__()
        self.x = x

    def forward(self, z):
        return self.x[torch.arange(len(z)) % len(self.x)]


def test_a_target_is_reached_if_a_point_lies_near():
    centres = ring().centres[:3]
    near, far = centres * 1.1, ring().centres[3:4] * 1.3
    scaled = torch.cat([near, far]) / load("ring", "cpu").train.x.std()
    assert targets(Places(scaled.float()), seed=0) == 3


def test_a_copied_game_moves_its_own_weights_and_no_others():
    game = players()
    copy = deepcopy(game)
    own = {p for group in copy["opt_G"].param_groups for p in group["params"]}
    assert own == set(copy["G"].parameters()) and not own & set(game["G"].parameters())


GUARDS = [
    (test_a_target_is_reached_if_a_point_lies_near, (), "experiments.frozen_detective", [
        ("mode[distance < NEAR]", "mode[distance > NEAR]"),
    ]),
    (test_the_rank_correlation_is_that_of_scipy, (), "experiments.even_game", [
        (".argsort(dim=1).argsort(dim=1).double()", ".argsort(dim=1).double()"),
    ]),
    (test_at_once_means_that_each_moves_against_the_opponent_of_before, (),
     "experiments.gan_parts", [
        ("    descend(d_loss, opt_D)\n    opt_G.step()", "    opt_G.step()\n    opt_G.step()"),
    ]),
    (test_a_sigmoid_with_the_loss_that_belongs_to_it_is_the_same_game, (),
     "experiments.gan_parts", [
        ("torch.ones_like(believed)", "torch.zeros_like(believed)"),
    ]),
]  # fmt: skip
