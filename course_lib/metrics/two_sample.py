"""Can a fresh classifier tell the pictures from real ones?

It learns from half of them and is examined on the other half, so remembering does not help. An
area under the curve (AUC) of 0.5 means that it can only guess, 1 that it is always right.
Source: Lopez-Paz & Oquab 2017, arXiv:1610.06545.
Letters: N samples of each kind, C channels, S pixels per side.
"""

import torch
from torch import Tensor, nn

from course_lib.losses import bce
from course_lib.metrics.inputs import check_alike
from course_lib.metrics.intervals import NORMAL, Measured, wilson
from course_lib.runtime import generator
from course_lib.sampling import evaluating
from course_lib.training import descend

N_STEPS = {"pictures": 300, "points": 1000}  # of 64 real and 64 fake ones each
FEWEST = 50  # of each kind: 25 to learn from and 25 for the exam say next to nothing


def two_sample_auc(fake: Tensor, real: Tensor, seed: int = 0) -> Measured:
    """Return how well a fresh classifier tells real from fake: AUC, with its 95 % interval.

    The interval is about this classifier: a stronger one, or more samples to learn from, might
    tell more. The same seed gives the same number, and PyTorch's own random state stays untouched.

    Args:
        fake: pictures (N, C, S, S) in [-1, 1], points (N, 2), or rows of a table (N, D).
        real: as many real ones.
        seed: for the halves, the first weights and the order of learning.

    Raises:
        ValueError: if there are fewer than 50 of each, or the two sets do not match.
    """
    check_alike(fake, real)
    n = len(real)
    if len(fake) != n or n < FEWEST:
        raise ValueError(f"need {FEWEST} or more of each, equally many, got {len(fake)} and {n}")
    if fake.ndim not in (2, 4):
        raise ValueError(f"need pictures (N, C, S, S) or rows (N, D), got {(*fake.shape,)}")
    draw = generator(seed)
    both = torch.stack([x.detach().cpu().float() for x in (real, fake)])
    both = (both - both.mean()) / both.std().clamp(min=1e-6)
    shuffled = [x[torch.randperm(n, generator=draw)] for x in both]
    to_learn, exam = ([x[half] for x in shuffled] for half in (slice(n // 2), slice(n // 2, n)))
    net = _fresh_net(real.shape[1:], seed)
    _learn(net, *to_learn, draw)
    with evaluating(net):
        scores = [torch.cat([net(x) for x in half.split(512)])[:, 0] for half in exam]
    return auc(*scores)


def auc(real_scores: Tensor, fake_scores: Tensor) -> Measured:
    """Return the share of (real, fake) pairs in which the real one has the higher score.

    Equal scores count half. The 95 % interval is DeLong's; where all pairs are in order, which
    leaves no spread to see, Wilson's for the smaller set.
    Source: DeLong, DeLong & Clarke-Pearson 1988, https://doi.org/10.2307/2531595.

    Args:
        real_scores: one number for each real sample (M,).
        fake_scores: one for each fake sample (N,).

    Raises:
        ValueError: if there are fewer than two of either, or one is not finite.
    """
    m, n = len(real_scores), len(fake_scores)
    both = torch.cat([real_scores, fake_scores]).cpu().double()
    if min(m, n) < 2 or both.ndim != 1 or not both.isfinite().all():
        raise ValueError(f"need two or more finite scores of each kind, got {m} and {n}")
    rank = _ranks(both)
    beaten_fakes = (rank[:m] - _ranks(both[:m])) / n  # (M,) by each real one
    beaten_reals = (rank[m:] - _ranks(both[m:])) / m  # (N,) by each fake one
    value = beaten_fakes.mean().item()
    half = NORMAL * (beaten_fakes.var() / m + beaten_reals.var() / n).sqrt().item()
    if half == 0:
        return wilson(value, min(m, n))
    return Measured(value, max(0.0, value - half), min(1.0, value + half))


def _ranks(scores: Tensor) -> Tensor:
    """Return the place of each score in order, from 1; equal scores share their mean place."""
    _, place, count = scores.unique(return_inverse=True, return_counts=True)
    return (count.cumsum(0) - (count - 1) / 2)[place]


def _fresh_net(shape: torch.Size, seed: int) -> nn.Module:
    """Return an untrained classifier for pictures (C, S, S) or rows (D,): one logit (N, 1)."""
    with torch.random.fork_rng(devices=[]):  # the random state is put back afterwards
        torch.default_generator.manual_seed(seed)
        if len(shape) == 1:
            return nn.Sequential(
                nn.Linear(shape[0], 128),
                nn.ReLU(),
                nn.Linear(128, 128),
                nn.ReLU(),
                nn.Linear(128, 1),
            )
        small = [-(-side // 4) for side in shape[1:]]  # halved twice, rounded up
        return nn.Sequential(
            nn.Conv2d(shape[0], 32, 3, stride=2, padding=1),  # (N, 32, S/2, S/2)
            nn.ReLU(),
            nn.Conv2d(32, 64, 3, stride=2, padding=1),  # (N, 64, S/4, S/4)
            nn.ReLU(),
            nn.Flatten(),
            nn.Linear(64 * small[0] * small[1], 1),
        )


def _learn(net: nn.Module, real: Tensor, fake: Tensor, draw: torch.Generator) -> None:
    """Teach the classifier to answer 1 to real and 0 to fake samples."""
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
    for _ in range(N_STEPS["points" if real.ndim == 2 else "pictures"]):
        some = torch.randint(len(real), (2, 64), generator=draw)
        descend(bce(net(real[some[0]]), 1.0) + bce(net(fake[some[1]]), 0.0), optimizer)
