"""Intervals equal SciPy's, and hold the truth as often as they say."""

import numpy as np
import pytest
import scipy.stats
from clouds import cloud

from course_lib.metrics import kernel_distance, wilson
from course_lib.metrics.intervals import from_parts, share_from_parts


def test_the_spread_of_parts_is_students_interval():
    parts = [3.0, 4.5, 2.5, 3.5, 5.0]
    value, low, high = from_parts(3.6, parts)
    reference = scipy.stats.t.interval(0.95, 4, loc=3.6, scale=scipy.stats.sem(parts))
    assert (low, high) == pytest.approx(reference, rel=1e-4) and value == 3.6


def test_the_spread_of_parts_holds_a_true_mean_in_95_of_100_cases():
    draws = np.random.default_rng(0).normal(size=(2000, 5, 20))
    found = [from_parts(x.mean(), list(x.mean(axis=1))) for x in draws]
    held = np.mean([low < 0 < high for _, low, high in found])
    assert 0.93 < held < 0.97


@pytest.mark.parametrize(("shift", "least"), [(1.0, 0.9), (0.0, 0.97)])
def test_the_spread_of_parts_holds_the_true_kernel_distance(shift, least):
    """Far from the floor as often as it says; at the floor the interval is too wide, as told."""
    truth = kernel_distance(cloud(4000, 2, 9998, shift), cloud(4000, 2, 9999)) if shift else 0
    held = []
    for s in range(150):
        a, b = cloud(100, 2, 2 * s, shift), cloud(100, 2, 2 * s + 1)
        parts = [kernel_distance(a[i::5], b[i::5]) for i in range(5)]
        _, low, high = from_parts(kernel_distance(a, b), parts)
        held.append(low < truth < high)
    assert np.mean(held) > least


@pytest.mark.parametrize(("yes", "n"), [(0, 5), (3, 10), (50, 100), (99, 100), (700, 700)])
def test_wilson_equals_scipy(yes, n):
    reference = scipy.stats.binomtest(yes, n).proportion_ci(method="wilson")
    assert wilson(yes / n, n)[1:] == pytest.approx((reference.low, reference.high), abs=1e-6)


def test_a_share_has_the_wider_of_both_intervals_and_stays_a_share():
    agreeing = share_from_parts(1.0, 100, [1.0] * 5)
    assert agreeing == wilson(1.0, 100) and agreeing.low < 0.97
    value, low, high = share_from_parts(0.5, 100, [0.1, 0.9, 0.1, 0.9, 0.5])
    assert (value, low) == (0.5, from_parts(0.5, [0.1, 0.9, 0.1, 0.9, 0.5]).low) and high < 1
    assert share_from_parts(0.9, 100, [0.1, 0.9, 0.1, 0.9, 0.5]).high == 1


def test_what_is_no_share_or_not_5_parts_is_refused():
    with pytest.raises(ValueError, match=r"share in \[0, 1\].*got 1.5 of 10"):
        wilson(1.5, 10)
    with pytest.raises(ValueError, match="got 0.5 of 0"):
        wilson(0.5, 0)
    with pytest.raises(ValueError, match="values of 5 parts, got 4"):
        from_parts(1.0, [1.0] * 4)


GUARDS = [
    (test_the_spread_of_parts_is_students_interval, (), "metrics.intervals", [
        ("/ (N_PARTS - 1)", "/ N_PARTS"),
        ("variance / N_PARTS)", "variance)"),
        ("STUDENT * (variance", "NORMAL * (variance"),
        ("Measured(value, value - half", "Measured(value, mean - half"),
    ]),
    (test_wilson_equals_scipy, (3, 10), "metrics.intervals", [
        ("z2**2 / 4", "z2 / 4"),
        ("(share + z2 / 2)", "share"),
    ]),
    (test_a_share_has_the_wider_of_both_intervals_and_stays_a_share, (), "metrics.intervals", [
        ("min(spread.low, answers.low)", "spread.low"),
        ("min(1.0, max(spread.high, answers.high))", "max(spread.high, answers.high)"),
    ]),
]  # fmt: skip
