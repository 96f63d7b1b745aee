"""What the notebook on readable maps asks for."""

from collections.abc import Callable

import torch
from torch.distributions import MultivariateNormal, kl_divergence

from course_lib.checks.judging import judge


def gap(my_gap: Callable) -> None:
    """Check my_gap(table): (Z, F) shares -> best less second best of each factor, on average."""
    table = torch.tensor(
        [[0.9, 0.1, 0.2], [0.0, 0.4, 0.1], [0.3, 0.35, 0.8], [0.05, 0.0, 0.0]], dtype=torch.float64
    )
    by_factor, by_axis = (table.sort(dim=d, descending=True).values for d in (0, 1))
    gaps = by_factor[0] - by_factor[1]  # 0.6, 0.05, 0.6
    judge(
        lambda: my_gap(table),
        gaps.mean(),
        "High only if one axis knows a factor and the next best knows little of it.",
        {
            "This asks of each axis how its factors differ: ask of each factor how its axes do.":
                (by_axis[:, 0] - by_axis[:, 1]).mean(),
            "This is the best axis alone: take away what the second best knows.":
                by_factor[0].mean(),
            "This is best less worst: the second best is who makes an axis hard to read.":
                (by_factor[0] - by_factor[-1]).mean(),
            "You summed over the factors: take the mean.": gaps.sum(),
        },
    )  # fmt: skip


def turned_kl(my_kl: Callable) -> None:
    """Check my_kl(mu, cov): (Z,), (Z, Z) -> KL(N(mu, cov) || N(0, I)) in nats."""
    mu = torch.tensor([0.5, -1.0, 2.0], dtype=torch.float64)
    cov = torch.tensor([[0.5, 0.2, 0.0], [0.2, 0.3, -0.1], [0.0, -0.1, 0.2]], dtype=torch.float64)
    standard = MultivariateNormal(torch.zeros_like(mu), torch.eye(3, dtype=torch.float64))
    truth = kl_divergence(MultivariateNormal(mu, cov), standard)
    sizes = (cov.diagonal().sum() + mu.square().sum() - 3) / 2
    judge(
        lambda: my_kl(mu, cov),
        truth,
        "Equal to the closed form of torch.distributions, for clouds turned any way.",
        {
            "This takes the cloud for upright: what lies beside the diagonal counts as well.":
                sizes - cov.diagonal().log().sum() / 2,
            "The logarithm of the determinant is missing: thin clouds cost more.": sizes,
            "The factor 1/2 is missing.": 2 * truth,
            "The sign of the logarithm is turned round.": sizes + torch.logdet(cov) / 2,
        },
    )  # fmt: skip
