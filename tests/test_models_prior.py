"""Clouds fitted to codes put new codes where the old ones are."""

import math

import pytest
import torch
from scipy.stats import multivariate_normal

from course_lib.models.prior import MixturePrior
from course_lib.runtime import noise


def two_clouds():
    """Return a prior of two clouds that are told apart at once: 1/4 round the left, 3/4 long."""
    prior = MixturePrior(2, 2)
    prior.share.copy_(torch.tensor([0.25, 0.75]))
    prior.centre.copy_(torch.tensor([[-5.0, 0.0], [5.0, 1.0]]))
    prior.shape.copy_(torch.tensor([[[1.0, 0.0], [0.0, 1.0]], [[2.0, 0.0], [1.0, 0.5]]]))
    return prior


def test_draws_have_the_shares_means_and_covariances_of_the_clouds():
    z = two_clouds()(noise(200_000, 3, seed=0, device="cpu"))
    left, right = z[z[:, 0] < -1.5], z[z[:, 0] >= -1.5]
    assert len(left) / len(z) == pytest.approx(0.25, abs=0.005)
    torch.testing.assert_close(left.mean(0), torch.tensor([-5.0, 0.0]), atol=0.02, rtol=0)
    torch.testing.assert_close(right.mean(0), torch.tensor([5.0, 1.0]), atol=0.02, rtol=0)
    wanted = torch.tensor([[4.0, 2.0], [2.0, 1.25]])  # shape times its transpose
    torch.testing.assert_close(right.T.cov(), wanted, atol=0.04, rtol=0)


def test_an_unfitted_prior_leaves_the_noise_as_it_is():
    eps = noise(100, 5, seed=1, device="cpu")
    torch.testing.assert_close(MixturePrior(3, 4)(eps), eps[:, :4])


def test_fitting_finds_the_clouds_that_codes_were_drawn_from():
    truth = two_clouds()
    codes = truth(noise(20_000, 3, seed=2, device="cpu"))
    found = MixturePrior(2, 2)
    found.fit(codes)
    order = found.centre[:, 0].argsort()
    torch.testing.assert_close(found.share[order], truth.share, atol=0.01, rtol=0)
    torch.testing.assert_close(found.centre[order], truth.centre, atol=0.06, rtol=0)
    torch.testing.assert_close(found.shape[order], truth.shape, atol=0.06, rtol=0)
    drawn = found(noise(5_000, 3, seed=3, device="cpu")).numpy()
    clouds = zip(*(part.numpy() for part in truth.state_dict().values()), strict=True)
    parts = [share * multivariate_normal.pdf(drawn, c, s @ s.T) for share, c, s in clouds]
    mean_log = torch.from_numpy(sum(parts)).log().mean()
    entropy = _entropy(truth)
    assert mean_log.item() == pytest.approx(-entropy, abs=0.05)


def _entropy(prior):
    """Return the entropy in nats of clouds that do not overlap."""
    dets = torch.linalg.det(prior.shape).abs().log()
    each = 1 + math.log(2 * math.pi) + dets
    return (prior.share * (each - prior.share.log())).sum().item()


GUARDS = [
    (test_draws_have_the_shares_means_and_covariances_of_the_clouds, (), "models.prior", [
        ("bij,bj->bi", "bji,bj->bi"),
        ("torch.special.ndtr(eps[:, -1])", "eps[:, -1].sigmoid()"),
        ("eps[:, :-1])", "eps[:, 1:])"),
    ]),
]  # fmt: skip
