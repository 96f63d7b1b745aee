"""The bounds are held against a model whose likelihood is known exactly.

In the linear model x = W z + b + s * noise the pictures are Gaussian, and so is the code given a
picture: log p(x) = log N(x; b, W W' + s^2 I).
"""

import math

import pytest
import torch
from torch import nn
from torch.distributions import Independent, MultivariateNormal, Normal

from course_lib.metrics import importance_bound, log_weights
from course_lib.runtime import noise

SIGMA, Z = 0.5, 2


class Linear(nn.Module):
    """A VAE whose decoder is a matrix and whose encoder is exact, or off by a given amount."""

    def __init__(self, off=0.0, wide=1.0):
        super().__init__()
        self.W, self.b = noise(16, Z, seed=0, device="cpu"), noise(16, seed=1, device="cpu")
        exact = torch.eye(Z) + self.W.T @ self.W / SIGMA**2  # the precision of p(z|x)
        scale, turn = torch.linalg.eigh(exact)
        self.W = self.W @ turn  # so that the true cloud has round axes along the code's own
        self.variance, self.off, self.wide = 1 / scale, off, wide

    def encode(self, x):
        mu = ((x.flatten(1) - self.b) @ self.W) / SIGMA**2 * self.variance
        return mu + self.off, (self.variance * self.wide).log().expand_as(mu)

    def decode(self, z):
        return (z @ self.W.T + self.b).reshape(-1, 1, 4, 4)

    def log_p(self, x):
        cov = self.W @ self.W.T + SIGMA**2 * torch.eye(16)
        return MultivariateNormal(self.b, cov).log_prob(x.flatten(1))


def some_pictures(n=5):
    z, grain = noise(n, Z, seed=2, device="cpu"), noise(n, 1, 4, 4, seed=3, device="cpu")
    return Linear().decode(z) + SIGMA * grain


def draws(k, n=5):
    return noise(k, n, Z, seed=4, device="cpu")


def test_with_the_true_cloud_every_draw_gives_the_exact_likelihood():
    model, x = Linear(), some_pictures()
    log_weight = log_weights(model, x, draws(3), SIGMA)
    truth = model.log_p(x)
    torch.testing.assert_close(log_weight, truth.expand(3, -1), atol=1e-3, rtol=1e-4)


def test_the_weights_are_those_of_torch_distributions():
    model, x, eps = Linear(off=0.1, wide=1.7), some_pictures(), draws(4)
    mu, logvar = model.encode(x)
    cloud = Independent(Normal(mu, (logvar / 2).exp()), 1)
    z = mu + (logvar / 2).exp() * eps
    prior = Independent(Normal(torch.zeros(Z), torch.ones(Z)), 1)
    seen = torch.stack([Normal(model.decode(one), SIGMA).log_prob(x).sum((1, 2, 3)) for one in z])
    truth = seen + prior.log_prob(z) - cloud.log_prob(z)
    torch.testing.assert_close(log_weights(model, x, eps, SIGMA), truth, atol=1e-3, rtol=1e-4)


def test_with_a_wrong_cloud_the_bound_rises_to_the_truth_and_not_above():
    model, x = Linear(off=0.15, wide=2.0), some_pictures()
    log_weight, truth = log_weights(model, x, draws(20_000), SIGMA), model.log_p(x)
    found = [
        torch.stack([importance_bound(part) for part in log_weight.split(k)]).mean(dim=0)
        for k in (1, 10, 100, 20_000)
    ]
    assert all((low < high).all() for low, high in zip(found, found[1:], strict=False))
    assert (found[0] < truth - 0.2).all()
    torch.testing.assert_close(found[-1], truth, atol=0.05, rtol=0)


def test_one_draw_gives_the_evidence_lower_bound():
    log_weight = noise(1, 7, seed=0, device="cpu")
    torch.testing.assert_close(importance_bound(log_weight), log_weight[0])


def test_the_bound_is_the_logarithm_of_a_mean_even_of_the_very_small():
    log_weight = torch.tensor([[0.0, -5000.0], [math.log(3), -5000.0]])
    torch.testing.assert_close(importance_bound(log_weight), torch.tensor([math.log(2), -5000.0]))


def test_what_has_no_draws_is_refused():
    with pytest.raises(ValueError, match=r"log weights \(K, B\) of one or more draws"):
        importance_bound(torch.zeros(0, 5))
    with pytest.raises(ValueError, match=r"eps must be \(K, 5, Z\), got \(3, 4, 2\)"):
        log_weights(Linear(), some_pictures(), draws(3, 4), SIGMA)


GUARDS = [
    (test_the_weights_are_those_of_torch_distributions, (), "metrics.bounds", [
        ("(0.5 * logvar).exp() * draw", "logvar.exp() * draw"),
        ("draw.square() + logvar)", "draw.square() - logvar)"),
        ("log_prior - log_cloud", "log_prior + log_cloud"),
        ("log_prior = -0.5 *", "log_prior = -1.0 *"),
    ]),
    (test_the_bound_is_the_logarithm_of_a_mean_even_of_the_very_small, (), "metrics.bounds", [
        (" - math.log(len(log_weight))", ""),
        ("log_weight.logsumexp(dim=0)", "log_weight.exp().sum(dim=0).log()"),
    ]),
]  # fmt: skip
