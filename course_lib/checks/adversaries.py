"""What the notebooks of the forger and the detective ask for."""

from collections.abc import Callable

import torch

from course_lib.checks.judging import judge
from course_lib.runtime import noise


def pull(my_pull: Callable) -> None:
    """Check my_pull(logit): the slope of -log sigmoid(logit) at each score (B, 1)."""
    logit = (noise(6, 1, seed=1, device="cpu") * 5).requires_grad_()
    (truth,) = torch.autograd.grad(-torch.sigmoid(logit).log().sum(), logit)
    said_real = torch.sigmoid(logit.detach())
    judge(
        lambda: my_pull(logit.detach()),
        truth,
        "Near -1 where the forger is caught, near 0 where it gets away.",
        {
            "The sign is turned round: a higher score is a lower loss.": -truth,
            "This is the flat loss: it pulls hardest where no pull is needed.": -said_real,
            "Let each score have its own slope: no mean.": truth / len(truth),
        },
    )


def effective_rank(my_rank: Callable) -> None:
    """Check my_rank(values): the exponential of the entropy of the shares of values (K,) > 0."""
    values = torch.tensor([8.0, 4.0, 2.0, 1.0, 1.0], dtype=torch.float64)
    share = values / values.sum()  # 1/2, 1/4, 1/8, 1/16, 1/16: an entropy of 15/8 bits
    bits = torch.tensor(15 / 8, dtype=torch.float64)
    judge(
        lambda: my_rank(values),
        2**bits,
        "One direction counts as 1, K equal ones as K.",
        {
            "This is the entropy in nats: raise e to it.": bits * torch.log(torch.tensor(2.0)),
            "This is the entropy in bits: raise 2 to it.": bits,
            "You raised e to an entropy in bits, or 2 to one in nats.": bits.exp(),
            "The sign of the entropy is turned round.": 2**-bits,
            "Divide by the sum first: shares add up to 1.": torch.exp(
                -(values * values.log()).sum()
            ),
            "This counts squares of shares, another measure of diversity.": 1 / (share**2).sum(),
        },
    )
