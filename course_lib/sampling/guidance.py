"""Asking for something: a diffusion model of the long runs as the samplers want it."""

import math

import torch
from torch import Tensor, nn

from course_lib.schedules import signal_to_noise, spread

EVERYWHERE = (-math.inf, math.inf)


class Guided(nn.Module):
    """Predict noise with a model that predicts the velocity and listens to what is wanted.

    With guidance w the prediction is eps_u + w (eps_c - eps_u), where eps_u is asked for nothing
    and eps_c for what is wanted: 0 ignores it, 1 heeds it, more exaggerates it.
    Source: Ho & Salimans 2022, arXiv:2207.12598; their w is ours - 1. To guide between two noise
    levels only, not early on, where it costs variety: Kynkaanniemi et al. 2024, arXiv:2404.07724.

    Args:
        model: velocity = model(x_t, t, wanted).
        alpha_bar: the schedule it was trained with (T,).
        wanted: (B, Q) int64, -1 for "not said".
        guidance: w.
        between: the log SNR (natural logarithm) between which w holds; elsewhere it is 1.

    Raises:
        ValueError: if between is not in order.
    """

    def __init__(
        self,
        model: nn.Module,
        alpha_bar: Tensor,
        wanted: Tensor,
        guidance: float = 1.0,
        between: tuple[float, float] = EVERYWHERE,
    ):
        super().__init__()
        self.model, self.guidance = model, guidance
        low, high = between
        if not low < high:
            raise ValueError(f"guide between a lower log SNR and a higher one, got {between}")
        place = signal_to_noise(alpha_bar).log()  # (T,)
        inside = ((low < place) & (place < high)) | (between == EVERYWHERE)
        for name, carried in {"alpha_bar": alpha_bar, "wanted": wanted, "inside": inside}.items():
            self.register_buffer(name, carried, persistent=False)  # moves where the model moves

    def forward(self, x_t: Tensor, t: Tensor) -> Tensor:
        """Predict the noise in x_t (B, C, S, S) at timesteps t (B,): one pass, of 2 B if guided."""
        nothing, pushed = torch.full_like(self.wanted, -1), self.inside[t]
        if self.guidance == 1 or not pushed.any():
            v = self.model(x_t, t, self.wanted)
        elif self.guidance == 0 and pushed.all():
            v = self.model(x_t, t, nothing)
        else:
            asked = torch.cat([nothing, self.wanted])
            free, told = self.model(torch.cat([x_t, x_t]), torch.cat([t, t]), asked).chunk(2)
            v = torch.where(spread(pushed, x_t), free + self.guidance * (told - free), told)
        a = spread(self.alpha_bar[t], x_t)
        return (1 - a).sqrt() * x_t + a.sqrt() * v.float()  # Salimans & Ho 2022, appendix D
