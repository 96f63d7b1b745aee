"""What is trained in a crowd ends where it would have ended alone."""

from itertools import islice
from unittest import mock

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from course_lib.crowds import Crowd, CrowdEMA, CrowdOptimizer, fit_crowd
from course_lib.data import Batch, load, stream
from course_lib.models import Discriminator
from course_lib.muon import Muon
from course_lib.recipes import point_recipe, steps
from course_lib.runtime import generator
from course_lib.training import EMA, descend, fit

EVERY_FAMILY = pytest.mark.parametrize("family", ["vae", "gan", "diffusion"])
RATES = {0: 1.0, 1: 0.3, 2: 4.0}  # by seed, as a share of the recipe's own


def randn(chance, *shape):
    return torch.randn(*shape, generator=chance, dtype=torch.float64)


class Dealer:
    """Stands for torch in the steps: each seed meets the same noise, alone and in a crowd."""

    def __init__(self, *seeds):
        self.seeds, self.count = seeds, 0

    def deal(self, n, draw):
        self.count += 1
        chances = [generator(100 * seed + self.count) for seed in self.seeds]
        return torch.cat([draw(n // len(chances), chance) for chance in chances])

    def randn(self, n, *shape, device):
        return self.deal(n, lambda b, chance: randn(chance, b, *shape))

    def randn_like(self, x):
        return self.randn(*x.shape, device=None)

    def randint(self, high, size, device):
        return self.deal(*size, lambda b, chance: torch.randint(high, (b,), generator=chance))


def with_noise_for(*seeds):
    return mock.patch.object(steps, "torch", Dealer(*seeds))


def recipe_and_points(family, seed):
    recipe, train = point_recipe(family, seed), load("ring", device="cpu").train
    for player in recipe.players.values():
        if isinstance(player, torch.optim.Optimizer):
            player.param_groups[0]["lr"] *= RATES[seed]
        elif isinstance(player, nn.Module | EMA):  # rounding at 1e-16: equal means equal
            getattr(player, "model", player).double()
    return recipe, stream(Batch(train.x.double(), train.label), 16, seed)


def alone(family, seed, n_steps=5):
    recipe, points = recipe_and_points(family, seed)
    with with_noise_for(seed):
        return recipe, fit(recipe.step, points, n_steps, **recipe.players)


def crowd(family):
    return map(list, zip(*(recipe_and_points(family, seed) for seed in RATES), strict=True))


def remembered(recipe):
    """Return every tensor that training changes."""
    for name, player in recipe.players.items():
        if isinstance(player, torch.optim.Optimizer):
            for i, state in player.state_dict()["state"].items():
                yield from ((f"{name}.{i}.{key}", value) for key, value in state.items())
        elif isinstance(player, nn.Module | EMA):
            network = player.model if isinstance(player, EMA) else player
            yield from ((f"{name}.{key}", value) for key, value in network.state_dict().items())
            yield f"{name}.updates", torch.tensor(getattr(player, "n_updates", 0))


def assert_same(recipe, other):
    ours, theirs = dict(remembered(recipe)), dict(remembered(other))
    assert ours.keys() == theirs.keys()
    for name, value in ours.items():
        torch.testing.assert_close(value, theirs[name], rtol=1e-9, atol=1e-12, msg=name)


@EVERY_FAMILY
def test_each_ends_where_it_would_have_ended_alone(family):
    recipes, points = crowd(family)
    with with_noise_for(*RATES):
        history = fit_crowd(recipes, points, 2)
        for name, values in fit_crowd(recipes, points, 3).items():  # goes on where it stopped
            history[name] += values
    losses = []
    for seed, recipe in enumerate(recipes):
        single, losses_alone = alone(family, seed)
        assert_same(recipe, single)
        losses.append(losses_alone)
    for name, values in history.items():
        means = torch.tensor([each[name] for each in losses]).mean(dim=0)
        torch.testing.assert_close(torch.tensor(values), means)


def test_a_crowd_goes_on_from_members_that_were_trained_alone():
    recipes, points = crowd("gan")
    for seed, (recipe, batches) in enumerate(zip(recipes, points, strict=True)):
        with with_noise_for(seed):
            fit(recipe.step, batches, 2, **recipe.players)
    with with_noise_for(*RATES) as dealer:
        dealer.count = 2  # one draw for each step
        fit_crowd(recipes, points, 3)
    for seed, recipe in enumerate(recipes):
        assert_same(recipe, alone("gan", seed)[0])


def test_who_overflows_spoils_nobody_else():
    recipes, points = crowd("gan")
    points[1] = (Batch(x * torch.nan, label) for x, label in points[1])
    with with_noise_for(*RATES):
        history = fit_crowd(recipes, points, 5)
    assert not torch.tensor(history["detective"]).isfinite().any()
    assert not recipes[1].players["G"].net[0].weight.isfinite().all()
    for seed in (0, 2):
        assert_same(recipes[seed], alone("gan", seed)[0])


def test_stopped_on_the_way_the_members_keep_what_they_have_learned():
    recipes, points = crowd("diffusion")

    def until_ctrl_c():
        yield from islice(points[0], 4)
        raise KeyboardInterrupt

    with with_noise_for(*RATES), pytest.raises(KeyboardInterrupt):
        fit_crowd(recipes, [until_ctrl_c(), *points[1:]], 100)
    assert_same(recipes[2], alone("diffusion", 2, n_steps=4)[0])


OPTIMIZERS = {
    "momentum": lambda weights, lr: torch.optim.SGD(weights, lr, momentum=0.9, weight_decay=0.1),
    "AdamW": lambda weights, lr: torch.optim.AdamW(weights, lr, weight_decay=0.1),
}


class Players:
    """A network, its optimizer and its slow copy, three times."""

    def __init__(self, kind):
        self.networks = [nn.Linear(2, 3).double() for _ in range(3)]
        for k, network in enumerate(self.networks):
            network.register_buffer("shift", torch.tensor([1.0 + k]))
            with torch.no_grad():
                network.weight.copy_(randn(generator(k), 3, 2))
                network.bias.fill_(k)
        self.optimizers = [
            OPTIMIZERS[kind](network.parameters(), rate)
            for network, rate in zip(self.networks, (0.1, 0.02, 0.3), strict=True)
        ]
        self.slow_copies = [EMA(network) for network in self.networks]

    def tensors(self):
        everything = (*self.networks, *(each.model for each in self.slow_copies))
        return [tensor for each in everything for tensor in each.state_dict().values()]


@pytest.mark.parametrize("kind", OPTIMIZERS)
def test_the_players_of_a_crowd_do_what_each_member_would_do(kind):
    x, y = randn(generator(9), 3, 4, 5).split([2, 3], dim=2)
    single, many = Players(kind), Players(kind)
    trios = zip(single.networks, single.optimizers, single.slow_copies, x, y, strict=True)
    for network, optimizer, slow, own_x, own_y in trios:
        for _ in range(6):
            descend(F.mse_loss(network(own_x), own_y), optimizer)
            slow.update(network)
    for _ in range(2):  # made twice, so that memories must have been handed back and taken up
        whole, slow = Crowd(many.networks), CrowdEMA(many.slow_copies)
        stacks = dict(zip(many.networks[0].parameters(), whole.parameters(), strict=True))
        optimizer = CrowdOptimizer(many.optimizers, stacks)
        for _ in range(3):
            descend(F.mse_loss(whole(x.flatten(0, 1)), y.flatten(0, 1)), optimizer)
            slow.update(whole)
        for player in (whole, optimizer, slow):
            player.hand_back()
    for ours, theirs in zip(many.tensors(), single.tensors(), strict=True):
        assert torch.allclose(ours, theirs, rtol=1e-9)


def test_an_optimizer_that_looks_at_whole_matrices_is_refused():
    optimizers = [Muon([nn.Parameter(torch.eye(2))], 0.02) for _ in range(2)]
    with pytest.raises(ValueError, match="Muon cannot train a crowd: take SGD, Adam or AdamW"):
        CrowdOptimizer(optimizers, {})


def test_a_network_with_a_spectral_norm_is_refused():
    with pytest.raises(ValueError, match="Discriminator has a spectral norm or the like: train it"):
        Crowd([Discriminator(), Discriminator()])


def set_knob(recipe, knob, value):
    recipe.players["opt"].param_groups[0][knob] = value


def train_a_little(recipe):
    fit(recipe.step, recipe_and_points("vae", 1)[1], 1, **recipe.players)


UNLIKE = {
    "betas": lambda recipe: set_knob(recipe, "betas", (0.5, 0.5)),
    "steps taken": train_a_little,
    "pixel_sigma": lambda recipe: recipe.players.update(pixel_sigma=0.2),
    "step": lambda recipe: recipe._replace(step=steps.ddpm_step),
}


@pytest.mark.parametrize("what", UNLIKE)
def test_members_that_differ_in_more_than_weights_and_rates_are_refused(what):
    recipes, points = crowd("vae")
    recipes[1] = UNLIKE[what](recipes[1]) or recipes[1]
    with pytest.raises(ValueError, match=f"the members of a crowd differ in '{what}': make two"):
        fit_crowd(recipes, points, 1)


def test_each_recipe_needs_a_stream():
    recipes, points = crowd("vae")
    with pytest.raises(ValueError, match="give each recipe a stream, got 2 for 3"):
        fit_crowd(recipes, points[:2], 1)


ALONE, TOGETHER = (
    test_each_ends_where_it_would_have_ended_alone,
    test_the_players_of_a_crowd_do_what_each_member_would_do,
)
GUARDS = [
    (TOGETHER, ("momentum",), "crowds.players", [
        ("stack.grad *= len(self.members)", "pass"),
        ("torch.lerp(old, stack, rate)", "stack"),
        ("value if key == \"step\" else value[k]", "value if key == \"step\" else value[0]"),
        ("weight.copy_(share)", "pass"),
        ("each.n_updates = self.n_updates", "pass"),
        ("        self.model.hand_back()\n", ""),
    ]),
    (TOGETHER, ("AdamW",), "crowds.players", [
        ("self.whole.state[stack][key] = value.clone()", "pass"),
    ]),
    (ALONE, ("gan",), "crowds.fitting", [
        ("                player.hand_back()", "                pass"),
        ("torch.stack(parts).flatten(0, 1)", "torch.stack(parts, 1).flatten(0, 1)"),
    ]),
]  # fmt: skip
