"""What the notebook on orders in words asks for."""

from collections.abc import Callable

import torch

from course_lib.checks.judging import judge
from course_lib.runtime import generator, noise


def fulfilled(my_fulfilled: Callable) -> None:
    """Check my_fulfilled(read, wished): answers (N, Q) and wishes (N, Q), -1 not said, to (N,)."""
    draw = generator(0)
    wished = torch.randint(-1, 3, (400, 5), generator=draw)
    slips = torch.rand(400, 5, generator=draw) < 0.2
    read = torch.where(slips | (wished < 0), torch.randint(3, (400, 5), generator=draw), wished)
    said, same = wished >= 0, read == wished
    wrong = [any(s and not r for s, r in zip(*rows, strict=True)) for rows in
             zip(said.tolist(), same.tolist(), strict=True)]  # fmt: skip
    judge(
        lambda: my_fulfilled(read, wished),
        1 - torch.tensor(wrong).double(),
        "Every word that was said is there.",
        {
            "What was not said (-1) cannot be read wrongly: leave it out.": same.all(dim=1),
            "One word right is not the whole order.": (same & said).any(dim=1),
            "This is the share of words that are right. An order counts only as a whole.":
                (same | ~said).double().mean(dim=1),
        },
    )  # fmt: skip


def jerk(my_jerk: Callable) -> None:
    """Check my_jerk(path): pictures (T, C, S, S) of a walk, to its largest over its mean step."""
    path = noise(6, 2, 3, 3, seed=0, device="cpu").cumsum(dim=0)
    path[4:] += 3
    steps = [float(((path[i + 1] - path[i]) ** 2).sum()) ** 0.5 for i in range(5)]
    mean, largest = sum(steps) / 5, max(steps)
    squares = [step**2 for step in steps]
    judge(
        lambda: my_jerk(path),
        torch.tensor(largest / mean),
        "1 if all steps are alike; more if one stands out.",
        {
            "Turned round: the largest step over the mean step.": mean / largest,
            "Take the root: a step is a distance, not its square.": 5 * max(squares) / sum(squares),
            "This is the largest step alone: divide by the mean step.": largest,
            "Compare neighbours: this goes from the start to the end.":
                largest / float((path[-1] - path[0]).norm()),
            "Divide by the mean step, not by their sum.": largest / sum(steps),
        },
    )  # fmt: skip
