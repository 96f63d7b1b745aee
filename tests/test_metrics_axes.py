"""Scores for axes: against scikit-learn, scipy and loops, and on codes whose score is known."""

import itertools
import math

import numpy as np
import pytest
import torch
from scipy.stats import entropy
from sklearn.linear_model import LinearRegression
from sklearn.metrics import mutual_info_score, r2_score

from course_lib.metrics import (
    binned,
    dci,
    forest_importance,
    information_table,
    linear_r2,
    match_axes,
    mig,
    mutual_information,
    r2,
)
from course_lib.runtime import generator


def even(n, d, seed=0):
    """Return independent factors, even in [-1, 1]: (n, d)."""
    return 2 * torch.rand(n, d, generator=generator(seed)) - 1


def turned(pairs, angle):
    """Return the factors (N, 4) with both pairs of columns turned by an angle in degrees."""
    c, s = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    turn = torch.tensor([[c, s], [-s, c]])
    return torch.cat([pairs[:, :2] @ turn, pairs[:, 2:] @ turn], dim=1)


def test_mutual_information_equals_scikit_learn():
    a, b = torch.randint(0, 7, (2, 500), generator=generator(0))
    b = torch.where(torch.arange(500) % 3 == 0, b, (a + 1) % 5)
    truth = mutual_info_score(a.numpy(), b.numpy())
    assert mutual_information(a, b) == pytest.approx(truth, abs=1e-12)
    counts = np.bincount(a.numpy())
    assert mutual_information(a, a) == pytest.approx(entropy(counts), abs=1e-12)


def test_bins_are_equally_full_and_names_stay():
    numbers = torch.cat([even(1000, 2), even(1000, 1, seed=1).exp() ** 9], dim=1)
    bins = binned(numbers, 8)
    for column, values in zip(bins.T, numbers.T, strict=True):
        assert torch.bincount(column).tolist() == [125] * 8
        assert (column[values.argsort()].diff() >= 0).all()
    names = torch.tensor([[3], [3], [0]])
    assert torch.equal(binned(names), names)


