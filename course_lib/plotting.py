"""Figures that describe themselves: each has a title that states the finding, and alt text.

A figure is shown as a picture with its description attached, and closed, so that nothing piles up.
Colours are Okabe and Ito's, which colour-blind readers can tell apart.
"""

import io
from collections.abc import Mapping, Sequence
from itertools import cycle

import matplotlib
import numpy as np
import torch.nn.functional as F
from IPython.display import Image, display
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor

from course_lib.data import check_range

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
MARKERS = ("o", "s", "^", "D", "X", "P", "v")
STYLE = {
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 11,
    "font.size": 10,
}


def show_images(
    x: Tensor,
    title: str,
    alt: str | None = None,
    n_columns: int = 16,
    labels: Sequence[str] = (),
    columns: Sequence[object] = (),
    smooth: bool = True,
) -> None:
    """Show images (B, C, S, S) in [-1, 1] as a grid, row by row; black is -1 and white is 1.

    Images of 16 pixels a side or fewer are smoothed for the eye (never for a measurement): bare
    pixels of that size hide what they show.

    Args:
        x: grey (C = 1) or colour (C = 3) images.
        title: what the reader should see in them.
        alt: what a reader who cannot see them should know; by default made from the title.
        n_columns: images in a row.
        labels: words beside the rows, one a row, if given.
        columns: words or numbers above the columns, one a column, if given.
        smooth: set it to False to see the bare pixels.

    Raises:
        ValueError: if values leave [-1, 1], or the labels are not one a row or column.
    """
    grid = image_grid(x, n_columns, smooth)
    n_rows, n_columns = -(-len(x) // n_columns), min(len(x), n_columns)
    if labels and len(labels) != n_rows:
        raise ValueError(f"{n_rows} rows need {n_rows} labels, got {len(labels)}")
    if columns and len(columns) != n_columns:
        raise ValueError(f"{n_columns} columns need {n_columns} labels, got {len(columns)}")
    width = min(8.0, 0.8 * n_columns)  # inches
    figure = Figure(figsize=(width, width * n_rows / n_columns + 0.4), layout="constrained")
    axes = figure.subplots()
    axes.imshow(grid, vmin=0, vmax=1, cmap="gray", interpolation="nearest")
    axes.set_title(title, fontsize=11)
    row, column = grid.shape[0] / n_rows, grid.shape[1] / n_columns
    axes.set_yticks([(i + 0.5) * row for i in range(len(labels))], labels)
    axes.set_xticks([(i + 0.5) * column for i in range(len(columns))], columns)
    axes.tick_params(length=0, labeltop=True, labelbottom=False)
    axes.spines[:].set_visible(False)
    publish(figure, alt or f"{title}. (Images: {len(x)}; in a row: {n_columns}.)")


def image_grid(x: Tensor, n_columns: int = 16, smooth: bool = False) -> np.ndarray:
    """Lay images (B, C, S, S) in [-1, 1] side by side: an array (H, W) or (H, W, 3) in [0, 1].

    Raises:
        ValueError: if the shape is not (B, C, S, S) with C of 1 or 3, or values leave [-1, 1].
    """
    if x.ndim != 4 or x.shape[1] not in (1, 3) or len(x) == 0:
        raise ValueError(f"images must have shape (B, 1 or 3, S, S), got {(*x.shape,)}")
    x = check_range(x.detach()).cpu().float()
    if smooth and x.shape[-1] <= 16:
        x = F.interpolate(x, scale_factor=6, mode="bicubic")
    pixels = (x.clamp(-1, 1).numpy() + 1) / 2
    n_columns = min(len(x), n_columns)
    missing = -len(x) % n_columns
    gap = -(-pixels.shape[-1] // 8)  # an eighth of an image, white
    pixels = np.pad(pixels, ((0, missing), (0, 0), (0, gap), (0, gap)), constant_values=1.0)
    n, channels, height, width = pixels.shape
    rows = pixels.reshape(n // n_columns, n_columns, channels, height, width)
    sheet = rows.transpose(0, 3, 1, 4, 2).reshape(
        n // n_columns * height, n_columns * width, channels
    )
    return sheet.squeeze(-1) if channels == 1 else sheet


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
    figure.legend(frameon=False, loc="outside right upper")
    publish(figure, alt or f"{title}. {xlabel} against {ylabel}: {'; '.join(said)}.")


def _draw_levels(axes: Axes, levels: Mapping[str, float]) -> None:
    """Draw named horizontal lines, each with its name on it at the right end."""
    for name, level in levels.items():
        axes.axhline(level, color="0.4", linestyle="--", linewidth=1)
        right_end = axes.get_yaxis_transform()
        axes.text(0.995, level, name, transform=right_end, ha="right", va="bottom", color="0.3")


def show_table(rows: Mapping[str, Mapping[str, object]], caption: str) -> None:
    """Show a table: one row a name, with the columns of the first row; floats to 3 digits."""
    if not rows:
        raise ValueError("a table needs at least one row")
    names = list(next(iter(rows.values())))
    lines = ["| | " + " | ".join(names) + " |", "|---|" + "--:|" * len(names)]
    for row, values in rows.items():
        cells = (f"{v:.3g}" if isinstance(v, float) else str(v) for v in values.values())
        lines.append(f"| {row} | " + " | ".join(cells) + " |")
    text = "\n".join([f"*{caption}*", "", *lines])
    display({"text/markdown": text, "text/plain": text}, raw=True)


def publish(figure: Figure, alt: str) -> None:
    """Show a figure as a picture that carries its description, for screen readers and for tests."""
    if not alt.strip():
        raise ValueError("every figure needs alt text: one sentence that says what it shows")
    buffer = io.BytesIO()
    figure.savefig(buffer, dpi=100, facecolor="white", bbox_inches="tight", pad_inches=0.08)
    data = Image(buffer.getvalue(), format="png", alt=alt)._repr_mimebundle_()
    bundle, metadata = data if isinstance(data, tuple) else (data, {})
    display(
        {**bundle, "text/plain": alt}, raw=True, metadata={**metadata, "image/png": {"alt": alt}}
    )
