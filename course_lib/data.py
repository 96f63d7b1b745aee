"""Data sets, all with the same face: pictures in [-1, 1], labels, and three fixed splits.

Everything fits in memory, so a batch is an indexing operation on the device and needs no worker.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from course_lib.runtime import generator, pick_device


class Batch(NamedTuple):
    """Some pictures and what they show: a batch of training, or a whole split."""

    x: Tensor  # (B, C, S, S) in [-1, 1]
    label: Tensor  # (B,) int64


class Dataset(NamedTuple):
    """A data set with its splits. Train to learn, validation to choose, test to report."""

    name: str
    train: Batch
    validation: Batch
    test: Batch
    label_names: tuple[str, ...]


def load(name: str, device: torch.device | str | None = None) -> Dataset:
    """Load a data set by name, onto the given device (by default the best one here).

    Raises:
        ValueError: if there is no data set of that name.
    """
    if name not in LOADERS:
        raise ValueError(f"unknown data set {name!r}: choose one of {', '.join(LOADERS)}")
    device = pick_device() if device is None else device
    full = LOADERS[name]()
    splits = {
        split: Batch(*(tensor.to(device) for tensor in getattr(full, split)))
        for split in ("train", "validation", "test")
    }
    return full._replace(**splits)


def stream(split: Batch, batch_size: int, seed: int) -> Iterator[Batch]:
    """Return shuffled batches without end; each pass visits every picture at most once.

    The order depends on the seed alone, not on the device. A last, smaller batch is dropped.

    Raises:
        ValueError: if the split is smaller than one batch.
    """
    n = len(split.x)
    if not 0 < batch_size <= n:
        raise ValueError(
            f"batch_size must be between 1 and {n}, the size of the split, got {batch_size}"
        )
    return _endless(split, batch_size, seed)


def _endless(split: Batch, batch_size: int, seed: int) -> Iterator[Batch]:
    n, shuffle = len(split.x), generator(seed)
    while True:
        order = torch.randperm(n, generator=shuffle).to(split.x.device)
        for index in order.split(batch_size)[: n // batch_size]:
            yield Batch(split.x[index], split.label[index])


def check_range(x: Tensor, what: str = "images") -> Tensor:
    """Return x, or raise ValueError in one sentence if it leaves [-1, 1] or is not a number."""
    low, high = x.min().item(), x.max().item()
    if not (low >= -1.0 - 1e-5 and high <= 1.0 + 1e-5):  # also false for NaN
        raise ValueError(
            f"{what} must lie in [-1, 1], got [{low:.3g}, {high:.3g}]: "
            "rescale pixels p in [0, 1] as 2 * p - 1"
        )
    return x


def _digits() -> Dataset:
    """Return 1,797 handwritten digits, 8x8, bundled with scikit-learn: (B, 1, 8, 8).

    Source: Alpaydin & Kaynak 1998, Optical Recognition of Handwritten Digits, UCI, CC BY 4.0.
    """
    from sklearn.datasets import load_digits  # scikit-learn loads only when used

    pixels, labels = load_digits(return_X_y=True)  # counts of ink from 0 to 16
    x = torch.tensor(pixels / 8 - 1, dtype=torch.float32).reshape(-1, 1, 8, 8)
    label = torch.tensor(labels, dtype=torch.int64)
    order = np.random.RandomState(0).permutation(len(x))  # RandomState never changes its stream
    train, validation, test = (Batch(x[i], label[i]) for i in np.split(order, [1097, 1447]))
    return Dataset("digits", train, validation, test, tuple("0123456789"))


LOADERS = {"digits": _digits}
