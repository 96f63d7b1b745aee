"""Changing a picture that exists: dissolve it part of the way, and bring it back with other words.

x_new = redraw(Guided(model, alpha_bar, wish, 2.0), x, eps, alpha_bar, strength=0.6)

Source: Meng et al. 2022, arXiv:2108.01073 (SDEdit). Letters: B pictures, C channels, S pixels per
side, T timesteps.
"""

import torch
from torch import Tensor, nn

from course_lib.sampling.second_order import second_order
from course_lib.schedules import noised, spread


def redraw(
    model: nn.Module,
    x: Tensor,
    eps: Tensor,
    alpha_bar: Tensor,
    strength: float,
    n_steps: int = 24,
    clip: bool = True,
) -> Tensor:
    """Noise pictures x up to a share of the schedule, and denoise them from there.

    What the noise has drowned is made anew, as the model likes or was told; what it has not, stays.

    Args:
        model: predicts the noise in x_t: model(x_t, t) has the shape of x_t.
        x: pictures (B, C, S, S).
        eps: the noise to add, standard normal, of the same shape.
        alpha_bar: the schedule the model was trained with (T,).
        strength: 0 returns x as it is, 1 paints anew.
        n_steps: passes for the whole way; a part of the way takes its share of them.
        clip: keep the predicted clean picture within [-1, 1].

    Raises:
        ValueError: if strength is not within [0, 1], or the noise has another shape.
    """
    if not 0 <= strength <= 1:
        raise ValueError(f"strength must lie in [0, 1], got {strength}")
    if eps.shape != x.shape:
        raise ValueError(f"the noise must have the shape of x, {(*x.shape,)}, got {(*eps.shape,)}")
    n_noised = round(strength * len(alpha_bar))
    if n_noised == 0:
        return x.clone()
    way = alpha_bar[:n_noised]  # the part of the schedule that is walked, there and back
    x_t = noised(x, eps, way[-1].expand(len(x)))
    return second_order(model, x_t, way, max(1, round(strength * n_steps)), clip)


class Holding(nn.Module):
    """Predict noise as another model does, but see the picture as it is wherever it shall stay.

    Outside the mask the clean guess is replaced by the picture itself, at every step. So what is
    made inside can be fitted to what stays around it. With the noise that x was dissolved in, any
    sampler then ends at x outside the mask, to rounding.
    Source: Avrahami, Lischinski & Fried 2022, arXiv:2111.14818, who replace x_t instead.

    Args:
        model: predicts the noise in x_t.
        alpha_bar: the schedule it was trained with (T,).
        x: the pictures (B, C, S, S).
        mask: (B, 1, S, S) or of the shape of x: 1 where it may change, 0 where it shall stay.
    """

    def __init__(self, model: nn.Module, alpha_bar: Tensor, x: Tensor, mask: Tensor):
        super().__init__()
        self.model = model
        for name, held in {"alpha_bar": alpha_bar, "x": x, "mask": mask}.items():
            self.register_buffer(name, held, persistent=False)

    def forward(self, x_t: Tensor, t: Tensor) -> Tensor:
        """Predict the noise in x_t (B, C, S, S) at timesteps t (B,)."""
        a = spread(self.alpha_bar[t], x_t)
        kept = (x_t - a.sqrt() * self.x) / (1 - a).sqrt()  # the noise, if the picture is x
        return torch.lerp(kept, self.model(x_t, t), self.mask.to(x_t))
