"""Clouds of points in the plane: side by side, as densities, and as a film.

Every panel of a figure has the same scale. Seaborn draws the statistics; it loads only when used.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor

from course_lib.plotting.charts import COLOURS, STYLE
from course_lib.plotting.output import publish, publish_film


def show_clouds(
    clouds: Mapping[str, Tensor],
    title: str,
    alt: str | None = None,
    reach: float = 1.4,
    n_columns: int = 4,
    group: Tensor | None = None,
) -> None:
    """Draw named clouds of points (N, 2), a panel each, from -reach to reach along both axes.

    Args:
        clouds: name to points; what lies outside is left out, and said in the alt text.
        title: what the reader should see.
        alt: a description; by default made from the title.
        reach: half the width of each panel.
        n_columns: panels in a row.
        group: a whole number a point (N,), to follow points by colour from panel to panel; after
            six groups the colours begin anew.
    """
    figure = _panels(clouds, title, reach, n_columns, group)
    outside = {name: _share_outside(x, reach) for name, x in clouds.items()}
    lost = "".join(f" Outside the panel: {s:.1%} of {n}." for n, s in outside.items() if s)
    counts = ", ".join(f"{name} ({len(x)})" for name, x in clouds.items())
    publish(figure, alt or f"{title}. Points in the plane, a panel each: {counts}.{lost}")


def show_film(
    films: Mapping[str, Sequence[Tensor]],
    title: str,
    alt: str,
    reach: float = 1.4,
    group: Tensor | None = None,
    seconds: float = 4.0,
) -> None:
    """Show named clouds (N, 2) in motion, a panel each: an animated PNG that needs no player.

    It begins anew after a rest on its last frame. Paper and some viewers show the first frame only,
    so put a still figure beside it.

    Args:
        films: name to clouds in order of time; each name has equally many.
        title: what the reader should see.
        alt: what happens, for those who cannot see it.
        reach: half the width of each panel.
        group: colours, as in `show_clouds`.
        seconds: from the first frame to the last.

    Raises:
        ValueError: if the films are not equally long, or shorter than two frames.
    """
    lengths = {len(clouds) for clouds in films.values()}
    if len(lengths) != 1 or min(lengths) < 2:
        raise ValueError(f"films need equally many frames, 2 or more, got {sorted(lengths)}")
    names = list(films)
    moments = (dict(zip(names, at, strict=True)) for at in zip(*films.values(), strict=True))
    frames = [_panels(at, title, reach, len(names), group, inches=2.0) for at in moments]
    publish_film(frames, alt, seconds)


def show_densities(
    x: Tensor,
    title: str,
    bandwidths: Sequence[float],
    alt: str | None = None,
    reach: float = 1.4,
    n_squares: int = 28,
) -> None:
    """Draw where points (N, 2) lie: counted in squares, then smoothed with each bandwidth.

    A bandwidth is the standard deviation of the Gaussian that is put on every point. (Seaborn
    stretches it with the cloud: it is exact for clouds as high as they are wide.)
    """
    import seaborn

    names = [f"smoothed, {h:g} wide" for h in bandwidths]
    names.insert(0, f"histogram, {n_squares} x {n_squares}")
    empty = {name: x[:0] for name in names}
    figure = _panels(empty, title, reach, len(names), None)
    first, *others = figure.axes
    across, up = x.detach().cpu().double().T.numpy()
    edges = (-reach, reach)
    seaborn.histplot(x=across, y=up, bins=n_squares, binrange=edges, cmap="Blues", ax=first)
    for axes, h in zip(others, bandwidths, strict=True):
        wide = h / x.std(dim=0).mean().item()  # seaborn counts widths in standard deviations
        seaborn.kdeplot(
            x=across, y=up, bw_method=wide, fill=True, levels=12, thresh=0.02, gridsize=160,
            clip=edges, cmap="Blues", ax=axes,
        )  # fmt: skip
    said = f"{title}. {len(x)} points, {'; '.join(names)}."
    publish(figure, alt or said)


def show_histograms(
    groups: Mapping[str, Tensor],
    title: str,
    xlabel: str,
    alt: str | None = None,
    share_x: bool = True,
    log: bool = False,
    n_bins: int = 40,
) -> None:
    """Draw a histogram of each named group of numbers (N,), in a row of panels."""
    import seaborn

    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(8.0, 2.4), layout="constrained")
        axes = figure.subplots(1, len(groups), sharex=share_x, squeeze=False)[0]
    said = []
    for i, (name, numbers) in enumerate(groups.items()):
        values, colour = numbers.detach().cpu().double().numpy(), COLOURS[i % len(COLOURS)]
        seaborn.histplot(x=values, bins=n_bins, color=colour, log_scale=log, ax=axes[i])
        axes[i].set(xlabel=xlabel, ylabel="count" if i == 0 else "")
        axes[i].set_title(name, fontsize=10)
        middle, low, high = numbers.median(), numbers.min(), numbers.max()
        said.append(f"{name} lies between {low:.3g} and {high:.3g}, half of it below {middle:.3g}")
    figure.suptitle(title, fontsize=11)
    publish(figure, alt or f"{title}. {xlabel}: {'; '.join(said)}.")


def square_panels(
    items: Mapping[str, object],
    draw: Callable[[Axes, object], None],
    title: str,
    reach: float,
    n_columns: int,
    inches: float,
) -> Figure:
    """Draw one square panel of the plane for each named item, row by row."""
    n_columns = min(n_columns, len(items))
    n_rows = -(-len(items) // n_columns)
    with matplotlib.rc_context(STYLE):
        size = (inches * n_columns, (inches + 0.2) * n_rows + 0.35)
        figure = Figure(figsize=size, layout="constrained")
        panels = figure.subplots(n_rows, n_columns, squeeze=False).flatten()
    figure.suptitle(title, fontsize=11)
    for axes in panels[len(items) :]:
        axes.set_axis_off()
    for axes, (name, item) in zip(panels, items.items(), strict=False):
        draw(axes, item)
        axes.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal", xticks=[], yticks=[])
        axes.set_title(name, fontsize=10)
        axes.spines[:].set(visible=True, color="0.8")
    return figure


def _panels(
    clouds: Mapping[str, Tensor],
    title: str,
    reach: float,
    n_columns: int,
    group: Tensor | None,
    inches: float = 2.1,
) -> Figure:
    draw = partial(_draw_points, group=group)
    return square_panels(clouds, draw, title, reach, n_columns, inches)


def _draw_points(axes: Axes, x: Tensor, group: Tensor | None) -> None:
    """Draw points (N, 2) as small dots."""
    if x.ndim != 2 or x.shape[1] != 2:
        raise ValueError(f"a cloud must have shape (N, 2), got {(*x.shape,)}")
    colours = COLOURS[0] if group is None else [COLOURS[g % len(COLOURS)] for g in group.tolist()]
    across, up = x.detach().cpu().double().T.numpy()
    axes.scatter(across, up, s=5, linewidths=0, c=colours, alpha=0.7)


def _share_outside(x: Tensor, reach: float) -> float:
    return (x.abs() > reach).any(dim=1).double().mean().item()
