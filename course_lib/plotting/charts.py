"""Curves and points. Colours are Okabe and Ito's, which colour-blind readers can tell apart."""

from collections.abc import Mapping, Sequence
from itertools import cycle

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from course_lib.plotting.output import publish

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
MARKERS = ("o", "s", "^", "D", "X", "P", "v")
STYLE = {
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 11,
    "font.size": 10,
}


def show_curves(
    curves: Mapping[str, Sequence[float]],
    title: str,
    alt: str | None = None,
    xlabel: str = "step",
    ylabel: str = "nats",
    levels: Mapping[str, float] | None = None,
    smooth: int = 1,
) -> None:
    """Draw named curves over their index, each labelled at its end.

    Args:
        curves: name to values, as `fit` returns them.
        title: what the reader should see.
        alt: a description; by default the title and where each curve starts and ends.
        xlabel: what the index counts.
        ylabel: the unit of the values.
        levels: named horizontal lines, such as a value known in theory.
        smooth: average over this many neighbours, to see the trend.
    """
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(8.0, 3.2), layout="constrained")
        axes = figure.subplots()
    said = []
    for colour, (name, values) in zip(cycle(COLOURS), curves.items()):  # noqa: B905
        if not 1 <= smooth <= len(values):
            raise ValueError(f"{name!r} has {len(values)} values, too few to smooth over {smooth}")
        y = np.convolve(values, np.ones(smooth) / smooth, mode="valid")
        x = np.arange(len(y)) + (len(values) - len(y)) / 2
        axes.plot(x, y, color=colour, label=name, linewidth=1.5)
        said.append(f"{name} goes from {y[0]:.3g} to {y[-1]:.3g}")
    _draw_levels(axes, levels or {})
    axes.set(title=title, xlabel=xlabel, ylabel=ylabel)
    axes.legend(frameon=False, loc="best")
    publish(figure, alt or f"{title}. Over the {xlabel}s, {'; '.join(said)}.")


def show_points(
    groups: Mapping[str, Sequence[tuple[float, float]]],
    title: str,
    xlabel: str,
    ylabel: str,
    alt: str | None = None,
    xscale: str = "linear",
    levels: Mapping[str, float] | None = None,
) -> None:
    """Draw named groups of points (x, y), each with its own colour and marker, and named levels."""
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(8.0, 3.6), layout="constrained")
        axes = figure.subplots()
    said = []
    for i, (name, points) in enumerate(groups.items()):
        if not points:
            raise ValueError(f"group {name!r} has no points")
        x, y = np.asarray(points, dtype=float).T
        colour, marker = COLOURS[i % len(COLOURS)], MARKERS[i % len(MARKERS)]
        axes.scatter(x, y, s=60, c=colour, marker=marker, label=name, alpha=0.85)
        said.append(f"{name} lies near ({x.mean():.3g}, {y.mean():.3g})")
    axes.set(xlabel=xlabel, ylabel=ylabel, xscale=xscale)
    figure.suptitle(title, fontsize=11)
    _draw_levels(axes, levels or {})
    figure.legend(frameon=False, loc="outside right center")
    publish(figure, alt or f"{title}. {xlabel} against {ylabel}: {'; '.join(said)}.")


def _draw_levels(axes: Axes, levels: Mapping[str, float]) -> None:
    """Draw named horizontal lines, each with its name on it at the right end."""
    for name, level in levels.items():
        axes.axhline(level, color="0.4", linestyle="--", linewidth=1)
        right_end = axes.get_yaxis_transform()
        axes.text(0.995, level, name, transform=right_end, ha="right", va="bottom", color="0.3")
