"""Who lies near whom: quality and diversity apart, and the training picture nearest to each.

Around each point lies a ball that reaches its k-th nearest neighbour of its own kind. Distances
are taken in blocks, so that memory stays small whatever the number of pictures.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from course_lib.metrics.inputs import blocks, check_alike, rows, same_n

LOOK = 2048  # pictures on either side of one block of distances between pictures


class PrecisionRecall(NamedTuple):
    """Two shares in [0, 1]: how many fakes look real, how many reals the fakes reach."""

    precision: float
    recall: float


class DensityCoverage(NamedTuple):
    """The same two questions, asked so that a few odd pictures count for little."""

    density: float  # 0 and up, 1 for real pictures: how deep among the reals the fakes lie
    coverage: float  # in [0, 1]: the share of reals with a fake nearby


def precision_recall(fake: Tensor, real: Tensor, k: int = 5) -> PrecisionRecall:
    """Return precision and recall of fake features (N, d) against real ones (N, d).

    Precision: the share of fakes inside some real ball. Recall: of reals inside some fake ball.
    Source: Kynkaanniemi et al. 2019, arXiv:1904.06991.

    Raises:
        ValueError: if the sets differ in number, have no more than k samples, or are not finite.
    """
    n, _ = same_n(fake, real)
    real_ball, fake_ball = (_ball_radii(u, k) for u in (real, fake))
    precise, reached = (torch.zeros(n, dtype=torch.bool) for _ in range(2))
    for part in blocks(n, n):
        between = torch.cdist(fake[part], real)  # (block, N)
        precise[part] = (between <= real_ball).any(dim=1)
        reached |= (between <= fake_ball[part, None]).any(dim=0)
    return PrecisionRecall(precise.double().mean().item(), reached.double().mean().item())


def density_coverage(fake: Tensor, real: Tensor, k: int = 5) -> DensityCoverage:
    """Return density and coverage of fake features (N, d) against real ones (N, d).

    Density: in how many real balls a fake lies, on average, divided by k. Coverage: the share of
    real balls with a fake inside. Both draw balls around real pictures only, so a lone odd fake
    cannot claim a large region, as it can for recall. Two samples of one distribution have, on
    average, density 1, and coverage 1 - 1 / 2^k (0.97 for k = 5) when N is large.
    Source: Naeem et al. 2020, arXiv:2002.09797.

    Raises:
        ValueError: as precision_recall.
    """
    n, _ = same_n(fake, real)
    ball = _ball_radii(real, k)
    hits, covered = 0, torch.zeros(n, dtype=torch.bool)
    for part in blocks(n, n):
        inside = torch.cdist(fake[part], real) <= ball  # (block, N)
        hits += inside.sum().item()
        covered |= inside.any(dim=0)
    return DensityCoverage(hits / (k * n), covered.double().mean().item())


def nearest_training_image(x: Tensor, train: Tensor) -> tuple[Tensor, Tensor]:
    """Return for each image (N, C, S, S) its nearest training image: (distance, index), each (N,).

    The distance is Euclidean, over pixels, in float64. The search among images of more than 64
    numbers runs in float32, so of training images equally near to six digits any one may be found;
    its distance is then computed exactly.

    Raises:
        ValueError: if the sets are empty, of different shapes, or not finite.
    """
    check_alike(x, train)
    kind = (
        torch.float32 if train[0].numel() > 64 else torch.float64
    )  # points crowd, pictures do not
    middle = train[:LOOK].flatten(1).cpu().to(kind).mean(dim=0)  # near 0, more digits are kept
    found = [_nearest(images, train, middle) for images in x.detach().split(LOOK)]
    index = torch.cat(found)
    pairs = zip(x.split(LOOK), index.to(train.device).split(LOOK), strict=True)
    distance = [(rows(images) - rows(train[near])).norm(dim=1) for images, near in pairs]
    return torch.cat(distance), index


def _nearest(x: Tensor, train: Tensor, middle: Tensor) -> Tensor:
    """Return the index of the nearest training image for a few images: (N,) int64, on the CPU."""
    ours = x.flatten(1).cpu().to(middle.dtype) - middle
    best, index = torch.full_like(ours[:, 0], torch.inf), torch.zeros(len(x), dtype=torch.int64)
    for start in range(0, len(train), LOOK):
        theirs = train[start : start + LOOK].flatten(1).cpu().to(middle.dtype) - middle
        lengths = theirs.square().sum(dim=1)
        nearness, place = torch.addmm(lengths, ours, theirs.T, alpha=-2).min(dim=1)
        nearer = nearness < best  # |x - t|^2 up to |x|^2, which is the same for all t
        best = torch.where(nearer, nearness, best)
        index = torch.where(nearer, place + start, index)
    return index


def _ball_radii(points: Tensor, k: int) -> Tensor:
    """Return how far each point (N, d) is from its k-th nearest neighbour: (N,)."""
    n = len(points)
    if not 1 <= k < n:
        raise ValueError(f"{k} nearest neighbours need more than {k} samples, got {n}")
    nearest = [
        torch.cdist(points[part], points).topk(k + 1, largest=False).values for part in blocks(n, n)
    ]
    return torch.cat(nearest)[:, k]  # the first is the point itself
