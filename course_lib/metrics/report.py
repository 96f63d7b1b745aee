"""All of it for one set of pictures, with the floor beside it.

`measure` gives every number with its interval and the floor; what it compares with is prepared
once, by `yardstick`, for all models that are to be compared:

    against = yardstick(data, judge_features("the judge's 128 features", judge), n=5000)
    found = measure(pictures, against)
    found.numbers["kernel"], found.floor["kernel"]
"""

import warnings
from typing import NamedTuple

import torch
from torch import Tensor

from course_lib.data import Dataset, check_range
from course_lib.metrics.distances import frechet_distance, kernel_distance
from course_lib.metrics.features import Features
from course_lib.metrics.intervals import N_PARTS, Measured, from_parts, share_from_parts
from course_lib.metrics.neighbours import (
    density_coverage,
    nearest_training_image,
    precision_recall,
)
from course_lib.metrics.novelty import compare_distances, near_limit, pairs_within
from course_lib.metrics.sharpness import fine_detail
from course_lib.metrics.two_sample import FEWEST, two_sample_auc
from course_lib.runtime import generator

SHARES = ("precision", "recall", "coverage", "copies")  # never outside [0, 1]


class Yardstick(NamedTuple):
    """What pictures are measured against: n test pictures, and the training set."""

    features: Features
    train: Tensor  # (N, C, S, S)
    test: Tensor  # (n, C, S, S)
    real: Tensor  # (n, d) the features of test
    detail: Tensor  # (n,) how much fine detail each test picture has
    control: Tensor  # (n,) how far each test picture is from its nearest training picture
    near: float  # the distance of the tenth nearest pair of test
    seed: int
    floor: dict[str, Measured]  # what real pictures score that are in none of these


class Measurement(NamedTuple):
    """Every number of this room for one set of pictures, with what it was measured on."""

    n: int
    features: str
    numbers: dict[str, Measured]
    floor: dict[str, Measured]  # the same numbers for real, held-out pictures


def yardstick(data: Dataset, features: Features, n: int, seed: int = 0) -> Yardstick:
    """Prepare to measure sets of n pictures: n of the test set, and the floor.

    The test set is the truth to compare with. The floor is what the first n pictures of the
    validation set score, which no generator saw either: no generator can be expected to do better.

    Args:
        n: how many pictures each set will have, 50 or more.
        seed: for the classifier, and for the parts of which intervals are made.

    Raises:
        ValueError: if the test or the validation set has fewer than n pictures.
    """
    most = min(len(data.test.x), len(data.validation.x))
    if not FEWEST <= n <= most:
        raise ValueError(f"n must lie between {FEWEST} and {most}, the pictures held out, got {n}")
    test = data.test.x[:n]
    real, control = features.embed(test), nearest_training_image(test, data.train.x)[0]
    detail, near = fine_detail(test), near_limit(test)
    against = Yardstick(features, data.train.x, test, real, detail, control, near, seed, floor={})
    return against._replace(floor=_numbers(data.validation.x[:n], against))


def measure(x: Tensor, against: Yardstick) -> Measurement:
    """Measure generated pictures (n, C, S, S) in [-1, 1] in every way, each with its interval.

    kernel, frechet      distance of the features from those of test pictures
    precision, density   do they look real?
    recall, coverage     do they reach everything that is real?
    auc                  how well a fresh classifier tells them from test pictures
    sharpness            their fine detail as a multiple of that of test pictures
    novelty, copies      distance to the training set, against that of test pictures
    duplicates           pairs nearer than the tenth nearest pair of test pictures

    The intervals are those of `intervals`, from 5 disjoint parts of x, each against a part of the
    test pictures of its own; those of auc and duplicates are explained there. Whether training
    anew would change the numbers they cannot say: for that, measure models of several seeds.

    Raises:
        ValueError: if x has not as many pictures as the yardstick, another shape or range.
    """
    if x.shape != against.test.shape:
        raise ValueError(f"need pictures {(*against.test.shape,)}, got {(*x.shape,)}")
    return Measurement(
        len(x), against.features.name, _numbers(check_range(x), against), against.floor
    )


def _numbers(x: Tensor, against: Yardstick) -> dict[str, Measured]:
    n = len(x)
    fake, detail = against.features.embed(x), fine_detail(x)
    distance, _ = nearest_training_image(x, against.train)

    def values(i: Tensor) -> dict[str, float]:
        """Measure some of the pictures against as many test pictures."""
        ours, real = fake[i], against.real[i]
        precision, recall = precision_recall(ours, real)
        density, coverage = density_coverage(ours, real)
        new, copies = compare_distances(distance[i], against.control[i])
        return {
            "kernel": kernel_distance(ours, real),
            "frechet": frechet_distance(ours, real),
            "precision": precision,
            "recall": recall,
            "density": density,
            "coverage": coverage,
            "sharpness": (detail[i].mean() / against.detail[i].mean()).item(),
            "novelty": new,
            "copies": copies,
        }

    order = torch.randperm(n, generator=generator(against.seed))  # x may be sorted, parts must not
    full = values(order)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # parts are few; only their spread is used
        parts = [values(part) for part in order.tensor_split(N_PARTS)]
    numbers = {}
    for name, value in full.items():
        spread = [part[name] for part in parts]
        share = name in SHARES
        numbers[name] = share_from_parts(value, n, spread) if share else from_parts(value, spread)
    numbers["auc"] = two_sample_auc(x, against.test, against.seed)
    numbers["duplicates"] = pairs_within(x, against.near).pairs
    return numbers
