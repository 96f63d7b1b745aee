"""What the notebook on faults, gaps and bits asks for."""

from collections.abc import Callable

import torch

from course_lib.checks.judging import judge


def auroc(my_auroc: Callable) -> None:
    """Check my_auroc(good, bad): (M,), (N,) marks -> share of pairs with the bad one above."""
    good = torch.tensor([0.1, 0.2, 0.3, 0.9])
    bad = torch.tensor([0.25, 0.4, 1.0])
    above = (bad[:, None] > good).float()
    judge(
        lambda: my_auroc(good, bad),
        above.mean(),
        "The share of pairs in which the faulty picture has the larger mark.",
        {
            "This is the share of pairs in which the good picture is above.": 1 - above.mean(),
            "You counted the pairs: divide by how many there are.": above.sum(),
            "Only pairs of the same place in both lists? Compare each with each.":
                (bad > good[:3]).float().mean(),
            "This compares the means; the share of pairs does not care how far above.":
                bad.mean() - good.mean(),
        },
    )  # fmt: skip


def bits(my_bits: Callable) -> None:
    """Check my_bits(count): how often each value came, (V,) -> mean bits a value."""
    count = torch.tensor([8.0, 4.0, 2.0, 2.0])
    share = count / count.sum()
    each = -share.log2()
    judge(
        lambda: my_bits(count),
        (share * each).sum(),
        "One and three quarters, where plain numbering takes two.",
        {
            "This is in nats: use the logarithm to base 2.": (share * -share.log()).sum(),
            "A minus is missing: bits are not negative.": -(share * each).sum(),
            "Frequent values come often: weigh each price by its share.": each.mean(),
            "This is for all values together, one each: weigh each price by its share.": each.sum(),
            "This is for all 16 values that were counted: what does one take?":
                (count * each).sum(),
            "This is plain numbering: frequent values may have shorter names.": 2.0,
        },
    )  # fmt: skip
