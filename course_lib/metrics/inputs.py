"""What every metric does with its input first: check it, flatten it, cut it into blocks.

Blocks keep memory small: of two sets of 50,000 pictures, all distances at once would be 20 GB.
"""

import math

from torch import Tensor

BLOCK = 2**23  # numbers in one block of distances: 64 MB in float64


def blocks(n: int, width: int) -> list[slice]:
    """Cut n rows of the given width into slices of at most BLOCK numbers, one row at least."""
    step = max(1, BLOCK // width)
    return [slice(start, start + step) for start in range(0, n, step)]


def rows(x: Tensor) -> Tensor:
    """Flatten pictures (N, C, S, S) to one float64 row each, on the CPU: (N, C S S)."""
    return x.detach().flatten(1).cpu().double()  # to the CPU first: MPS has no float64


def same_n(a: Tensor, b: Tensor) -> tuple[int, int]:
    """Return (N, d) of two equally large sets of features (N, d), or raise ValueError."""
    if a.ndim != 2 or b.ndim != 2 or a.shape[1] != b.shape[1]:
        raise ValueError(f"features must be (N, d) with one d, got {(*a.shape,)} and {(*b.shape,)}")
    if len(a) != len(b) or len(a) < 2:
        raise ValueError(f"compare equally many samples, 2 or more, got {len(a)} and {len(b)}")
    _check_finite(a, b)
    return a.shape


def check_alike(x: Tensor, other: Tensor) -> None:
    """Raise ValueError unless both hold one or more things (N, ...) of the same shape, finite."""
    if x.ndim < 2 or x.shape[1:] != other.shape[1:] or not len(x) or not len(other):
        raise ValueError(
            "need two sets of pictures of one shape, none empty, "
            f"got {(*x.shape,)} and {(*other.shape,)}"
        )
    _check_finite(x, other)


def _check_finite(*tensors: Tensor) -> None:
    for tensor in tensors:
        if not tensor.is_floating_point():
            raise ValueError(f"only floats can be measured, got {tensor.dtype}")
        low, high = (bound.item() for bound in tensor.aminmax())  # both nan if anything is
        if not -math.inf < low <= high < math.inf:
            raise ValueError(f"only finite numbers can be measured, got [{low}, {high}]")
