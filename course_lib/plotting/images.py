"""Pictures side by side."""

from collections.abc import Sequence

import numpy as np
import torch.nn.functional as F
from matplotlib.figure import Figure
from torch import Tensor

from course_lib.data import check_range
from course_lib.plotting.output import publish


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
