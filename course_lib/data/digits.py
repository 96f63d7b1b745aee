"""Handwritten digits, 8x8 and grey: small enough to train on while one waits."""

import numpy as np
import torch

from course_lib.data.batches import Batch, Dataset


def read(name: str = "digits") -> Dataset:
    """Return 1,797 handwritten digits, 8x8, bundled with scikit-learn: (B, 1, 8, 8).

    Source: Alpaydin & Kaynak 1998, Optical Recognition of Handwritten Digits, UCI, CC BY 4.0.
    """
    from sklearn.datasets import load_digits  # scikit-learn loads only when used

    pixels, labels = load_digits(return_X_y=True)  # counts of ink from 0 to 16
    x = torch.tensor(pixels / 8 - 1, dtype=torch.float32).reshape(-1, 1, 8, 8)
    label = torch.tensor(labels, dtype=torch.int64)
    order = np.random.RandomState(0).permutation(len(x))  # RandomState never changes its stream
    train, validation, test = (Batch(x[i], label[i]) for i in np.split(order, [1097, 1447]))
    return Dataset(name, train, validation, test, tuple("0123456789"))
