"""Other ways to do the U-Net's task: a plain network and a small transformer.

Both are called alike, model(x_t, t), and learn, with their default widths, about as
many numbers as UNet(width=16), for grey images of 8 x 8 pixels.
Letters: B images, C channels, S pixels per side, W width, N patches of P x P pixels.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course_lib.models.layers import TimeEmbedding, check_size, stack


class PlainDenoiser(nn.Module):
    """All pixels in a row, and every number of a layer tied to every number of the next.

    It is not told which pixels are neighbours.
    """

    def __init__(self, channels: int = 1, size: int = 8, width: int = 148):
        super().__init__()
        n_pixels = channels * size**2
        self.embed = TimeEmbedding(64)
        self.net = stack(n_pixels + 64, n_pixels, width, 3, nn.SiLU)

    def forward(self, x_t: Tensor, t: Tensor) -> Tensor:
        """Predict the noise in x_t (B, C, S, S) at timesteps t (B,) int64: (B, C, S, S)."""
        row = torch.cat([x_t.flatten(1), self.embed(t)], dim=1)  # (B, C S S + 64)
        return self.net(row).reshape(x_t.shape)


class TransformerDenoiser(nn.Module):
    """Patches that ask each other what they see, a few rounds long.

    Nobody tells it either which patches are neighbours: each has a learned place (B, N, W).
    Source: Peebles & Xie 2023 (DiT), arXiv:2212.09748, made small; the time is simply added.

    Args:
        channels: C.
        size: S, a multiple of P.
        patch: P.
        width: W, a multiple of 4, the number of heads.
        depth: rounds.
    """

    def __init__(
        self, channels: int = 1, size: int = 8, patch: int = 2, width: int = 52, depth: int = 3
    ):
        super().__init__()
        n_patches = (check_size(size, patch) // patch) ** 2
        self.patch, n_numbers = patch, channels * patch**2
        self.embed = TimeEmbedding(width)
        self.enter = nn.Linear(n_numbers, width)
        self.place = nn.Parameter(torch.empty(n_patches, width).normal_(0, 0.02))
        self.rounds = nn.ModuleList(Round(width) for _ in range(depth))
        self.leave = nn.Sequential(nn.LayerNorm(width), nn.Linear(width, n_numbers))

    def forward(self, x_t: Tensor, t: Tensor) -> Tensor:
        """Predict the noise in x_t (B, C, S, S) at timesteps t (B,) int64: (B, C, S, S)."""
        grid = F.pixel_unshuffle(x_t, self.patch)  # (B, C P P, S/P, S/P)
        h = self.enter(grid.flatten(2).mT) + self.place  # (B, N, W)
        time = self.embed(t)[:, None]  # (B, 1, W)
        for each in self.rounds:
            h = each(h, time)
        return F.pixel_shuffle(self.leave(h).mT.reshape(grid.shape), self.patch)


class Round(nn.Module):
    """One round of a transformer: every patch looks at all others, then thinks for itself."""

    def __init__(self, width: int, n_heads: int = 4):
        super().__init__()
        self.n_heads = n_heads
        self.time = nn.Linear(width, width)
        self.before_look, self.before_think = nn.LayerNorm(width), nn.LayerNorm(width)
        self.ask = nn.Linear(width, 3 * width)  # query, key and value, side by side
        self.tell = nn.Linear(width, width)
        self.think = nn.Sequential(
            nn.Linear(width, 2 * width), nn.SiLU(), nn.Linear(2 * width, width)
        )

    def forward(self, h: Tensor, time: Tensor) -> Tensor:
        """Refine patches h (B, N, W), given the embedded time (B, 1, W)."""
        h = h + self.time(time)
        asked = self.ask(self.before_look(h)).unflatten(2, (3, self.n_heads, -1))
        query, key, value = asked.permute(2, 0, 3, 1, 4)  # each (B, heads, N, W / heads)
        seen = F.scaled_dot_product_attention(query, key, value)
        h = h + self.tell(seen.transpose(1, 2).flatten(2))
        return h + self.think(self.before_think(h))
