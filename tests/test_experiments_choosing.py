"""Rare colours are as rare as they should be, readers read, and costs are counted."""

import pytest
import torch
from torch import nn

from course_lib.data.catalog_words import COLOURS
from course_lib.experiments import told_digits
from course_lib.experiments import unbalanced as rare
from course_lib.experiments.hardware import needs, standing_bytes
from course_lib.experiments.told_digits import told
from course_lib.experiments.unbalanced import coloured, shares, spoiled, unbalanced, verdict
from course_lib.recipes import FAMILIES
from course_lib.runtime import noise
from course_lib.training import EMA


def test_rare_colours_are_rare_and_the_others_alike():
    factors = unbalanced(20_000, seed=5)
    count = factors.colour.bincount(minlength=len(COLOURS)) / 20_000
    by_name = dict(zip(COLOURS, count.tolist(), strict=True))
    assert by_name.pop("green") == pytest.approx(0.05, abs=0.006)
    assert by_name.pop("blue") == pytest.approx(0.02, abs=0.004)
    assert all(share == pytest.approx(0.93 / 6, abs=0.011) for share in by_name.values())
    assert len(factors.kind) == 20_000
    other = factors.kind.bincount() / 20_000
    assert other.min() > 0.07 and other.max() < 0.1  # nothing else became rare


def test_shares_are_counted():
    green, blue = COLOURS.index("green"), COLOURS.index("blue")
    assert shares(torch.tensor([green, blue, green, 0])) == {"green": 0.5, "blue": 0.25}


@pytest.mark.parametrize(
    ("ratios", "said"),
    [([0.8, 1.0, 1.25], "copied faithfully"), ([0.79, 0.1], "shrunk"), ([1.26, 3], "amplified"),
     ([0.79, 0.81], "depends on the seed"), ([0.5, 2.0], "depends on the seed")],
)  # fmt: skip
def test_the_verdict_asks_every_seed(ratios, said):
    assert verdict(ratios) == said


def test_spoiled_pictures_stay_in_range_and_are_softer_or_noisier():
    torch.manual_seed(0)
    x = noise(50, 3, 8, 8, seed=0).tanh()
    found = spoiled(x)
    assert found.shape == x.shape and found.abs().max() <= 1 and not torch.equal(found, x)


@pytest.mark.parametrize("family", FAMILIES)
def test_coloured_families_learn_a_step_and_paint(family):
    draw = rare.taught(family, noise(70, 3, 8, 8, seed=0).tanh().cpu(), seed=0, n_steps=1)
    x = draw(noise(4, 192, seed=1))
    assert x.shape == (4, 3, 8, 8) and x.abs().max() <= 1
    assert coloured(family, 0).step is coloured(family, 1).step


def test_a_reader_learns_to_name_colours():
    judge = rare.reader(0, n_steps=60)
    factors = unbalanced(300, seed=3)
    seen = rare.read(judge, rare.shrunk(factors))
    assert (seen == factors.colour).double().mean() > 0.6


@pytest.mark.parametrize("family", FAMILIES)
def test_told_families_paint_what_they_are_asked_for(family):
    draw = told(family, seed=0, n_steps=2)
    wanted = torch.tensor([[1], [2], [3]])
    x = draw(wanted)
    assert x.shape == (3, 1, 8, 8)
    assert not torch.equal(x, draw(torch.tensor([[4], [4], [4]])))


def test_standing_memory_is_that_of_weights_slow_copies_and_optimizers():
    net = nn.Linear(3, 2)  # 8 numbers
    opt = torch.optim.Adam(net.parameters())
    players = {"net": net, "opt": opt, "ema": EMA(net), "rate": 0.1}
    assert standing_bytes(players) == 2 * 8 * 4
    net(torch.ones(1, 3)).sum().backward()
    opt.step()
    assert standing_bytes(players) == 2 * 8 * 4 + 2 * 8 * 4 + 2 * 4  # two moments, two counters


def test_needs_are_counted_for_digits():
    found = {family: needs(family, "digits", seed=0) for family in FAMILIES}
    assert found["vae"]["parameters"] == 79_265 and found["gan"]["parameters"] == 79_330
    for numbers in found.values():
        assert numbers["train_mb"] > 4 * numbers["parameters"] * 4 / 1e6  # and gradients, moments
        assert 0 < numbers["draw_mb"] < numbers["train_mb"]


def test_measure_of_told_digits_has_every_family(monkeypatch):
    monkeypatch.setattr(told_digits, "N", 60)
    found = told_digits.measure(0, {"vae": 1})
    assert found.keys() == {"vae"} and found["vae"].keys() == {"asked", "kernel", "recall"}
    assert 0 <= found["vae"]["asked"] < 0.6


GUARDS = [
    (test_rare_colours_are_rare_and_the_others_alike, (), "experiments.unbalanced", [
        ("SHARES.get(colour, common) / common", "SHARES.get(colour, common)"),
    ]),
    (test_the_verdict_asks_every_seed, ([0.79, 0.81], "depends on the seed"),
     "experiments.unbalanced", [
        ("all(ratio < LOW", "any(ratio < LOW"),
    ]),
    (test_standing_memory_is_that_of_weights_slow_copies_and_optimizers, (),
     "experiments.hardware", [
        ("nets = _networks(players) + [", "nets = _networks(players) or ["),
    ]),
]  # fmt: skip
