"""Names beside their marks, moved until none lies on another one."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes

SIDES = ((1, 1), (1, -1), (-1, 1), (-1, -1), (0, 1), (0, -1), (1, 0), (-1, 0))  # right, up
GAPS = (7, 12, 18, 26, 36, 48, 62, 78)  # points between the middle of a mark and its name
FAR = 26  # from this gap on a thin line leads to the name
RUN, AIR = 2.0, 1.0  # points: half of a small mark, and what stays free around a name
ON_A_NAME, OUTSIDE, MISLEADING = 1e6, 1e4, 3000  # what a place costs
ON_A_RUN, ON_THE_LINE, A_SIDE = 60, 30, 2


def name_marks(
    axes: Axes,
    marks: Mapping[str, tuple[float, float]],
    colours: Mapping[str, str],
    small: Sequence[tuple[float, float]] = (),
    line: Sequence[tuple[float, float]] = (),
) -> None:
    """Write each name beside its mark: on no other name, and on something else only if it must.

    The same input gives the same places. Layout, scales and limits have to stand before.

    Args:
        axes: where the marks are drawn.
        marks: name to the place (x, y) of its large mark, in the units of the axes.
        colours: of the names.
        small: places of small marks, which names leave free if they can.
        line: corners of a line, likewise.
    """
    point = axes.figure.dpi / 72  # in pixels
    labels = [
        axes.annotate(name, place, (0, 0), textcoords="offset points", fontsize=9, va="bottom")
        for name, place in marks.items()
    ]
    pixels = axes.transData.transform
    sizes = [np.array(label.get_window_extent().size) / point for label in labels]
    at, runs, corners = (
        pixels(np.reshape(found, (-1, 2))) / point for found in (list(marks.values()), small, line)
    )
    offsets = places(at, sizes, np.array(axes.bbox.extents) / point, runs, corners)
    for label, offset, size in zip(labels, offsets, sizes, strict=True):
        label.set(position=offset, color=colours[label.get_text()], in_layout=False)
        nearest = np.clip(0, offset, offset + size)  # point of the name that the line leads to
        if np.abs(nearest).max() >= FAR:
            look = {"arrowstyle": "-", "color": "0.6", "linewidth": 0.8, "shrinkA": 1, "shrinkB": 6}
            thread = axes.annotate(
                "", label.xy, nearest, textcoords="offset points", arrowprops=look
            )
            thread.set_in_layout(False)


def places(
    at: np.ndarray, sizes: Sequence[np.ndarray], frame: np.ndarray, runs=(), corners=()
) -> list[np.ndarray]:
    """Return where each name begins, seen from its mark: one after the other, the cheapest place.

    Args:
        at: (N, 2) middles of the marks; all lengths are in points.
        sizes: (2,) of each name.
        frame: left, bottom, right, top.
        runs: (R, 2) small marks.
        corners: (K, 2) of a line.
    """
    small = _around(np.reshape(runs, (-1, 2)), RUN)
    line = _around(_dense(np.reshape(corners, (-1, 2))), 0.5)
    found, taken = [], []
    for i, size in enumerate(sizes):
        offers = []
        for gap in GAPS:
            for rank, side in enumerate(SIDES):
                offset = _begin(np.array(side), gap, size)
                box = np.concatenate([at[i] + offset - AIR, at[i] + offset + size + AIR])
                away = np.maximum(frame - box, 0)[:2].sum() + np.maximum(box - frame, 0)[2:].sum()
                distance = np.hypot(*(at - np.clip(at, box[:2], box[2:])).T)
                cost = gap * gap / 7 + A_SIDE * rank + OUTSIDE * away
                cost += ON_A_NAME * _hits(box, taken)
                cost += ON_A_RUN * _hits(box, small) + ON_THE_LINE * min(_hits(box, line), 1)
                cost += MISLEADING * (distance < distance[i] - 0.1).any()  # names another mark
                offers.append((cost, len(offers), offset, box))
        _, _, offset, box = min(offers, key=lambda offer: offer[:2])
        found.append(offset)
        taken.append(box)
    return found


def _begin(side: np.ndarray, gap: float, size: np.ndarray) -> np.ndarray:
    """Return the lower left corner (2,) of a name at the given side of (0, 0)."""
    reach = gap * np.where(side.all(), [1.0, 0.6], [1.0, 1.0])  # a diagonal needs less height
    return side * reach + (side - 1) / 2 * size


def _around(middles: np.ndarray, half: float) -> np.ndarray:
    """Return squares (N, 4): left, bottom, right, top."""
    return np.hstack([middles - half, middles + half])


def _dense(corners: np.ndarray) -> np.ndarray:
    """Return points along a line, close enough that no name slips between them."""
    steps = np.linspace(0, 1, 100)[:, None]
    legs = [(1 - steps) * a + steps * b for a, b in zip(corners[:-1], corners[1:], strict=True)]
    return np.concatenate([corners, *legs])


def _hits(box: np.ndarray, others: Sequence) -> int:
    """Count the boxes that share a part with this one."""
    others = np.reshape(others, (-1, 4))
    apart = (others[:, 2:] <= box[:2]) | (others[:, :2] >= box[2:])
    return int((~apart.any(axis=1)).sum())
