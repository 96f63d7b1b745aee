"""What the notebook on choosing a family asks for."""

from collections.abc import Callable

import torch

from course_lib.checks.judging import judge

MARKS = ((3.0, 1.0), (1.0, 3.0), (2.0, 2.5), (2.0, 1.0), (3.0, 1.0), (0.0, 3.0))


def pareto(my_pareto: Callable) -> None:
    """Check my_pareto(marks): (F, C), larger is better, to (F,) bool, True where none dominates."""
    marks = torch.tensor(MARKS)

    def free(beats: Callable) -> torch.Tensor:
        """Ask of each row whether some other one beats it."""
        rows = MARKS
        return torch.tensor([float(not any(beats(other, row) for other in rows)) for row in rows])

    def better(other: tuple, row: tuple) -> bool:
        pairs = list(zip(other, row, strict=True))
        return all(a >= b for a, b in pairs) and any(a > b for a, b in pairs)

    judge(
        lambda: my_pareto(marks),
        free(better),
        "Those whom nobody beats: nowhere worse, and better somewhere.",
        {
            "Better in everything is too much to ask: a draw in one column and a lead in another"
            " is enough to dominate.":
                free(lambda other, row: all(a > b for a, b in zip(other, row, strict=True))),
            "Nowhere worse is too little: then twins dominate each other, and everybody himself.":
                free(lambda other, row: all(a >= b for a, b in zip(other, row, strict=True))),
            "Turned round: here larger is better.": free(lambda other, row: better(row, other)),
            "Those are the best of single columns; a good second in both is not dominated either.":
                (marks == marks.amax(dim=0)).any(dim=1).float(),
        },
    )  # fmt: skip


def duels(my_duels: Callable) -> None:
    """Check my_duels(ours, theirs): runs (N,) and (M,), lower is better, to the share we win."""
    ours, theirs = torch.tensor([1.0, 2.0, 6.0]), torch.tensor([2.0, 3.0])
    won, drawn = 3 / 6, 1 / 6  # counted by hand: 1 beats both, 2 beats 3 and ties with 2, 6 none
    judge(
        lambda: my_duels(ours, theirs),
        torch.tensor(won + drawn / 2),
        "Every run against every run; a draw is half a win.",
        {
            "A draw is half a win, not none.": won,
            "A draw is half a win, not a whole one.": won + drawn,
            "Turned round: here lower is better.": 1 - won - drawn / 2,
            "That compares the means: one bad run hides two good ones.":
                float(ours.mean() < theirs.mean()),
        },
    )  # fmt: skip
