"""Copies are caught, duplicates are counted, and a known supply is estimated right."""

import importlib

import numpy as np
import pytest
import torch
from clouds import pictures

from course_lib.data import load
from course_lib.metrics import duplicates, novelty
from course_lib.metrics.novelty import near_limit, pairs_within


def test_a_copier_is_not_novel_and_held_out_pictures_are():
    digits = load("digits", device="cpu")
    copier = novelty(digits.train.x[:350], digits.train.x, digits.test.x)
    assert copier.ratio == pytest.approx(0, abs=1e-6) and copier.copies == 1
    honest = novelty(digits.validation.x, digits.train.x, digits.test.x)
    assert honest.ratio == pytest.approx(1, abs=0.1) and honest.copies < 0.04


def test_novelty_counts_suspicious_pictures_against_the_held_out_ones():
    train, held_out = torch.zeros(1, 1, 1, 1), torch.linspace(1, 2, 101).reshape(-1, 1, 1, 1)
    ours = torch.tensor([0.5, 1.005, 1.2, 3.0, 6.0]).reshape(-1, 1, 1, 1)  # the line is at 1.01
    assert novelty(ours, train, held_out) == pytest.approx((1.2 / 1.5, 2 / 5))


def distances_by_loops(x):
    """Return the distance of every pair, one pair at a time."""
    flat = x.flatten(1).double().numpy()
    return [np.linalg.norm(flat[i] - flat[j]) for i in range(len(x)) for j in range(i)]


def test_duplicates_equal_a_loop_over_pairs():
    x, real = 0.8 * pictures(70, 2, 0), pictures(70, 2, 1)
    limit = np.sort(distances_by_loops(real))[9]  # the tenth nearest
    expected = sum(distance <= limit for distance in distances_by_loops(x))
    found = duplicates(x, real)
    assert found.limit == near_limit(real) == pytest.approx(limit)
    assert found.pairs.value == expected > 10
    assert found.support.value == pytest.approx(70**2 / (2 * expected))
    assert found.support.low == pytest.approx(70**2 / (2 * found.pairs.high))
    assert found.support.high == pytest.approx(70**2 / (2 * found.pairs.low))


def test_duplicates_are_the_same_in_small_blocks(monkeypatch):
    x, real = 0.8 * pictures(70, 2, 0), pictures(70, 2, 1)
    at_once = duplicates(x, real)
    room = importlib.import_module("course_lib.metrics.novelty")
    monkeypatch.setattr(room, "LOOK", 16)  # the last block has 6 pictures
    assert duplicates(x, real) == at_once


def test_the_real_pictures_themselves_have_ten_near_pairs_and_fresh_ones_about_as_many():
    real = pictures(200, 3, 0)
    assert duplicates(real, real).pairs.value == 10
    fresh = [duplicates(pictures(200, 3, 2 * s), pictures(200, 3, 2 * s + 1)) for s in range(60)]
    counts = [found.pairs.value for found in fresh]
    assert np.mean(counts) == pytest.approx(10, abs=4 * 20**0.5 / 60**0.5)  # variance 20
    assert np.mean([3 <= count <= 20 for count in counts]) > 0.9


def test_a_generator_that_has_only_150_pictures_is_found_out():
    supply, real, held = pictures(150, 4, 0), pictures(300, 4, 1), []
    for s in range(60):
        pick = torch.randint(150, (300,), generator=torch.Generator().manual_seed(s))
        found = duplicates(supply[pick], real)
        held.append(found.support.low < 150 < found.support.high)
        assert 100 < found.support.value < 220
        assert found.pairs.high < 1.5 * found.pairs.low
    assert np.mean(held) > 0.88


def test_the_interval_knows_that_pairs_come_in_clumps():
    """One picture in five is the same: then pairs vary far more than rare events would."""
    supply, limit, n = pictures(400, 4, 0), 1e-3, 200
    share = torch.cat([torch.tensor([0.2]), torch.full((399,), 0.8 / 399)]).double()
    expected, held = n * (n - 1) / 2 * share.square().sum().item(), []
    for s in range(150):
        draw = torch.Generator().manual_seed(s)
        pick = torch.multinomial(share, n, replacement=True, generator=draw)
        pairs = pairs_within(supply[pick], limit).pairs
        held.append(pairs.low < expected < pairs.high)
    assert 0.9 < np.mean(held) < 0.99


def test_no_pair_is_no_proof_of_an_endless_supply():
    found = pairs_within(pictures(100, 4, 0), 1e-9)
    assert found.pairs == (0, 0, pytest.approx(1.96**2, rel=1e-3))  # as if 4 might have been
    assert found.support.value == found.support.high == float("inf")
    assert found.support.low == pytest.approx(100**2 / (2 * 1.96**2), rel=1e-3)


def test_equal_pictures_count_even_if_real_ones_are_equal_too():
    one = pictures(1, 4, 0).expand(20, 1, 4, 4)
    found = duplicates(one, one)
    assert found.pairs.value == 190 and found.limit == pytest.approx(1e-6)


def test_what_cannot_be_counted_is_refused():
    x = pictures(20, 4, 0)
    with pytest.raises(ValueError, match="equally many real pictures, got 20 and 19"):
        duplicates(x, x[:19])
    with pytest.raises(ValueError, match="need 10 or more pictures.*got 9"):
        duplicates(x[:9], x[:9])
    with pytest.raises(ValueError, match="only finite numbers"):
        duplicates(x / 0, x)


GUARDS = [
    (test_novelty_counts_suspicious_pictures_against_the_held_out_ones, (), "metrics.novelty", [
        ("ours.median() / control.median()", "control.median() / ours.median()"),
        ("ours < control", "ours > control"),
    ]),
    (test_duplicates_equal_a_loop_over_pairs, (), "metrics.novelty", [
        ("n**2 / (2 * count)", "n**2 / count"),
        ("NEAR_PAIRS = 10", "NEAR_PAIRS = 11"),
        ("near_limit(real))", "near_limit(x))"),
        ("dtype=torch.bool).tril()", "dtype=torch.bool).tril(-1)"),
        ("partners.sum().item() / 2", "partners.sum().item()"),
        ("value, high, low = support", "value, low, high = support"),
    ]),
    (test_the_interval_knows_that_pairs_come_in_clumps, (), "metrics.novelty", [
        ("1 + clumps / pairs if", "1 if"),
    ]),
    (test_a_generator_that_has_only_150_pictures_is_found_out, (), "metrics.novelty", [
        ("- 4 * pairs**2 * (n - 2) / (n * (n - 1))", ""),
    ]),
    (test_no_pair_is_no_proof_of_an_endless_supply, (), "metrics.novelty", [
        ("+ z2**2 / 4) ** 0.5", ") ** 0.5"),
    ]),
]  # fmt: skip
