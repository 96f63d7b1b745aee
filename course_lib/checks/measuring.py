"""What the notebook on measuring asks for."""

import math
from collections.abc import Callable

import torch

from course_lib.checks.judging import judge


def precision(my_precision: Callable) -> None:
    """Check my_precision(distance, radius): (N, M), (M,) -> share of rows within some radius."""
    distance = torch.tensor([
        [1.0, 1.5, 9.0, 9.0], [9.0, 6.0, 1.5, 8.0], [4.0, 3.0, 3.0, 3.0], [4.0, 3.0, 0.8, 1.5],
    ])  # fmt: skip
    radius = torch.tensor([3.0, 2.0, 0.5, 1.0])
    inside = distance <= radius
    judge(
        lambda: my_precision(distance, radius),
        inside.any(dim=1).float().mean(),
        "The share of made-up pictures that lie in some real picture's ball.",
        {
            "This is the share of real pictures with a made-up one in their ball: coverage.":
                inside.any(dim=0).float().mean(),
            "This is the share of pairs: one ball is enough for a picture to look real.":
                inside.float().mean(),
            "You counted them: divide by how many pictures there are.":
                inside.any(dim=1).float().sum(),
            "Each column has a radius of its own, not each row.":
                (distance <= radius[:, None]).any(dim=1).float().mean(),
        },
    )  # fmt: skip


def support(my_support: Callable) -> None:
    """Check my_support(distance, limit): (N, N) distances -> N^2 / (2 pairs within the limit)."""
    place = torch.tensor([0.0, 0.1, 0.2, 5.0, 5.1, 9.0, 20.0])
    distance, limit, n = (place[:, None] - place).abs(), 0.15, len(place)
    truth = torch.tensor(n**2 / (2 * 3))  # 0 and 0.1, 0.1 and 0.2, 5 and 5.1
    judge(
        lambda: my_support(distance, limit),
        truth,
        "Few pairs, many different pictures; many pairs, few.",
        {
            "The matrix holds each pair twice, and each picture with itself.": n**2 / (2 * 13),
            "Each picture is at distance 0 from itself: that is no pair.": n**2 / (2 * 10),
            "The matrix holds each pair twice.": truth / 2,
            "The factor 2 is missing.": 2 * truth,
            "These are the pairs: the supply is n squared over twice their number.": 3.0,
        },
    )


def luck(my_luck: Callable) -> None:
    """Check my_luck(right, n): how likely a coin gets that many of n right, or more."""
    right, n = 14, 20
    ways = torch.tensor([float(math.comb(n, k)) for k in range(n + 1)]).double() / 2**n
    judge(
        lambda: my_luck(right, n),
        ways[right:].sum(),
        "A coin gets 14 or more of 20 in 6 of 100 games.",
        {
            "This is for exactly 14: to do better would be luck as well.": ways[right],
            "14 itself belongs to it: start the sum there.": ways[right + 1 :].sum(),
            "This is for 14 or fewer.": ways[: right + 1].sum(),
            "This is for fewer than 14.": ways[:right].sum(),
            "How often does a coin do that well, not how often that well or that badly?":
                2 * ways[right:].sum(),
        },
    )  # fmt: skip
