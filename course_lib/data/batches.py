"""What every data set is made of, and the two helpers that take it to a model."""

from collections.abc import Iterator
from typing import NamedTuple

import torch
from torch import Tensor

from course_lib.runtime import generator


class Batch(NamedTuple):
    """Some pictures or points and what they are: a batch of training, or a whole split."""

    x: Tensor  # pictures (B, C, S, S) in [-1, 1], or points (B, 2)
    label: Tensor  # (B,) int64


class Dataset(NamedTuple):
    """A data set with its splits. Train to learn, validation to choose, test to report."""

    name: str
    train: Batch
    validation: Batch
    test: Batch
    label_names: tuple[str, ...]


def stream(split: Batch, batch_size: int, seed: int, skip: int = 0) -> Iterator[Batch]:
    """Return shuffled batches without end; each pass visits every item at most once.

    The order depends on the seed alone, not on the device. A last, smaller batch is dropped.

    Args:
        split: what to draw from.
        batch_size: B.
        seed: decides the order.
        skip: begin after this many batches, as a run that goes on does.

    Raises:
        ValueError: if the split is smaller than one batch.
    """
    n = len(split.x)
    if not 0 < batch_size <= n:
        raise ValueError(
            f"batch_size must be between 1 and {n}, the size of the split, got {batch_size}"
        )
    return _endless(split, batch_size, seed, skip)


def _endless(split: Batch, batch_size: int, seed: int, skip: int) -> Iterator[Batch]:
    n, shuffle = len(split.x), generator(seed)
    passes, first = divmod(skip, n // batch_size)
    for _ in range(passes):
        torch.randperm(n, generator=shuffle)
    while True:
        order = torch.randperm(n, generator=shuffle).to(split.x.device)
        for index in order.split(batch_size)[first : n // batch_size]:
            yield Batch(split.x[index], split.label[index])
        first = 0


def check_range(x: Tensor, what: str = "images") -> Tensor:
    """Return x, or raise ValueError in one sentence if it leaves [-1, 1] or is not a number."""
    low, high = x.min().item(), x.max().item()
    if not (low >= -1.0 - 1e-5 and high <= 1.0 + 1e-5):  # also false for NaN
        raise ValueError(
            f"{what} must lie in [-1, 1], got [{low:.3g}, {high:.3g}]: "
            "rescale pixels p in [0, 1] as 2 * p - 1"
        )
    return x
