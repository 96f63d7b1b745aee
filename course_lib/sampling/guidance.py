"""Asking for something: a diffusion model of the long runs as the samplers want it."""

import torch
from torch import Tensor, nn

from course_lib.schedules import spread


class Guided(nn.Module):
    """Predict noise with a model that predicts the velocity and listens to what is wanted.

    With guidance w the prediction is eps_u + w (eps_c - eps_u), where eps_u is asked for nothing
    and eps_c for what is wanted: 0 ignores it, 1 heeds it, more exaggerates it.
    Source: Ho & Salimans 2022, arXiv:2207.12598; their w is ours - 1.

    Args:
        model: velocity = model(x_t, t, wanted).
        alpha_bar: the schedule it was trained with (T,).
        wanted: (B, Q) int64, -1 for "not said".
        guidance: w.
    """

    def __init__(self, model: nn.Module, alpha_bar: Tensor, wanted: Tensor, guidance: float = 1.0):
        super().__init__()
        self.model, self.guidance = model, guidance
        self.register_buffer("alpha_bar", alpha_bar, persistent=False)  # moves where model moves
        self.register_buffer("wanted", wanted, persistent=False)

    def forward(self, x_t: Tensor, t: Tensor) -> Tensor:
        """Predict the noise in x_t (B, C, S, S) at timesteps t (B,): one pass, of 2 B if guided."""
        nothing = torch.full_like(self.wanted, -1)
        if self.guidance == 1:
            v = self.model(x_t, t, self.wanted)
        elif self.guidance == 0:
            v = self.model(x_t, t, nothing)
        else:
            asked = torch.cat([nothing, self.wanted])
            free, told = self.model(torch.cat([x_t, x_t]), torch.cat([t, t]), asked).chunk(2)
            v = free + self.guidance * (told - free)
        a = spread(self.alpha_bar[t], x_t)
        return (1 - a).sqrt() * x_t + a.sqrt() * v.float()  # Salimans & Ho 2022, appendix D
