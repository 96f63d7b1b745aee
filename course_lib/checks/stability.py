"""What the notebook on the stability of GANs asks for."""

import math
from collections.abc import Callable

import torch
from torch.distributions import Categorical, kl_divergence

from course_lib.checks.judging import judge


def reverse_kl(my_reverse_kl: Callable) -> None:
    """Check my_reverse_kl(counts): points per mode (K,) -> KL to all modes alike, in nats."""
    counts = torch.tensor([400, 300, 200, 60, 30, 10, 0, 0])
    share, even = counts / counts.sum(), torch.full((8,), 1 / 8)
    truth = kl_divergence(Categorical(share), Categorical(even))
    found = share[share > 0]
    judge(
        lambda: my_reverse_kl(counts),
        truth,
        "0 for an even spread, log K for a single mode, and a mode without points does no harm.",
        {
            "These are bits: take the natural logarithm, for nats.": truth / math.log(2),
            "This is the entropy: the KL is log K minus it.": -(found * found.log()).sum(),
            "The sign is turned round: a KL is never negative.": -truth,
            "Even over the modes that were found is not even over all of them.":
                (found * (found * len(found)).log()).sum(),
            "Divide the counts by their sum: a KL compares shares.":
                (counts[:6] * (counts[:6] / counts.sum() * 8).log()).sum(),
        },
    )  # fmt: skip


def slope_penalty(my_penalty: Callable) -> None:
    """Check my_penalty(slopes): slopes (B, C, S, S) -> mean of (length - 1)^2 over the pictures."""
    pictures = torch.arange(24.0).reshape(3, 2, 2, 2) / 20
    lengths = torch.stack([picture.flatten().norm() for picture in pictures])
    over_channels = pictures.square().sum(dim=1).sqrt()
    judge(
        lambda: my_penalty(pictures),
        ((lengths - 1) ** 2).mean(),
        "One length for each picture, all its pixels together, and what it lacks to 1, squared.",
        {
            "A slope has one length for a whole picture: you took one for each pixel.":
                ((over_channels - 1) ** 2).mean(),
            "You forgot the root: these are squared lengths.": ((lengths**2 - 1) ** 2).mean(),
            "This pulls slopes to 0, as R1 does; here their length should be 1.":
                (lengths**2).mean(),
            "Square what each lacks to 1 before you average: the lengths may not cancel out.":
                (lengths.mean() - 1) ** 2,
            "The mean over the pictures is missing.": ((lengths - 1) ** 2).sum(),
        },
    )  # fmt: skip
