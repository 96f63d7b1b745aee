"""An inspector's work is drawn as it says: the mask is the fault, and wrong pictures are wrong."""

import pytest
import torch

from course_lib.data.catalog_factors import sample_factors, select
from course_lib.data.catalog_paint import render
from course_lib.data.catalog_pairs import damage, object_mask
from course_lib.data.defects import FAULTS, faulty, wrong_pictures

FACTORS = sample_factors(40, 5)
X = render(FACTORS)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_where_its_mask_says_and_nowhere_else(fault):
    x, mask = faulty(X, FACTORS, fault, seed=1)
    assert x.shape == X.shape and mask.shape == (40, 1, 32, 32)
    assert x.min() >= -1 and x.max() <= 1
    changed = (x != X).any(1, keepdim=True)
    assert torch.equal(changed, mask == 1) and set(mask.unique().tolist()) == {0.0, 1.0}
    assert (mask.flatten(1).sum(1) >= 3).all()


def test_three_faults_are_those_of_the_paired_truths():
    assert torch.equal(faulty(X, FACTORS, "stain", 3).x, damage(X, FACTORS, "stain", 3).x)


def test_a_foreign_object_is_a_whole_ball_of_two_to_three_pixels_radius():
    mask = faulty(X, FACTORS, "foreign object", seed=2).mask[:, 0]
    area = mask.sum((1, 2))
    assert area.min() > torch.pi * 2**2 and area.max() < torch.pi * 4.3**2
    for one in mask:
        row, column = (one.sum(axis).nonzero().flatten() for axis in (1, 0))
        assert abs(len(row) - len(column)) <= 1  # as wide as high, not cut off
        assert row.min() > 0 and row.max() < 31 and column.min() > 0 and column.max() < 31


def test_foreign_objects_lie_on_the_table_as_well_as_on_the_thing():
    mask = faulty(X, FACTORS, "foreign object", seed=2).mask
    on_the_thing = (mask * object_mask(FACTORS)).sum((1, 2, 3)) / mask.sum((1, 2, 3))
    assert (on_the_thing < 0.1).any() and (on_the_thing > 0.9).any()


@pytest.mark.parametrize("fault", FAULTS)
def test_the_first_of_many_faults_are_those_drawn_alone(fault):
    few = select(FACTORS, slice(5))
    assert torch.equal(faulty(X[:5], few, fault, 7).x, faulty(X, FACTORS, fault, 7).x[:5])


def test_an_unknown_fault_is_named():
    with pytest.raises(ValueError, match="'dent' is not a fault: choose one of scratch"):
        faulty(X, FACTORS, "dent", 0)


def test_wrong_pictures_are_in_range_repeatable_and_what_they_say():
    wrong, again = wrong_pictures(X, FACTORS, 3), wrong_pictures(X, FACTORS, 3)
    for kind, x in wrong.items():
        assert x.shape == X.shape and torch.equal(x, again[kind]), kind
        assert x.min() >= -1 and x.max() <= 1, kind
    assert (wrong["grey card"].flatten(1).std(1) == 0).all()
    outside = object_mask(FACTORS).expand_as(X) == 0
    corner = torch.zeros_like(outside)
    corner[:, :, 0, 0] = True  # no shadow falls there
    assert torch.equal(wrong["empty table"][corner & outside], X[corner & outside])
    assert (wrong["empty table"].std(dim=2) < 1e-6).all()  # nothing stands on it


GUARDS = [
    (test_a_fault_is_where_its_mask_says_and_nowhere_else, ("foreign object",), "data.defects", [
        ("(found != x).any(1", "(share > 0.5).any(1"),
    ]),
    (test_a_foreign_object_is_a_whole_ball_of_two_to_three_pixels_radius, (), "data.defects", [
        ("across.square() + along.square()", "across.square() + 4 * along.square()"),
        ("2.0 + size", "2.0 * (2.0 + size)"),
    ]),
]  # fmt: skip
