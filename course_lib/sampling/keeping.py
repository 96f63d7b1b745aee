"""Pictures of which something is known: a diffusion model invents the rest.

What is known is put back after every step, under as much noise as the step leaves. A hole and a
small picture to be enlarged are the same task: of the one some pixels are known, of the other the
means of blocks. The model is trained for neither. Letters: B pictures, C channels, S pixels a side.
"""

from collections import deque
from collections.abc import Callable, Iterator
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course_lib.runtime import generator
from course_lib.sampling.ddim import Step, guess, timesteps


class Known(NamedTuple):
    """What is known of B pictures."""

    part: Tensor  # (B, C, S, S) the known part of the pictures, 0 elsewhere
    take: Callable[[Tensor], Tensor]  # takes the same part out of any pictures of that shape


def known_pixels(x: Tensor, known: Tensor) -> Known:
    """Return the pictures x (B, C, S, S) as far as known (bool, of that shape) is True.

    What stands in the holes of x is never looked at.

    Raises:
        ValueError: if the shapes differ, or known is not bool.
    """
    if known.shape != x.shape or known.dtype != torch.bool:
        raise ValueError(f"known must be bool {(*x.shape,)}, got {known.dtype} {(*known.shape,)}")
    return Known(torch.where(known, x, 0.0), lambda other: torch.where(known, other, 0.0))


def known_means(small: Tensor, side: int) -> Known:
    """Return pictures of side x side pixels of which only the small ones (B, C, s, s) are known.

    A pixel of a small picture is the mean of the block that it replaces, in every channel.

    Raises:
        ValueError: if s does not divide the side.
    """
    if small.shape[-1] != small.shape[-2] or side % small.shape[-1]:
        raise ValueError(f"{side} is no multiple of the side of small pictures {(*small.shape,)}")
    block = side // small.shape[-1]

    def take(x: Tensor) -> Tensor:
        return F.interpolate(F.avg_pool2d(x, block), scale_factor=block, mode="nearest")

    return Known(F.interpolate(small, scale_factor=block, mode="nearest"), take)


def fill(
    model: nn.Module,
    x_T: Tensor,
    alpha_bar: Tensor,
    known: Known,
    n_steps: int = 24,
    rounds: int = 1,
    back: int = 4,
    eta: float = 1.0,
    seed: int = 0,
    clip: bool = True,
) -> Tensor:
    """Invent what is not known and return the pictures; `fill_path` explains each step."""
    path = fill_path(model, x_T, alpha_bar, known, n_steps, rounds, back, eta, seed, clip)
    return deque(path, maxlen=1).pop().x_t


def fill_path(
    model: nn.Module,
    x_T: Tensor,
    alpha_bar: Tensor,
    known: Known,
    n_steps: int = 24,
    rounds: int = 1,
    back: int = 4,
    eta: float = 1.0,
    seed: int = 0,
    clip: bool = True,
) -> Iterator[Step]:
    """Return an iterator over all n_steps * rounds steps, from pure noise to filled pictures.

    With one round this is replacement (Song et al. 2021, arXiv:2011.13456, appendix I.2; for block
    means Choi et al. 2021, arXiv:2108.02938). With more it is RePaint (Lugmayr et al. 2022,
    arXiv:2201.09865): the steps are cut into stretches, and each is walked several times, with a
    jump back into noise in between, so that the new part and the known one can agree.

    Args:
        model: predicts the noise in x_t: model(x_t, t) has the shape of x_t.
        x_T: the noise to begin with (B, C, S, S).
        alpha_bar: the schedule the model was trained with (T,).
        known: what the pictures must show.
        n_steps: how many of the T timesteps to visit.
        rounds: how often each stretch is walked; each step of each round costs one pass.
        back: steps in a stretch.
        eta: fresh noise in a step; 1 as much as DDPM, 0 none.
        seed: for all noise but x_T, drawn on the CPU.
        clip: keep the predicted clean image within [-1, 1], the range of pixels.

    Raises:
        ValueError: if a number is out of range.
    """
    times = timesteps(n_steps, len(alpha_bar))
    if rounds < 1 or not 1 <= back <= n_steps or not 0 <= eta <= 1:
        raise ValueError(
            f"need rounds of 1 or more, back from 1 to {n_steps} and eta from 0 to 1, "
            f"got {rounds}, {back} and {eta}"
        )
    return _walk(
        model,
        x_T,
        alpha_bar,
        known,
        times,
        _stretches(n_steps, rounds, back),
        eta,
        generator(seed),
        clip,
    )


def _stretches(n_steps: int, rounds: int, back: int) -> list[range]:
    """Return the stretches in the order they are walked: [0..3], [0..3], [4..7], [4..7], ..."""
    starts = range(0, n_steps, back)
    return [range(i, min(i + back, n_steps)) for i in starts for _ in range(rounds)]


def _walk(
    model: nn.Module,
    x_t: Tensor,
    alpha_bar: Tensor,
    known: Known,
    times: list[int],
    stretches: list[range],
    eta: float,
    draw: torch.Generator,
    clip: bool,
) -> Iterator[Step]:
    """Take the steps that `fill_path` has checked and laid out."""
    signal = [*alpha_bar[times].tolist(), 1.0]  # after the last step: all signal

    def fresh() -> Tensor:
        return torch.randn(x_t.shape, generator=draw, dtype=x_t.dtype).to(x_t.device)

    def put_back(x: Tensor, a: float) -> Tensor:
        noised = a**0.5 * known.part + (1 - a) ** 0.5 * known.take(fresh())
        return x - known.take(x) + noised

    x_t, at = put_back(x_t, signal[0]), 0
    for stretch in stretches:
        if stretch.start < at:  # jump back: the noise of all its steps at once
            left = signal[stretch.start] / signal[at]
            x_t = left**0.5 * x_t + (1 - left) ** 0.5 * fresh()
        for i in stretch:
            a, a_next = signal[i], signal[i + 1]
            x0_hat, eps_hat = guess(model, x_t, times[i], a, clip)
            variance = eta**2 * (1 - a_next) / (1 - a) * (1 - a / a_next)
            x_t = a_next**0.5 * x0_hat + (1 - a_next - variance) ** 0.5 * eps_hat
            x_t = put_back(x_t + variance**0.5 * fresh(), a_next)
            yield Step(times[i], x_t, x0_hat)
        at = stretch.stop
