"""The figures of docs/benchmarks.md, each with the sentence that describes it."""

from pathlib import Path

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullLocator

from course_lib.plotting.charts import COLOURS, MARKERS, STYLE


def draw_distances(found: dict[str, dict], path: Path) -> str:
    """Draw every distance as a multiple of its floor; return the description."""
    figure, axes = _figure(8.0, 0.9 + 0.6 * len(found))
    said = []
    for i, who in enumerate(("peer", "ours")):
        rows = [(row, v) for row, v in enumerate(found.values()) if who in v["entries"]]
        times = [v["entries"][who]["distance"] / v["floor"] for _, v in rows]
        where = [row for row, _ in rows]
        axes.scatter(times, where, s=70, color=COLOURS[1 - i], marker=MARKERS[1 - i], label=who)
    for family, values in found.items():
        both = (f"{w} {v['distance'] / values['floor']:.3g}" for w, v in values["entries"].items())
        said.append(f"{family}: {' and '.join(both)} times the floor")
    axes.axvline(1, color="0.4", linestyle="--", linewidth=1)
    axes.set(xscale="log", yticks=range(len(found)), yticklabels=list(found))
    axes.set(xlabel="Frechet distance, as a multiple of that between real pictures (dashed)")
    axes.margins(y=0.3)
    axes.invert_yaxis()
    figure.legend(frameon=False, loc="outside right center")
    figure.savefig(path, dpi=100)
    return f"Distance after the same processor seconds, nearer to 1 is better. {'; '.join(said)}."


def draw_sampling(found: dict[str, dict], path: Path) -> str:
    """Draw processor seconds a picture over passes through the network; return the description."""
    figure, axes = _figure(8.0, 3.6)
    said = []
    for i, (family, values) in enumerate(found.items()):
        for who, entry in values["entries"].items():
            passes, seconds = zip(*entry["sampling"], strict=True)
            look = {"color": COLOURS[i], "marker": MARKERS[i]}
            if who == "peer":
                look |= {"linestyle": "--", "markerfacecolor": "white"}
            axes.plot(passes, [1000 * s for s in seconds], **look, label=f"{family}, {who}")
            said.append(f"{family}, {who}: {1000 * seconds[-1]:.3g} ms in {passes[-1]} passes")
    axes.set(xscale="log", yscale="log", xlabel="passes", ylabel="processor ms a picture")
    _plain_ticks(axes, sorted({p for v in found.values() for p in _passes(v)}))
    figure.legend(frameon=False, loc="outside right center")
    figure.savefig(path, dpi=100)
    return f"Time to draw one picture against passes through the network. {'; '.join(said)}."


def draw_growth(found: dict[str, dict], path: Path) -> str:
    """Draw time and memory a picture over side, batch and n; return the description."""
    figure, grid = _figure(9.0, 5.0, 2, 3)
    names = {"side": "side in pixels", "batch": "batch", "n": "n drawn in one go"}
    units = (("processor ms a picture", 1e3), ("peak MB a picture", 1e-6))
    for column, (what, name) in enumerate(names.items()):
        for row, (unit, scale) in enumerate(units):
            axes = grid[row, column]
            for i, (family, values) in enumerate(found.items()):
                sizes, *costs = zip(*values["growth"][what], strict=True)
                label = family if row == column == 0 else None
                look = {"color": COLOURS[i], "marker": MARKERS[i], "label": label}
                axes.plot(sizes, [scale * cost for cost in costs[row]], **look)
            axes.set(xscale="log", yscale="log", ylabel=unit if column == 0 else "")
            _plain_ticks(axes, sizes)
        grid[1, column].set_xlabel(name)
    figure.legend(frameon=False, loc="outside upper center", ncols=3)
    figure.savefig(path, dpi=100)
    said = "; ".join(
        f"{family}: time times {first_to_last(v['growth']['side'], 1):.3g}, memory times "
        f"{first_to_last(v['growth']['side'], 2):.3g}"
        for family, v in found.items()
    )
    return (
        f"Cost of a picture over side, batch and n. From the smallest side to the largest, {said}."
    )


def first_to_last(rows: list[list[float]], column: int) -> float:
    """Return by what factor a cost grows from the smallest size to the largest."""
    return rows[-1][column] / rows[0][column]


def _figure(width: float, height: float, rows: int = 1, columns: int = 1):
    """Return a figure and its grid of axes, in the style of the course."""
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(width, height), layout="constrained")
        shared = "col" if rows > 1 else "none"
        return figure, figure.subplots(rows, columns, sharex=shared)


def _passes(values: dict) -> list[int]:
    return [p for entry in values["entries"].values() for p, _ in entry["sampling"]]


def _plain_ticks(axes: Axes, sizes: list[int]) -> None:
    """Name the sizes that were measured, and costs as plain numbers instead of powers of ten."""
    axes.set_xticks(sizes, [f"{size:g}" for size in sizes])
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_minor_locator(NullLocator())
