"""Ink, slant and width of digits are those of NumPy, and of pictures drawn with known ones."""

import numpy as np
import pytest
import torch

from course_lib.data import load
from course_lib.metrics.handwriting import handwriting
from course_lib.runtime import noise


def some_pictures(n=5, side=6):
    return noise(n, 1, side, side, seed=0, device="cpu").double().tanh()


def bars(slope, side=33):
    """Draw a thick stroke with soft edges that goes so many pixels right for each pixel up."""
    place = torch.arange(side, dtype=torch.float64) - side // 2
    up, right = torch.meshgrid(-place, place, indexing="ij")
    ink = torch.exp(-((right - slope * up) ** 2) / 8) * (up.abs() <= 6)
    return (2 * ink - 1)[None, None]


def test_slant_and_width_are_those_of_numpy():
    x = some_pictures()
    found = handwriting(x)
    rows, columns = np.mgrid[:6, :6]
    for i, picture in enumerate(((x[:, 0] + 1) / 2).numpy()):
        cov = np.cov(-rows.ravel(), columns.ravel(), ddof=0, aweights=picture.ravel())
        line = np.polyfit(-rows.ravel(), columns.ravel(), 1, w=np.sqrt(picture.ravel()))
        assert found.slant[i].item() == pytest.approx(cov[0, 1] / cov[0, 0])
        assert found.slant[i].item() == pytest.approx(line[0])
        assert found.width[i].item() == pytest.approx(cov[1, 1] ** 0.5)
        assert found.ink[i].item() == pytest.approx(picture.mean())


@pytest.mark.parametrize("slope", [-0.5, 0.0, 0.8])
def test_a_stroke_of_known_slant_has_it(slope):
    assert handwriting(bars(slope)).slant.item() == pytest.approx(slope, abs=1e-3)


def test_a_mirrored_digit_leans_the_other_way():
    x = load("digits", "cpu").test.x
    ours, mirrored = handwriting(x), handwriting(x.flip(-1))
    torch.testing.assert_close(mirrored.slant, -ours.slant, atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(mirrored.width, ours.width)


def test_the_slope_of_the_slant_is_the_true_one():
    x = some_pictures(2, 4).requires_grad_()
    assert torch.autograd.gradcheck(lambda x: tuple(handwriting(x)), x)


def test_black_and_flat_pictures_have_finite_numbers():
    x = torch.full((2, 1, 8, 8), -1.0)
    x[1, 0, 3] = 1.0
    for values in handwriting(x):
        assert values.isfinite().all()


@pytest.mark.parametrize("shape", [(2, 8, 8), (2, 3, 8, 8), (2, 1, 8, 6)])
def test_what_is_no_grey_square_picture_is_refused(shape):
    with pytest.raises(ValueError, match="need grey square pictures"):
        handwriting(torch.zeros(shape))


GUARDS = [
    (test_slant_and_width_are_those_of_numpy, (), "metrics.handwriting", [
        ("* right).sum(dim=1) / height", "* right).sum(dim=1) / height.sqrt()"),
        ("(weight * right.square())", "(weight * up.square())"),
        ("meshgrid(-place, place", "meshgrid(place, place"),
        ("clamp(min=LEAST).sqrt()", "clamp(min=LEAST)"),
    ]),
    (test_black_and_flat_pictures_have_finite_numbers, (), "metrics.handwriting", [
        ("keepdim=True).clamp(min=LEAST)", "keepdim=True)"),
        ("height = (weight * up.square()).sum(dim=1).clamp(min=LEAST)",
         "height = (weight * up.square()).sum(dim=1)"),
    ]),
]  # fmt: skip
