"""Each metric equals a second computation: SciPy, scikit-learn, a closed form or plain loops."""

import numpy as np
import pytest
import scipy.linalg
import torch
from sklearn.decomposition import PCA
from sklearn.neighbors import NearestNeighbors

from course_lib import metrics
from course_lib.data import load
from course_lib.metrics import (
    frechet_distance,
    kernel_distance,
    nearest_training_image,
    novelty,
    pca_features,
    precision_recall,
    report,
)


def cloud(n, d, seed, shift=0.0, scale=1.0):
    draw = torch.randn(n, d, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))
    return draw * scale + shift


def correlated(n, d, seed):
    return cloud(n, d, seed) @ cloud(d, d, seed + 100) + cloud(1, d, seed + 200)


def test_frechet_distance_equals_scipy():
    a, b = correlated(400, 6, 0), correlated(400, 6, 1)
    mean_a, mean_b = a.numpy().mean(0), b.numpy().mean(0)
    cov_a, cov_b = np.cov(a.numpy(), rowvar=False), np.cov(b.numpy(), rowvar=False)
    root = scipy.linalg.sqrtm(cov_a @ cov_b).real
    reference = ((mean_a - mean_b) ** 2).sum() + np.trace(cov_a + cov_b - 2 * root)
    assert frechet_distance(a, b) == pytest.approx(reference, rel=1e-6)
    assert frechet_distance(b, a) == pytest.approx(reference, rel=1e-6)


def test_frechet_distance_of_shifted_and_stretched_copies_is_known():
    a = cloud(500, 3, 0)
    a = (a - a.mean(0)) @ torch.linalg.inv(torch.linalg.cholesky(a.T.cov())).T  # mean 0, cov 1
    moved = a * torch.tensor([1.0, 3.0, 0.5]) + torch.tensor([0.0, 0.0, 2.0])
    assert frechet_distance(a, a) == pytest.approx(0, abs=1e-9)
    assert frechet_distance(a, a + 2) == pytest.approx(3 * 2**2)
    # Between independent Gaussians the squares add up: of (mean - mean) and of (std - std).
    assert frechet_distance(a, moved) == pytest.approx(2**2 + (1 - 3) ** 2 + (1 - 0.5) ** 2)


def test_frechet_distance_warns_when_samples_are_few():
    with pytest.warns(UserWarning, match="59 samples are few for 6 features"):
        frechet_distance(cloud(59, 6, 0), cloud(59, 6, 1))
    frechet_distance(cloud(60, 6, 0), cloud(60, 6, 1))  # a warning here would be an error


@pytest.mark.parametrize("metric", [frechet_distance, kernel_distance, precision_recall])
def test_unequal_numbers_of_samples_are_refused(metric):
    with pytest.raises(ValueError, match="equally many samples, 2 or more, got 40 and 50"):
        metric(cloud(40, 2, 0), cloud(50, 2, 1))


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


def test_kernel_distance_is_0_on_average_for_one_distribution_and_the_biased_form_is_not():
    pairs = [(cloud(20, 3, 2 * s), cloud(20, 3, 2 * s + 1)) for s in range(300)]
    ours = np.array([kernel_distance(a, b) for a, b in pairs])
    standard_error = ours.std() / 300**0.5
    assert abs(ours.mean()) < 4 * standard_error
    biased = [kernel_loops(a, b, with_itself=True) for a, b in pairs[:30]]
    assert np.mean(biased) > 10 * standard_error


def coverage(points, centres, k):
    """Return the share of points in a ball around a centre that reaches its k-th neighbour."""
    neighbours = NearestNeighbors(n_neighbors=k + 1).fit(centres)  # the first is the point itself
    radius = neighbours.kneighbors(centres)[0][:, k]
    distance = np.linalg.norm(points[:, None] - centres[None], axis=2)
    return (distance <= radius).any(axis=1).mean()


@pytest.mark.parametrize("k", [1, 3, 5])
def test_precision_and_recall_equal_scikit_learn_neighbours(k):
    fake, real = cloud(150, 4, 0, scale=1.3), cloud(150, 4, 1)
    precision, recall = precision_recall(fake, real, k)
    assert precision == pytest.approx(coverage(fake.numpy(), real.numpy(), k))
    assert recall == pytest.approx(coverage(real.numpy(), fake.numpy(), k))
    assert 0 < precision < recall < 1  # the fakes are spread too wide, and an exchange would show


def test_precision_and_recall_tell_the_classic_cases_apart():
    left, right = cloud(60, 2, 0), cloud(60, 2, 1, shift=100.0)
    both = torch.cat([left[:30], right[:30]])
    assert precision_recall(left, left) == (1, 1)
    assert precision_recall(left, right) == (0, 0)
    half = precision_recall(left, both)  # one of two groups is never made
    assert half.precision > 0.8 and half.recall <= 0.5
    collapsed = precision_recall(left[:1].expand(60, 2), left)
    assert collapsed.precision == 1 and collapsed.recall <= 1 / 60


