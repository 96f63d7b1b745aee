"""Draw the contact sheets in this folder: python docs/catalog/draw.py [FOLDER]."""

import sys
from pathlib import Path

import torch
import torch.nn.functional as F
from matplotlib.figure import Figure
from torch import Tensor

from course_lib.data.catalog_factors import Factors, combinations, sample_factors
from course_lib.data.catalog_paint import render
from course_lib.data.catalog_pairs import (
    DEFECTS,
    damage,
    low_resolution,
    night,
    object_mask,
    outline,
    with_pattern,
)
from course_lib.data.catalog_words import COLOURS, KINDS, PATTERNS, SIZES, TILTS
from course_lib.plotting import image_grid

ALL_KINDS = torch.arange(len(KINDS))


def each(n: int, **named: Tensor) -> Factors:
    """Draw n pictures' factors by chance, then set the named ones."""
    return sample_factors(n, seed=7)._replace(**named)


def rows_of(n_rows: int, factor: str) -> Tensor:
    """Draw a table: one kind a column, one value of the factor a row."""
    values = torch.arange(n_rows).repeat_interleave(len(KINDS))
    return render(each(len(values), kind=ALL_KINDS.repeat(n_rows), **{factor: values}))


def hardest() -> Tensor:
    """Draw every kind in every pattern as small and as tilted as it gets."""
    n = len(KINDS) * len(PATTERNS)
    extreme = {
        "kind": ALL_KINDS.repeat(len(PATTERNS)),
        "pattern": torch.arange(len(PATTERNS)).repeat_interleave(len(KINDS)),
        "size": torch.zeros(n, dtype=torch.int64),
        "stretch": -torch.ones(n),
        "tilt": torch.arange(n) % 2 * 2,
        "lean": 1 - torch.arange(n) % 2 * 2.0,
    }
    return render(each(n, **extreme))


def pairs() -> dict[str, Tensor]:
    """Draw one product of each kind in every way that paired truths know."""
    factors = each(len(KINDS), kind=ALL_KINDS, size=torch.ones_like(ALL_KINDS))
    x = render(factors)
    truths = {
        "picture": x,
        "outline": outline(factors).expand_as(x),
        "mask": (2 * object_mask(factors) - 1).expand_as(x),
        "night": night(x, factors),
        "16x16": F.interpolate(low_resolution(x, 16), scale_factor=2),
        "8x8": F.interpolate(low_resolution(x, 8), scale_factor=4),
        "plain": render(with_pattern(factors, "plain")),
        "striped": render(with_pattern(factors, "striped")),
    }
    for defect in DEFECTS:
        damaged, mask = damage(x, factors, defect, seed=1)
        truths |= {defect: damaged, f"mask of {defect}": (2 * mask - 1).expand_as(x)}
    return truths


def averages() -> Tensor:
    """Draw one sample of each pattern, then the mean of 200 that differ in phase alone."""
    pictures = []
    for pattern in range(len(PATTERNS)):
        one = sample_factors(1, seed=0)._replace(
            kind=torch.tensor([KINDS.index("mug")]),
            colour=torch.tensor([COLOURS.index("blue")]),
            pattern=torch.tensor([pattern]),
            size=torch.tensor([1]),
        )
        many = Factors(*(factor.expand(200, *factor.shape[1:]) for factor in one))
        x = render(many._replace(phase=sample_factors(200, seed=1).phase))
        pictures += [x[0], x[1], x.mean(0)]
    return torch.stack(pictures)


def save(path: Path, x: Tensor, labels: list[str], n_columns: int, columns=()) -> None:
    """Write images (N, 3, S, S) as a sheet with labelled rows, each pixel as 2x2 pixels."""
    grid = image_grid(x, n_columns)
    tall, wide = 2 * grid.shape[0], 2 * grid.shape[1]
    left, top = 160 if labels else 0, 20 if columns else 0
    figure = Figure(figsize=((left + wide) / 100, (tall + top) / 100), dpi=100)
    axes = figure.add_axes((left / (left + wide), 0, wide / (left + wide), tall / (tall + top)))
    axes.imshow(grid, interpolation="nearest", aspect="auto")
    cell = x.shape[-1] + 1
    axes.set_yticks([(i + 0.5) * cell for i in range(len(labels))], labels)
    axes.set_xticks([(i + 0.5) * cell for i in range(len(columns))], columns, fontsize=8)
    axes.xaxis.tick_top()
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    figure.savefig(path, pil_kwargs={"optimize": True})


def draw_sheets(folder: Path) -> None:
    """Write all sheets into the folder."""
    kind = ALL_KINDS.repeat_interleave(12)
    save(folder / "kinds.png", render(each(len(kind), kind=kind)), KINDS, 12)
    for name, factor, names in (
        ("colours", "colour", COLOURS),
        ("patterns", "pattern", PATTERNS),
        ("sizes", "size", SIZES),
        ("tilts", "tilt", TILTS),
    ):
        save(folder / f"{name}.png", rows_of(len(names), factor), names, len(KINDS), KINDS)
    save(folder / "hardest.png", hardest(), PATTERNS, len(KINDS), KINDS)
    truths = pairs()
    save(folder / "pairs.png", torch.cat([*truths.values()]), [*truths], len(KINDS), KINDS)
    save(folder / "averages.png", averages(), PATTERNS, 3, ("one", "another", "mean"))
    held_out = render(sample_factors(48, 7, combinations(held_out=True)))
    save(folder / "held_out.png", held_out, [], 12)


if __name__ == "__main__":
    draw_sheets(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
