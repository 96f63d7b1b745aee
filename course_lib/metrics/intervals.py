"""A number with its 95 % interval, from fresh draws and never from copies.

The usual bootstrap draws pictures again with repetition. A repeated picture is its own nearest
neighbour, so every metric that looks at neighbours would be misled. Here the n pictures are split
into 5 disjoint parts instead, each part is measured on its own, and the spread between the parts,
divided by sqrt(5), says how much the number of all n would vary from one drawing to the next.
"""

from typing import NamedTuple

N_PARTS = 5
STUDENT = 2.7764  # 97.5 % quantile of Student's t with N_PARTS - 1 degrees of freedom
NORMAL = 1.95996  # the same of the normal distribution


class Measured(NamedTuple):
    """A number and the interval in which its true value lies with 95 % confidence."""

    value: float
    low: float
    high: float


def from_parts(value: float, parts: list[float]) -> Measured:
    """Return the value of all n pictures with the interval that the values of N_PARTS parts give.

    The parts have n / 5 pictures each, and what is biased by n (Frechet) is larger for them. So
    the interval is centred on the value of all n, and only their standard deviation is used, which
    is taken to shrink with sqrt(n). That of the Frechet and the kernel distance between equal
    distributions shrinks faster, with n: near their floor the interval is too wide, never too
    narrow.

    Raises:
        ValueError: if there are not N_PARTS values.
    """
    if len(parts) != N_PARTS:
        raise ValueError(f"the interval needs the values of {N_PARTS} parts, got {len(parts)}")
    mean = sum(parts) / N_PARTS
    variance = sum((part - mean) ** 2 for part in parts) / (N_PARTS - 1)
    half = STUDENT * (variance / N_PARTS) ** 0.5
    return Measured(value, value - half, value + half)


def wilson(share: float, n: int) -> Measured:
    """Return a share of n independent yes-or-no answers with Wilson's interval, within [0, 1].

    0 of n is no proof that it never happens: the interval then reaches up to about 4 / n.
    Source: Wilson 1927, https://doi.org/10.1080/01621459.1927.10502953.

    Raises:
        ValueError: if the share is outside [0, 1] or n is below 1.
    """
    if not 0 <= share <= 1 or n < 1:
        raise ValueError(f"need a share in [0, 1] of n >= 1 answers, got {share} of {n}")
    z2 = NORMAL**2 / n
    middle = (share + z2 / 2) / (1 + z2)
    half = (share * (1 - share) * z2 + z2**2 / 4) ** 0.5 / (1 + z2)
    low = middle - half if share > 0 else 0.0  # exactly, where rounding would stop just short
    return Measured(share, low, middle + half if share < 1 else 1.0)


def share_from_parts(share: float, n: int, parts: list[float]) -> Measured:
    """Return a share with the wider of both intervals, within [0, 1].

    Wilson's alone would forget that the real pictures are a sample too; the parts alone would say
    plus or minus 0 where all five agree.
    """
    spread, answers = from_parts(share, parts), wilson(share, n)
    return Measured(
        share, max(0.0, min(spread.low, answers.low)), min(1.0, max(spread.high, answers.high))
    )
