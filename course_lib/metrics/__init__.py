"""Measuring generated pictures: quality, diversity, novelty. Always with n, features and a floor.

A number alone says little. Each distance is shown beside its floor, the same distance between
real pictures and other real pictures, and with the name of the features it was taken in.

    features     a few numbers that describe a picture, in which distances are taken
    intervals    a number with its 95 % interval
    distances    how far two clouds lie apart: Frechet, kernel, energy
    neighbours   quality and diversity apart: precision, recall, density, coverage
    two_sample   can a fresh classifier tell the pictures from real ones?
    filling      does a filled hole show its edge, and do fills differ enough?
    sharpness    as much fine detail as in real pictures?
    novelty      copies of training pictures, and pictures that come twice
    axes         does each axis of a code mean one thing?
    latents      the codes of a VAE: axes in use, neighbours of one kind, holes
    bounds       how likely a VAE finds a picture
    truth        what only a data set with known truth allows: words and modes, counted
    attributes   one attribute moved in a latent space, and what moves along with it
    report       all of it for one set of pictures

`measure` does the whole measurement; the parts are there to be understood one by one.
"""

from course_lib.metrics.attributes import answer_codes, changed, moved
from course_lib.metrics.axes import (
    Importance,
    Match,
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
from course_lib.metrics.bounds import importance_bound, log_weights
from course_lib.metrics.distances import (
    energy_distance,
    frechet_bias,
    frechet_distance,
    kernel_distance,
)
from course_lib.metrics.features import Features, judge_features, pca_features, usual_features
from course_lib.metrics.intervals import Measured, wilson
from course_lib.metrics.latents import active_units, holes, neighbour_purity
from course_lib.metrics.neighbours import (
    DensityCoverage,
    PrecisionRecall,
    density_coverage,
    nearest_training_image,
    precision_recall,
)
from course_lib.metrics.novelty import Duplicates, Novelty, duplicates, novelty
from course_lib.metrics.report import Measurement, Yardstick, measure, yardstick
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
    "Importance",
    "Match",
    "Measured",
    "Measurement",
    "Modes",
    "Novelty",
    "PrecisionRecall",
    "Variety",
    "Yardstick",
    "answer_codes",
    "active_units",
    "auc",
    "binned",
    "caption_accuracy",
    "catalog_truth",
    "changed",
    "count_modes",
    "dci",
    "density_coverage",
    "duplicates",
    "energy_distance",
    "fine_detail",
    "forest_importance",
    "frechet_bias",
    "frechet_distance",
    "information_table",
    "judge_features",
    "kernel_distance",
    "linear_r2",
    "match_axes",
    "holes",
    "importance_bound",
    "judge_features",
    "kernel_distance",
    "log_weights",
    "measure",
    "moved",
    "mig",
    "mutual_information",
    "nearest_training_image",
    "neighbour_purity",
    "novelty",
    "pca_features",
    "precision_recall",
    "r2",
    "sharpness",
    "two_sample_auc",
    "usual_features",
    "wilson",
    "yardstick",
]
