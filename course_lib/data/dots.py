"""The simplest world that is not trivial: one soft dot, and four numbers that decide it.

The numbers are independent and even between -1 and 1, and nothing else varies. So one can ask of
any description of such pictures whether it found these four, or some mixture of them.
"""

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

SIDE = 12
FACTORS = ("right", "up", "size", "brightness")
SQUARE, WIDE = (2.5, 2.5), (3.5, 1.25)  # pixels from the middle, to the right and up


class Dots(NamedTuple):
    """Pictures of one dot each, and what decided them."""

    x: Tensor  # (N, 1, 12, 12) in [-1, 1]
    factors: Tensor  # (N, 4) in [-1, 1], in the order of FACTORS


def draw_dots(factors: Tensor, reach: tuple[float, float] = SQUARE) -> Tensor:
    """Draw one dot a row of factors (N, 4) in [-1, 1]: (N, 1, 12, 12) in [-1, 1].

    A dot is a round Gaussian, 1 to 2.2 pixels wide (its standard deviation). A dark dot has a third
    of the light of a bright one.

    Args:
        factors: one row a picture, in the order of FACTORS.
        reach: how many pixels right of and above the picture's middle a dot's middle can lie.

    Raises:
        ValueError: if the factors have another shape, or leave [-1, 1].
    """
    if factors.ndim != 2 or factors.shape[1] != len(FACTORS):
        raise ValueError(f"factors of dots must have shape (N, 4), got {(*factors.shape,)}")
    if not (factors.abs() <= 1).all():
        raise ValueError("factors of dots must lie in [-1, 1]")
    right, up, size, brightness = factors[:, :, None, None].unbind(1)  # (N, 1, 1) each
    place = torch.arange(SIDE, device=factors.device) - (SIDE - 1) / 2
    across, down = place - reach[0] * right, place[:, None] + reach[1] * up
    width = 1.6 + 0.6 * size
    cover = (-(across.square() + down.square()) / (2 * width.square())).exp()  # (N, S, S)
    return (1.8 * (2 + brightness) / 3 * cover - 0.9)[:, None]


def sample_dots(n: int, seed: int, reach: tuple[float, float] = SQUARE) -> Dots:
    """Draw n dots by chance, on the CPU; the first m of n are the m drawn with the same seed."""
    u = np.random.RandomState(seed).random_sample((n, len(FACTORS)))  # never changes its stream
    factors = torch.from_numpy(2 * u - 1).float()
    return Dots(draw_dots(factors, reach), factors)
