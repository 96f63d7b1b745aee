"""Data sets, all with the same face: train, validation and test, each a Batch of x and label.

Pictures lie in [-1, 1]. Points of the plane keep the coordinates of the papers they come from.
Everything fits in memory, so a batch is an indexing operation on the device and needs no worker.
"""

from importlib import import_module

import torch

from course_lib.data.batches import Batch, Dataset, check_range, stream
from course_lib.runtime import pick_device

__all__ = ["LOADERS", "Batch", "Dataset", "check_range", "load", "stream"]

# Which file of this room knows which set. A file loads only when one of its sets is asked for, and
# its function `read` takes the name and returns the whole Dataset, on the CPU.
LOADERS = {
    "digits": "digits",
    "ring": "points",
    "grid": "points",
    "moons": "points",
    "fashion": "fashion",
    "catalog": "catalog",
}


def load(name: str, device: torch.device | str | None = None) -> Dataset:
    """Load a data set by name, onto the given device (by default the best one here).

    Raises:
        ValueError: if there is no data set of that name, or a file of it is damaged.
        ConnectionError: if its files are not on this machine and cannot be downloaded.
    """
    if name not in LOADERS:
        raise ValueError(f"unknown data set {name!r}: choose one of {', '.join(LOADERS)}")
    device = pick_device() if device is None else device
    full = import_module(f"course_lib.data.{LOADERS[name]}").read(name)
    splits = {
        split: Batch(*(tensor.to(device) for tensor in getattr(full, split)))
        for split in ("train", "validation", "test")
    }
    return full._replace(**splits)
