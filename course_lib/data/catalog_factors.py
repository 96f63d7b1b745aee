"""What varies in the catalog: everything that decides a picture.

Five factors have names (kind, colour, pattern, size, tilt; see catalog_words). The rest is left to
chance, within limits that keep the names true.
"""

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from course_lib.data.catalog_words import COLOURS, KINDS, PATTERNS, SIZES, TILTS


class Factors(NamedTuple):
    """Everything that decides N pictures. `_replace` changes one factor and keeps the others."""

    kind: Tensor  # (N,) int64, an index into KINDS; likewise the next four
    colour: Tensor
    pattern: Tensor
    size: Tensor
    tilt: Tensor
    stretch: Tensor  # (N,) in [-1, 1): where in the range of its named size
    lean: Tensor  # (N,) in [-1, 1): where in the range of its named tilt
    position: Tensor  # (N, 2) in [-1, 1): right and up, in units of MARGIN pixels
    phase: Tensor  # (N, 2) in [0, 1): where the pattern begins; for fading, its direction
    spacing: Tensor  # (N,) in [-1, 1): how far apart stripes, dots and checks are
    background: Tensor  # (N, 2) in [0, 1): hue and depth of the pale backdrop
    light: Tensor  # (N, 2) in [-1, 1): from the left or the right, dim or bright


def combinations(held_out: bool) -> Tensor:
    """Return the (kind, colour, pattern) triples held out from training, or all others: (T, 3).

    Every tenth diagonal is held out: 48 of 480 triples, 4 of each kind, while every kind is
    learned in every colour and in every pattern, and every colour in every pattern.
    """
    sides = [torch.arange(len(names)) for names in (KINDS, COLOURS, PATTERNS)]
    triples = torch.cartesian_prod(*sides)
    kind, colour, pattern = triples.T
    diagonal = (3 * kind + colour + 2 * pattern) % 10
    return triples[(diagonal == 0) == held_out]


def sample_factors(n: int, seed: int, triples: Tensor | None = None) -> Factors:
    """Draw factors for n pictures; the first m of n are the m drawn with the same seed.

    Args:
        triples: (T, 3) int64, the (kind, colour, pattern) to choose from; by default all.

    Raises:
        ValueError: if n is negative or there is nothing to choose from.
    """
    if triples is None:
        triples = torch.cat([combinations(False), combinations(True)])
    if n < 0 or not len(triples):
        raise ValueError(
            f"need n >= 0 and at least one triple, got n = {n}, {len(triples)} triples"
        )
    u = np.random.RandomState(seed).random_sample((n, 14))  # RandomState never changes its stream
    chance = torch.from_numpy(u).float().clamp(max=1 - 2**-24)
    pick = torch.from_numpy((u[:, :3] * (len(triples), len(SIZES), len(TILTS))).astype(np.int64))
    signed = 2 * chance - 1
    return Factors(
        *triples[pick[:, 0]].T.contiguous(),
        size=pick[:, 1],
        tilt=pick[:, 2],
        stretch=signed[:, 3],
        lean=signed[:, 4],
        position=signed[:, 5:7],
        phase=chance[:, 7:9],
        spacing=signed[:, 9],
        background=chance[:, 10:12],
        light=signed[:, 12:14],
    )


def select(factors: Factors, index: Tensor | slice) -> Factors:
    """Return the factors of some of the pictures."""
    return Factors(*(factor[index] for factor in factors))
