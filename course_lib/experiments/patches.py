"""Plainer ways to fill a hole in a picture of the catalog, each of which learned from real ones.

Letters: N pictures, M training pictures, H numbers in the hole, C channels, S pixels a side.
"""

from collections.abc import Callable, Sequence
from functools import cache, partial

import torch
import torch.nn.functional as F
from torch import Tensor

from course_lib.data.catalog import catalog_split

Fill = Callable[[Tensor], Tensor]  # pictures with a hole to filled ones
N_TRAIN = 3000  # training pictures that these tools look at


@cache
def training_pictures(n: int = N_TRAIN) -> Tensor:
    """Return the first n training pictures of the catalog (n, 3, 32, 32)."""
    return catalog_split("train", n).x


def by_mean(train: Tensor, x: Tensor, known: Tensor) -> Tensor:
    """Fill in what training pictures show there on average."""
    return torch.where(known, x, train.mean(dim=0))


def by_nearest(train: Tensor, x: Tensor, known: Tensor) -> Tensor:
    """Fill in what the training picture that is most alike in the known pixels shows there."""
    rows, seen = train.flatten(1), known.flatten(1).to(x.dtype)
    away = seen @ rows.square().T - 2 * (seen * x.flatten(1)) @ rows.T  # (N, M), squares
    return torch.where(known, x, train[away.argmin(dim=1)])  # but for what is the same for all


def by_ridge(train: Tensor, known: Tensor, strengths: Sequence[float]) -> list[Fill]:
    """Return tools that fill one hole with the best straight-line guess from the known pixels.

    Args:
        train: pictures to learn from (M, C, S, S).
        known: (C, S, S), the same for all pictures to come.
        strengths: how strongly ridge regression punishes large slopes, one for each tool.
    """
    seen, mean = known.flatten(), train.flatten(1).mean(dim=0)
    rows = train.flatten(1) - mean
    a, b = rows[:, seen], rows[:, ~seen]
    gram, cross = a.T @ a / len(a), a.T @ b / len(a)
    return [partial(_straight, known, mean, _slopes(gram, cross, s)) for s in strengths]


def _slopes(gram: Tensor, cross: Tensor, strength: float) -> Tensor:
    factor = torch.linalg.cholesky(gram + strength * torch.eye(len(gram), dtype=gram.dtype))
    return torch.cholesky_solve(cross, factor)  # (known numbers, H)


def _straight(known: Tensor, mean: Tensor, slopes: Tensor, x: Tensor) -> Tensor:
    seen, filled = known.flatten(), x.flatten(1).clone()
    filled[:, ~seen] = (filled[:, seen] - mean[seen]) @ slopes + mean[~seen]
    return filled.reshape(x.shape).clamp(-1, 1)


def smooth(x: Tensor, known: Tensor, n_rounds: int = 600) -> Tensor:
    """Fill holes so that each pixel is the mean of its four neighbours: a skin over a frame.

    It knows no training pictures. At the border of the picture, its last pixels count twice.
    """
    filled = torch.where(known, x, (x * known).sum() / known.sum())
    for _ in range(n_rounds):
        wide = F.pad(filled, (1, 1, 1, 1), mode="replicate")
        up, down = wide[..., :-2, 1:-1], wide[..., 2:, 1:-1]
        left, right = wide[..., 1:-1, :-2], wide[..., 1:-1, 2:]
        filled = torch.where(known, x, (up + down + left + right) / 4)
    return filled
