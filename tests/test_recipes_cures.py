"""Each cure changes what it says, can be trained in a crowd, and its networks are the paper's."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from course_lib.crowds import Crowd, fit_crowd
from course_lib.data import Batch, load, stream
from course_lib.models import count_parameters
from course_lib.models.pacgan import Maxout, PacDiscriminator, PacGenerator
from course_lib.models.points import PointDiscriminator, SpectralLinear, spectral_norm_of
from course_lib.recipes import cures, steps
from course_lib.recipes.cures import CURES, cure_recipe
from course_lib.runtime import noise
from course_lib.training import EMA, fit

EVERY_CURE = pytest.mark.parametrize("cure", CURES)
RUNS = ((0, 1e-3), (1, 3e-3))  # seed and learning rate


@pytest.fixture(autouse=True)
def on_the_cpu(monkeypatch):
    monkeypatch.setenv("COURSE_DEVICE", "cpu")


def points(seed, n=8):
    train = load("ring", device="cpu").train
    return stream(Batch(train.x / train.x.std(), train.label), n, seed)


def weights(recipe):
    return torch.cat([p.detach().flatten() for each in recipe.networks for p in each.parameters()])


@EVERY_CURE
def test_a_cure_trains_both_players_and_draws_points(cure):
    recipe = cure_recipe(cure, 0)
    before = [[p.clone() for p in network.parameters()] for network in recipe.networks]
    history = fit(recipe.step, points(0), 2, **recipe.players)
    assert set(history) == {"detective", "forger"}
    for network, old in zip(recipe.networks, before, strict=True):
        moved = [not torch.equal(p, q) for p, q in zip(network.parameters(), old, strict=True)]
        assert sum(moved) >= len(moved) - 1  # a critic's last bias has no slope
    drawn = recipe.draw(noise(5, 2, seed=9))
    assert drawn.shape == (5, 2) and drawn.isfinite().all()


def test_an_unknown_cure_is_answered_with_the_known_ones():
    with pytest.raises(ValueError, match="'prayer': choose one of plain, smoothing"):
        cure_recipe("prayer", 0)


class SameNoise:
    """Stands for torch in the steps: whoever asks, alone or in a crowd, gets the same numbers."""

    def randn(self, n, *shape, device):
        return self.again(torch.randn, n, *shape)

    def rand(self, n, device):
        return self.again(torch.rand, n)

    def again(self, draw, n, *shape):
        chance = torch.Generator().manual_seed(3)
        return torch.cat([draw(8, *shape, generator=chance, dtype=torch.float64)] * (n // 8))


@pytest.mark.parametrize("cure", [cure for cure in CURES if cure != "PacGAN2"])
def test_in_a_crowd_each_ends_where_it_would_have_ended_alone(cure, monkeypatch):
    alone, together = ([in_doubles(cure, *run) for run in RUNS] for _ in range(2))
    for module in (cures, steps):
        monkeypatch.setattr(module, "torch", SameNoise())
    for (seed, _), recipe in zip(RUNS, alone, strict=True):
        fit(recipe.step, doubles(seed), 3, **recipe.players)
    fit_crowd(together, [doubles(seed) for seed, _ in RUNS], 3)
    for one, other in zip(alone, together, strict=True):
        torch.testing.assert_close(weights(one), weights(other), rtol=1e-6, atol=1e-9)


def in_doubles(cure, seed, rate):
    recipe = cure_recipe(cure, seed, rate)
    for player in recipe.players.values():
        if isinstance(player, nn.Module | EMA):
            getattr(player, "model", player).double()
    return recipe


def doubles(seed):
    return (Batch(x.double(), label) for x, label in points(seed))


@pytest.mark.parametrize("shape", [(64, 64), (64, 2), (1, 64), (3, 5)])
def test_the_spectral_norm_is_the_largest_singular_value(shape):
    for seed in range(5):
        weight = noise(*shape, seed=seed, device="cpu")
        exact = torch.linalg.svdvals(weight)[0]
        torch.testing.assert_close(spectral_norm_of(weight), exact, rtol=0.02, atol=0)


def test_the_slope_of_the_spectral_norm_is_that_of_the_largest_singular_value():
    weight = torch.diag(torch.tensor([3.0, 1.0, 0.5])).requires_grad_()
    (ours,) = torch.autograd.grad(spectral_norm_of(weight), weight)
    (exact,) = torch.autograd.grad(torch.linalg.matrix_norm(weight, 2), weight)
    torch.testing.assert_close(ours, exact)


def test_a_spectral_detective_never_changes_faster_than_its_input():
    torch.manual_seed(0)
    D = PointDiscriminator(spectral=True)
    for p in D.parameters():
        p.data *= 20
    x, y = torch.randn(2, 500, 2)
    assert ((D(x) - D(y)).abs().squeeze(1) <= 1.03 * (x - y).norm(dim=1)).all()
    assert all(isinstance(part, SpectralLinear) for part in D.net if isinstance(part, nn.Linear))


def test_the_networks_are_as_large_as_pacgans():
    G = 2 * 400 + 3 * 400 * 400 + 4 * 2 * 400 + (400 * 2 + 2)
    assert count_parameters(PacGenerator()) == G
    for pack in (1, 2):
        D = (2 * pack + 1) * 1000 + 2 * 201 * 1000 + 201
        assert count_parameters(PacDiscriminator(pack)) == D


def test_maxout_takes_the_largest_of_five():
    layer, x = Maxout(3, 4), torch.randn(6, 3)
    each = F.linear(x, layer.pieces.weight, layer.pieces.bias)
    loops = [[max(row[5 * i : 5 * i + 5]) for i in range(4)] for row in each.tolist()]
    torch.testing.assert_close(layer(x), torch.tensor(loops))


def test_a_crowd_of_batch_norms_remembers_its_means():
    crowd = Crowd([PacGenerator(), PacGenerator()])
    crowd(torch.randn(20, 2))
    crowd.hand_back()
    for member in crowd.members:
        assert member.net[1].num_batches_tracked == 1
        assert member.net[1].running_var.std() > 0


GUARDS = [
    (test_the_spectral_norm_is_the_largest_singular_value, ((64, 64),), "models.points", [
        ("range(5)", "range(1)"),
        (".sum()).sqrt()", ".sum())"),
    ]),
    (test_maxout_takes_the_largest_of_five, (), "models.pacgan", [
        (".amax(dim=2)", ".mean(dim=2)"),
        (".unflatten(1, (-1, N_PIECES)).amax(dim=2)", ".unflatten(1, (N_PIECES, -1)).amax(dim=1)"),
    ]),
]  # fmt: skip
