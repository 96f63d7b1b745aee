"""Measuring generated pictures: quality, diversity, novelty. Always with n, features and a floor.

A number alone says little. Each distance is shown beside its floor, the same distance between
real pictures and other real pictures, and with the name of the features it was taken in.

    features     a few numbers that describe a picture, in which distances are taken
    intervals    a number with its 95 % interval
    distances    how far two clouds lie apart: Frechet, kernel, energy
    neighbours   quality and diversity apart: precision, recall, density, coverage
    two_sample   can a fresh classifier tell the pictures from real ones?
    sharpness    as much fine detail as in real pictures?
    novelty      copies of training pictures, and pictures that come twice
    truth        what only a data set with known truth allows: words and modes, counted
    report       all of it for one set of pictures

`report` and `measure` do the whole measurement; the parts are there to be understood one by one.
"""

from course_lib.metrics.distances import (
    energy_distance,
    frechet_bias,
    frechet_distance,
    kernel_distance,
)
from course_lib.metrics.features import Features, judge_features, pca_features, usual_features
from course_lib.metrics.intervals import Measured, wilson
from course_lib.metrics.neighbours import (
    DensityCoverage,
    PrecisionRecall,
    density_coverage,
    nearest_training_image,
    precision_recall,
)
from course_lib.metrics.novelty import Duplicates, Novelty, duplicates, novelty
from course_lib.metrics.report import Measurement, Report, Yardstick, measure, report, yardstick
from course_lib.metrics.sharpness import fine_detail, sharpness
from course_lib.metrics.truth import (
    CaptionAccuracy,
    CatalogTruth,
    Modes,
    Variety,
    caption_accuracy,
    catalog_truth,
    count_modes,
)
from course_lib.metrics.two_sample import auc, two_sample_auc

__all__ = [
    "CaptionAccuracy",
    "CatalogTruth",
    "DensityCoverage",
    "Duplicates",
    "Features",
    "Measured",
    "Measurement",
    "Modes",
    "Novelty",
    "PrecisionRecall",
    "Report",
    "Variety",
    "Yardstick",
    "auc",
    "caption_accuracy",
    "catalog_truth",
    "count_modes",
    "density_coverage",
    "duplicates",
    "energy_distance",
    "fine_detail",
    "frechet_bias",
    "frechet_distance",
    "judge_features",
    "kernel_distance",
    "measure",
    "nearest_training_image",
    "novelty",
    "pca_features",
    "precision_recall",
    "report",
    "sharpness",
    "two_sample_auc",
    "usual_features",
    "wilson",
    "yardstick",
]
