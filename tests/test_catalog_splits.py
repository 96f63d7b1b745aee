"""Training never sees a held-out combination, and no picture is in two splits."""

import pytest
import torch

from course_lib.data.catalog import SPLITS, catalog_split, split_factors
from course_lib.data.catalog_factors import combinations, sample_factors, select
from course_lib.data.catalog_paint import render
from course_lib.data.catalog_words import VOCABULARY


def triples(factors):
    return {tuple(row) for row in torch.stack(factors[:3], 1).tolist()}


def test_held_out_combinations_are_nowhere_else():
    held_out = {tuple(row) for row in combinations(held_out=True).tolist()}
    assert len(held_out) == 48
    assert triples(split_factors("held_out")) == held_out
    for split in ("train", "validation", "test"):
        assert triples(split_factors(split)).isdisjoint(held_out)


def test_training_shows_every_pair_of_what_is_held_out_as_a_triple():
    train = triples(split_factors("train"))
    assert len(train) == 12 * 8 * 5 - 48
    for a, b in ((0, 1), (0, 2), (1, 2)):
        pairs = {(row[a], row[b]) for row in train}
        assert len(pairs) == len(VOCABULARY[a]) * len(VOCABULARY[b])


def test_no_picture_is_in_two_splits():
    leans = torch.cat([
        torch.stack([f.lean, f.stretch, f.spacing, f.light[:, 0]], 1)
        for f in map(split_factors, SPLITS)
    ])  # fmt: skip
    assert len(leans.unique(dim=0)) == sum(size for size, _ in SPLITS.values())


def test_a_split_is_drawn_from_its_factors():
    x, label = catalog_split("test", 40)
    factors = split_factors("test")
    assert torch.equal(label, factors.kind[:40])
    torch.testing.assert_close(x, render(select(factors, slice(0, 40))))


def test_what_cannot_be_drawn_is_refused():
    with pytest.raises(ValueError, match="unknown split 'exam': choose one of train, validation"):
        split_factors("exam")
    with pytest.raises(ValueError, match="the split test has 5000 pictures, asked for 5001$"):
        catalog_split("test", 5_001)
    with pytest.raises(ValueError, match="n >= 0 and at least one triple, got n = -1"):
        sample_factors(-1, seed=0)
