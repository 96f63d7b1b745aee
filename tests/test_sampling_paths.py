"""Walks begin and end where they should, at even speed, and arcs stay outside."""

import numpy as np
import pytest
import torch
from scipy.spatial import geometric_slerp

from course_lib.runtime import noise
from course_lib.sampling import arc, jerk, straight

SHARES = (0.0, 0.2, 0.5, 0.9, 1.0)


def ends(*shape):
    return noise(*shape, seed=0, device="cpu"), noise(*shape, seed=1, device="cpu")


@pytest.mark.parametrize("way", [arc, straight])
def test_a_walk_begins_and_ends_at_its_ends(way):
    start, end = ends(6, 2, 3, 3)
    torch.testing.assert_close(way(start, end, 0.0), start)
    torch.testing.assert_close(way(start, end, 1.0), end)


def test_the_straight_way_is_gone_in_proportion():
    start, end = ends(4, 3)
    torch.testing.assert_close(straight(start, end, 0.25), start + (end - start) / 4)


def test_arcs_between_directions_are_those_of_scipy():
    start, end = (x.double() / x.double().norm(dim=1, keepdim=True) for x in ends(8, 5))
    for share in SHARES:
        found = arc(start, end, share)
        for a, b, place in zip(start, end, found, strict=True):
            truth = geometric_slerp(a.numpy(), b.numpy(), share)
            np.testing.assert_allclose(place, truth, atol=1e-5)


def test_an_arc_keeps_the_length_of_noise_and_the_straight_way_does_not():
    start, end = (x / x.norm(dim=1, keepdim=True) for x in ends(50, 64))
    assert arc(start, end, 0.5).norm(dim=1).sub(1).abs().max() < 1e-5
    assert straight(start, end, 0.5).norm(dim=1).max() < 0.85


def test_rows_without_an_arc_of_their_own_go_straight():
    start = noise(4, 8, seed=0, device="cpu")
    for end in (start, 2 * start, -start):
        found = arc(start, end, 0.25)
        torch.testing.assert_close(found, 0.75 * start + 0.25 * end)


def test_each_row_walks_for_itself():
    start, end = ends(5, 7)
    rows = torch.cat([arc(start[i : i + 1], end[i : i + 1], 0.3) for i in range(5)])
    torch.testing.assert_close(arc(start, end, 0.3), rows)


def test_a_walk_with_one_long_step_is_jerky_and_an_even_one_is_not():
    start, end = ends(6, 2, 3, 3)
    even = [straight(start, end, i / 4) for i in range(5)]
    torch.testing.assert_close(jerk(even), torch.ones(6))
    places = torch.tensor([0.0, 1, 2, 6])[:, None, None].expand(4, 2, 1)
    torch.testing.assert_close(jerk(list(places)), torch.full((2,), 4 / 2.0))
    with pytest.raises(ValueError, match="two states or more, got 1"):
        jerk([start])


@pytest.mark.parametrize("way", [arc, straight])
def test_ends_of_different_shapes_are_refused(way):
    with pytest.raises(ValueError, match=r"one shape \(B, ...\), got \(4, 3\) and \(1, 3\)"):
        way(torch.zeros(4, 3), torch.zeros(1, 3), 0.5)


GUARDS = [
    (test_arcs_between_directions_are_those_of_scipy, (), "sampling.paths", [
        ("(((1 - share) * angle).sin() * a", "((share * angle).sin() * a"),
        (" / angle.sin()\n", "\n"),
        (".clamp(-1, 1).acos()", ".clamp(-1, 1)"),
    ]),
    (test_rows_without_an_arc_of_their_own_go_straight, (), "sampling.paths", [
        ("(angle < PARALLEL) | ", ""),
        (" | (angle > torch.pi - PARALLEL)", ""),
        ("(1 - share) * a + share * b, way", "(1 - share) * b + share * a, way"),
    ]),
    (test_a_walk_with_one_long_step_is_jerky_and_an_even_one_is_not, (), "sampling.paths", [
        ("strides.amax(dim=0) / strides.mean", "strides.amax(dim=0) / strides.sum"),
        ("strides.amax(dim=0) /", "strides.amin(dim=0) /"),
    ]),
    (test_the_straight_way_is_gone_in_proportion, (), "sampling.paths", [
        ("(1 - share) * start + share * end", "share * start + (1 - share) * end"),
    ]),
]  # fmt: skip
