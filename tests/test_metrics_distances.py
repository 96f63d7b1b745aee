"""The Frechet and the kernel distance equal SciPy, a closed form or plain loops."""

import numpy as np
import pytest
import scipy.linalg
import torch
from clouds import cloud, correlated

from course_lib.metrics import frechet_bias, frechet_distance, inputs, kernel_distance


def whitened(n, d, seed):
    """Return features whose sample mean is 0 and whose sample covariance is 1."""
    a = cloud(n, d, seed)
    return (a - a.mean(0)) @ torch.linalg.inv(torch.linalg.cholesky(a.T.cov())).T


def test_frechet_distance_equals_scipy():
    a, b = correlated(400, 6, 0), correlated(400, 6, 1)
    mean_a, mean_b = a.numpy().mean(0), b.numpy().mean(0)
    cov_a, cov_b = np.cov(a.numpy(), rowvar=False), np.cov(b.numpy(), rowvar=False)
    root = scipy.linalg.sqrtm(cov_a @ cov_b).real
    reference = ((mean_a - mean_b) ** 2).sum() + np.trace(cov_a + cov_b - 2 * root)
    assert frechet_distance(a, b) == pytest.approx(reference, rel=1e-6)
    assert frechet_distance(b, a) == pytest.approx(reference, rel=1e-6)


def test_frechet_distance_of_shifted_and_stretched_copies_is_known():
    a = whitened(500, 3, 0)
    moved = a * torch.tensor([1.0, 3.0, 0.5]) + torch.tensor([0.0, 0.0, 2.0])
    assert frechet_distance(a, a) == pytest.approx(0, abs=1e-9)
    assert frechet_distance(a, a + 2) == pytest.approx(3 * 2**2)
    # Between independent Gaussians the squares add up: of (mean - mean) and of (std - std).
    assert frechet_distance(a, moved) == pytest.approx(2**2 + (1 - 3) ** 2 + (1 - 0.5) ** 2)


def test_frechet_distance_warns_when_samples_are_few_and_says_how_much_that_is():
    a, b = cloud(59, 6, 0), cloud(59, 6, 1)
    words = f"59 samples are few for 6 features.*about {frechet_bias(b, 59):.2g} for two samples"
    with pytest.warns(UserWarning, match=words):
        frechet_distance(a, b)
    frechet_distance(cloud(60, 6, 0), cloud(60, 6, 1))  # a warning here would be an error


def test_the_bias_of_two_independent_features_can_be_written_out():
    white = whitened(50, 2, 0)
    assert frechet_bias(white, 700) == pytest.approx((4 / 2 + 2 / 2 + 2 * 2) / 700)
    stretched = white * torch.tensor([1.0, 2.0])  # variances 1 and 4
    shapes = 1 * 1 / 2 + 2 * 1 * 4 / 5 + 4 * 4 / 8 + (1 + 4) / 2
    assert frechet_bias(stretched, 700) == pytest.approx((shapes + 2 * (1 + 4)) / 700)


def test_the_bias_is_what_two_samples_of_one_distribution_show():
    n, d = 500, 6
    found = [
        frechet_distance(correlated(n, d, 2 * s, world=0), correlated(n, d, 2 * s + 1, world=0))
        for s in range(300)
    ]
    expected = frechet_bias(correlated(20_000, d, 999, world=0), n)
    standard_error = np.std(found) / 300**0.5
    assert abs(np.mean(found) - expected) < 3 * standard_error + 0.01 * expected
    assert standard_error < 0.05 * expected  # so a wrong factor would show


def test_the_bias_in_64_white_features_is_the_one_the_course_quotes():
    white = whitened(100, 64, 0)
    for n, about in ((256, 8.6), (1000, 2.2), (5000, 0.44)):
        assert frechet_bias(white, n) == pytest.approx(about, rel=0.01)
    simulated = np.mean(
        [frechet_distance(cloud(1000, 64, s), cloud(1000, 64, s + 50)) for s in range(6)]
    )
    assert frechet_bias(white, 1000) == pytest.approx(simulated, rel=0.05)


def test_features_of_no_variance_have_no_bias():
    flat = torch.cat([cloud(50, 2, 0), torch.ones(50, 3).double()], dim=1)
    assert frechet_bias(flat, 100) == pytest.approx(frechet_bias(flat[:, :2], 100))
    assert frechet_bias(torch.ones(50, 3).double(), 100) == 0


