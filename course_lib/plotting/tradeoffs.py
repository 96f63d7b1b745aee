"""Two wishes at once: what is good in both, and what is beaten in both."""

from collections.abc import Mapping, Sequence
from statistics import mean

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from course_lib.plotting.charts import COLOURS, MARKERS, STYLE
from course_lib.plotting.output import publish

Points = Mapping[str, Sequence[tuple[float, float]]]


def show_tradeoffs(
    panels: Mapping[str, Points],
    fronts: Mapping[str, Sequence[str]],
    title: str,
    xlabel: str,
    ylabel: str,
    alt: str | None = None,
    xscale: str = "linear",
    yscale: str = "linear",
) -> None:
    """Draw named runs (x, y) in named panels, their means joined where nobody beats them.

    Small marks are runs, large ones means. Who belongs to the front has a filled mark and its name
    in black; who is dominated a hollow one and its name in grey.

    Args:
        panels: panel to {name: runs}.
        fronts: panel to the names that nobody dominates.
        title: what the reader should see.
        xlabel: what is measured along x, with its unit and which end is better.
        ylabel: likewise along y.
        alt: a description; by default the means, and who is dominated.
        xscale: "linear", "log" or "symlog"; likewise yscale.

    Raises:
        ValueError: if a panel has no runs, or a front names what is not in its panel.
    """
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(max(6.4, 4.0 * len(panels)), 3.9), layout="constrained")
        row = figure.subplots(1, len(panels), squeeze=False)[0]
    said = []
    for axes, (panel, points) in zip(row, panels.items(), strict=True):
        if unknown := set(fronts[panel]) - set(points):
            raise ValueError(f"{min(unknown)!r} is not in the panel {panel!r}")
        axes.set(xscale=xscale, yscale=yscale, xlabel=xlabel)
        axes.set_title(panel if len(panels) > 1 else "", fontsize=10)
        axes.margins(x=0.22, y=0.14)
        said.append(_draw(axes, panel, points, fronts[panel]))
    row[0].set(ylabel=ylabel)
    figure.suptitle(title, fontsize=11)
    publish(figure, alt or f"{title}. {xlabel} against {ylabel}. {' '.join(said)}")


def _draw(axes: Axes, panel: str, points: Points, front: Sequence[str]) -> str:
    """Draw one panel and return it in words."""
    middles, said = {}, []
    for i, (name, runs) in enumerate(points.items()):
        if not runs:
            raise ValueError(f"{name!r} has no runs in the panel {panel!r}")
        x, y = zip(*runs, strict=True)
        middles[name] = (mean(x), mean(y))
        colour, marker, free = COLOURS[i % 6], MARKERS[i % 7], name in front
        axes.scatter(x, y, s=14, c=colour, marker=marker, alpha=0.5, linewidths=0)
        face = colour if free else "none"
        axes.scatter(
            *middles[name], s=90, facecolors=face, edgecolors=colour, marker=marker, linewidths=1.8
        )
        axes.annotate(
            name,
            middles[name],
            (7, 6) if i % 2 == 0 else (7, -14),
            textcoords="offset points",
            fontsize=9,
            color="black" if free else "0.45",
        )
        said.append(f"{name} ({middles[name][0]:.3g}, {middles[name][1]:.3g})")
    joined = sorted(middles[name] for name in front)
    axes.plot(*zip(*joined, strict=True), color="0.5", linestyle="--", linewidth=1, zorder=0)
    beaten = [name for name in points if name not in front]
    return f"{panel}: {', '.join(said)}; dominated: {', '.join(beaten) or 'none'}."
