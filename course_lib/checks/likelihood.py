"""What the notebook on the inside of the VAE asks for."""

import math
from collections.abc import Callable

import torch

from course_lib.checks.judging import judge
from course_lib.runtime import noise


def pixel_sigma(my_sigma: Callable) -> None:
    """Check my_sigma(x_hat, x): the sigma under which the pictures are likeliest, one number."""
    x = noise(5, 1, 4, 4, seed=0, device="cpu").double()
    x_hat = x + 0.3 * noise(5, 1, 4, 4, seed=1, device="cpu").double()
    difference = x_hat - x
    variance = difference.square().mean()
    judge(
        lambda: my_sigma(x_hat, x),
        variance.sqrt(),
        "The root of the mean squared error of a pixel: no sigma makes them likelier.",
        {
            "This is the best variance: sigma is its root.": variance,
            "Sum over pictures in both terms: a mean over all pixels, not per picture.":
                difference.square().flatten(1).sum(dim=1).mean().sqrt(),
            "This is the mean absolute difference: a Gaussian cares about squares.":
                difference.abs().mean(),
            "The 2 under the square is eaten by its derivative.":
                (variance / 2).sqrt(),
            "Differences cancel, even of a bad drawing: square before you average.":
                difference.mean(),
        },
    )  # fmt: skip


def bound(my_bound: Callable) -> None:
    """Check my_bound(log_weight): (K, B) -> (B,), the log of the mean weight."""
    log_weight = 3 * noise(6, 4, seed=0, device="cpu") - torch.tensor([0.0, 10.0, 90.0, 1000.0])
    exact = [[math.exp(w - max(column)) for w in column] for column in log_weight.T.tolist()]
    truth = torch.tensor([
        max(column) + math.log(sum(weights) / len(weights))
        for column, weights in zip(log_weight.T.tolist(), exact, strict=True)
    ])  # fmt: skip
    judge(
        lambda: my_bound(log_weight),
        truth,
        "The log of the mean, even of weights that exp would turn into 0.",
        {
            "This is the mean of the logarithms: the ELBO again.": log_weight.mean(dim=0),
            "This is the log of the sum: take off the log of K.": truth + math.log(6),
            "Small weights became 0, and their logarithm minus infinity: use logsumexp.":
                log_weight.exp().mean(dim=0).log(),
            "This is the largest weight alone.": log_weight.max(dim=0).values,
        },
    )  # fmt: skip
