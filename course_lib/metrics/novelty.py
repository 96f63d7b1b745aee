"""New, or remembered? And new each time, or the same few pictures over and over?"""

from collections.abc import Iterator
from typing import NamedTuple

import torch
from torch import Tensor

from course_lib.metrics.inputs import check_alike, rows
from course_lib.metrics.intervals import NORMAL, Measured
from course_lib.metrics.neighbours import LOOK, nearest_training_image

NEAR_PAIRS = 10  # so many pairs of real pictures are as near as the limit
FEWEST = 10  # pictures


class Novelty(NamedTuple):
    """How far images lie from their nearest training image, against held-out real images."""

    ratio: float  # median distance of the images / median distance of held-out reals; 0: copies
    copies: float  # share of images nearer to a training image than 99 % of held-out reals are


class Duplicates(NamedTuple):
    """How often two of n pictures are as good as one, and what it says of a generator's supply."""

    pairs: Measured  # pairs of pictures no further apart than the limit; real pictures: about 10
    support: Measured  # n^2 / (2 pairs) different pictures, were all equally likely; inf if no pair
    limit: float  # distance over pixels of the tenth nearest pair of n real pictures


def novelty(x: Tensor, train: Tensor, held_out: Tensor) -> Novelty:
    """Compare distances to the nearest training image with those of held-out real images.

    Real images that were never trained on show how far from the training set a new image lies.
    """
    ours, control = (nearest_training_image(images, train)[0] for images in (x, held_out))
    return compare_distances(ours, control)


def compare_distances(ours: Tensor, control: Tensor) -> Novelty:
    """Do the same with distances to the nearest training image that are known: (N,) and (M,)."""
    copies = (ours < control.quantile(0.01)).double().mean()
    return Novelty((ours.median() / control.median()).item(), copies.item())


def duplicates(x: Tensor, real: Tensor) -> Duplicates:
    """Count the pairs of pictures (N, C, S, S) that are nearly equal: the birthday paradox.

    Of 23 people two share a birthday, more often than not, although a year has 365 days: so few
    samples show how few days there are. Nearly equal are two pictures no further apart, over
    pixels, than the tenth nearest pair of equally many real pictures. The limit is thus no matter
    of taste; fresh real pictures give 10 pairs on average (3 to 20 in 95 of 100 cases), so that a
    support of n^2 / 20 or more cannot be told from that of real pictures. The interval takes the
    limit as given.
    Source: Arora & Zhang 2017, arXiv:1706.08224, where people, not distances, judge the pairs.

    Raises:
        ValueError: if there are fewer than 10 pictures, or not equally many real ones.
    """
    check_alike(x, real)
    if len(x) != len(real):
        raise ValueError(f"need equally many real pictures, got {len(x)} and {len(real)}")
    return pairs_within(x, near_limit(real))


def near_limit(real: Tensor) -> float:
    """Return the distance, over pixels, of the tenth nearest pair of real pictures (N, C, S, S)."""
    if len(real) < FEWEST:
        raise ValueError(f"need {FEWEST} or more pictures to speak of near pairs, got {len(real)}")
    nearest = torch.full((NEAR_PAIRS,), torch.inf, dtype=torch.float64)
    for _, _, distance in _pairs(real):
        nearest = torch.cat([nearest, distance.flatten()]).topk(NEAR_PAIRS, largest=False).values
    return max(nearest.max().item(), 1e-6)  # equal pictures lie 1e-7 apart, by rounding


def pairs_within(x: Tensor, limit: float) -> Duplicates:
    """Do what `duplicates` does where the limit for equally many pictures is known."""
    n = len(x)
    partners = torch.zeros(n, dtype=torch.float64)  # of each picture
    for first, second, distance in _pairs(x):
        near = distance <= limit
        partners[first] += near.sum(dim=1)
        partners[second] += near.sum(dim=0)
    pairs = _count(partners)
    support = (n**2 / (2 * count) if count else torch.inf for count in pairs)
    value, high, low = support  # many pairs mean few different pictures
    return Duplicates(pairs, Measured(value, low, high), limit)


def _pairs(x: Tensor) -> Iterator[tuple[slice, slice, Tensor]]:
    """Yield all distances in blocks: which rows, which columns, and their distances.

    Each pair has its distance once; in its other place, and between a picture and itself, is inf.
    """
    pieces = [slice(start, start + LOOK) for start in range(0, len(x), LOOK)]
    for i, first in enumerate(pieces):
        for second in pieces[i:]:
            distance = torch.cdist(rows(x[first]), rows(x[second]))
            if first == second:
                distance[torch.ones_like(distance, dtype=torch.bool).tril()] = torch.inf
            yield first, second, distance


def _count(partners: Tensor) -> Measured:
    """Return the number of pairs with its 95 % interval, from the partners of each picture (N,).

    Rare pairs are counted as rare events are (Poisson), with the score interval, which reaches up
    to 4 where none was seen. Pictures with several partners make them more variable, by a factor
    that follows from the variance of a U-statistic (Hoeffding 1948).
    """
    n, pairs = len(partners), partners.sum().item() / 2
    clumps = (partners * (partners - 1)).sum().item() - 4 * pairs**2 * (n - 2) / (n * (n - 1))
    z2 = NORMAL**2 * max(1.0, 1 + clumps / pairs if pairs else 1.0)
    half = (z2 * pairs + z2**2 / 4) ** 0.5
    return Measured(pairs, max(0.0, pairs + z2 / 2 - half), pairs + z2 / 2 + half)
