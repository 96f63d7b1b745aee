"""What the notebooks beyond pictures ask for."""

from collections.abc import Callable

import torch
from torch.distributions import Categorical

from course_lib.checks.judging import judge
from course_lib.runtime import noise


def liking(my_error: Callable) -> None:
    """Check my_error(score, liked): (B, I), (B, I) -> (B,), nats to name all liked items."""
    score = noise(3, 6, seed=0, device="cpu")
    liked = torch.tensor([[1, 0, 0, 1, 0, 0], [1, 1, 1, 0, 1, 0], [0, 0, 0, 0, 0, 1]]).float()
    each = -Categorical(logits=score[:, None]).log_prob(torch.arange(6).expand(3, 6))
    yes_or_no = -(liked * score.sigmoid().log() + (1 - liked) * (-score).sigmoid().log())
    truth = (liked * each).sum(dim=1)
    judge(
        lambda: my_error(score, liked),
        truth,
        "The nats it takes to name every liked song, when all songs share one pot of attention.",
        {
            "The sign is turned round: log of a share is never positive.": -truth,
            "Sum over the liked songs, do not average: long lists weigh more.":
                truth / liked.sum(dim=1),
            "That is a mean over all songs: take the sum.": truth / 6,
            "This asks each song yes or no by itself; here they compete: use softmax.":
                yes_or_no.sum(dim=1),
        },
    )  # fmt: skip


def recall(my_recall: Callable) -> None:
    """Check my_recall(scores, given, hidden, k): the share of hidden items found, (N,)."""
    scores = torch.tensor([[9.0, 8, 7, 6, 5, 4], [9, 8, 7, 6, 5, 4], [1, 2, 3, 4, 5, 6]])
    given = torch.tensor([[1.0, 0, 0, 0, 0, 1], [0, 1, 0, 1, 0, 0], [1, 0, 0, 0, 0, 0]])
    hidden = torch.tensor([[0.0, 0, 1, 0, 1, 0], [0, 0, 0, 0, 1, 0], [0, 1, 1, 1, 1, 0]])
    truth = torch.tensor([1 / 2, 0.0, 1 / 2])  # k = 2: best new are (1, 2), (0, 2), (5, 4)
    judge(
        lambda: my_recall(scores, given, hidden, 2),
        truth,
        "Only new songs are recommended, and what was hidden is found again.",
        {
            "What a listener already has is no advice: leave it out before you take the best.":
                torch.tensor([0.0, 0.0, 1 / 2]),
            "Where more than k are hidden, k are all one can find: divide by at most k.":
                torch.tensor([1 / 2, 0.0, 1 / 4]),
            "You counted them: divide by how many could be found.": torch.tensor([1.0, 0.0, 1.0]),
            "These are shares over all listeners: keep one number a listener.": truth.mean(),
        },
    )  # fmt: skip


def steer(my_steer: Callable) -> None:
    """Check my_steer(z, way, missing): (B, Z), (Z,), (B,) -> (B, Z), the shortest way there."""
    z, way = noise(4, 3, seed=0, device="cpu"), torch.tensor([0.5, -1.0, 2.0])
    missing = torch.tensor([1.0, -2.0, 0.5, 3.0])
    step = missing[:, None] * way
    judge(
        lambda: my_steer(z, way, missing),
        z + step / way.square().sum(),
        "The guess changes by exactly what was missing, and nothing moves sideways.",
        {
            "Wrong length: divide the step by the square of the length of the way.": z + step,
            "Divide by the length once more: once to point, once to undo the steepness.":
                z + step / way.norm(),
            "That is the wrong way round: minus where it should be plus.":
                z - step / way.square().sum(),
            "This is the step alone: add it to z.": step / way.square().sum(),
        },
    )  # fmt: skip


def tally(my_tally: Callable) -> None:
    """Check my_tally(made, known): names or None, a set -> shares valid, different, new."""
    made, known = ["C", None, "CC", "CC", "CO", None, "CCO", "CO"], {"C", "N"}
    judge(
        lambda: my_tally(list(made), set(known)),
        torch.tensor([6 / 8, 4 / 6, 3 / 4]),
        "Of all: valid. Of the valid: different. Of the different: new.",
        {
            "None is no molecule: leave it out before you count different ones.":
                torch.tensor([6 / 8, 5 / 6, 4 / 5]),
            "The second share is of the valid ones, the third of the different ones.":
                torch.tensor([6 / 8, 4 / 8, 3 / 8]),
            "Count each new molecule once.": torch.tensor([6 / 8, 4 / 6, 5 / 6]),
        },
    )  # fmt: skip
