"""What a diffusion network may be asked for, and how its answer becomes the noise a sampler wants.

Three questions about x_t = sqrt(a) x + sqrt(1 - a) eps: the noise in it, the clean picture, and the
velocity sqrt(a) eps - sqrt(1 - a) x. Who knows x_t and one of the three knows the other two.
Source: Salimans & Ho 2022, arXiv:2202.00512, section 4 and appendix D.
"""

from torch import Tensor, nn

from course_lib.schedules import spread, velocity

TARGETS = ("noise", "clean", "velocity")


def asked_for(target: str, x: Tensor, eps: Tensor, alpha_bar_t: Tensor) -> Tensor:
    """Return the right answer to one of TARGETS, of the shape of x.

    Args:
        target: "noise", "clean" or "velocity".
        x: clean images (B, C, S, S).
        eps: the noise that made x_t of them, same shape.
        alpha_bar_t: signal variance left for each image (B,).

    Raises:
        ValueError: if there is no target of that name.
    """
    return {"noise": eps, "clean": x, "velocity": velocity(x, eps, alpha_bar_t)}[_known(target)]


def as_noise(target: str, answer: Tensor, x_t: Tensor, alpha_bar_t: Tensor) -> Tensor:
    """Return the noise (B, C, S, S) that an answer to one of TARGETS says is in x_t.

    Raises:
        ValueError: if there is no target of that name.
    """
    a = spread(alpha_bar_t, x_t)
    if _known(target) == "clean":
        return (x_t - a.sqrt() * answer) / (1 - a).sqrt()
    return answer if target == "noise" else (1 - a).sqrt() * x_t + a.sqrt() * answer


class AsNoise(nn.Module):
    """A network that was asked for one of TARGETS, as the samplers want it: it predicts noise.

    Args:
        model: answer = model(x_t, t).
        alpha_bar: the schedule it was trained with (T,).
        target: what it was asked for.
    """

    def __init__(self, model: nn.Module, alpha_bar: Tensor, target: str):
        super().__init__()
        self.model, self.target = model, _known(target)
        self.register_buffer("alpha_bar", alpha_bar, persistent=False)

    def forward(self, x_t: Tensor, t: Tensor) -> Tensor:
        """Predict the noise in x_t (B, C, S, S) at timesteps t (B,)."""
        return as_noise(self.target, self.model(x_t, t), x_t, self.alpha_bar[t])


def _known(target: str) -> str:
    if target not in TARGETS:
        raise ValueError(f"unknown target {target!r}: choose one of {', '.join(TARGETS)}")
    return target
