"""Which family, for what you care about? Duels won in measured columns, with the doubt beside it.

In a column, each family meets each other one: every run of the one against every run of the other.
A column that matters twice as much counts twice. So no unit has to be weighed against another, and
a lead that is within the scatter of the runs is worth little.

    columns = {"seconds a picture": Column("lower", {"VAE": [0.01, 0.02], "GAN": [0.02, 0.02]})}
    advice = advise(columns, {"seconds a picture": 3})

Who does not want to weigh at all asks for those whom nobody beats in everything: `undominated`.

Letters: F families, R races, C columns.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from course_lib.runtime import generator

RACES = 1000


class Column(NamedTuple):
    """One thing that was measured, for all families alike."""

    better: str  # "lower" or "higher"
    runs: Mapping[str, Sequence[float]]  # of each family, one number a run


class Advice(NamedTuple):
    """Who is ahead, by how much, and how sure that is."""

    points: dict[str, float]  # share of duels won, columns weighted, 0 to 1; best first
    reasons: dict[str, dict[str, float]]  # column -> family -> share of duels won
    doubt: float  # share of races, one run of each family a column, that another family wins


def advise(columns: Mapping[str, Column], weights: Mapping[str, float], seed: int = 0) -> Advice:
    """Say which family wins most duels in the columns that matter.

    Args:
        columns: what was measured, all about the same families.
        weights: how much each column matters, 0 or more; those left out do not matter.
        seed: decides the races that `doubt` counts.

    Raises:
        ValueError: if nothing matters, a weight is negative or has no column, or the columns are
            about different families, or about one alone.
    """
    _check(columns, weights)
    weights = {name: weight for name, weight in weights.items() if weight > 0}
    families = _same_families([columns[name] for name in weights])
    columns = {name: _in_order(columns[name], families) for name in weights}
    won = {name: duels(columns[name]) for name in weights}
    points = _together([torch.tensor(list(won[name].values())) for name in weights], weights)
    winner = points.argmax().item()
    draw = generator(seed)
    raced = _together([_won(_sent(columns[name], draw)) for name in weights], weights)  # (R, F)
    doubt = (raced[:, winner] < raced.amax(dim=1)).double().mean().item()
    order = points.argsort(descending=True, stable=True).tolist()
    return Advice({families[i]: points[i].item() for i in order}, won, doubt)


def duels(column: Column) -> dict[str, float]:
    """Return the share of duels that each family wins in a column; a draw is half a win.

    Raises:
        ValueError: if there is only one family.
    """
    runs = [torch.tensor(found, dtype=torch.float64) for found in column.runs.values()]
    every = [grid.flatten() for grid in torch.meshgrid(*runs, indexing="ij")]
    share = _won(_turned(torch.stack(every, dim=1), column)).mean(dim=0)
    return dict(zip(column.runs, share.tolist(), strict=True))


def undominated(columns: Sequence[Column]) -> list[str]:
    """Return the families that no other dominates: their Pareto set, by the means of the runs.

    One family dominates another if it is nowhere worse, and better in at least one column.

    Raises:
        ValueError: if there are no columns, or they are about different families.
    """
    families = _same_families(columns)
    means = [[sum(c.runs[name]) / len(c.runs[name]) for name in families] for c in columns]
    turned = [
        _turned(torch.tensor([row], dtype=torch.float64), column)
        for row, column in zip(means, columns, strict=True)
    ]
    free = ~_dominated(torch.stack(turned, dim=2))[0]
    return [name for name, is_free in zip(families, free.tolist(), strict=True) if is_free]


def undominated_share(columns: Sequence[Column], seed: int = 0) -> dict[str, float]:
    """Return in which share of races, one run of each family a column, none dominates a family.

    Raises:
        ValueError: as `undominated`.
    """
    families, draw = _same_families(columns), generator(seed)
    ordered = [_in_order(column, families) for column in columns]
    raced = torch.stack([_sent(column, draw) for column in ordered], dim=2)  # (R, F, C)
    share = 1 - _dominated(raced).double().mean(dim=0)
    return dict(zip(families, share.tolist(), strict=True))


def _dominated(values: Tensor) -> Tensor:
    """Return whom someone dominates, (R, F) bool, from values (R, F, C), larger is better."""
    ours, theirs = values[:, :, None], values[:, None]  # (R, F, 1, C) and (R, 1, F, C)
    beaten = (theirs >= ours).all(dim=3) & (theirs > ours).any(dim=3)  # (R, F, F)
    return beaten.any(dim=2)


def _same_families(columns: Sequence[Column]) -> list[str]:
    if not columns:
        raise ValueError("nothing to compare in: give at least one column")
    if len({frozenset(column.runs) for column in columns}) > 1:
        raise ValueError("the columns are about different families: measure the same ones in each")
    return list(columns[0].runs)


def _in_order(column: Column, families: Sequence[str]) -> Column:
    return Column(column.better, {name: column.runs[name] for name in families})


def _sent(column: Column, draw: torch.Generator) -> Tensor:
    """Return one run of each family for each race, (R, F), larger is better."""
    sent = []
    for found in column.runs.values():
        chosen = torch.randint(len(found), (RACES,), generator=draw)
        sent.append(torch.tensor(found, dtype=torch.float64)[chosen])
    return _turned(torch.stack(sent, dim=1), column)


def _turned(values: Tensor, column: Column) -> Tensor:
    return values if column.better == "higher" else -values


def _won(values: Tensor) -> Tensor:
    """Return the share of the others that each beats, (R, F), from values (R, F)."""
    if values.shape[1] < 2:
        raise ValueError("one family alone wins no duels: give at least two to choose from")
    ahead = values[:, :, None] - values[:, None]  # (R, F, F)
    wins = (ahead > 0).double() + 0.5 * (ahead == 0)
    return (wins.sum(dim=2) - 0.5) / (values.shape[1] - 1)  # the draw with oneself is no duel


def _together(shares: Sequence[Tensor], weights: Mapping[str, float]) -> Tensor:
    total = sum(weights.values())
    return sum(
        share * weight / total for share, weight in zip(shares, weights.values(), strict=True)
    )


def _check(columns: Mapping[str, Column], weights: Mapping[str, float]) -> None:
    if unknown := weights.keys() - columns.keys():
        known = ", ".join(columns)
        raise ValueError(f"nothing was measured about {min(unknown)!r}: choose among {known}")
    if min(weights.values(), default=0) < 0:
        raise ValueError("a weight is 0 or more: it says how much a column matters")
    if not any(weights.values()):
        raise ValueError("nothing matters: give at least one column a weight above 0")
    _same_families([columns[name] for name in weights])
