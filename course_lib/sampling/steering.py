"""Moving latents until a picture is as wished, by the slope of what it still lacks.

The generator is not trained any further, and need never have been told what to make.
Letters: B images, Z latent numbers.
"""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor


class Steered(NamedTuple):
    """How far steering came after one number of steps."""

    z: Tensor  # (B, Z) the best latent met so far
    miss: Tensor  # (B,) what its picture lacks


def roll(z: Tensor, slope: Tensor, size: float) -> Tensor:
    """Step a distance against the slope, and return to the old length: (B, Z), (B, Z) -> (B, Z).

    Standard normal draws of many numbers have nearly one length, and it is latents of this length
    that a generator knows: so latents roll on their sphere.
    """
    there = z - size * slope / slope.norm(dim=1, keepdim=True).clamp(min=1e-12)
    return there * z.norm(dim=1, keepdim=True) / there.norm(dim=1, keepdim=True)


def steer(
    draw: Callable[[Tensor], Tensor],
    z: Tensor,
    miss: Callable[[Tensor], Tensor],
    stops: tuple[int, ...],
    size: float = 3.0,
) -> list[Steered]:
    """Roll latents towards pictures that lack less, and report the best after some steps.

    Args:
        draw: latents (B, Z) to images, differentiable.
        z: where to begin, (B, Z).
        miss: what each image lacks, (B,), 0 or near it for one that is as wished.
        stops: numbers of steps, growing; 0 is the beginning itself.
        size: how far a step goes; draws of 16 numbers have a length of about 4.

    Returns:
        One `Steered` a stop. A stop at k steps has cost k passes forth and back, and one forth.
    """
    best, lowest, found = z, torch.full((len(z),), torch.inf, device=z.device), []
    for step in range(max(stops) + 1):
        z = z.detach().requires_grad_()
        lacking = miss(draw(z))
        better = lacking.detach() < lowest
        best = torch.where(better[:, None], z.detach(), best)
        lowest = torch.where(better, lacking.detach(), lowest)
        if step in stops:
            found.append(Steered(best, lowest))
        if step < max(stops):
            z = roll(z, torch.autograd.grad(lacking.sum(), z)[0], size)
    return found
