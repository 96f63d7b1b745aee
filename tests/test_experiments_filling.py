"""The rivals of the diffusion model do what their names say, on cases whose answer is known."""

import numpy as np
import pytest
import torch
from sklearn.kernel_ridge import KernelRidge
from sklearn.linear_model import Ridge
from torch import nn

from course_lib.data.catalog_paint import render
from course_lib.data.catalog_pairs import low_resolution
from course_lib.experiments import enlarging, holes
from course_lib.experiments.enlarging import kernel_ridge
from course_lib.experiments.gaps import gap_error
from course_lib.experiments.patches import by_nearest, by_ridge, smooth
from course_lib.painters import Painter
from course_lib.runtime import generator
from course_lib.sampling.keeping import known_pixels


def pictures(n, seed=0, side=8):
    return torch.rand(n, 3, side, side, generator=generator(seed)) * 2 - 1


def test_a_smooth_fill_solves_laplaces_equation_in_the_hole():
    x, known = pictures(1)[:, :1].double(), torch.ones(1, 1, 8, 8, dtype=torch.bool)
    known[:, :, 2:5, 3:7] = False
    hole = [(i, j) for i in range(2, 5) for j in range(3, 7)]
    a, b = np.zeros((len(hole), len(hole))), np.zeros(len(hole))
    for row, (i, j) in enumerate(hole):
        a[row, row] = 4
        for place in ((i - 1, j), (i + 1, j), (i, j - 1), (i, j + 1)):
            if place in hole:
                a[row, hole.index(place)] = -1
            else:
                b[row] += x[0, 0][place].item()
    found = smooth(x, known)
    assert found[~known].tolist() == pytest.approx(np.linalg.solve(a, b).tolist(), abs=1e-6)
    assert torch.equal(found[known], x[known])


def test_the_nearest_picture_is_found_by_the_known_pixels_alone():
    train, x = pictures(40), pictures(5, seed=1)
    known = torch.rand(x.shape, generator=generator(2)) > 0.4
    filled = by_nearest(train, torch.where(known, x, 7.0), known)
    for one, seen, found in zip(x, known, filled, strict=True):
        away = [((other - one)[seen] ** 2).sum().item() for other in train]
        torch.testing.assert_close(found[~seen], train[int(np.argmin(away))][~seen])
        assert torch.equal(found[seen], one[seen])


def test_ridge_is_scikit_learns():
    train, x = pictures(120, side=4), pictures(6, seed=1, side=4)
    known = torch.rand(3, 4, 4, generator=generator(2)) > 0.4
    seen = known.flatten()
    (fill,) = by_ridge(train, known, [0.1])
    theirs = Ridge(alpha=0.1 * len(train))
    theirs.fit(train.flatten(1)[:, seen].numpy(), train.flatten(1)[:, ~seen].numpy())
    expected = theirs.predict(x.flatten(1)[:, seen].numpy()).clip(-1, 1)
    np.testing.assert_allclose(fill(x).flatten(1)[:, ~seen].numpy(), expected, atol=1e-4)
    assert torch.equal(fill(x)[:, known], x[:, known])


def test_a_hole_is_in_the_middle_and_half_is_half():
    x = pictures(2, side=32)
    hole, half = (~holes.holes(x, kind) for kind in ("hole", "half"))
    assert hole[0, 0].sum() == 14 * 14 and hole[0, 0, 9, 9] and hole[0, 0, 22, 22]
    assert torch.equal(hole, hole.flip(2, 3))
    assert half[..., 16:].all() and not half[..., :16].any()


class KnowsTheTruth(nn.Module):
    """Predict the velocity that leads to the given pictures, whatever is asked."""

    def __init__(self, x):
        super().__init__()
        self.x = x

    def forward(self, x_t, t, wanted):
        a = holes.cosine_alpha_bar(1000)[t][:, None, None, None]
        return (a.sqrt() * x_t - self.x) / (1 - a).sqrt()


def test_a_painter_that_knows_the_truth_fills_in_the_truth():
    x, factors = render(holes.drawn("test", 0, 3)), holes.drawn("test", 0, 3)
    painter = Painter("diffusion", "catalog", KnowsTheTruth(x), (12, 8, 5, 2, 3))
    known = holes.holes(x, "hole")
    filled = holes.painted(painter, known_pixels(torch.where(known, x, 0), known), 0, rounds=2)
    assert gap_error(filled, x, known) < 0.01
    found = holes.marks(filled, x, known, factors)
    assert found["seam"] == pytest.approx(1, abs=0.02) and found["valid"] == 1


def test_the_regression_is_scikit_learns_kernel_ridge():
    train = render(holes.drawn("train", 0, 30)).double()
    small = low_resolution(render(holes.drawn("test", 0, 4)).double())
    theirs, ours = (y.flatten(1).numpy() for y in (low_resolution(train), small))
    apart = torch.pdist(torch.from_numpy(theirs)).square().tolist()
    scale = sorted(2 * apart + 30 * [0.0])[(900 - 1) // 2]  # torch's median is the lower one
    ridge = KernelRidge(alpha=0.05, kernel="rbf", gamma=1 / (3 * scale))
    ridge.fit(theirs, (train - enlarging.bicubic(low_resolution(train))).flatten(1).numpy())
    added = torch.from_numpy(ridge.predict(ours)).reshape(4, 3, 32, 32)
    expected = (enlarging.bicubic(small) + added).clamp(-1, 1)
    found = kernel_ridge(train, small, 0.05)
    torch.testing.assert_close(found, expected, atol=1e-6, rtol=0)


def test_the_truth_itself_gets_full_marks():
    factors = holes.drawn("test", 1, 10)
    x = render(factors)
    found = enlarging.marks(x, x, factors)
    assert found["psnr"] == 99 and found["sharp"] == pytest.approx(1) and found["agrees"] == 0
    assert found["off"] == pytest.approx(0, abs=1e-9) and found["words"] >= 0.9
    blurred = enlarging.marks(enlarging.bicubic(low_resolution(x)), x, factors)
    assert blurred["sharp"] < 0.2 and blurred["psnr"] < 25 and blurred["off"] > 0.8


GUARDS = [
    (test_a_smooth_fill_solves_laplaces_equation_in_the_hole, (), "experiments.patches", [
        ("(up + down + left + right) / 4", "(up + down + left) / 3"),
        ("wide[..., :-2, 1:-1]", "wide[..., 1:-1, 1:-1]"),
    ]),
    (test_the_nearest_picture_is_found_by_the_known_pixels_alone, (), "experiments.patches", [
        ("(seen * x.flatten(1))", "x.flatten(1)"),
        ("seen @ rows.square().T - 2", "seen @ rows.square().T - 1"),
    ]),
    (test_ridge_is_scikit_learns, (), "experiments.patches", [
        ("a.T @ b / len(a)", "a.T @ b"),
        ("- mean[seen]) @ slopes", ") @ slopes"),
    ]),
    (test_the_regression_is_scikit_learns_kernel_ridge, (), "experiments.enlarging", [
        ("(bicubic(small) + added", "(added"),
        (".square() / scale).exp()  #", " / scale).exp()  #"),
        ("strength * torch.eye", "torch.eye"),
    ]),
]  # fmt: skip
