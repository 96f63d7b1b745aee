"""Does each axis of a code mean one thing? Scores for codes of pictures whose factors are known.

Letters: N pictures, Z numbers in the code of each, F factors that decided it.
"""

import math
from typing import NamedTuple

import torch
from torch import Tensor


class Importance(NamedTuple):
    """Two shares in [0, 1]: 1 if each axis serves one factor; 1 if one axis serves each factor."""

    disentanglement: float
    completeness: float


class Match(NamedTuple):
    """Which axis of a second code comes closest to each axis of a first."""

    order: Tensor  # (Z,) int64, an axis of the second code for each of the first
    r: Tensor  # (Z,) their correlation, in [-1, 1]


def binned(numbers: Tensor, n_bins: int = 10) -> Tensor:
    """Sort numbers (N, D) into equally full bins, column by column: (N, D) int64.

    Whole numbers are taken for names, and stay as they are.
    """
    if not numbers.is_floating_point():
        return numbers
    rank = numbers.argsort(dim=0, stable=True).argsort(dim=0)
    return rank * n_bins // len(numbers)


def mutual_information(a: Tensor, b: Tensor) -> float:
    """Return how much two columns of whole numbers (N,) say about each other, in nats."""
    pairs = torch.zeros(int(a.max()) + 1, int(b.max()) + 1, dtype=torch.float64)
    pairs.index_put_((a, b), torch.ones(len(a), dtype=torch.float64), accumulate=True)
    share = pairs / len(a)
    apart = share.sum(dim=1, keepdim=True) * share.sum(dim=0)  # if they were independent
    seen = share > 0
    return (share[seen] * (share[seen] / apart[seen]).log()).sum().item()


def information_table(z: Tensor, factors: Tensor, n_bins: int = 10) -> Tensor:
    """Return what each axis of z (N, Z) says about each factor (N, F): (Z, F), shares in [0, 1].

    A share is the mutual information divided by the factor's entropy: 1 is all there is to know.

    Raises:
        ValueError: if there are not as many codes as factors.
    """
    if len(z) != len(factors):
        raise ValueError(f"need one row of factors a code, got {len(factors)} for {len(z)}")
    codes, names = binned(z.cpu().double(), n_bins), binned(factors.cpu(), n_bins)
    return torch.tensor(
        [
            [mutual_information(code, name) / mutual_information(name, name) for name in names.T]
            for code in codes.T
        ],
        dtype=torch.float64,
    )


def mig(z: Tensor, factors: Tensor, n_bins: int = 10) -> float:
    """Return the mutual information gap of codes (N, Z) and factors (N, F), in [0, 1].

    For each factor: what the best axis says about it, less what the second best says; on average.
    Source: Chen et al. 2018, arXiv:1802.04942, here with z binned by rank.
    """
    best = information_table(z, factors, n_bins).topk(2, dim=0).values  # (2, F)
    return (best[0] - best[1]).mean().item()


def dci(importance: Tensor) -> Importance:
    """Return disentanglement and completeness of a table of importances (Z, F), 0 and up.

    An axis counts as much as it is important, and so does a factor.
    Source: Eastwood & Williams 2018, https://openreview.net/forum?id=By-7dz-AZ.

    Raises:
        ValueError: if an importance is below 0, or all are 0.
    """
    if not (importance >= 0).all() or importance.sum() == 0:
        raise ValueError("importances must be 0 or more, and not all 0")
    whole = importance.double()
    return Importance(_focus(whole), _focus(whole.T))


def forest_importance(z: Tensor, factors: Tensor, seed: int = 0) -> Tensor:
    """Return how much a random forest uses each axis of z (N, Z) to guess each factor: (Z, F)."""
    from sklearn.ensemble import RandomForestRegressor  # scikit-learn loads only when used

    columns = []
    for factor in factors.T:
        forest = RandomForestRegressor(20, max_depth=8, random_state=seed)
        forest.fit(z.cpu().numpy(), factor.cpu().numpy())
        columns.append(torch.from_numpy(forest.feature_importances_))
    return torch.stack(columns, dim=1)


def linear_r2(z: Tensor, truth: Tensor, new_z: Tensor, new_truth: Tensor) -> Tensor:
    """Return how well a linear map from z (N, Z) guesses each column of truth (N, F) anew: (F,).

    The map is fitted by least squares to z and truth, and judged on new_z (M, Z) and new_truth
    (M, F). 1 is perfect, 0 no better than always guessing the mean.
    """
    with_one, new_with_one = (_with_one(codes) for codes in (z, new_z))
    slopes = torch.linalg.lstsq(with_one, truth.double(), driver="gelsd").solution
    return r2(new_with_one @ slopes, new_truth)


def r2(guesses: Tensor, truth: Tensor) -> Tensor:
    """Return 1 less the share of each column's variance that guesses (N, F) miss: (F,)."""
    truth = truth.double()
    missed = (guesses - truth).square().sum(dim=0)
    return 1 - missed / (truth - truth.mean(dim=0)).square().sum(dim=0)


def match_axes(a: Tensor, b: Tensor) -> Match:
    """Pair the axes of two codes (N, Z) of the same pictures so that they correlate most, in size.

    Each axis is used once; what matters is the sum of the sizes of all correlations.
    """
    from scipy.optimize import linear_sum_assignment  # scipy loads only when used

    n_axes = a.shape[1]
    r = torch.cat([a, b], dim=1).double().T.corrcoef()[:n_axes, n_axes:].nan_to_num()
    rows, order = linear_sum_assignment(-r.abs().cpu().numpy())
    return Match(torch.from_numpy(order), r[rows, order])


def _focus(table: Tensor) -> float:
    """Return 1 less the entropy of each row, as a share of the most it can be; by weight."""
    weight = table.sum(dim=1)
    used = table[weight > 0]
    share = used / used.sum(dim=1, keepdim=True)
    entropy = -torch.special.xlogy(share, share).sum(dim=1) / math.log(table.shape[1])
    return ((1 - entropy) * weight[weight > 0]).sum().item() / weight.sum().item()


def _with_one(z: Tensor) -> Tensor:
    return torch.cat([z.double(), torch.ones(len(z), 1, dtype=torch.float64)], dim=1)
