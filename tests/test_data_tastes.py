"""Listeners pick what their probabilities say, and the hidden songs are a fair lot."""

import pytest
import torch

from course_lib.data import tastes
from course_lib.data.tastes import SIZES, WORLDS, listeners
from course_lib.runtime import generator


@pytest.mark.parametrize("world", WORLDS)
def test_lists_are_as_long_as_promised_and_a_fifth_is_hidden(world):
    people = listeners(world, 0)
    for split, n in SIZES.items():
        part = people[split]
        length = part.liked.sum(dim=1)
        assert len(part.given) == n and length.min() >= 20 and length.max() <= 60
        assert (part.hidden.sum(dim=1) == length // 5).all()
        assert part.liked.max() == 1  # nothing is given and hidden at once
        torch.testing.assert_close(part.probability.sum(dim=1), torch.ones(n))


def test_the_same_seed_is_the_same_world_and_another_is_not():
    first, again, other = (listeners("mixing", seed)["test"] for seed in (1, 1, 2))
    assert torch.equal(first.given, again.given) and not torch.equal(first.given, other.given)


def test_picking_follows_the_probabilities_one_after_the_other(monkeypatch):
    """Two of three songs: the chance of each pair, by hand."""
    monkeypatch.setattr(tastes, "SHORTEST", 2)
    monkeypatch.setattr(tastes, "LONGEST", 2)
    p = torch.tensor([0.6, 0.3, 0.1])
    liked = tastes._pick(p.expand(40_000, 3), generator(0)).liked
    for out in range(3):
        a, b = (i for i in range(3) if i != out)
        expected = p[a] * p[b] / (1 - p[a]) + p[b] * p[a] / (1 - p[b])
        assert (1 - liked[:, out]).mean().item() == pytest.approx(expected.item(), abs=0.01)


def test_every_picked_song_is_hidden_equally_often():
    p = torch.tensor([[0.5] + [0.5 / 59] * 59])
    made = tastes._pick(p.expand(6000, 60), generator(0))
    share = made.hidden.sum(dim=0) / made.liked.sum(dim=0)
    assert share[0].item() == pytest.approx(share[1:].mean().item(), abs=0.02)


def test_an_unknown_world_is_one_sentence():
    with pytest.raises(ValueError, match="unknown world 'rock': choose one of mixing, multiplying"):
        listeners("rock", 0)


GUARDS = [
    (test_lists_are_as_long_as_promised_and_a_fifth_is_hidden, ("mixing",), "data.tastes", [
        ("place < length", "place <= length"),
        ("liked & ~hidden", "liked"),
        ("length // HIDDEN", "length // (HIDDEN + 1)"),
    ]),
]  # fmt: skip
