"""Ways from one place to another, in a latent space, in noise, or among pixels.

Standard normal noise of many numbers lies near a sphere. The straight way between two draws cuts
through its inside, where no draw ever falls; the arc stays outside.
"""

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor

PARALLEL = 2e-3  # radians: between directions this close, or opposite, there is no one arc


def straight(start: Tensor, end: Tensor, share: float) -> Tensor:
    """Return the place a share of the straight way from start (B, ...) to end (B, ...)."""
    _check_alike(start, end)
    return (1 - share) * start + share * end


def arc(start: Tensor, end: Tensor, share: float) -> Tensor:
    """Return the place a share of the way along the arc from start (B, ...) to end (B, ...).

    Each row turns by its own angle at even speed; between rows of one length, that length is kept.
    Rows that point the same way, or opposite ways, go straight.
    Source: Shoemake 1985, https://doi.org/10.1145/325165.325242; for noise White 2016,
    arXiv:1609.04468.
    """
    _check_alike(start, end)
    a, b = start.flatten(1), end.flatten(1)
    angle = torch.cosine_similarity(a, b, dim=1).clamp(-1, 1).acos()[:, None]
    lost = (angle < PARALLEL) | (angle > torch.pi - PARALLEL)
    angle = torch.where(lost, 1.0, angle)
    way = (((1 - share) * angle).sin() * a + (share * angle).sin() * b) / angle.sin()
    return torch.where(lost, (1 - share) * a + share * b, way).reshape(start.shape)


def detour(path: Sequence[Tensor]) -> Tensor:
    """Return how much longer a path is than the straight way between its ends: (B,), 1 or more.

    Args:
        path: states (B, ...) in order, two or more.

    Raises:
        ValueError: if there are fewer than two states.
    """
    return _strides(path).sum(dim=0) / (path[-1] - path[0]).flatten(1).norm(dim=1)


def jerk(path: Sequence[Tensor]) -> Tensor:
    """Return how uneven a walk is, its largest step over its mean step: (B,), 1 if all are alike.

    Args:
        path: states (B, ...) in order, two or more.

    Raises:
        ValueError: if there are fewer than two states.
    """
    strides = _strides(path)
    return strides.amax(dim=0) / strides.mean(dim=0)


def _strides(path: Sequence[Tensor]) -> Tensor:
    """Return how long each step of a path is: (steps, B)."""
    if len(path) < 2:
        raise ValueError(f"a path has two states or more, got {len(path)}")
    return torch.stack([(b - a).flatten(1).norm(dim=1) for a, b in pairwise(path)])


def _check_alike(start: Tensor, end: Tensor) -> None:
    if start.shape != end.shape or start.ndim < 2:
        have = f"{(*start.shape,)} and {(*end.shape,)}"
        raise ValueError(f"start and end must have one shape (B, ...), got {have}")
