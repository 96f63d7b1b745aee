"""Impostors made by hand: sets of pictures that cheat in one way each.

A number that is to mark generators is tried on them first: each has one known fault and no other,
so it shows what the number sees and what it does not. Letters: N pictures, C channels, S pixels
per side.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from course_lib.runtime import generator, noise


def blurry(x: Tensor, sigma: float = 0.6) -> Tensor:
    """Return pictures (N, C, S, S) out of focus, blurred by a Gaussian.

    Args:
        x: real pictures.
        sigma: the width of the blur, in pixels, more than 0. Beyond 3 sigma nothing flows.
    """
    reach = max(1, round(3 * sigma))
    place = torch.arange(-reach, reach + 1, device=x.device)
    weight = torch.exp(-0.5 * (place / sigma) ** 2).to(x.dtype)
    kernel = (weight / weight.sum()).expand(x.shape[1], 1, 1, -1)  # (C, 1, 1, 2 reach + 1)
    padded = F.pad(x, (reach,) * 4, mode="reflect")
    across = F.conv2d(padded, kernel, groups=x.shape[1])
    return F.conv2d(across, kernel.mT, groups=x.shape[1]).clamp(-1, 1)


def noisy(x: Tensor, seed: int, strength: float = 0.1) -> Tensor:
    """Return pictures (N, C, S, S) under noise of the given standard deviation, clipped."""
    return (x + strength * noise(*x.shape, seed=seed, device=x.device)).clamp(-1, 1)


def collapsed(x: Tensor, seed: int, n_distinct: int = 20, strength: float = 0.02) -> Tensor:
    """Return N pictures (N, C, S, S), of which only a few are different, each under slight noise.

    Args:
        x: real pictures to choose from.
        seed: which are chosen, which of them comes when, and the noise.
        n_distinct: how many are chosen.
        strength: standard deviation of the noise, so that no two are equal to the last digit.

    Raises:
        ValueError: if x has fewer pictures.
    """
    if not 0 < n_distinct <= len(x):
        raise ValueError(f"cannot choose {n_distinct} different pictures of {len(x)}")
    draw = generator(seed)
    chosen = torch.randperm(len(x), generator=draw)[:n_distinct]
    turn = torch.randint(n_distinct, (len(x),), generator=draw)
    return noisy(x[chosen[turn].to(x.device)], seed + 1, strength)


def copier(train: Tensor, n: int, seed: int) -> Tensor:
    """Return n different training pictures, (n, C, S, S), as they are.

    Raises:
        ValueError: if there are fewer.
    """
    if not 0 < n <= len(train):
        raise ValueError(f"cannot hand out {n} different pictures of {len(train)}")
    chosen = torch.randperm(len(train), generator=generator(seed))[:n]
    return train[chosen.to(train.device)]


def wrong_colours(x: Tensor) -> Tensor:
    """Return pictures (N, 3, S, S) with red and blue exchanged, as files are often misread.

    Raises:
        ValueError: if they are not in colour.
    """
    if x.ndim != 4 or x.shape[1] != 3:
        raise ValueError(f"only pictures (N, 3, S, S) have colours, got {(*x.shape,)}")
    return x.flip(1)


def pale(x: Tensor, contrast: float = 0.5) -> Tensor:
    """Return pictures (N, C, S, S) with their contrast, around grey, that much weaker."""
    return contrast * x


def stitched(x: Tensor, other: Tensor) -> Tensor:
    """Return pictures (N, C, S, S) whose upper half is from one, the lower from another."""
    if x.shape != other.shape:
        raise ValueError(f"halves of {(*x.shape,)} and {(*other.shape,)} do not fit")
    middle = x.shape[-2] // 2
    return torch.cat([x[..., :middle, :], other[..., middle:, :]], dim=-2)
