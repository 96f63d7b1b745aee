"""How far two equally large clouds of features lie apart: Frechet and kernel distance."""

import warnings

import torch
from torch import Tensor

from course_lib.metrics.inputs import blocks, same_n


def frechet_distance(a: Tensor, b: Tensor) -> float:
    """Return the Frechet distance between Gaussians fitted to two sets of features (N, d).

    |mean_a - mean_b|^2 + trace(C_a + C_b - 2 (C_a C_b)^1/2). It is biased upwards when N is small,
    so only equal N can be compared. It is called FID only with Inception's features, never here.
    Source: Dowson & Landau 1982; Heusel et al. 2017, arXiv:1706.08500.
    """
    n, d = same_n(a, b)
    if n < 10 * d:
        warnings.warn(
            f"{n} samples are few for {d} features: expect a Frechet distance too large, "
            f"of about {frechet_bias(b, n):.2g} for two samples of one distribution",
            stacklevel=2,
        )
    cov_a, cov_b = a.T.cov(), b.T.cov()
    root = _matrix_sqrt(cov_a)
    cross = torch.linalg.eigvalsh(root @ cov_b @ root).clamp(min=0).sqrt().sum()
    return (
        (a.mean(0) - b.mean(0)).square().sum() + cov_a.trace() + cov_b.trace() - 2 * cross
    ).item()


def frechet_bias(real_features: Tensor, n: int) -> float:
    """Return the Frechet distance to expect between two samples of n of one distribution.

    The distribution is the Gaussian with the covariance C of real features (N, d). With the
    eigenvalues l of C, to the first order in 1/n: the means differ by 2 trace(C) / n, and the
    covariances by (sum_ij l_i l_j / (l_i + l_j) + sum_i l_i / 2) / n. To see the latter, put the
    difference H of two sample covariances, whose entries have variance 2 l_i l_j / n (twice that
    on the diagonal), into the distance of C and C + H: sum_ij H_ij^2 / (l_i + l_j) / 2.
    The order beyond is negligible from n = 10 d on; below n = d expect a value too large.
    """
    if real_features.ndim != 2 or len(real_features) < 2 or n < 2:
        raise ValueError(
            f"need features (N, d) and n, both 2 or more, got {(*real_features.shape,)} and {n}"
        )
    values = torch.linalg.eigvalsh(real_features.T.cov().double()).clamp(min=0)
    sums = values[:, None] + values
    shapes = (values[:, None] * values / sums.clamp(min=1e-300)).sum() + values.sum() / 2
    return ((shapes + 2 * values.sum()) / n).item()


def kernel_distance(a: Tensor, b: Tensor) -> float:
    """Return the squared maximum mean discrepancy between features (N, d), without bias.

    The kernel is (x . y / d + 1)^3. Two samples of one distribution score 0 on average, at any N,
    and so may fall below 0. Source: Binkowski et al. 2018, arXiv:1801.01401.
    """
    n, d = same_n(a, b)

    def total(u: Tensor, v: Tensor) -> Tensor:
        return sum(_cubed(u[part] @ v.T / d + 1).sum() for part in blocks(n, n))

    itself = sum(_cubed(u.square().sum(dim=1) / d + 1).sum() for u in (a, b))
    pairs = n * (n - 1)  # an image is never compared with itself
    same = (total(a, a) + total(b, b) - itself) / pairs
    return (same - 2 * total(a, b) / n**2).item()


def _cubed(x: Tensor) -> Tensor:
    return x * x * x  # x**3 is five times as slow


def _matrix_sqrt(symmetric: Tensor) -> Tensor:
    values, vectors = torch.linalg.eigh(symmetric)
    return vectors @ (values.clamp(min=0).sqrt()[:, None] * vectors.T)


def energy_distance(x: Tensor, y: Tensor) -> float:
    """Return how much farther points of x lie from y than from their own kind: (N, d), (M, d).

    2 E|x - y| - E|x - x'| - E|y - y'|, in the unit of the points: 0 for equal distributions, above
    it for all others. No kernel has to be chosen. Each point is left out of its own average, so
    the estimate has no bias, and can fall a little below 0.
    Source: Szekely & Rizzo 2013, doi:10.1016/j.jspi.2013.03.018.

    Raises:
        ValueError: if there are fewer than two points on a side, or the sides have other widths.
    """
    if min(len(x), len(y)) < 2 or x.shape[1:] != y.shape[1:]:
        raise ValueError(f"need points (N, d), (M, d), got {(*x.shape,)} and {(*y.shape,)}")
    x, y = x.detach().cpu().double(), y.detach().cpu().double()
    own = sum(torch.cdist(a, a).sum() / (len(a) * (len(a) - 1)) for a in (x, y))
    return (2 * torch.cdist(x, y).mean() - own).item()
