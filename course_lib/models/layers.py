"""Bricks that more than one model is built from."""

import math

import torch
from torch import Tensor, nn


def check_size(size: int) -> int:
    """Return size if it can be halved twice, else raise ValueError in one sentence."""
    if size < 4 or size % 4:
        raise ValueError(f"size must be a multiple of 4, got {size}")
    return size


class TimeEmbedding(nn.Module):
    """Turn timesteps (B,) into vectors (B, D): waves of many lengths, then two learned layers.

    Source: the waves of Vaswani et al. 2017, arXiv:1706.03762, section 3.5, as used for timesteps
    by Ho et al. 2020, arXiv:2006.11239.
    """

    def __init__(self, dim: int, n_waves: int = 32):
        super().__init__()
        half = n_waves // 2
        self.register_buffer("frequency", torch.exp(-math.log(10_000) * torch.arange(half) / half))
        self.learned = nn.Sequential(nn.Linear(2 * half, dim), nn.SiLU(), nn.Linear(dim, dim))

    def forward(self, t: Tensor) -> Tensor:
        """Embed timesteps t (B,), counted from 0 to about 1000, as (B, D)."""
        angle = t[:, None].float() * self.frequency  # (B, D/2): one row per image
        return self.learned(torch.cat([angle.sin(), angle.cos()], dim=1))
