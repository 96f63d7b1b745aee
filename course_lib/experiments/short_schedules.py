"""What is left in the noise if a schedule is cut short the careless way: every tenth beta.

The data are digits under a lamp: each at half contrast, and made brighter or darker as a whole by a
number between -0.5 and 0.5. How bright the drawings are, from picture to picture, should vary as
much as in the data. Both networks learn for 200 batches of 64 and draw in 25 steps; both schedules
have 100 timesteps. "betas" takes every tenth of Ho et al.'s betas, "alpha_bars" every tenth of
their alpha_bars.

Rule, set before the first run: the careless schedule *narrows* the brightness if the standard
deviation of its drawings' mean brightness is below 0.9 times that of the data in 4 of 5 seeds, and
that of the careful one is not.
"""

import torch
from torch import Tensor

from course_lib.data import Batch, Dataset, load
from course_lib.experiments.sculptors import asked
from course_lib.runtime import generator, noise, pick_device
from course_lib.sampling import ddim
from course_lib.schedules import linear_alpha_bar


def measure(seed: int) -> dict:
    """Train with both schedules and measure how bright the drawings are: about 10 seconds.

    Returns:
        {schedule: {left: sqrt of alpha_bar at the last timestep, spread: standard deviation of the
        drawings' mean brightness, share: that divided by the data's}}.
    """
    data, found = lamplit(), {}
    real = brightness(data.train.x).std().item()
    for name, alpha_bar in shortened().items():
        spread = brightness(drawings(seed, alpha_bar, data)).std().item()
        left = alpha_bar[-1].sqrt().item()
        found[name] = {"left": left, "spread": spread, "share": spread / real}
    return found


def shortened() -> dict[str, Tensor]:
    """Return two ways to cut Ho et al.'s 1,000 timesteps down to 100, alpha_bar (100,) each."""
    whole = linear_alpha_bar(1000).double()
    beta = 1 - whole / torch.cat([whole.new_ones(1), whole[:-1]])
    careless, careful = (1 - beta[9::10]).cumprod(0), whole[9::10]
    return {"betas": careless.float(), "alpha_bars": careful.float()}


def drawings(seed: int, alpha_bar: Tensor, data: Dataset, n: int = 350) -> Tensor:
    """Train on data with a schedule, and draw n pictures (n, 1, 8, 8) in 25 steps."""
    alpha_bar = alpha_bar.to(pick_device())
    _, slow = asked(seed, "noise", alpha_bar, data=data)
    return ddim(slow, noise(n, 1, 8, 8, seed=100 + seed), alpha_bar, 25)


def lamplit() -> Dataset:
    """Return the digits at half contrast, each lit from -0.5 to 0.5 more than before."""
    digits = load("digits")

    def lit(split: Batch, seed: int) -> Batch:
        lamp = torch.rand(len(split.x), 1, 1, 1, generator=generator(seed)) - 0.5
        return Batch(0.5 * split.x + lamp.to(split.x.device), split.label)

    splits = (
        lit(split, i) for i, split in enumerate((digits.train, digits.validation, digits.test))
    )
    return Dataset("lamplit digits", *splits, digits.label_names)


def brightness(x: Tensor) -> Tensor:
    """Return the mean over all pixels of each picture (N, C, S, S): (N,)."""
    return x.flatten(1).mean(dim=1)
