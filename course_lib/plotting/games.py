"""The game between forger and detective in the plane: a map of beliefs, and who is drawn where."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import NamedTuple

import torch
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from torch import Tensor

from course_lib.plotting.charts import COLOURS
from course_lib.plotting.clouds import square_panels
from course_lib.plotting.output import publish, publish_film

REAL, FORGED = COLOURS[0], COLOURS[1]  # blue and orange, in the map and for the points
BELIEF = LinearSegmentedColormap.from_list("belief", ["#F6BF95", "#FFFFFF", "#9CCBEB"], N=15)

MOST_ARROWS = 40  # more would hide the points


class Moment(NamedTuple):
    """The game at one moment."""

    real: Tensor  # (N, 2) points of the data
    fake: Tensor  # (M, 2) points of the forger
    pull: Tensor  # (M, 2) where each of them is pulled, and how hard, in any unit
    belief: Tensor  # (K, K) probability of "real" on `plane(reach, K)`, row by row


def plane(reach: float, n: int = 61) -> Tensor:
    """Return n x n places (n * n, 2) that fill the square from -reach to reach, from below up."""
    axis = torch.linspace(-reach, reach, n)
    up, across = torch.meshgrid(axis, axis, indexing="ij")
    return torch.stack([across, up], dim=-1).reshape(-1, 2)


def show_game(
    moments: Mapping[str, Moment], title: str, alt: str, reach: float = 1.4, n_columns: int = 4
) -> None:
    """Draw named moments of a game, a panel each.

    Blue is where the detective says "real", orange where it says "fake", white where it cannot
    tell. Blue dots are real points, orange ones forged; an arrow leads where its point is pulled.
    All arrows of a panel have one scale: the longest is an eighth of the panel. Of many points
    only some, evenly picked, have one.

    Args:
        moments: name to moment.
        title: what the reader should see.
        alt: the same for those who cannot see it.
        reach: half the width of each panel, as given to `plane`.
        n_columns: panels in a row.
    """
    publish(_panels(moments, title, reach, n_columns), alt)


def show_game_film(
    moments: Sequence[tuple[str, Moment]], title: str, alt: str, reach: float, seconds: float = 6.0
) -> None:
    """Show (name, moment) one after the other; put a still from `show_game` beside it."""
    if len(moments) < 2:
        raise ValueError(f"a film needs 2 frames or more, got {len(moments)}")
    frames = [_panels({name: moment}, title, reach, 1, inches=3.8) for name, moment in moments]
    publish_film(frames, alt, seconds)


def _panels(
    moments: Mapping[str, Moment], title: str, reach: float, n_columns: int, inches: float = 2.3
) -> Figure:
    return square_panels(moments, partial(_draw, reach=reach), title, reach, n_columns, inches)


def _draw(axes: Axes, moment: Moment, reach: float) -> None:
    belief, real, fake, pull = (
        part.detach().cpu().double().numpy()
        for part in (moment.belief, moment.real, moment.fake, moment.pull)
    )
    if fake.shape != pull.shape or fake.shape[1:] != (2,) or belief.shape != 2 * belief.shape[:1]:
        raise ValueError(
            "a moment has fake and pull (M, 2) and belief (K, K), got "
            f"{fake.shape}, {pull.shape} and {belief.shape}"
        )
    square = (-reach, reach, -reach, reach)
    axes.imshow(belief, BELIEF, vmin=0, vmax=1, origin="lower", extent=square)
    axes.scatter(*real.T, s=5, linewidths=0, c=REAL)
    axes.scatter(*fake.T, s=10, linewidths=0, c=FORGED)
    longest = max(((pull**2).sum(axis=1) ** 0.5).max(), 1e-12)
    some = slice(None, None, -(-len(fake) // MOST_ARROWS))
    arrows = pull[some] / longest * reach / 4
    axes.quiver(
        *fake[some].T, *arrows.T, angles="xy", scale_units="xy", scale=1, width=0.007, color="0.1"
    )
