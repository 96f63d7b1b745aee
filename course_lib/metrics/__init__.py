"""Measuring generated pictures: quality, diversity, novelty. Always with n, features and a floor.

A number alone says little. Each distance is shown beside its floor, the same distance between
real pictures and other real pictures, and with the name of the features it was taken in.

    features     a few numbers that describe a picture, in which distances are taken
    intervals    a number with its 95 % interval
    distances    how far two clouds of features lie apart: Frechet, kernel
    neighbours   quality and diversity apart: precision, recall, density, coverage
    novelty      copies of training pictures, and pictures that come twice
    report       all of it for one set of pictures

`report` does the whole measurement; the parts are there to be understood one by one.
"""

from course_lib.metrics.distances import frechet_bias, frechet_distance, kernel_distance
from course_lib.metrics.features import Features, judge_features, pca_features
from course_lib.metrics.intervals import Measured, wilson
from course_lib.metrics.neighbours import (
    DensityCoverage,
    PrecisionRecall,
    density_coverage,
    nearest_training_image,
    precision_recall,
)
from course_lib.metrics.novelty import Duplicates, Novelty, duplicates, novelty
from course_lib.metrics.report import Report, report

__all__ = [
    "DensityCoverage",
    "Duplicates",
    "Features",
    "Measured",
    "Novelty",
    "PrecisionRecall",
    "Report",
    "density_coverage",
    "duplicates",
    "frechet_bias",
    "frechet_distance",
    "judge_features",
    "kernel_distance",
    "nearest_training_image",
    "novelty",
    "pca_features",
    "precision_recall",
    "report",
    "wilson",
]
