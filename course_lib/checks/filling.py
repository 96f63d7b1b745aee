"""What the notebook on holes and small pictures asks for."""

from collections.abc import Callable

import torch
import torch.nn.functional as F

from course_lib.checks.judging import judge
from course_lib.runtime import noise


def put_back(my_put_back: Callable) -> None:
    """Check my_put_back(x_t, x, known, a, eps): noised x where known, x_t in the hole."""
    x_t, x, eps = (noise(3, 1, 4, 4, seed=s, device="cpu") for s in range(3))
    known, a = noise(3, 1, 4, 4, seed=3, device="cpu") > 0, 0.6
    noised = a**0.5 * x + (1 - a) ** 0.5 * eps
    judge(
        lambda: my_put_back(x_t, x, known, a, eps),
        torch.where(known, noised, x_t),
        "Outside the hole the truth, as noisy as everything else; inside, what was invented.",
        {
            "Hole and surroundings are swapped.": torch.where(known, x_t, noised),
            "The known pixels are clean, and their neighbours noisy: noise them to the same level.":
                torch.where(known, x, x_t),
            "These are variances: take the root of both before you mix.":
                torch.where(known, a * x + (1 - a) * eps, x_t),
            "The noise needs the root of 1 - a.":
                torch.where(known, a**0.5 * x + (1 - a) * eps, x_t),
        },
    )  # fmt: skip


def jump_back(my_jump_back: Callable) -> None:
    """Check my_jump_back(x_t, a, b, eps): from signal variance a back to the smaller b."""
    x_t, eps = (noise(3, 1, 4, 4, seed=s, device="cpu") for s in range(2))
    a, b = 0.8, 0.3
    judge(
        lambda: my_jump_back(x_t, a, b, eps),
        (b / a) ** 0.5 * x_t + (1 - b / a) ** 0.5 * eps,
        "The signal goes from sqrt(a) to sqrt(b), and the variance stays in order.",
        {
            "x_t holds only sqrt(a) of the picture: the factor is sqrt(b / a), not sqrt(b).":
                b**0.5 * x_t + (1 - b) ** 0.5 * eps,
            "Some noise is in x_t already: only 1 - b / a of variance is new.":
                (b / a) ** 0.5 * x_t + (1 - b) ** 0.5 * eps,
            "These are variances: take the root of both.": b / a * x_t + (1 - b / a) * eps,
            "This goes forward: b, the noisier one, stands above the line.":
                (a / b) ** 0.5 * x_t + (1 - b / a) ** 0.5 * eps,
        },
    )  # fmt: skip


def agreement(my_agreement: Callable) -> None:
    """Check my_agreement(large, small): root mean square of the shrunk large minus the small."""
    large, small = noise(2, 3, 8, 8, seed=0, device="cpu"), noise(2, 3, 2, 2, seed=1, device="cpu")
    off = F.avg_pool2d(large, 4) - small
    judge(
        lambda: my_agreement(large, small),
        off.square().mean().sqrt(),
        "Shrunk again, it should be the small picture; this is how far it is from it.",
        {
            "The root is missing.": off.square().mean(),
            "This is the mean difference: over and under cancel out.": off.mean(),
            "This is the mean of the sizes; square before the mean, then take the root.":
                off.abs().mean(),
            "Take the mean of each 4 by 4 block, not one pixel of it.":
                (large[..., ::4, ::4] - small).square().mean().sqrt(),
        },
    )  # fmt: skip
