"""Fewer passes for the same picture: a solver that looks back one step."""

import math
from itertools import pairwise

from torch import Tensor, nn

from course_lib.sampling.ddim import guess, timesteps


def second_order(
    model: nn.Module, x_T: Tensor, alpha_bar: Tensor, n_steps: int = 24, clip: bool = True
) -> Tensor:
    """Denoise x_T in n_steps and return the images (B, C, S, S); one pass each, no fresh noise.

    DDIM takes the clean image of this moment for that of the whole step. This solver continues the
    line through the last two, so its error falls with the square of the step.
    Source: DPM-Solver++(2M), Lu et al. 2022, arXiv:2211.01095, Algorithm 2.

    Args:
        model: predicts the noise in x_t: model(x_t, t) has the shape of x_t.
        x_T: the noise to begin with (B, C, S, S).
        alpha_bar: the schedule the model was trained with (T,).
        n_steps: how many of the T timesteps to visit.
        clip: keep the predicted clean image within [-1, 1], the range of pixels.

    Raises:
        ValueError: if n_steps is not between 1 and T.
    """
    times = timesteps(n_steps, len(alpha_bar))
    x_t, before = x_T, None  # before: the last clean image, and where on the way it was
    for t, t_next in pairwise(times):
        a, a_next = alpha_bar[t].item(), alpha_bar[t_next].item()
        here, there = half_log_snr(a), half_log_snr(a_next)
        x0_hat = aim = guess(model, x_t, t, a, clip)[0]
        if before is not None:
            last_x0, last_place = before
            aim = x0_hat + (there - here) / (here - last_place) / 2 * (x0_hat - last_x0)
        fade = ((1 - a_next) / (1 - a)) ** 0.5
        x_t = fade * x_t + (a_next**0.5 - fade * a**0.5) * aim
        before = x0_hat, here
    last = times[-1]  # after it all is signal: the clean image itself
    return guess(model, x_t, last, alpha_bar[last].item(), clip)[0]


def half_log_snr(a: float) -> float:
    """Return log(signal / noise) where alpha_bar is a: the clock in which the solver steps."""
    return 0.5 * math.log(a / (1 - a))
