"""From noise to pictures in many steps: DDIM, and DDPM as a case of it."""

from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

import torch
from torch import Tensor, nn

from course_lib.runtime import generator
from course_lib.sampling.one_pass import evaluating


class Step(NamedTuple):
    """One moment of a diffusion sampler."""

    t: int  # the timestep the network was asked about, T-1 in the first step
    x_t: Tensor  # (B, C, S, S) the state after this step, a little cleaner than before
    x0_hat: Tensor  # (B, C, S, S) the clean image the network has in mind


def ddim(
    model: nn.Module,
    x_T: Tensor,
    alpha_bar: Tensor,
    n_steps: int = 50,
    eta: float = 0.0,
    seed: int = 0,
    clip: bool = True,
) -> Tensor:
    """Denoise x_T in n_steps and return the images (B, C, S, S); `ddim_path` explains each step."""
    path = ddim_path(model, x_T, alpha_bar, n_steps, eta, seed, clip)
    return deque(path, maxlen=1).pop().x_t  # keep the last step only


def ddpm(model: nn.Module, x_T: Tensor, alpha_bar: Tensor, seed: int = 0) -> Tensor:
    """Denoise x_T through every timestep with fresh noise at each (ancestral sampling).

    Source: Ho et al. 2020, arXiv:2006.11239, Algorithm 2, with the posterior variance and the
    clipping of the authors' code. Song et al. 2021 show that it is DDIM with eta = 1 on all steps,
    and that is how it is computed here.
    """
    return ddim(model, x_T, alpha_bar, len(alpha_bar), eta=1.0, seed=seed)


def ddim_path(
    model: nn.Module,
    x_T: Tensor,
    alpha_bar: Tensor,
    n_steps: int = 50,
    eta: float = 0.0,
    seed: int = 0,
    clip: bool = True,
) -> Iterator[Step]:
    """Return an iterator over every step of the DDIM sampler, from pure noise to pictures.

    Source: Song, Meng & Ermon 2021, arXiv:2010.02502, eq. 12 and 16. The timesteps are spread
    evenly from T-1 downwards, as Lin et al. 2023, arXiv:2305.08891, recommend.

    Args:
        model: predicts the noise in x_t: model(x_t, t) has the shape of x_t.
        x_T: the noise to begin with (B, C, S, S).
        alpha_bar: the schedule the model was trained with (T,).
        n_steps: how many of the T timesteps to visit; each costs one pass of the network.
        eta: 0 adds no noise on the way (the same x_T gives the same image), 1 as much as DDPM.
        seed: for the noise added on the way, drawn on the CPU.
        clip: keep the predicted clean image within [-1, 1], the range of pixels. Points of the
            plane have no such range: for them, set it to False.
    """
    times = timesteps(n_steps, len(alpha_bar))
    if not 0 <= eta <= 1:
        raise ValueError(f"eta must lie in [0, 1], got {eta}")
    return walk(model, x_T, alpha_bar, times, eta, generator(seed), clip)


def timesteps(n_steps: int, T: int) -> list[int]:
    """Return the n_steps of T timesteps that a sampler visits: T-1 first, then evenly downwards.

    Raises:
        ValueError: if n_steps is not between 1 and T.
    """
    if not 1 <= n_steps <= T:
        raise ValueError(
            f"n_steps must be between 1 and {T}, the length of the schedule, got {n_steps}"
        )
    return ((torch.arange(n_steps, 0, -1) * T / n_steps).round().long() - 1).tolist()


def guess(
    model: nn.Module, x_t: Tensor, t: int, a: float, clip: bool = True
) -> tuple[Tensor, Tensor]:
    """Ask the network once: return the clean images it has in mind, and the noise, like x_t.

    Args:
        model: predicts the noise in x_t: model(x_t, t) has the shape of x_t.
        x_t: noisy images (B, C, S, S).
        t: the timestep of all of them.
        a: alpha_bar at t, below 1.
        clip: keep the clean images within [-1, 1].
    """
    with evaluating(model):
        eps_hat = model(x_t, torch.full((len(x_t),), t, device=x_t.device))
    x0_hat = (x_t - (1 - a) ** 0.5 * eps_hat) / a**0.5
    if clip:
        x0_hat = x0_hat.clamp(-1, 1)
        eps_hat = (x_t - a**0.5 * x0_hat) / (1 - a) ** 0.5  # so that both still add up to x_t
    return x0_hat, eps_hat


def walk(
    model: nn.Module,
    x_t: Tensor,
    alpha_bar: Tensor,
    times: list[int],
    eta: float,
    fresh: torch.Generator,
    clip: bool,
) -> Iterator[Step]:
    """Take the steps that `ddim_path` has checked and laid out."""
    signal = [*alpha_bar[times].tolist(), 1.0]  # after the last step: all signal
    for i, t in enumerate(times):
        a, a_next = signal[i], signal[i + 1]
        x0_hat, eps_hat = guess(model, x_t, t, a, clip)
        variance = eta**2 * (1 - a_next) / (1 - a) * (1 - a / a_next)
        x_t = a_next**0.5 * x0_hat + (1 - a_next - variance) ** 0.5 * eps_hat
        if variance > 0:
            x_t = x_t + variance**0.5 * torch.randn(x_t.shape, generator=fresh).to(x_t.device)
        yield Step(t, x_t, x0_hat)
