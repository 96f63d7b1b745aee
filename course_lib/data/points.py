"""Points in the plane whose density is known exactly: a ring of 8, a grid of 25, two moons.

Each is a mixture of round, equally likely Gaussians, so its log density and its score (the gradient
of the log density) are formulas, and what a model has learned can be held against the truth.
Nothing is scaled. The ring and the grid lie where Lin et al. 2018 (PacGAN, arXiv:1712.04086) put
them, so published counts of modes apply; nearly all points have |x| < 1.05 (ring), 4.3 (grid) and
1.9 (moons). A model that wants numbers near 1 divides by `train.x.std()` and multiplies back.
"""

import math
from typing import NamedTuple

import torch
from torch import Tensor

from course_lib.data.batches import Batch, Dataset
from course_lib.runtime import generator


class Mixture(NamedTuple):
    """Round Gaussians of one width around K centres, each centre equally likely."""

    centres: Tensor  # (K, 2) float64, on the CPU
    sigma: float  # standard deviation around each centre, along either axis
    label: Tensor  # (K,) int64, the mode each centre belongs to
    label_names: tuple[str, ...]  # one per mode

    def log_prob(self, x: Tensor) -> Tensor:
        """Return the log density, in nats, at points (..., 2): shape (...)."""
        return self._log_parts(x).logsumexp(dim=-1)

    def score(self, x: Tensor) -> Tensor:
        """Return the gradient of the log density at points (..., 2): shape (..., 2).

        Each centre pulls by (centre - x) / sigma^2, as much as it is likely to have sent the point.
        """
        share = self._log_parts(x).softmax(dim=-1)[..., None]  # (..., K, 1)
        return (share * self._way_to_centres(x)).sum(dim=-2) / self.sigma**2

    def sample(self, n: int, seed: int) -> Batch:
        """Draw n fresh points, x (n, 2) float32, each with the mode it came from, on the CPU."""
        draw = generator(seed)
        which = torch.randint(len(self.centres), (n,), generator=draw)
        x = self.centres[which] + self.sigma * torch.randn(n, 2, generator=draw)
        return Batch(x.float(), self.label[which])

    def noised(self, alpha_bar: float) -> "Mixture":
        """Return the density of sqrt(alpha_bar) x + sqrt(1 - alpha_bar) eps: a mixture again."""
        sigma = math.sqrt(alpha_bar * self.sigma**2 + 1 - alpha_bar)
        return self._replace(centres=math.sqrt(alpha_bar) * self.centres, sigma=sigma)

    def _log_parts(self, x: Tensor) -> Tensor:
        """Return log of (density of each part x its share 1/K) at x (..., 2): shape (..., K)."""
        squared = (self._way_to_centres(x) / self.sigma).square().sum(dim=-1)
        return -0.5 * squared - math.log(2 * math.pi * self.sigma**2 * len(self.centres))

    def _way_to_centres(self, x: Tensor) -> Tensor:
        """Return the arrows from points x (..., 2) to every centre: shape (..., K, 2)."""
        if not x.is_floating_point() or x.shape[-1:] != (2,):
            raise ValueError(f"points must be floats (..., 2), got {x.dtype} {(*x.shape,)}")
        centres = self.centres.to(x.dtype).to(x.device)  # in this order: MPS has no float64
        return centres - x[..., None, :]


def ring() -> Mixture:
    """Return PacGAN's ring: 8 modes on a circle of radius 1, sigma 0.01, the first in the east."""
    angle = torch.arange(8, dtype=torch.float64) * math.pi / 4
    winds = ("east", "north-east", "north", "north-west")
    winds += ("west", "south-west", "south", "south-east")
    return Mixture(torch.stack([angle.cos(), angle.sin()], dim=1), 0.01, torch.arange(8), winds)


def grid() -> Mixture:
    """Return PacGAN's grid: 25 modes at -4, -2, 0, 2, 4 along both axes, sigma 0.05."""
    axis = torch.arange(-4.0, 5.0, 2.0, dtype=torch.float64)
    centres = torch.cartesian_prod(axis, axis)  # (25, 2)
    names = tuple(f"({a:.0f}, {b:.0f})" for a, b in centres.tolist())
    return Mixture(centres, 0.05, torch.arange(25), names)


def moons() -> Mixture:
    """Return two interleaved half circles of radius 1, blurred by sigma 0.1: 2 modes.

    Each is 40 Gaussians side by side, nearer to each other than sigma: along the curve the density
    ripples by less than a billionth. The shape is that of scikit-learn's make_moons, moved by
    (-0.5, -0.25) to stand around the origin.
    """
    angle = torch.linspace(0, math.pi, 40, dtype=torch.float64)
    upper = torch.stack([angle.cos() - 0.5, angle.sin() - 0.25], dim=1)
    label = torch.arange(2).repeat_interleave(40)
    return Mixture(torch.cat([upper, -upper]), 0.1, label, ("upper moon", "lower moon"))


MIXTURES = {"ring": ring, "grid": grid, "moons": moons}
SIZES = {"train": 100_000, "validation": 10_000, "test": 10_000}
FIRST_SEED = 1712_04086  # a number no one else picks: fresh points must not be the training set


def read(name: str) -> Dataset:
    """Draw 100,000 points to train on, as PacGAN does, and 10,000 each to validate and to test.

    That is 1 MB. Fewer are easier to look at: take `train.x[:1000]`, they are in random order.
    """
    mixture = MIXTURES[name]()
    splits = (mixture.sample(n, FIRST_SEED + i) for i, n in enumerate(SIZES.values()))
    return Dataset(name, *splits, mixture.label_names)
