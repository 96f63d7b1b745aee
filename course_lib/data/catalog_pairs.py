"""Paired truths: the same product drawn another way, by its own factors.

Each gives the exact answer to a task that models are later judged by: colour this outline, bring
back the day, sharpen, cut out, repair, restyle. Letters: N pictures, S = 32 pixels per side.
"""

from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from course_lib.data.catalog_factors import Factors
from course_lib.data.catalog_paint import MAIN, SIDE, backdrop, draw, lamplight
from course_lib.data.catalog_words import COLOURS, PATTERNS

DEFECTS = ("scratch", "missing part", "stain")


class Damaged(NamedTuple):
    """Pictures with a defect, and where it is."""

    x: Tensor  # (N, 3, S, S) in [-1, 1]
    mask: Tensor  # (N, 1, S, S), 1 at every pixel that the defect changed, else 0


def outline(factors: Factors) -> Tensor:
    """Return line drawings, black (-1) on white (1), (N, 1, S, S): no colour, pattern or light."""
    return draw(factors, lambda _, scene: 1 - 2 * scene.lines[:, None], channels=1)


def pencil_outline(factors: Factors) -> Tensor:
    """Return line drawings in a pencil of each product's colour on white paper, (N, 3, S, S)."""
    colour = 2 * torch.tensor(MAIN, device=factors.colour.device)[factors.colour] - 1  # (N, 3)
    line = (1 - outline(factors)) / 2
    return 1 - line * (1 - colour[:, :, None, None])


def object_mask(factors: Factors) -> Tensor:
    """Return how much of each pixel the thing covers, (N, 1, S, S) in [0, 1]."""
    return draw(factors, lambda _, scene: scene.thing[:, None], channels=1)


def with_pattern(factors: Factors, pattern: str) -> Factors:
    """Return the same products in another pattern: plain against striped, everything else equal.

    Raises:
        ValueError: if there is no pattern of that name.
    """
    if pattern not in PATTERNS:
        raise ValueError(f"{pattern!r} is not a pattern: choose one of {', '.join(PATTERNS)}")
    return factors._replace(pattern=torch.full_like(factors.pattern, PATTERNS.index(pattern)))


def night(x: Tensor, factors: Factors) -> Tensor:
    """Return the pictures (N, 3, S, S) at night: blue dusk, and a warm lamp on the lit side."""
    axis = torch.linspace(-1, 1, SIDE, device=x.device)
    side = factors.light[:, 0, None, None, None]
    distance = (axis - 0.7 * side).square() + (axis[:, None] + 0.2).square()  # (N, 1, S, S)
    dusk = torch.tensor([0.16, 0.20, 0.38], device=x.device)[:, None, None]
    lamp = torch.tensor([0.74, 0.56, 0.26], device=x.device)[:, None, None]
    return (x + 1) * (dusk + lamp * (-2.5 * distance).exp()) - 1


def low_resolution(x: Tensor, side: int = 8) -> Tensor:
    """Return the pictures (N, C, S, S) at side x side pixels, each the mean of those it replaces.

    Raises:
        ValueError: if side does not divide the side of the pictures.
    """
    if side < 1 or x.shape[-1] % side:
        raise ValueError(f"side must divide {x.shape[-1]}, the side of the pictures, got {side}")
    return F.avg_pool2d(x, x.shape[-1] // side)


def damage(x: Tensor, factors: Factors, defect: str, seed: int) -> Damaged:
    """Add a small defect to each picture (N, 3, S, S), somewhere on its thing.

    Args:
        x: render(factors).
        defect: "scratch", "missing part" (the backdrop shows through) or "stain".
        seed: decides where; the first m of n are the m drawn with the same seed.

    Raises:
        ValueError: if there is no defect of that name.
    """
    if defect not in DEFECTS:
        raise ValueError(f"{defect!r} is not a defect: choose one of {', '.join(DEFECTS)}")
    thing = object_mask(factors)
    chance = torch.from_numpy(np.random.RandomState(seed).random_sample((len(x), 3)))
    where, angle, length = chance.float().to(x.device)[:, :, None, None, None].unbind(1)
    inside = -F.max_pool2d(-thing, 3, stride=1, padding=1) > 0.99
    edge = (thing > 0.3) & (thing < 0.8)
    right, down = _from_a_point(edge if defect == "missing part" else inside, where)
    maker = {"scratch": _scratch, "missing part": _hole, "stain": _stain}[defect]
    share, paint = maker(factors, right, down, torch.pi * angle, length)
    damaged = x + share * (thing > 0.3) * (paint - x)
    return Damaged(damaged, (damaged != x).any(1, keepdim=True).float())


def _scratch(factors, right, down, angle, length):
    along = (right * angle.cos() + down * angle.sin()).abs()
    across = (down * angle.cos() - right * angle.sin()).abs()
    share = 0.9 * (1.2 - across).clamp(0, 1) * (3 + 2 * length - along).clamp(0, 1)
    black = factors.colour == COLOURS.index("black")
    return share, torch.where(black, 0.6, -0.8)[:, None, None, None]  # seen on black things too


def _hole(factors, right, down, angle, length):
    share = (4 + length - (right.square() + down.square()).sqrt()).clamp(0, 1)
    return share, 2 * (backdrop(factors)[:, :, None, None] * lamplight(factors)).clamp(0, 1) - 1


def _stain(factors, right, down, angle, length):
    wobble = 1 + 0.25 * (3 * torch.atan2(down, right) + 2 * angle).cos()
    radius = (right.square() + down.square()).sqrt()
    share = 0.8 * ((2.4 + 0.8 * length) * wobble - radius).clamp(0, 1)
    return share, torch.tensor([-0.10, -0.42, -0.78], device=angle.device)[:, None, None]  # coffee


def _from_a_point(allowed: Tensor, where: Tensor) -> tuple[Tensor, Tensor]:
    """Return each pixel's way, right and down, from one allowed pixel: (N, 1, S, S) each.

    Args:
        allowed: (N, 1, S, S) bool.
        where: (N, 1, 1, 1) in [0, 1): which of the allowed pixels, in reading order.
    """
    rank = allowed.flatten(1).cumsum(1)
    wanted = (where.flatten(1) * rank[:, -1:]).floor() + 1
    index = (rank >= wanted).int().argmax(1)[:, None, None, None]
    place = torch.arange(SIDE, device=allowed.device)
    return place - index % SIDE, place[:, None] - index // SIDE
