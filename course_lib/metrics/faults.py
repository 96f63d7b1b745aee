"""Where in a picture is something odd, and how odd is the oddest place?

A map has one number a pixel, large where a picture differs from what was expected. Letters: N
pictures, S pixels per side.
"""

import torch.nn.functional as F
from torch import Tensor

from course_lib.metrics.intervals import Measured
from course_lib.metrics.two_sample import auc


def error_map(x_hat: Tensor, x: Tensor) -> Tensor:
    """Return the squared error at each pixel, the mean over channels: (N, C, S, S) -> (N, S, S)."""
    if x_hat.shape != x.shape:
        raise ValueError(f"cannot compare pictures {(*x_hat.shape,)} with {(*x.shape,)}")
    return (x_hat - x).square().mean(dim=1)


def smoothed(maps: Tensor, side: int) -> Tensor:
    """Return at each place of maps (N, S, S) the mean over the side x side pixels around it.

    Raises:
        ValueError: if side is even, for then there is no middle.
    """
    if side % 2 == 0 or side < 1:
        raise ValueError(f"side must be odd, so that a window has a middle, got {side}")
    return F.avg_pool2d(maps[:, None], side, stride=1, padding=side // 2, count_include_pad=False)[
        :, 0
    ]


def worst_spot(maps: Tensor, side: int) -> Tensor:
    """Return the largest value of each smoothed map: (N, S, S) -> (N,)."""
    return smoothed(maps, side).flatten(1).amax(dim=1)


def pixel_auc(maps: Tensor, mask: Tensor) -> Measured:
    """Return how often a pixel of the fault has a larger value than another one, over all pictures.

    0.5 is guessing, 1 is always. The interval takes pixels as independent and is too narrow.

    Args:
        maps: (N, S, S).
        mask: (N, 1, S, S), 1 at the pixels of the fault, else 0.

    Raises:
        ValueError: if the shapes do not match, or no pixel or every pixel is at fault.
    """
    if mask.shape != maps[:, None].shape:
        raise ValueError(f"maps {(*maps.shape,)} and masks {(*mask.shape,)} do not match")
    at_fault = mask[:, 0] > 0
    return auc(maps[at_fault], maps[~at_fault])
