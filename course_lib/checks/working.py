"""What the notebook on the GAN at work asks for."""

import math
from collections.abc import Callable

import torch

from course_lib.checks.judging import judge
from course_lib.runtime import noise


def roll(my_roll: Callable) -> None:
    """Check my_roll(z, slope, size): (B, Z), (B, Z), a length -> (B, Z), as long as z."""
    z, slope = noise(4, 3, seed=0, device="cpu"), 5 * noise(4, 3, seed=1, device="cpu")
    size, length = 0.7, z.norm(dim=1, keepdim=True)

    def back(there):
        return there / there.norm(dim=1, keepdim=True) * length

    way = size * slope / slope.norm(dim=1, keepdim=True)
    judge(
        lambda: my_roll(z, slope, size),
        back(z - way),
        "A step of one length for all, downhill, and back on the sphere.",
        {
            "That is uphill: a slope points where the miss grows.": back(z + way),
            "You left the sphere: give each row its old length again.": z - way,
            "Here a steep row takes a long step: divide each slope by its length.":
                back(z - size * slope),
            "Each row has its own length: norm(dim=1, keepdim=True).":
                back(z - size * slope / slope.norm()),
            "The sphere has the radius that z had, not 1.": back(z - way) / length,
        },
    )  # fmt: skip


def draws(my_draws: Callable) -> None:
    """Check my_draws(share, sure): how many draws until one fits, with probability `sure`."""
    share, sure = torch.tensor([0.5, 0.1, 0.01, 0.001]), 0.9
    truth = math.log(1 - sure) / torch.log1p(-share)
    judge(
        lambda: my_draws(share, sure),
        truth,
        "So many misses in a row have a chance of 1 - sure.",
        {
            "That is the mean number of draws; in a third of all cases it takes longer.": 1 / share,
            "Chances of finding do not add up: multiply the chances of missing.": sure / share,
            "Ask when *missing each time* becomes unlikely: 1 - sure, not sure.":
                math.log(sure) / torch.log1p(-share),
            "One draw misses with chance 1 - share.": math.log(1 - sure) / share.log(),
        },
    )  # fmt: skip
