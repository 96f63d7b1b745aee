"""Many small answers side by side: curves in panels, and shares as a map."""

from collections.abc import Mapping, Sequence

import matplotlib
import numpy as np
from matplotlib.figure import Figure

from course_lib.plotting.charts import COLOURS, STYLE
from course_lib.plotting.output import publish

DASHES = ("-", "--", ":")


def show_curve_panels(
    panels: Mapping[str, Mapping[str, Sequence[float]]],
    title: str,
    alt: str,
    xlabel: str = "step",
    ylabel: str = "nats",
    every: int = 1,
    top: float | None = None,
) -> None:
    """Draw named curves in named panels of one scale; each curve has its colour and its dashes.

    Args:
        panels: name to curves, the same curves in each.
        title: what the reader should see.
        alt: a description for those who cannot see it.
        xlabel: what the index counts.
        ylabel: the unit of the values.
        every: steps from one value to the next.
        top: the upper end of the scale; what lies above is cut off.
    """
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(2.0 * len(panels), 2.3), layout="constrained")
        row = figure.subplots(1, len(panels), sharey=True, squeeze=False)[0]
    for axes, (name, curves) in zip(row, panels.items(), strict=True):
        for i, (curve, values) in enumerate(curves.items()):
            look = {"color": COLOURS[i % len(COLOURS)], "linestyle": DASHES[i % len(DASHES)]}
            steps = every * np.arange(1, 1 + len(values))
            axes.plot(steps, values, label=curve if axes is row[0] else None, **look)
        axes.set_title(name, fontsize=10)
        axes.set(xlabel=xlabel)
    row[0].set(ylabel=ylabel)
    row[0].set_ylim(bottom=0, top=top)
    figure.suptitle(title, fontsize=11)
    figure.legend(frameon=False, loc="outside lower center", ncols=3)
    publish(figure, alt)


def show_shares(
    shares: Mapping[str, Mapping[str, float]], title: str, xlabel: str, alt: str | None = None
) -> None:
    """Draw shares from 0 to 1 as a map with the numbers in it: a row a name, darker for more.

    Raises:
        ValueError: if there is no row, the rows have different columns, or a share is not one.
    """
    if not shares:
        raise ValueError("a map needs at least one row")
    columns = list(next(iter(shares.values())))
    if any(list(row) != columns for row in shares.values()):
        raise ValueError("every row of the map needs the same columns")
    table = np.array([list(row.values()) for row in shares.values()], dtype=float)
    if not ((table >= 0) & (table <= 1)).all():
        raise ValueError("shares lie between 0 and 1")
    with matplotlib.rc_context(STYLE):
        size = (2.2 + 1.0 * len(columns), 0.9 + 0.3 * len(shares))
        figure = Figure(figsize=size, layout="constrained")
        axes = figure.subplots()
    axes.imshow(table, cmap="Blues", vmin=0, vmax=1, aspect="auto")
    for (i, j), share in np.ndenumerate(table):
        ink = "white" if share > 0.71 else "black"  # whatever stands out more
        axes.text(j, i, f"{share:.0%}", ha="center", va="center", color=ink, fontsize=9)
    axes.set_xticks(range(len(columns)), columns)
    axes.set_yticks(range(len(shares)), list(shares))
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    axes.set(xlabel=xlabel)
    figure.suptitle(title, fontsize=11)
    said = "; ".join(
        f"{name} {', '.join(f'{share:.0%}' for share in row.values())}"
        for name, row in shares.items()
    )
    publish(figure, alt or f"{title}. By {xlabel} {', '.join(columns)}: {said}.")
