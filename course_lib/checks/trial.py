"""What the notebook that puts diffusion on trial asks for."""

from collections.abc import Callable

import torch

from course_lib.checks.judging import judge
from course_lib.runtime import noise


def remembered(my_guess: Callable) -> None:
    """Check my_guess(x_t, train, a): (D,), (N, D), a number, to the best guess (D,).

    The truth weights each picture by the density of torch.distributions around sqrt(a) times it.
    """
    train, a = noise(6, 4, seed=0, device="cpu"), 0.6
    x_t = a**0.5 * train[2] + (1 - a) ** 0.5 * noise(4, seed=1, device="cpu")

    def guess(middle: float, spread: float) -> torch.Tensor:
        around = torch.distributions.Normal(middle * train, spread)
        return around.log_prob(x_t).sum(dim=1).softmax(dim=0) @ train

    nearest = (x_t - a**0.5 * train).norm(dim=1).argmin()
    judge(
        lambda: my_guess(x_t, train, a),
        guess(a**0.5, (1 - a) ** 0.5),
        "The mean of all pictures, each weighted by how well it explains what is seen.",
        {
            "The picture has faded: compare x_t with sqrt(a) times each.":
                guess(1.0, (1 - a) ** 0.5),
            "1 - a is the noise's variance: exp(-distance^2 / (2 (1 - a))).": guess(a**0.5, 1 - a),
            "Half is missing: a bell curve has exp(-distance^2 / 2 / variance).":
                guess(a**0.5, ((1 - a) / 2) ** 0.5),
            "That is the nearest picture alone: others may explain x_t nearly as well.":
                train[nearest],
            "All pictures count alike here: weight them.": train.mean(dim=0),
        },
    )  # fmt: skip


def break_even(my_number: Callable) -> None:
    """Check my_number(once_a, each_a, once_b, each_b): pictures for which both cost as much."""
    once_a, each_a, once_b, each_b = 30.0, 0.02, 10.0, 0.07
    truth = torch.tensor((once_a - once_b) / (each_b - each_a))  # the root of a linear equation
    judge(
        lambda: my_number(once_a, each_a, once_b, each_b),
        truth,
        "As many pictures: what one saves in training, the other saves in drawing.",
        {
            "The sign is turned round: what is dearer to train must be cheaper to draw from.":
                -truth,
            "Divide what training differs by through what a picture differs by.": 1 / truth,
            "Only the differences count, not the prices themselves.":
                torch.tensor(once_a / each_a - once_b / each_b),
        },
    )  # fmt: skip
