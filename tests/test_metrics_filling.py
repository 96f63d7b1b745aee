"""Seams and the spread of fills, against loops over pixels and against draws whose law is known."""

import pytest
import torch

from course_lib.metrics.filling import seam, seam_score, spread_of_fills
from course_lib.runtime import generator


def pictures(n, seed=0, side=9):
    return torch.rand(n, 3, side, side, generator=generator(seed)) * 2 - 1


def seam_by_loops(x, known):
    jumps = []
    channels, height, width = x.shape
    for c in range(channels):
        for i in range(height):
            for j in range(width):
                for k, m in ((i + 1, j), (i, j + 1)):
                    if k < height and m < width and known[c, i, j] != known[c, k, m]:
                        jumps.append((x[c, i, j] - x[c, k, m]).item() ** 2)
    return (sum(jumps) / len(jumps)) ** 0.5


def test_the_seam_is_what_a_loop_over_all_neighbours_finds():
    x = pictures(4)
    known = torch.rand(4, 3, 9, 9, generator=generator(1)) > 0.3
    expected = [seam_by_loops(one, seen) for one, seen in zip(x, known, strict=True)]
    assert seam(x, known).tolist() == pytest.approx(expected, rel=1e-6)


def square(n, side=9):
    known = torch.ones(n, 3, side, side, dtype=torch.bool)
    known[:, :, 3:6, 3:6] = False
    return known


def test_a_step_of_half_along_the_whole_edge_is_half():
    x, known = torch.zeros(2, 3, 9, 9), square(2)
    assert seam(torch.where(known, x, 0.5), known).tolist() == pytest.approx([0.5, 0.5])


def test_only_the_edge_counts():
    x, known = pictures(3), square(3)
    inside = square(3)
    inside[:, :, 4, 4] = True  # the middle of the hole touches no known pixel
    other = torch.where(~known & inside, pictures(3, seed=5), x)
    assert torch.equal(seam(other, known), seam(x, known))


def test_real_pictures_score_one_and_those_with_an_edge_more():
    x, known = pictures(5), square(5)
    assert seam_score(x, x, known) == pytest.approx(1)
    assert seam_score(2 * x, x, known) == pytest.approx(2)
    assert seam_score(torch.where(known, x, 3.0), x, known) > 2


def test_honest_draws_differ_from_each_other_as_much_as_from_the_truth():
    middle, width = pictures(200, side=8), 0.4
    known = torch.rand(middle.shape, generator=generator(3)) > 0.5
    draws = middle + width * torch.randn(5, *middle.shape, generator=generator(4))
    truth, fills = draws[0], draws[1:]
    error = (fills - truth)[:, ~known].square().mean().sqrt().item()
    assert spread_of_fills(fills, known) == pytest.approx(error, rel=0.02)
    pairs = [(fills[i] - fills[j])[~known].square().mean() for i in range(4) for j in range(i)]
    exact = torch.stack(pairs).mean().sqrt().item()
    assert spread_of_fills(fills, known) == pytest.approx(exact, rel=1e-5)
    assert spread_of_fills(middle + 0.1 * (fills - middle), known) < 0.2 * error  # too sure


def test_nonsense_is_refused_in_one_sentence():
    x, known = pictures(2), square(2)
    with pytest.raises(ValueError, match="known must be bool"):
        seam(x, known.float())
    with pytest.raises(ValueError, match="no hole"):
        seam(x, torch.ones_like(known))
    with pytest.raises(ValueError, match="nothing to compare with"):
        seam_score(x, torch.zeros_like(x), known)
    with pytest.raises(ValueError, match="two or more fills"):
        spread_of_fills(x[None], known)


GUARDS = [
    (test_the_seam_is_what_a_loop_over_all_neighbours_finds, (), "metrics.filling", [
        ("for axis in (2, 3)", "for axis in (3, 3)"),
        ("(jump * edge)", "(jump * ~edge)"),
        ("(total / count).sqrt()", "total / count"),
    ]),
    (test_real_pictures_score_one_and_those_with_an_edge_more, (), "metrics.filling", [
        ("(ours / theirs)", "(theirs / ours)"),
    ]),
    (test_honest_draws_differ_from_each_other_as_much_as_from_the_truth, (), "metrics.filling", [
        ("(2 * fills", "(fills"),
        (".var(dim=0)", ".var(dim=0, correction=0)"),
    ]),
]  # fmt: skip
