"""Two fields of arrows in the plane, laid over each other: the truth, and what was learned."""

from collections.abc import Mapping
from typing import NamedTuple

from matplotlib.axes import Axes
from torch import Tensor

from course_lib.plotting.charts import COLOURS
from course_lib.plotting.clouds import square_panels
from course_lib.plotting.output import publish

EXACT, LEARNED = COLOURS[0], COLOURS[1]  # blue and orange


class Field(NamedTuple):
    """Arrows at some places, twice, over a cloud of points."""

    cloud: Tensor  # (N, 2)
    places: Tensor  # (M, 2) where the arrows begin
    exact: Tensor  # (M, 2) in any unit
    learned: Tensor  # (M, 2) in the same


def show_fields(
    fields: Mapping[str, Field], title: str, alt: str, reach: float = 2.5, n_columns: int = 3
) -> None:
    """Draw named fields, a panel each: exact arrows broad and blue, learned ones thin and orange.

    All arrows of a panel have one scale: the longest exact one is a sixth of the panel.

    Args:
        fields: name to field.
        title: what the reader should see.
        alt: the same for those who cannot see it.
        reach: half the width of each panel.
        n_columns: panels in a row.

    Raises:
        ValueError: if there are not as many arrows as places.
    """
    publish(square_panels(fields, _Draw(reach), title, reach, n_columns, inches=2.6), alt)


class _Draw(NamedTuple):
    reach: float

    def __call__(self, axes: Axes, field: Field) -> None:
        cloud, places, exact, learned = (part.detach().cpu().double().numpy() for part in field)
        if not places.shape == exact.shape == learned.shape:
            have = f"{places.shape}, {exact.shape}, {learned.shape}"
            raise ValueError(f"places, exact and learned have one shape (M, 2), got {have}")
        axes.scatter(*cloud.T, s=3, linewidths=0, c="0.75")
        longest = max(((exact**2).sum(axis=1) ** 0.5).max(), 1e-12)
        scale = {"angles": "xy", "scale_units": "xy", "scale": 3 * longest / self.reach}
        axes.quiver(*places.T, *exact.T, color=EXACT, width=0.016, **scale)
        axes.quiver(*places.T, *learned.T, color=LEARNED, width=0.006, **scale)
