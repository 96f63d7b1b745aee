"""The paired truths are true: each is checked against what it means, not how it is made."""

import pytest
import torch

from course_lib.data.catalog_factors import sample_factors, select
from course_lib.data.catalog_paint import render
from course_lib.data.catalog_pairs import (
    DEFECTS,
    damage,
    low_resolution,
    night,
    object_mask,
    outline,
    with_pattern,
)

N = 300


@pytest.fixture(scope="module")
def factors():
    return sample_factors(N, seed=5)


@pytest.fixture(scope="module")
def x(factors):
    return render(factors)


@pytest.fixture(scope="module")
def mask(factors):
    return object_mask(factors)


def test_the_mask_is_where_the_backdrop_does_not_show(factors, x, mask):
    other = factors._replace(background=(factors.background + 0.5) % 1)
    moved = (render(other) - x).abs().amax(1, keepdim=True)
    assert mask.shape == (N, 1, 32, 32) and mask.min() == 0 and mask.max() == 1
    assert moved[mask == 1].max() < 1e-6
    assert moved[mask < 0.9].min() > 0


def test_plain_and_striped_share_everything_but_the_cloth(factors, mask):
    plain, striped = (with_pattern(factors, name) for name in ("plain", "striped"))
    assert torch.equal(object_mask(plain), mask) and torch.equal(object_mask(striped), mask)
    differ = (render(plain) - render(striped)).abs().amax(1, keepdim=True)
    assert differ[mask == 0].max() == 0
    assert ((differ > 0.1).sum((1, 2, 3)) > 20).all()


def test_the_outline_knows_only_the_shape(factors, mask):
    drawing = outline(factors)
    other = sample_factors(N, seed=6)
    recoloured = factors._replace(**{
        name: getattr(other, name)
        for name in ("colour", "pattern", "phase", "spacing", "background", "light")
    })  # fmt: skip
    assert torch.equal(outline(recoloured), drawing)
    assert -1 <= drawing.min() < -0.99 and drawing.max() == 1
    edge = (mask > 0.4) & (mask < 0.6)
    assert drawing[edge].max() < -0.5
    assert (drawing[mask == 0] == 1).float().mean() > 0.9


def test_low_resolution_is_the_mean_of_the_pixels(x):
    for side in (8, 16):
        small = low_resolution(x, side)
        step = 32 // side
        corner = x[:, :, step : 2 * step, :step].mean((2, 3))
        assert small.shape == (N, 3, side, side)
        torch.testing.assert_close(small[:, :, 1, 0], corner)


def test_night_is_dark_blue_and_lit_from_the_side_of_the_light(factors, x):
    dark = night(x, factors)
    assert (dark <= x).all() and dark.min() >= -1
    assert (dark.mean((1, 2, 3)) < x.mean((1, 2, 3)) - 0.4).all()
    share = ((dark + 1) / (x + 1)).mean((1, 2))  # (N, S): how much light each column keeps
    column = torch.linspace(-1, 1, 32)
    from_right = (share * column).sum(1)
    one_sided = factors.light[:, 0].abs() > 0.1
    assert (from_right.sign() == factors.light[:, 0].sign())[one_sided].all()
    corner = ((dark + 1) / (x + 1))[:, :, -1].mean((0, 2))
    assert corner[2] > corner[0]  # blue outlasts red


@pytest.mark.parametrize("defect", DEFECTS)
def test_a_defect_changes_what_its_mask_says_and_nothing_else(factors, x, mask, defect):
    damaged, where = damage(x, factors, defect, seed=0)
    changed = (damaged != x).any(1, keepdim=True)
    assert torch.equal(changed, where == 1) and torch.equal(~changed, where == 0)
    area = where.sum((1, 2, 3))
    assert area.min() >= 4 and area.max() <= 80  # small, but never nothing
    assert (mask[changed] > 0.3).all()  # on the thing
    assert damaged.min() >= -1 and damaged.max() <= 1
    strongest = (damaged - x).abs().amax((1, 2, 3))
    assert (strongest > 0.25).float().mean() > 0.98  # it can be seen


def test_a_missing_part_shows_the_backdrop(factors, x):
    damaged, where = damage(x, factors, "missing part", seed=0)
    other = factors._replace(background=(factors.background + 0.5) % 1)
    again, where_again = damage(render(other), other, "missing part", seed=0)
    assert torch.equal(where, where_again)
    gone = (damaged != again).any(1, keepdim=True) & (object_mask(factors) == 1)
    assert (gone.sum((1, 2, 3)) > 0).all() and (where[gone] == 1).all()


@pytest.mark.parametrize("defect", DEFECTS)
def test_the_seed_decides_where_a_defect_lies(factors, x, defect):
    first = damage(x, factors, defect, seed=0)
    few = damage(x[:9], select(factors, slice(0, 9)), defect, seed=0)
    torch.testing.assert_close(few.x, first.x[:9])
    assert not torch.equal(damage(x, factors, defect, seed=1).mask, first.mask)


def test_unknown_words_are_answered_with_the_known_ones(factors, x):
    with pytest.raises(ValueError, match="'dent' is not a defect: choose one of scratch, missing"):
        damage(x, factors, "dent", seed=0)
    with pytest.raises(ValueError, match="'tartan' is not a pattern: choose one of plain, "):
        with_pattern(factors, "tartan")
    with pytest.raises(ValueError, match="side must divide 32, .* got 5$"):
        low_resolution(x, 5)


FACTORS = sample_factors(N, seed=5)
X, MASK = render(FACTORS), object_mask(FACTORS)
GUARDS = [
    (test_plain_and_striped_share_everything_but_the_cloth, (FACTORS, MASK), "data.catalog_pairs", [
        ("_replace(pattern=", "_replace(size="),
    ]),
    (test_the_outline_knows_only_the_shape, (FACTORS, MASK), "data.catalog_pairs", [
        ("1 - 2 * scene.lines[:, None]", "2 * scene.lines[:, None] - 1"),
    ]),
    (test_low_resolution_is_the_mean_of_the_pixels, (X,), "data.catalog_pairs", [
        ("F.avg_pool2d(", "F.max_pool2d("),
    ]),
    (test_night_is_dark_blue_and_lit_from_the_side_of_the_light, (FACTORS, X),
     "data.catalog_pairs", [
        ("axis - 0.7 * side", "axis + 0.7 * side"),
        ("[0.16, 0.20, 0.38]", "[0.38, 0.20, 0.16]"),
    ]),
    (test_a_defect_changes_what_its_mask_says_and_nothing_else, (FACTORS, X, MASK, "stain"),
     "data.catalog_pairs", [
        ("* (thing > 0.3) * (paint - x)", "* (paint - x)"),
        ("(damaged != x).any(1", "(damaged > x).any(1"),
    ]),
    (test_a_missing_part_shows_the_backdrop, (FACTORS, X), "data.catalog_pairs", [
        ("(backdrop(factors)[:, :, None, None] * lamplight(factors))",
         "(0 * backdrop(factors)[:, :, None, None])"),
    ]),
]  # fmt: skip
