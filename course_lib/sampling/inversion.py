"""Pictures back into noise: the sampler without chance, walked the other way."""

import torch
from torch import Tensor, nn

from course_lib.sampling.ddim import timesteps
from course_lib.sampling.one_pass import evaluating


def invert(model: nn.Module, x: Tensor, alpha_bar: Tensor, n_steps: int = 50) -> Tensor:
    """Return the noise (B, C, S, S) from which DDIM without fresh noise draws the pictures x.

    Each step asks the network at the noisier end, as the sampler did, but about the picture at the
    cleaner end, which is all that is known by then. So the way back misses the way there by a
    little, and by less the shorter the steps are. Nothing is clipped: it could not be found again.
    Source: Song, Meng & Ermon 2021, arXiv:2010.02502, section 4.3.

    Args:
        model: predicts the noise in x_t: model(x_t, t) has the shape of x_t.
        x: clean pictures.
        alpha_bar: the schedule the model was trained with (T,).
        n_steps: how many of the T timesteps to visit, those of `ddim`.

    Raises:
        ValueError: if n_steps is not between 1 and T.
    """
    x_t, a = x, 1.0
    for t in reversed(timesteps(n_steps, len(alpha_bar))):
        a_noisier = alpha_bar[t].item()
        with evaluating(model):
            eps_hat = model(x_t, torch.full((len(x_t),), t, device=x_t.device))
        x0_hat = (x_t - (1 - a) ** 0.5 * eps_hat) / a**0.5
        x_t, a = a_noisier**0.5 * x0_hat + (1 - a_noisier) ** 0.5 * eps_hat, a_noisier
    return x_t
