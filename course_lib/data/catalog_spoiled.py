"""Pictures that are no valid picture of the catalog, made from those that are.

The recogniser learns from them when to say no. Each way of spoiling is strong enough that nobody
would take the result for a drawn product; what lies between is left out. Letters: N pictures,
S pixels per side.
"""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from course_lib.runtime import generator


def spoil(x: Tensor, seed: int) -> Tensor:
    """Return pictures (N, 3, S, S) with each spoiled in one of the ways of `WAYS`, by chance.

    The first m of n are not those drawn for m alone: each picture may borrow from any other.
    """
    draw = generator(seed)
    way = torch.randint(len(WAYS), (len(x),), generator=draw)
    spoiled = x.clone()
    for i, make in enumerate(WAYS.values()):
        chosen = (way == i).to(x.device)
        if chosen.any():
            other = x[torch.randperm(len(x), generator=draw)[: int(chosen.sum())].to(x.device)]
            spoiled[chosen] = make(x[chosen], other, draw).clamp(-1, 1)
    return spoiled


def _uniform(x: Tensor, draw: torch.Generator, low: float = 0.0, high: float = 1.0) -> Tensor:
    """Return one number for each picture, (N, 1, 1, 1), evenly between low and high."""
    return (low + (high - low) * torch.rand(len(x), 1, 1, 1, generator=draw)).to(x.device)


def _normal(shape: tuple[int, ...], x: Tensor, draw: torch.Generator) -> Tensor:
    return torch.randn(shape, generator=draw).to(x.device)


def _noise(x: Tensor, other: Tensor, draw: torch.Generator) -> Tensor:
    """No thing at all: noise of any strength, fine or in clouds, down to an empty backdrop."""
    n, channels, side = x.shape[:3]
    fine = _normal((n, channels, side, side), x, draw)
    coarse = _normal((n, channels, side // 8, side // 8), x, draw)
    clouds = F.interpolate(coarse, size=side, mode="bicubic")
    share = (_uniform(x, draw) < 0.5).float()
    strength = _uniform(x, draw, 0.0, 1.0)
    return _uniform(x, draw, -0.5, 0.8) + strength * (share * fine + (1 - share) * clouds)


def _noisy(x: Tensor, other: Tensor, draw: torch.Generator) -> Tensor:
    """A picture under heavy noise."""
    return x + _uniform(x, draw, 0.35, 1.0) * _normal(x.shape, x, draw)


def _blend(x: Tensor, other: Tensor, draw: torch.Generator) -> Tensor:
    """Two pictures, one shining through the other."""
    share = _uniform(x, draw, 0.3, 0.7)
    return share * x + (1 - share) * other


def _halves(x: Tensor, other: Tensor, draw: torch.Generator) -> Tensor:
    """One part from one picture and the rest from another, along a straight cut."""
    side = x.shape[-1]
    axis = torch.linspace(-1, 1, side, device=x.device)
    angle, offset = _uniform(x, draw, 0, 2 * torch.pi), _uniform(x, draw, -0.3, 0.3)
    first = axis * angle.cos() + axis[:, None] * angle.sin() > offset
    return torch.where(first, x, other)


def _blurred(x: Tensor, other: Tensor, draw: torch.Generator) -> Tensor:
    """A picture so blurred that its pattern is gone, or an average of several such."""
    side = x.shape[-1]
    small = F.interpolate(x, size=side // 8, mode="area")
    smaller = F.interpolate(x, size=side // 4, mode="area")
    wide, narrow = (F.interpolate(s, size=side, mode="bicubic") for s in (small, smaller))
    return torch.where(_uniform(x, draw) < 0.5, wide, narrow)


def _melted(x: Tensor, other: Tensor, draw: torch.Generator) -> Tensor:
    """A picture whose pixels have flowed a few pixels away, neighbours together."""
    n, side = len(x), x.shape[-1]
    flow = F.interpolate(_normal((n, 2, 5, 5), x, draw), size=side, mode="bicubic")
    axis = torch.linspace(-1, 1, side, device=x.device)
    place = torch.stack(torch.meshgrid(axis, axis, indexing="xy"), dim=-1)  # (S, S, 2)
    strength = _uniform(x, draw, 0.18, 0.4)
    warped = place + strength * flow.permute(0, 2, 3, 1)
    return F.grid_sample(x, warped, padding_mode="reflection", align_corners=True)


WAYS: dict[str, Callable[[Tensor, Tensor, torch.Generator], Tensor]] = {
    "noise": _noise,
    "heavy noise": _noisy,
    "blend of two": _blend,
    "halves of two": _halves,
    "blurred away": _blurred,
    "melted": _melted,
}
