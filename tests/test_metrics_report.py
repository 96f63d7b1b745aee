"""A report gathers the numbers, and a measurement gives each its interval and its floor."""

from functools import cache

import pytest
import torch
from clouds import pictures

from course_lib.data import Batch, Dataset, load
from course_lib.metrics import (
    Features,
    density_coverage,
    duplicates,
    frechet_distance,
    kernel_distance,
    measure,
    novelty,
    pca_features,
    precision_recall,
    sharpness,
    two_sample_auc,
    yardstick,
)
from course_lib.metrics.intervals import from_parts, share_from_parts
from course_lib.runtime import generator

N = 60
NAMES = "kernel frechet precision recall density coverage sharpness novelty copies auc duplicates"


@cache
def small_world():
    """Return a data set of little pictures, and two pixels as their features."""
    splits = (pictures(n, 4, seed) for n, seed in ((200, 0), (70, 1), (80, 2)))
    data = Dataset("small", *(Batch(x, torch.zeros(len(x)).long()) for x in splits), ("any",))
    return data, Features("2 pixels", 2, lambda x: x.flatten(1)[:, :2].double())


def test_a_copier_is_found_out():
    data, features = small_world()
    numbers = measure(data.train.x[:N], yardstick(data, features, N)).numbers
    assert numbers["novelty"].value == pytest.approx(0, abs=1e-6)
    assert numbers["copies"].value == 1


def test_a_measurement_is_every_metric_against_the_test_set():
    data, features = small_world()
    x, test, train = 0.9 * pictures(N, 4, 3), data.test.x[:N], data.train.x
    found = measure(x, yardstick(data, features, N, seed=5))
    assert (found.n, found.features) == (N, "2 pixels")
    assert list(found.numbers) == list(found.floor) == NAMES.split()
    a, b = features.embed(x), features.embed(test)
    expected = {
        "kernel": kernel_distance(a, b),
        "frechet": frechet_distance(a, b),
        "sharpness": sharpness(x, test),
        **precision_recall(a, b)._asdict(),
        **density_coverage(a, b)._asdict(),
    }
    expected["novelty"], expected["copies"] = novelty(x, train, test)
    values = {name: measured.value for name, measured in found.numbers.items()}
    assert {name: values[name] for name in expected} == pytest.approx(expected)
    assert found.numbers["auc"] == two_sample_auc(x, test, seed=5)
    assert found.numbers["duplicates"] == duplicates(x, test).pairs


def test_intervals_come_from_five_disjoint_parts_each_with_test_pictures_of_its_own():
    data, features = small_world()
    x, test = 0.9 * pictures(N, 4, 3), data.test.x[:N]
    found = measure(x, yardstick(data, features, N, seed=5)).numbers
    parts = torch.randperm(N, generator=generator(5)).reshape(5, N // 5)
    a, b = features.embed(x), features.embed(test)
    kernels = [kernel_distance(a[part], b[part]) for part in parts]
    assert found["kernel"] == pytest.approx(from_parts(kernel_distance(a, b), kernels))
    recalls = [precision_recall(a[part], b[part]).recall for part in parts]
    assert found["recall"] == pytest.approx(
        share_from_parts(precision_recall(a, b).recall, N, recalls)
    )
    ratios = [sharpness(x[part], test[part]) for part in parts]
    assert found["sharpness"] == pytest.approx(from_parts(sharpness(x, test), ratios))


def test_the_floor_is_the_measurement_of_held_out_pictures():
    data, features = small_world()
    against = yardstick(data, features, N)
    found = measure(data.validation.x[:N], against)
    assert found.numbers == found.floor == against.floor


def test_sorted_pictures_have_no_wider_intervals():
    """Models often draw class by class; parts that follow each other would differ by design."""
    data, features = small_world()
    against, x = yardstick(data, features, N), pictures(N, 4, 3)
    in_order = x[features.embed(x)[:, 0].argsort()]
    (value, low, high), (ours, lower, higher) = (
        measure(images, against).numbers["kernel"] for images in (x, in_order)
    )
    assert ours == pytest.approx(value) and higher - lower < 2 * (high - low)


@cache
def digits_yardstick():
    digits = load("digits", device="cpu")
    return digits, yardstick(digits, pca_features(digits.train.x, 16), 350)


def overlap(a, b):
    return a.low <= b.high and b.low <= a.high


def test_a_copier_must_fail_only_novelty():
    """Quality and diversity of stolen pictures are those of real ones; only the theft shows."""
    digits, against = digits_yardstick()
    found = measure(digits.train.x[:350], against)
    blind = set(found.numbers) - {"novelty", "copies"}
    assert {name for name in blind if overlap(found.numbers[name], found.floor[name])} == blind
    assert found.numbers["auc"].low < 0.5 < found.numbers["auc"].high
    assert found.numbers["novelty"] == (0, 0, 0)
    assert found.numbers["copies"].low > 0.98 and found.floor["copies"].high < 0.1


def test_a_collapsed_generator_fails_diversity_and_repeats_itself():
    digits, against = digits_yardstick()
    pick = torch.randint(20, (350,), generator=generator(0))
    found = measure(digits.validation.x[pick], against)
    for name in ("recall", "coverage", "kernel", "duplicates"):
        assert not overlap(found.numbers[name], found.floor[name]), name
    assert overlap(found.numbers["novelty"], found.floor["novelty"])


def test_what_does_not_fit_the_yardstick_is_refused():
    data, features = small_world()
    with pytest.raises(ValueError, match="n must lie between 50 and 70.*got 71"):
        yardstick(data, features, 71)
    with pytest.raises(ValueError, match="n must lie between 50 and 70.*got 49"):
        yardstick(data, features, 49)
    against = yardstick(data, features, N)
    with pytest.raises(ValueError, match=r"need pictures \(60, 1, 4, 4\), got \(59, 1, 4, 4\)"):
        measure(pictures(59, 4, 3), against)
    with pytest.raises(ValueError, match=r"must lie in \[-1, 1\]"):
        measure(3 * pictures(N, 4, 3), against)
    with pytest.raises(ValueError, match=r"must lie in \[-1, 1\]"):
        measure(pictures(N, 4, 3) / 0, against)


GUARDS = [
    (test_a_measurement_is_every_metric_against_the_test_set, (), "metrics.report", [
        ("density_coverage(ours, real)\n", "density_coverage(real, ours)\n"),
        ("against.control[i])", "distance[i])"),
        ("detail[i].mean() / against", "1 / against"),
        ("test = data.test.x[:n]", "test = data.validation.x[:n]"),
        ("nearest_training_image(x, against.train)", "nearest_training_image(x, against.test)"),
    ]),
    (test_intervals_come_from_five_disjoint_parts_each_with_test_pictures_of_its_own, (),
     "metrics.report", [
        ("fake[i], against.real[i]", "fake[i], against.real[: len(i)]"),
        ("share_from_parts(value, n, spread) if share else ", ""),
    ]),
    (test_sorted_pictures_have_no_wider_intervals, (), "metrics.report", [
        ("torch.randperm(n, generator=generator(against.seed))", "torch.arange(n)"),
    ]),
    (test_the_floor_is_the_measurement_of_held_out_pictures, (), "metrics.report", [
        ("_numbers(data.validation.x[:n]", "_numbers(data.train.x[:n]"),
    ]),
]  # fmt: skip
