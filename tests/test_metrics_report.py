"""A report gathers the numbers."""

import pytest

from course_lib.data import load
from course_lib.metrics import (
    frechet_distance,
    kernel_distance,
    pca_features,
    precision_recall,
    report,
)


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
