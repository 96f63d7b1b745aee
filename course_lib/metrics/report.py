"""All of it for one set of pictures, with what it was measured on."""

from typing import NamedTuple

from torch import Tensor

from course_lib.metrics.distances import frechet_distance, kernel_distance
from course_lib.metrics.features import Features
from course_lib.metrics.neighbours import precision_recall
from course_lib.metrics.novelty import novelty


class Report(NamedTuple):
    """The first numbers of this room for one set of images, with what they were measured on."""

    n: int
    features: str
    kernel: float
    frechet: float
    precision: float
    recall: float
    novelty: float
    copies: float


def report(x: Tensor, train: Tensor, held_out: Tensor, test: Tensor, features: Features) -> Report:
    """Measure generated images (N, C, S, S) against equally many test and held-out images.

    The floor is the report of the held-out images themselves.
    """
    fake, real = features.embed(x), features.embed(test)
    return Report(
        len(x),
        features.name,
        kernel_distance(fake, real),
        frechet_distance(fake, real),
        *precision_recall(fake, real),
        *novelty(x, train, held_out),
    )