@pytest.mark.parametrize(
    ("x", "n"), [(torch.ones(9), 9), (torch.ones(1, 2), 9), (cloud(9, 2, 0), 1)]
)
def test_a_bias_of_nothing_is_refused(x, n):
    with pytest.raises(ValueError, match="both 2 or more"):
        frechet_bias(x, n)


def kernel_loops(a, b, with_itself):
    """Average the cubic kernel over pairs, one pair at a time."""

    def average(u, v, skip):
        pairs = [(i, j) for i in range(len(u)) for j in range(len(v)) if not (skip and i == j)]
        return np.mean([(np.dot(u[i], v[j]) / u.shape[1] + 1) ** 3 for i, j in pairs])

    a, b, skip = a.numpy(), b.numpy(), not with_itself
    return average(a, a, skip) + average(b, b, skip) - 2 * average(a, b, False)


def test_kernel_distance_equals_a_loop_over_pairs():
    a, b = cloud(12, 3, 0), cloud(12, 3, 1, shift=0.5)
    reference = kernel_loops(a, b, with_itself=False)
    assert kernel_distance(a, b) == pytest.approx(reference)
    assert kernel_distance(b, a) == pytest.approx(reference)


def test_the_kernel_distance_is_the_same_in_small_blocks(monkeypatch):
    a, b = cloud(50, 3, 0), cloud(50, 3, 1, shift=0.5)
    at_once = kernel_distance(a, b)
    monkeypatch.setattr(inputs, "BLOCK", 350)  # 7 rows at a time, and 1 at the end
    assert kernel_distance(a, b) == pytest.approx(at_once)


def test_kernel_distance_is_0_on_average_for_one_distribution_and_the_biased_form_is_not():
    pairs = [(cloud(20, 3, 2 * s), cloud(20, 3, 2 * s + 1)) for s in range(300)]
    ours = np.array([kernel_distance(a, b) for a, b in pairs])
    standard_error = ours.std() / 300**0.5
    assert abs(ours.mean()) < 4 * standard_error
    biased = [kernel_loops(a, b, with_itself=True) for a, b in pairs[:30]]
    assert np.mean(biased) > 10 * standard_error


@pytest.mark.parametrize("metric", [frechet_distance, kernel_distance])
@pytest.mark.parametrize(
    ("a", "b", "words"),
    [
        (torch.zeros(9), torch.zeros(9), "must be"),
        (torch.zeros(9, 2), torch.zeros(9, 3), "with one d"),
        (torch.zeros(1, 2), torch.zeros(1, 2), "2 or more, got 1 and 1"),
        (torch.zeros(40, 2), torch.zeros(50, 2), "equally many samples.* got 40 and 50"),
        (torch.zeros(9, 2), torch.full((9, 2), torch.nan), r"finite numbers.*got \[nan, nan\]"),
        (torch.full((9, 2), torch.inf), torch.zeros(9, 2), r"finite numbers.*got \[inf, inf\]"),
        (torch.zeros(9, 2), torch.zeros(9, 2, dtype=torch.int64), "only floats.*got torch.int64"),
    ],
)
def test_odd_features_are_refused_in_one_sentence(metric, a, b, words):
    with pytest.raises(ValueError, match=words):
        metric(a, b)


GUARDS = [
    (test_frechet_distance_equals_scipy, (), "metrics.distances", [
        ("- 2 * cross", "- cross"),
        (".sqrt()[:, None] * vectors.T", "[:, None] * vectors.T"),
        ("(a.mean(0) - b.mean(0)).square()", "(a.mean(0) - b.mean(0)).abs()"),
    ]),
    (test_the_bias_is_what_two_samples_of_one_distribution_show, (), "metrics.distances", [
        ("2 * values.sum()) / n", "values.sum()) / n"),
        ("values.sum() / 2\n", "values.sum()\n"),
        ("values[:, None] * values / sums", "values[:, None] * values / 2 / sums"),
        (".T.cov().double())", ".T.cov().double()).sqrt()"),
    ]),
    (test_kernel_distance_equals_a_loop_over_pairs, (), "metrics.distances", [
        ("+ total(b, b) - itself", "+ total(b, b)"),
        ("- 2 * total(a, b)", "- total(a, b)"),
        ("@ v.T / d + 1", "@ v.T + 1"),
        ("return x * x * x", "return x * x"),
    ]),
]  # fmt: skip
