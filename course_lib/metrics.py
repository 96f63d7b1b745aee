"""Measuring generated images: quality, diversity, novelty. Always with n, features and a floor.

A number alone says little. Each distance is shown beside its floor, the same distance between
real images and other real images, and with the name of the features it was taken in.
"""

import warnings
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor


class Features(NamedTuple):
    """A named way to describe an image by a few numbers, in which distances are taken."""

    name: str
    dim: int
    embed: Callable[[Tensor], Tensor]  # images (N, C, S, S) -> features (N, dim), float64, CPU


class PrecisionRecall(NamedTuple):
    """Two shares in [0, 1]: how many fakes look real, how many reals the fakes reach."""

    precision: float
    recall: float


class Novelty(NamedTuple):
    """How far images lie from their nearest training image, against held-out real images."""

    ratio: float  # median distance of the images / median distance of held-out reals; 0: copies
    copies: float  # share of images nearer to a training image than 99 % of held-out reals are


class Report(NamedTuple):
    """All numbers of this room for one set of images, with what they were measured on."""

    n: int
    features: str
    kernel: float
    frechet: float
    precision: float
    recall: float
    novelty: float
    copies: float


def pca_features(train: Tensor, dim: int = 16) -> Features:
    """Return the leading principal components of training images (N, C, S, S) as features."""
    from sklearn.decomposition import PCA  # scikit-learn loads only when used

    pca = PCA(dim, svd_solver="full").fit(_rows(train).numpy())
    return Features(
        f"{dim} principal components",
        dim,
        lambda x: torch.from_numpy(pca.transform(_rows(x).numpy())),
    )


def frechet_distance(a: Tensor, b: Tensor) -> float:
    """Return the Frechet distance between Gaussians fitted to two sets of features (N, d).

    |mean_a - mean_b|^2 + trace(C_a + C_b - 2 (C_a C_b)^1/2). It is biased upwards when N is small,
    so only equal N can be compared. It is called FID only with Inception's features, never here.
    Source: Dowson & Landau 1982; Heusel et al. 2017, arXiv:1706.08500.
    """
    n, d = _same_n(a, b)
    if n < 10 * d:
        warnings.warn(
            f"{n} samples are few for {d} features: expect a Frechet distance too large",
            stacklevel=2,
        )
    cov_a, cov_b = a.T.cov(), b.T.cov()
    root = _matrix_sqrt(cov_a)
    cross = torch.linalg.eigvalsh(root @ cov_b @ root).clamp(min=0).sqrt().sum()
    return (
        (a.mean(0) - b.mean(0)).square().sum() + cov_a.trace() + cov_b.trace() - 2 * cross
    ).item()


def kernel_distance(a: Tensor, b: Tensor) -> float:
    """Return the squared maximum mean discrepancy between features (N, d), without bias.

    The kernel is (x . y / d + 1)^3. Two samples of one distribution score 0 on average, at any N,
    and so may fall below 0. Source: Binkowski et al. 2018, arXiv:1801.01401.
    """
    n, d = _same_n(a, b)
    within_a, within_b, between = ((u @ v.T / d + 1) ** 3 for u, v in ((a, a), (b, b), (a, b)))
    pairs = n * (n - 1)  # an image is never compared with itself
    same = (within_a.sum() - within_a.trace() + within_b.sum() - within_b.trace()) / pairs
    return (same - 2 * between.mean()).item()


def precision_recall(fake: Tensor, real: Tensor, k: int = 5) -> PrecisionRecall:
    """Return precision and recall of fake features (N, d) against real ones (N, d).

    Around each point lies a ball that reaches its k-th nearest neighbour of its own kind.
    Precision: the share of fakes inside some real ball. Recall: of reals inside some fake ball.
    Source: Kynkaanniemi et al. 2019, arXiv:1904.06991.
    """
    n, _ = _same_n(fake, real)
    if n <= k:
        raise ValueError(f"{k} nearest neighbours need more than {k} samples, got {n}")
    between = torch.cdist(fake, real)  # (N, N)
    real_ball, fake_ball = (torch.cdist(u, u).kthvalue(k + 1).values for u in (real, fake))
    precision = (between <= real_ball).any(dim=1).double().mean()
    recall = (between <= fake_ball[:, None]).any(dim=0).double().mean()
    return PrecisionRecall(precision.item(), recall.item())


def nearest_training_image(x: Tensor, train: Tensor) -> tuple[Tensor, Tensor]:
    """Return for each image (N, C, S, S) its nearest training image: (distance, index), each (N,).

    The distance is Euclidean, over pixels. Train is visited in blocks, so it may be large.
    """
    rows, best = _rows(x), None
    for start in range(0, len(train), 4096):
        distance, index = torch.cdist(rows, _rows(train[start : start + 4096])).min(dim=1)
        if best is None:
            best = distance, index
        else:
            nearer = distance < best[0]
            best = (
                torch.where(nearer, distance, best[0]),
                torch.where(nearer, index + start, best[1]),
            )
    return best


def novelty(x: Tensor, train: Tensor, held_out: Tensor) -> Novelty:
    """Compare distances to the nearest training image with those of held-out real images.

    Real images that were never trained on show how far from the training set a new image lies.
    """
    ours, control = (nearest_training_image(images, train)[0] for images in (x, held_out))
    copies = (ours < control.quantile(0.01)).double().mean()
    return Novelty((ours.median() / control.median()).item(), copies.item())


def report(x: Tensor, train: Tensor, held_out: Tensor, test: Tensor, features: Features) -> Report:
    """Measure generated images (N, C, S, S) against equally many test and held-out images.

    The floor is the report of the held-out images themselves.
    """
    fake, real = features.embed(x), features.embed(test)
    return Report(
        len(x),
        features.name,
        kernel_distance(fake, real),
        frechet_distance(fake, real),
        *precision_recall(fake, real),
        *novelty(x, train, held_out),
    )


def _rows(x: Tensor) -> Tensor:
    return x.detach().flatten(1).cpu().double()  # to the CPU first: MPS has no float64


def _same_n(a: Tensor, b: Tensor) -> tuple[int, int]:
    if a.ndim != 2 or b.ndim != 2 or a.shape[1] != b.shape[1]:
        raise ValueError(f"features must be (N, d) with one d, got {(*a.shape,)} and {(*b.shape,)}")
    if len(a) != len(b) or len(a) < 2:
        raise ValueError(f"compare equally many samples, 2 or more, got {len(a)} and {len(b)}")
    return a.shape


def _matrix_sqrt(symmetric: Tensor) -> Tensor:
    values, vectors = torch.linalg.eigh(symmetric)
    return vectors @ (values.clamp(min=0).sqrt()[:, None] * vectors.T)