@pytest.mark.parametrize("n_train", [50, 4096, 9000])  # up to three blocks
def test_the_nearest_training_image_is_the_one_that_a_full_search_finds(n_train):
    x, train = (cloud(n, 4, s).reshape(n, 1, 2, 2) for n, s in ((30, 0), (n_train, 1)))
    full = np.linalg.norm(x.flatten(1).numpy()[:, None] - train.flatten(1).numpy(), axis=2)
    distance, index = nearest_training_image(x, train)
    np.testing.assert_array_equal(index.numpy(), full.argmin(axis=1))
    torch.testing.assert_close(distance, torch.from_numpy(full.min(axis=1)))


def test_a_training_image_is_found_at_its_own_place():
    train = cloud(9000, 4, 1).reshape(-1, 1, 2, 2)
    places = torch.tensor([0, 4095, 4096, 8191, 8192, 8999])
    distance, index = nearest_training_image(train[places], train)
    torch.testing.assert_close(index, places)
    torch.testing.assert_close(distance, torch.zeros(6).double(), atol=1e-6, rtol=0)


def test_a_copier_is_not_novel_and_held_out_pictures_are():
    digits = load("digits", device="cpu")
    copier = novelty(digits.train.x[:350], digits.train.x, digits.test.x)
    assert copier.ratio == pytest.approx(0, abs=1e-6) and copier.copies == 1
    honest = novelty(digits.validation.x, digits.train.x, digits.test.x)
    assert honest.ratio == pytest.approx(1, abs=0.1) and honest.copies < 0.04


def test_novelty_counts_suspicious_pictures_against_the_held_out_ones():
    train, held_out = torch.zeros(1, 1, 1, 1), torch.linspace(1, 2, 101).reshape(-1, 1, 1, 1)
    ours = torch.tensor([0.5, 1.005, 1.2, 3.0, 6.0]).reshape(-1, 1, 1, 1)  # the line is at 1.01
    assert novelty(ours, train, held_out) == pytest.approx((1.2 / 1.5, 2 / 5))


def test_pca_features_equal_numpy_and_scikit_learn_up_to_sign():
    digits = load("digits", device="cpu")
    rows, other = (digits.train.x.flatten(1), digits.test.x.flatten(1))
    features = pca_features(digits.train.x, 5)
    ours = features.embed(digits.test.x)
    assert features.dim == 5 and features.name == "5 principal components"
    assert ours.dtype == torch.float64 and ours.shape == (350, 5)
    axes = np.linalg.svd((rows - rows.mean(0)).double().numpy(), full_matrices=False)[2][:5]
    by_hand = (other.double() - rows.double().mean(0)).numpy() @ axes.T
    np.testing.assert_allclose(np.abs(ours.numpy()), np.abs(by_hand), atol=1e-5)
    by_sklearn = PCA(5, svd_solver="full").fit(rows.double().numpy()).transform(other.double())
    np.testing.assert_allclose(np.abs(ours.numpy()), np.abs(by_sklearn), atol=1e-5)


def test_a_report_gathers_the_numbers_and_says_what_they_were_taken_on():
    digits = load("digits", device="cpu")
    train, held_out, test = (split.x for split in digits[1:4])
    features = pca_features(train, 5)
    found = report(train[:350], train, held_out, test, features)  # a perfect copier
    a, b = features.embed(train[:350]), features.embed(test)
    assert (found.n, found.features) == (350, "5 principal components")
    assert (found.kernel, found.frechet) == (kernel_distance(a, b), frechet_distance(a, b))
    assert (found.precision, found.recall) == precision_recall(a, b)
    assert found.novelty == pytest.approx(0, abs=1e-6) and found.copies == 1


@pytest.mark.parametrize(
    ("a", "b", "words"),
    [
        (torch.zeros(9), torch.zeros(9), "must be"),
        (torch.zeros(9, 2), torch.zeros(9, 3), "with one d"),
        (torch.zeros(1, 2), torch.zeros(1, 2), "2 or more"),
    ],
)
def test_odd_features_are_refused_in_one_sentence(a, b, words):
    for metric in (frechet_distance, kernel_distance, precision_recall):
        with pytest.raises(ValueError, match=words):
            metric(a, b)


def test_more_neighbours_than_samples_are_refused():
    with pytest.raises(ValueError, match="need more than 5 samples, got 5"):
        precision_recall(torch.zeros(5, 2), torch.zeros(5, 2), k=5)


def test_images_reach_the_cpu_before_they_become_float64():
    """MPS has no float64: `x.double().cpu()` would stop every metric on a Mac."""
    calls = []

    class Recorder:
        def __getattr__(self, name):
            return lambda *_: calls.append(name) or self

    metrics._rows(Recorder())
    assert calls.index("cpu") < calls.index("double")
