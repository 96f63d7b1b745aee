"""Clouds of features for the tests of metrics: seeded, float64."""

import torch


def cloud(n, d, seed, shift=0.0, scale=1.0):
    draw = torch.randn(n, d, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))
    return draw * scale + shift


def correlated(n, d, seed, world=None):
    """Return n samples of a Gaussian with a covariance of its own, or that of another world."""
    world = seed if world is None else world
    return cloud(n, d, seed) @ cloud(d, d, world + 100) + cloud(1, d, world + 200)


def pictures(n, size, seed, channels=1):
    return cloud(n, channels * size**2, seed).reshape(n, channels, size, size).tanh().float()
