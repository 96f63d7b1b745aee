"""Filling gaps: on a linear VAE, whose truth is a Gaussian, the walk ends where it should."""

import pytest
import torch
from torch import nn
from torch.distributions import MultivariateNormal

from course_lib.models import VAE
from course_lib.sampling.filling import fill_in

SIGMA = 0.5


class LinearVAE(nn.Module):
    """Pictures of 2 x 2 pixels, x = W z + sigma eps: posterior and conditionals in closed form."""

    latent_dim = 2

    def __init__(self):
        super().__init__()
        self.W = torch.tensor([[0.9, 0.2], [0.8, -0.3], [-0.5, 0.7], [0.1, 0.6]])
        self.precision = torch.eye(2) + self.W.T @ self.W / SIGMA**2
        # A posterior with equal, uncorrelated variances is needed, for `encode` has no covariance.
        values, vectors = torch.linalg.eigh(self.precision)
        self.W = self.W @ vectors
        self.variance = 1 / values

    def encode(self, x):
        mu = x.flatten(1) @ self.W / SIGMA**2 * self.variance
        return mu, self.variance.log().expand_as(mu)

    def decode(self, z):
        return (z @ self.W.T).reshape(-1, 1, 2, 2)


def conditional(W, x, gap):
    """Mean and variance of one pixel given the others, from the joint Gaussian."""
    joint = MultivariateNormal(torch.zeros(4), W @ W.T + SIGMA**2 * torch.eye(4))
    precision = joint.precision_matrix
    rest = [i for i in range(4) if i != gap]
    mean = -(precision[gap, rest] @ x[rest]) / precision[gap, gap]
    return mean.item(), 1 / precision[gap, gap].item()


@pytest.mark.parametrize("gap", [0, 3])
def test_with_the_decoders_grain_the_draws_follow_the_exact_conditional(gap):
    vae, x = LinearVAE(), torch.tensor([[[[0.7, -0.2], [0.4, 0.9]]]])
    known = torch.ones_like(x, dtype=torch.bool)
    known.view(-1)[gap] = False
    draws = fill_in(vae, x, known, n_draws=20_000, n_rounds=20, grain=SIGMA, seed=1)
    found = draws.flatten(1)[:, gap]
    mean, variance = conditional(vae.W, x.flatten(), gap)
    assert found.mean().item() == pytest.approx(mean, abs=0.025)
    assert found.var().item() == pytest.approx(variance, rel=0.04)


def test_known_pixels_stay_and_what_stands_in_the_gaps_is_never_looked_at():
    vae = VAE(latent_dim=4)
    x = torch.rand(3, 1, 8, 8, generator=torch.Generator().manual_seed(0)) * 2 - 1
    known = torch.rand(x.shape, generator=torch.Generator().manual_seed(1)) > 0.4
    draws = fill_in(vae, x, known, n_draws=2, n_rounds=3, seed=5)
    assert draws.shape == (2, 3, 1, 8, 8)
    assert torch.equal(draws[:, known], x[known].expand(2, -1))
    assert not torch.equal(draws[0], draws[1])
    spoiled = torch.where(known, x, torch.nan)
    assert torch.equal(fill_in(vae, spoiled, known, n_draws=2, n_rounds=3, seed=5), draws)
    assert vae.training  # given back as it was


def test_nonsense_is_refused_in_one_sentence():
    x = torch.zeros(2, 1, 8, 8)
    with pytest.raises(ValueError, match="known must be bool"):
        fill_in(VAE(), x, torch.ones(2, 1, 8, 8))
    with pytest.raises(ValueError, match="known must be bool"):
        fill_in(VAE(), x, torch.ones(1, 1, 8, 8, dtype=torch.bool))
    with pytest.raises(ValueError, match="at least one draw and one round, got 0 and 20"):
        fill_in(VAE(), x, torch.ones(2, 1, 8, 8, dtype=torch.bool), n_draws=0)


GUARDS = [
    (test_with_the_decoders_grain_the_draws_follow_the_exact_conditional, (0,),
     "sampling.filling", [
        ("(0.5 * logvar).exp()", "logvar.exp()"),
        ("guess = guess + grain *", "guess = guess + 0.5 * grain *"),
        ("z = mu + (", "z = mu + 0 * ("),
    ]),
    (test_known_pixels_stay_and_what_stands_in_the_gaps_is_never_looked_at, (),
     "sampling.filling", [
        ("filled = torch.where(known, x, guess)", "filled = guess"),
        ("filled = known_pixels(x, known).part", "filled = x"),
    ]),
]  # fmt: skip
