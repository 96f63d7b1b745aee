"""What only a data set with known truth allows: words and modes, counted.

What a picture of the catalog shows is said by a recogniser, which is trained elsewhere; here its
words are counted. Where a point of the plane belongs is known from its mixture.
"""

import math
from typing import NamedTuple

import torch
from torch import Tensor

from course_lib.data.catalog_factors import combinations
from course_lib.data.catalog_words import VOCABULARY, Words
from course_lib.data.points import Mixture
from course_lib.metrics.inputs import blocks
from course_lib.metrics.intervals import Measured, wilson

REACH = 3  # a point belongs to a mode if it is nearer than so many sigma


class Variety(NamedTuple):
    """How many of the possible answers occur, and how evenly."""

    found: int
    possible: int
    evenness: float  # entropy / log2(possible), both in bits: 0 for one answer, 1 for all alike


class CatalogTruth(NamedTuple):
    """What n pictures of the catalog show. All but the first number is about valid ones alone."""

    valid: Measured  # share of pictures that show something of the catalog
    kinds: Variety
    colours: Variety
    patterns: Variety
    novel: Measured  # share whose kind, colour and pattern were combined in no training picture


class CaptionAccuracy(NamedTuple):
    """Shares of pictures that show what was asked for, each with its interval."""

    kind: Measured
    colour: Measured
    pattern: Measured
    size: Measured
    tilt: Measured
    all_five: Measured


class Modes(NamedTuple):
    """How n points spread over the modes of a mixture."""

    found: int  # modes with a point nearby, at least one
    possible: int
    near: Measured  # share of points near a mode; of perfect points it is 1 - exp(-9/2) = 0.989
    histogram: Tensor  # (modes,) int64, points near each mode
    reverse_kl: float  # nats: KL(histogram || all modes alike), 0 at best, log(modes) for one mode


def catalog_truth(words: Words, valid: Tensor) -> CatalogTruth:
    """Count what pictures show, given what was recognised in each.

    Novel combinations are those held out from training. A model that combines freely makes them
    in one of 10 pictures; one that has only learned whole pictures never does.

    Args:
        words: five tensors (N,) int64.
        valid: (N,) bool, whether a picture shows anything that the words could be about.

    Raises:
        ValueError: if lengths or types differ from these, or a word is not in the vocabulary.
    """
    _check_words(words)
    if valid.dtype != torch.bool or valid.shape != words.kind.shape:
        raise ValueError(f"valid must be bool ({len(words.kind)},), got {valid.dtype}")
    kind, colour, pattern = (factor.cpu()[valid.cpu()] for factor in words[:3])
    varieties = (
        _variety(factor, len(names))
        for factor, names in zip((kind, colour, pattern), VOCABULARY, strict=False)
    )
    held_out = _one_number(*combinations(held_out=True).T)
    novel = torch.isin(_one_number(kind, colour, pattern), held_out)
    return CatalogTruth(_share(valid), *varieties, _share(novel))


def caption_accuracy(words: Words, wanted: Words) -> CaptionAccuracy:
    """Return how often pictures show what was asked for: by factor, and all five at once.

    Args:
        words: what was recognised, five tensors (N,) int64.
        wanted: what was asked for, likewise.

    Raises:
        ValueError: if they differ in length, or a word is not in the vocabulary.
    """
    _check_words(words)
    _check_words(wanted)
    if len(words.kind) != len(wanted.kind):
        raise ValueError(f"{len(words.kind)} pictures, but {len(wanted.kind)} captions")
    right = torch.stack([a.cpu() == b.cpu() for a, b in zip(words, wanted, strict=True)])
    return CaptionAccuracy(*map(_share, right), _share(right.all(dim=0)))


def count_modes(x: Tensor, mixture: Mixture) -> Modes:
    """Count the modes of a mixture that points (N, 2) reach, as PacGAN's scorer does.

    A point is near the mode of its nearest centre if that is less than 3 sigma away; a mode is
    found if one point or more is near it. Points near no mode are left out of the histogram and
    so of the divergence, whose direction is from the points to the truth, in which all modes are
    alike. It is nan if no point is near a mode.
    Source: Lin et al. 2018, arXiv:1712.04086, and the code of its authors.

    Raises:
        ValueError: if the points are not finite floats (N, 2), or there are none.
    """
    if x.ndim != 2 or x.shape[1] != 2 or not len(x) or not x.isfinite().all():
        raise ValueError(f"need one or more finite points (N, 2), got {(*x.shape,)}")
    possible = len(mixture.label_names)
    histogram = torch.zeros(possible, dtype=torch.int64)
    for part in blocks(len(x), 2 * len(mixture.centres)):
        distance = torch.cdist(x[part].detach().cpu().double(), mixture.centres)
        nearest, centre = distance.min(dim=1)
        modes = mixture.label[centre[nearest < REACH * mixture.sigma]]
        histogram += modes.bincount(minlength=possible)
    n_near, found = histogram.sum().item(), (histogram > 0).sum().item()
    reverse_kl = math.log(possible) - _entropy(histogram) if n_near else math.nan
    return Modes(found, possible, wilson(n_near / len(x), len(x)), histogram, reverse_kl)


def _check_words(words: Words) -> None:
    n = len(words.kind)
    for name, factor, names in zip(Words._fields, words, VOCABULARY, strict=True):
        if factor.dtype != torch.int64 or factor.shape != (n,) or not n:
            got = f"{factor.dtype} {(*factor.shape,)}"
            raise ValueError(f"words must be five int64 tensors (N,), but {name} is {got}")
        if factor.min() < 0 or factor.max() >= len(names):
            raise ValueError(f"{name} must lie between 0 and {len(names) - 1}, the vocabulary")


def _share(yes: Tensor) -> Measured:
    """Return the share of yes with its interval; of nothing, nothing is known."""
    n = len(yes)
    return wilson(yes.sum().item() / n, n) if n else Measured(math.nan, 0.0, 1.0)


def _variety(answers: Tensor, possible: int) -> Variety:
    histogram = answers.bincount(minlength=possible)
    found = (histogram > 0).sum().item()
    return Variety(found, possible, _entropy(histogram) / math.log(possible))


def _entropy(histogram: Tensor) -> float:
    """Return the entropy, in nats, of a histogram (K,) of counts; 0 if it is empty."""
    share = histogram.double() / histogram.sum().clamp(min=1)
    return -torch.special.xlogy(share, share).sum().item()


def _one_number(kind: Tensor, colour: Tensor, pattern: Tensor) -> Tensor:
    return (kind * len(VOCABULARY.colour) + colour) * len(VOCABULARY.pattern) + pattern
