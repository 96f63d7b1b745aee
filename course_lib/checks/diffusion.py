"""What the notebook on the inside of the diffusion model asks for."""

from collections.abc import Callable

import torch
from torch.distributions import Normal

from course_lib.checks.judging import judge
from course_lib.runtime import noise


def clean_from_velocity(my_clean: Callable) -> None:
    """Check my_clean(x_t, v, a): the clean image that x_t and the velocity imply, a (B,)."""
    x, eps = (noise(5, 1, 4, 4, seed=s, device="cpu") for s in range(2))
    a = torch.tensor([0.999, 0.9, 0.5, 0.1, 0.001])
    b = a[:, None, None, None]
    x_t = b.sqrt() * x + (1 - b).sqrt() * eps
    v = b.sqrt() * eps - (1 - b).sqrt() * x
    judge(
        lambda: my_clean(x_t, v, a),
        x,
        "With the true velocity, the true image, and nothing was divided.",
        {
            "This is the noise: the roots have changed places.": eps,
            "The sign: what the velocity takes away is the picture's.":
                b.sqrt() * x_t + (1 - b).sqrt() * v,
            "Roots of both, please: variances add up, standard deviations do not.":
                b * x_t - (1 - b) * v,
        },
    )  # fmt: skip


def score(my_score: Callable) -> None:
    """Check my_score(eps_hat, a): the score that guessed noise (B, 2) implies, with a (B,)."""
    x, eps = (noise(5, 2, seed=s, device="cpu") for s in range(2))
    a = torch.tensor([0.999, 0.9, 0.5, 0.1, 0.001])
    b = a[:, None]
    x_t = (b.sqrt() * x + (1 - b).sqrt() * eps).requires_grad_()
    one_picture = Normal(b.sqrt() * x, (1 - b).sqrt()).log_prob(x_t).sum()
    (truth,) = torch.autograd.grad(one_picture, x_t)
    judge(
        lambda: my_score(eps, a),
        truth,
        "It points out of the noise, the more steeply the less noise there is.",
        {
            "The sign: the score points uphill, away from the noise.": -truth,
            "Divide by the noise's standard deviation, the root of 1 - a.": -eps / (1 - b),
            "Divided, not multiplied: little noise means steep hills.": -eps * (1 - b).sqrt(),
            "The signal's size does not matter here, the noise's does.": -eps / b.sqrt(),
        },
    )
