"""The AUC equals scikit-learn's, its interval holds the truth, and the test is fair."""

import numpy as np
import pytest
import scipy.stats
import torch
from clouds import cloud, pictures
from sklearn.metrics import roc_auc_score

from course_lib.data import load
from course_lib.data.points import ring
from course_lib.metrics import auc, two_sample_auc, wilson
from course_lib.metrics.two_sample import N_STEPS


def delong_by_loops(real, fake):
    """Return AUC and its standard error, comparing one pair at a time."""
    wins = np.array([[(r > f) + 0.5 * (r == f) for f in fake] for r in real])
    variance = wins.mean(axis=1).var(ddof=1) / len(real) + wins.mean(axis=0).var(ddof=1) / len(fake)
    return wins.mean(), variance**0.5


@pytest.mark.parametrize("rounded", [False, True])  # with and without equal scores
def test_the_auc_equals_scikit_learn_and_its_error_delong(rounded):
    real, fake = cloud(40, 1, 0, shift=0.8)[:, 0], cloud(55, 1, 1)[:, 0]
    if rounded:
        real, fake = real.round(), fake.round()
    value, low, high = auc(real, fake)
    truth = np.r_[np.ones(40), np.zeros(55)]
    assert value == pytest.approx(roc_auc_score(truth, torch.cat([real, fake]).numpy()))
    expected, error = delong_by_loops(real.tolist(), fake.tolist())
    assert value == pytest.approx(expected)
    assert (low, high) == pytest.approx((expected - 1.95996 * error, expected + 1.95996 * error))


@pytest.mark.parametrize("shift", [0.0, 0.5, 1.5])
def test_the_interval_holds_the_true_auc_in_95_of_100_cases(shift):
    truth, held = scipy.stats.norm.cdf(shift / 2**0.5), []
    for s in range(400):
        _, low, high = auc(cloud(80, 1, 2 * s, shift)[:, 0], cloud(80, 1, 2 * s + 1)[:, 0])
        held.append(low < truth < high)
    assert 0.92 < np.mean(held) < 0.98


def test_perfect_order_still_leaves_some_doubt():
    low_scores, high_scores = torch.arange(30.0), torch.arange(30.0, 50.0)
    assert auc(high_scores, low_scores) == wilson(1.0, 20)
    assert auc(low_scores, high_scores) == wilson(0.0, 20)
    assert auc(torch.ones(20), torch.ones(30)) == wilson(0.5, 20)


def test_real_points_are_told_from_real_ones_in_5_of_100_cases(monkeypatch):
    monkeypatch.setitem(N_STEPS, "points", 100)
    mixture, held = ring(), []
    for s in range(60):
        fake, real = (mixture.sample(400, 2 * s + i).x for i in (5000, 5001))
        _, low, high = two_sample_auc(fake, real, seed=s)
        held.append(low < 0.5 < high)
    assert 0.9 < np.mean(held) < 1


def test_remembering_does_not_help():
    """Pure noise: what was learned by heart in one half is of no use in the other."""
    found = two_sample_auc(pictures(60, 8, 0), pictures(60, 8, 1))
    assert found.low < 0.5 < found.high


def test_a_missing_mode_is_found():
    points = ring().sample(6000, 0)
    short = points.x[points.label != 3]
    found = two_sample_auc(short[:5000], ring().sample(5000, 1).x)
    assert 0.53 < found.low < 0.5 + 1 / 16 < found.high  # the best that any classifier can do


@pytest.mark.parametrize(("size", "channels"), [(8, 1), (32, 3), (7, 2)])
def test_pictures_of_any_size_are_told_from_noise(size, channels):
    flat = torch.linspace(-1, 1, 60).reshape(-1, 1, 1, 1).expand(60, channels, size, size)
    found = two_sample_auc(pictures(60, size, 0, channels), flat)
    assert found.low > 0.8 and found.high == 1


def test_repeating_gives_the_same_number_and_touches_no_other_randomness():
    real, fake = pictures(60, 8, 0), 0.7 * pictures(60, 8, 1)
    torch.manual_seed(5)
    state = torch.get_rng_state()
    first = two_sample_auc(fake, real, seed=3)
    assert torch.equal(torch.get_rng_state(), state)
    torch.rand(9)
    assert two_sample_auc(fake, real, seed=3) == first != two_sample_auc(fake, real, seed=4)


def test_rows_of_a_table_are_told_apart_by_one_column_among_many():
    real, fake = cloud(400, 7, 0), cloud(400, 7, 1)
    fair = two_sample_auc(fake, real)
    assert fair.low < 0.5 < fair.high
    fake[:, 3] += 1.5
    assert two_sample_auc(fake, real).low > 0.7


def test_digits_are_not_told_from_digits_and_blurred_ones_are():
    x = load("digits", device="cpu")
    same = two_sample_auc(x.validation.x, x.test.x)
    assert same.low < 0.5 < same.high
    assert two_sample_auc((x.validation.x + x.validation.x.roll(1, 3)) / 2, x.test.x).low > 0.7


@pytest.mark.parametrize(
    ("fake", "real", "words"),
    [
        (torch.zeros(50, 2), torch.zeros(60, 2), "equally many, got 50 and 60"),
        (torch.zeros(49, 2), torch.zeros(49, 2), "need 50 or more of each"),
        (torch.zeros(50, 3, 2), torch.zeros(50, 3, 2), r"rows \(N, D\), got \(50, 3, 2\)"),
        (torch.zeros(50, 1, 8, 8), torch.zeros(50, 1, 9, 9), "of one shape"),
        (torch.zeros(50, 2), torch.full((50, 2), torch.nan), "only finite numbers"),
    ],
)
def test_what_cannot_be_told_apart_is_refused(fake, real, words):
    with pytest.raises(ValueError, match=words):
        two_sample_auc(fake, real)


def test_odd_scores_are_refused():
    for scores in (torch.ones(1), torch.tensor([0.0, torch.nan])):
        with pytest.raises(ValueError, match="two or more finite scores of each kind"):
            auc(scores, torch.ones(5))


GUARDS = [
    (test_the_auc_equals_scikit_learn_and_its_error_delong, (True,), "metrics.two_sample", [
        ("(count - 1) / 2)", "(count - 1))"),
        ("beaten_fakes.var() / m", "beaten_fakes.var() / n"),
        ("+ beaten_reals.var() / n", ""),
        ("beaten_fakes.mean()", "beaten_reals.mean()"),
    ]),
    (test_perfect_order_still_leaves_some_doubt, (), "metrics.two_sample", [
        ("wilson(value, min(m, n))", "Measured(value, value, value)"),
    ]),
    (test_remembering_does_not_help, (), "metrics.two_sample", [
        ("slice(n // 2, n)", "slice(n // 2)"),
    ]),
    (test_a_missing_mode_is_found, (), "metrics.two_sample", [
        ("bce(net(fake[some[1]]), 0.0)", "bce(net(fake[some[1]]), 1.0)"),
        ("bce(net(real[some[0]]), 1.0)", "bce(net(real[some[0]]), 0.0)"),
    ]),
    (test_repeating_gives_the_same_number_and_touches_no_other_randomness, (),
     "metrics.two_sample", [
        ("with torch.random.fork_rng(devices=[]):", "if True:"),
        ("manual_seed(seed)", "initial_seed()"),
    ]),
]  # fmt: skip
