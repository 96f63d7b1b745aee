"""No name of a trade-off lies on another one or over the edge, wherever the marks are."""

from itertools import combinations
from unittest.mock import patch

import numpy as np
import pytest

from course_lib.plotting import show_tradeoffs
from course_lib.plotting.labels import name_marks, places

RING = {  # as in notebook 13b, where R1 once lay on R3GAN
    "VAE": [(1.0, 0.006), (1.0, 0.010), (1.0, 0.008)],
    "diffusion": [(1.0, 0.005), (1.0, 0.014), (1.0, 0.007)],
    "GAN, plain": [(0.1, 0.12), (0.4, 0.13), (0.0, 0.58)],
    "GAN, R1": [(1.0, 0.0067), (1.0, 0.0073), (0.6, 0.08)],
    "GAN, R3GAN": [(1.0, 0.0085), (1.0, 0.0085), (0.5, 0.042)],
    "GAN, packing": [(1.0, 0.012), (0.8, 0.026), (0.0, 0.094)],
}


def figure_of(*args, **kwargs):
    """Return the figure that a trade-off would publish, and its alt text."""
    room = "course_lib.plotting.tradeoffs"
    with patch(f"{room}.publish") as publish, patch(f"{room}.name_marks", name_marks):
        show_tradeoffs(*args, "Title", "x", "y", **kwargs)
    return publish.call_args.args


def boxes(axes):
    """Return where each name stands, in pixels."""
    return {text.get_text(): text.get_window_extent() for text in axes.texts if text.get_text()}


def lie_apart(axes):
    return not any(a.overlaps(b) for a, b in combinations(boxes(axes).values(), 2))


def stay_inside(axes):
    edge = axes.bbox
    return all(
        edge.x0 <= box.x0 and box.x1 <= edge.x1 and edge.y0 <= box.y0 and box.y1 <= edge.y1
        for box in boxes(axes).values()
    )


def test_the_cures_of_the_ring_can_all_be_read():
    figure, alt = figure_of({"ring": RING}, {"ring": ["VAE"]}, yscale="log")
    (axes,) = figure.axes
    assert list(boxes(axes)) == list(RING) and all(name in alt for name in RING)
    assert lie_apart(axes) and stay_inside(axes)


def test_each_name_is_nearest_to_its_own_mark_where_marks_have_room():
    figure, _ = figure_of({"ring": RING}, {"ring": ["VAE"]}, yscale="log")
    (axes,) = figure.axes
    means = {name: np.mean(runs, axis=0) for name, runs in RING.items()}
    at = {name: axes.transData.transform(place) for name, place in means.items()}
    for name, box in boxes(axes).items():
        near = {
            other: np.hypot(*(p - np.clip(p, [box.x0, box.y0], [box.x1, box.y1])))
            for other, p in at.items()
        }
        assert near[name] <= min(near.values()) + 2, name


@pytest.mark.parametrize("seed", range(4))
def test_names_lie_apart_wherever_the_marks_are(seed):
    random = np.random.default_rng(seed)
    spread = (0.02, 0.1, 0.3, 1.0)[seed]  # from one heap to all over the panel
    panels = {
        panel: {
            f"{panel} named {i}": [(random.normal(0, spread), random.normal(0, spread)), (1, 1)]
            for i in range(8)
        }
        for panel in ("left", "right")
    }
    fronts = {panel: list(points)[:2] for panel, points in panels.items()}
    figure, _ = figure_of(panels, fronts)
    assert all(len(boxes(axes)) == 8 and lie_apart(axes) for axes in figure.axes)
    assert all(stay_inside(axes) for axes in figure.axes)


def test_marks_in_one_place_get_names_with_a_line_to_it():
    heap = {f"a rather long name {i}": [(1.0, 1.0)] for i in range(12)}
    figure, _ = figure_of({"p": heap}, {"p": list(heap)})
    (axes,) = figure.axes
    assert len(boxes(axes)) == 12 and lie_apart(axes)
    assert any(text.arrow_patch for text in axes.texts)


def test_the_same_marks_get_the_same_places():
    first, second = (
        boxes(figure_of({"ring": RING}, {"ring": ["VAE"]})[0].axes[0]) for _ in range(2)
    )
    assert {n: b.extents.tolist() for n, b in first.items()} == {
        n: b.extents.tolist() for n, b in second.items()
    }


def test_a_name_leaves_marks_runs_and_lines_free():
    at, size = np.array([[50.0, 50.0], [75.0, 60.0]]), np.array([30.0, 10.0])
    frame = np.array([0.0, 0.0, 200.0, 100.0])
    (alone,) = places(at[:1], [size], frame)
    assert (alone > 0).all()  # to the right and up, where nothing is in the way
    beside, _ = places(at, [size, size], frame)
    assert not (beside > 0).all()  # there is the other mark
    run = at[:1] + alone + size / 2
    (free,) = places(at[:1], [size], frame, runs=run)
    assert not (free == alone).all()
    (off,) = places(at[:1], [size], frame, corners=np.array([[50.0, 50.0], [90.0, 70.0]]))
    assert not (off == alone).all()
    (turned,) = places(np.array([[195.0, 50.0]]), [size], frame)
    assert turned[0] <= -size[0]  # to the left at the right edge


GUARDS = [
    (test_the_cures_of_the_ring_can_all_be_read, (), "plotting.labels", [
        ("OUTSIDE * away", "-away"),
    ]),
    (test_a_name_leaves_marks_runs_and_lines_free, (), "plotting.labels", [
        ("MISLEADING * (distance", "0 * (distance"),
        ("ON_A_RUN * _hits(box, small)", "0"),
        ("ON_THE_LINE * min(_hits(box, line), 1)", "0"),
        ("(side - 1) / 2 * size", "0 * size"),
    ]),
    (test_marks_in_one_place_get_names_with_a_line_to_it, (), "plotting.labels", [
        ("cost += ON_A_NAME * _hits(box, taken)", "cost += 0"),
        (">= FAR", ">= 10 * FAR"),
    ]),
]  # fmt: skip
