"""What can be measured on a handwritten digit without reading it: ink, slant, width.

All three are smooth in the pixels, so that one can also ask in which direction they grow.
Letters: N pictures, S pixels per side.
"""

from typing import NamedTuple

import torch
from torch import Tensor

LEAST = 1e-6  # of ink, and of height: what is empty or flat has no slant


class Handwriting(NamedTuple):
    """Three measures of each picture, (N,) each."""

    ink: Tensor  # mean brightness from 0 to 1
    slant: Tensor  # pixels to the right for each pixel up, along the stroke; below 0: to the left
    width: Tensor  # standard deviation of the ink from left to right, in pixels


def handwriting(x: Tensor) -> Handwriting:
    """Measure pictures (N, 1, S, S) in [-1, 1], white on black.

    The slant is the slope of the line that tells best, from how high some ink stands, how far right
    it stands: it shears the writing upright again. Gradients flow through all three.

    Raises:
        ValueError: if the pictures have another shape.
    """
    if x.ndim != 4 or x.shape[1] != 1 or x.shape[2] != x.shape[3]:
        raise ValueError(f"need grey square pictures (N, 1, S, S), got {(*x.shape,)}")
    ink = (x[:, 0] + 1) / 2  # (N, S, S), none is 0
    weight = ink.flatten(1) / ink.flatten(1).sum(dim=1, keepdim=True).clamp(min=LEAST)
    place = torch.arange(x.shape[-1], dtype=x.dtype, device=x.device)
    up, right = (p.flatten() for p in torch.meshgrid(-place, place, indexing="ij"))
    up = up - (weight @ up)[:, None]  # (N, S S), from the middle of the ink
    right = right - (weight @ right)[:, None]
    height = (weight * up.square()).sum(dim=1).clamp(min=LEAST)
    slant = (weight * up * right).sum(dim=1) / height
    width = (weight * right.square()).sum(dim=1).clamp(min=LEAST).sqrt()
    return Handwriting(ink.mean(dim=(1, 2)), slant, width)