def test_the_table_holds_shares_of_what_there_is_to_know():
    factors = even(4000, 2)
    z = torch.stack([factors[:, 1] ** 3, even(4000, 1, seed=5)[:, 0]], dim=1)
    table = information_table(z, factors, 10)
    assert table.shape == (2, 2)
    assert table[0, 1].item() == pytest.approx(1.0, abs=1e-9)
    assert table[0, 0] < 0.02 and table[1].max() < 0.02
    by_hand = mutual_info_score(
        *(np.argsort(np.argsort(u.numpy())) * 10 // 4000 for u in (z[:, 1], factors[:, 0]))
    )
    assert table[1, 0].item() == pytest.approx(by_hand / math.log(10), abs=1e-9)


def test_mig_of_codes_whose_score_is_known():
    factors = even(8000, 4)
    assert mig(factors, factors) > 0.98
    disguised = torch.stack([-factors[:, 3], factors[:, 0].exp(), factors[:, 2], factors[:, 1]], 1)
    assert mig(torch.cat([disguised, even(8000, 2, seed=3)], dim=1), factors) > 0.98
    assert mig(turned(factors, 45), factors) < 0.05  # both diagonals know equally much
    assert mig(even(8000, 6, seed=4), factors) < 0.02
    assert mig(factors.repeat(1, 2), factors) < 1e-9  # every factor is told twice


def test_mig_takes_names_as_they_are():
    kind = torch.randint(0, 3, (6000, 1), generator=generator(0))
    z = torch.cat([kind.float() + 0.01 * even(6000, 1), even(6000, 1, seed=2)], dim=1)
    assert mig(z, kind, n_bins=30) > 0.95


def loops(table):
    """Disentanglement by the paper's own sums: rho_i and D_i, axis by axis."""
    total, score = table.sum(), 0.0
    for row in table:
        if row.sum() > 0:
            score += row.sum() / total * (1 - entropy(row / row.sum(), base=len(row)))
    return score


def test_dci_equals_plain_loops_with_scipy():
    table = torch.rand(6, 4, generator=generator(0)).double() ** 3
    table[2] = 0  # an axis that nobody uses
    found = dci(table)
    assert found.disentanglement == pytest.approx(loops(table.numpy()), abs=1e-9)
    assert found.completeness == pytest.approx(loops(table.T.numpy()), abs=1e-9)
    perfect = torch.cat([torch.eye(4), torch.zeros(2, 4)])
    assert dci(perfect) == (1.0, 1.0)
    assert dci(torch.ones(6, 4)) == pytest.approx((0.0, 0.0), abs=1e-9)
    half = dci(torch.eye(2).repeat(2, 1))  # pure axes, but each factor on two of four
    assert half == pytest.approx((1.0, 0.5), abs=1e-9)


def test_a_forest_uses_the_axis_that_knows():
    factors = even(800, 2)
    z = torch.stack([even(800, 1, seed=1)[:, 0], factors[:, 1] ** 3, -factors[:, 0]], dim=1)
    table = forest_importance(z, factors)
    assert table.argmax(dim=0).tolist() == [2, 1]
    assert dci(table).disentanglement > 0.9
    torch.testing.assert_close(table.sum(dim=0), torch.ones(2).double())


def test_linear_r2_equals_scikit_learn_and_does_not_mind_a_turn():
    factors, new = even(300, 4), even(200, 4, seed=1)
    z, new_z = factors.square() + factors, new.square() + new
    model = LinearRegression().fit(z.numpy(), factors.numpy())
    truth = r2_score(new.numpy(), model.predict(new_z.numpy()), multioutput="raw_values")
    found = linear_r2(z, factors, new_z, new)
    np.testing.assert_allclose(found.numpy(), truth, rtol=1e-5)
    again = linear_r2(turned(z, 30), factors, turned(new_z, 30), new)
    torch.testing.assert_close(again, found, rtol=1e-5, atol=1e-6)
    exact = linear_r2(turned(factors, 30) + 5, factors, turned(new, 30) + 5, new)
    torch.testing.assert_close(exact, torch.ones(4).double(), rtol=0, atol=1e-6)
    torch.testing.assert_close(r2(new.mean(dim=0), new), torch.zeros(4).double())


def test_axes_are_matched_as_by_trying_every_order():
    a = even(500, 4)
    b = a[:, [2, 0, 3, 1]] * torch.tensor([1.0, -2.0, 3.0, 1.0]) + 0.3 * even(500, 4, seed=1)
    found = match_axes(a, b)
    r = torch.corrcoef(torch.cat([a, b], dim=1).T.double())[:4, 4:]
    best = max(
        itertools.permutations(range(4)), key=lambda p: r[range(4), list(p)].abs().sum().item()
    )
    assert found.order.tolist() == list(best) == [1, 3, 0, 2]
    torch.testing.assert_close(found.r, r[range(4), list(best)])
    assert found.r[0] < -0.9


def test_what_cannot_be_scored_is_one_sentence():
    with pytest.raises(ValueError, match="one row of factors a code, got 3 for 4"):
        mig(even(4, 2), even(3, 2))
    with pytest.raises(ValueError, match="0 or more, and not all 0"):
        dci(torch.zeros(2, 2))
    with pytest.raises(ValueError, match="0 or more, and not all 0"):
        dci(torch.tensor([[1.0, -0.1]]))


GUARDS = [
    (test_mutual_information_equals_scikit_learn, (), "metrics.axes", [
        ("(share[seen] / apart[seen]).log()", "(apart[seen] / share[seen]).log()"),
        ("share = pairs / len(a)", "share = pairs"),
        ("share.sum(dim=0)  # if", "share.sum(dim=1)  # if"),
    ]),
    (test_bins_are_equally_full_and_names_stay, (), "metrics.axes", [
        (".argsort(dim=0, stable=True).argsort(dim=0)", ".argsort(dim=0, stable=True)"),
        ("if not numbers.is_floating_point():", "if False:"),
    ]),
    (test_dci_equals_plain_loops_with_scipy, (), "metrics.axes", [
        ("math.log(table.shape[1])", "math.log(table.shape[0])"),
        ("(1 - entropy) * weight[weight > 0]", "(1 - entropy)"),
        ("Importance(_focus(whole), _focus(whole.T))",
         "Importance(_focus(whole.T), _focus(whole))"),
    ]),
    (test_linear_r2_equals_scikit_learn_and_does_not_mind_a_turn, (), "metrics.axes", [
        ("[z.double(), torch.ones(", "[z.double(), torch.zeros("),
        ("truth - truth.mean(dim=0)).square()", "truth).square()"),
        ("return 1 - missed /", "return missed /"),
    ]),
]  # fmt: skip
