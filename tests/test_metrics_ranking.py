"""Recall equals what counting by hand gives, and nobody can beat the truth."""

import pytest
import torch

from course_lib.data.tastes import Listeners, listeners
from course_lib.metrics.ranking import recall_at
from course_lib.runtime import generator


def by_hand(scores, given, hidden, k):
    found = []
    for s, g, h in zip(scores.tolist(), given.tolist(), hidden.tolist(), strict=True):
        new = sorted((i for i in range(len(s)) if not g[i]), key=lambda i, s=s: -s[i])[:k]
        found.append(sum(h[i] > 0 for i in new) / min(k, sum(x > 0 for x in h)))
    return torch.tensor(found)


@pytest.mark.parametrize("k", [1, 3, 10])
def test_recall_equals_counting_by_hand(k):
    draw = generator(0)
    scores = torch.randn(40, 30, generator=draw)
    kind = torch.randint(3, (40, 30), generator=draw)  # 0 neither, 1 given, 2 hidden
    given, hidden = (kind == 1).float(), (kind == 2).float()
    found = recall_at(scores, given, hidden, k)
    torch.testing.assert_close(found, by_hand(scores, given, hidden, k))
    assert 0 < found.mean() < 1


def test_all_hidden_first_is_1_and_all_hidden_last_is_0():
    hidden = torch.eye(4, 12)
    given = torch.zeros(4, 12)
    assert (recall_at(hidden, given, hidden) == 1).all()
    assert (recall_at(-hidden, given, hidden) == 0).all()


def test_the_truth_is_better_than_the_truth_with_noise():
    test = listeners("multiplying", 3)["test"]
    torch.manual_seed(0)
    for noise in (0.3, 1.0):
        blurred = test.probability * (noise * torch.randn_like(test.probability)).exp()
        best = recall_at(test.probability, test.given, test.hidden).mean()
        assert recall_at(blurred, test.given, test.hidden).mean() < best


@pytest.mark.parametrize(
    ("scores", "hidden", "k", "words"),
    [
        (torch.zeros(2, 5), torch.ones(2, 6), 1, r"one shape \(N, I\), got \(2, 5\)"),
        (torch.zeros(2, 5), torch.ones(2, 5), 6, "between 1 and 5, the items, got 6"),
        (torch.zeros(2, 5), torch.zeros(2, 5), 1, "every person needs a hidden item"),
    ],
)
def test_what_cannot_be_ranked_is_refused(scores, hidden, k, words):
    with pytest.raises(ValueError, match=words):
        recall_at(scores, torch.zeros_like(hidden), hidden, k)


def test_a_list_is_what_is_given_and_what_is_hidden():
    assert Listeners(torch.eye(2), 1 - torch.eye(2), torch.eye(2)).liked.tolist() == [[1, 1]] * 2


GUARDS = [
    (test_recall_equals_counting_by_hand, (10,), "metrics.ranking", [
        ("scores.masked_fill(given > 0, -float(\"inf\"))", "scores"),
        (".clamp(max=k)", ""),
        ("topk(k, dim=1)", "topk(k, dim=1, largest=False)"),
    ]),
]  # fmt: skip
