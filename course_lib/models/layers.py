"""Bricks that more than one model is built from."""

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn


def check_size(size: int, multiple: int = 4) -> int:
    """Return size if it is a multiple of that number, else raise ValueError in one sentence."""
    if size < multiple or size % multiple:
        raise ValueError(f"size must be a multiple of {multiple}, got {size}")
    return size


def stack(
    n_in: int,
    n_out: int,
    width: int,
    depth: int,
    activation: Callable[[], nn.Module],
    linear: type[nn.Linear] = nn.Linear,
) -> nn.Sequential:
    """Return a network of `depth` hidden layers of one width, none behind the last: (B, I), (B, O).

    Args:
        n_in: I.
        n_out: O.
        width: W, numbers in each hidden layer.
        depth: how many hidden layers.
        activation: what stands behind each of them.
        linear: what makes a layer.
    """
    sizes = [n_in, *[width] * depth]
    hidden = [
        part
        for a, b in zip(sizes, sizes[1:], strict=False)
        for part in (linear(a, b), activation())
    ]
    return nn.Sequential(*hidden, linear(sizes[-1], n_out))


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


class Conditions(nn.Module):
    """Turn what is wanted, (B, Q) int64, into vectors (B, D): one for each answer, summed.

    -1 stands for "not said" and has a learned vector too, so that a model can do with and without.

    Args:
        answers: K for each of the Q questions, such as (10,) for ten classes.
        dim: D.
    """

    def __init__(self, answers: tuple[int, ...], dim: int):
        super().__init__()
        self.tables = nn.ModuleList(nn.Embedding(k + 1, dim) for k in answers)

    def forward(self, wanted: Tensor) -> Tensor:
        """Embed conditions (B, Q) as (B, D)."""
        answers = wanted.unbind(dim=1)
        vectors = [
            table(answer % table.num_embeddings)  # -1 takes the last row
            for table, answer in zip(self.tables, answers, strict=True)
        ]
        return torch.stack(vectors).sum(dim=0)
