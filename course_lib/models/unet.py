"""U-Net: look at a noisy image at two scales and say what the noise is.

Source: Ronneberger et al. 2015, arXiv:1505.04597, in the manner of Ho et al. 2020,
arXiv:2006.11239, made small.
Letters: B images, C channels, S pixels per side, W width, D numbers that describe the time.
"""

import torch
from torch import Tensor, nn

from course_lib.models.layers import TimeEmbedding, check_size


class Block(nn.Module):
    """Two convolutions that know the time, with a way around them: (B, I, S, S) -> (B, O, S, S)."""

    def __init__(self, n_in: int, n_out: int, time_dim: int):
        super().__init__()
        self.first = nn.Sequential(
            nn.GroupNorm(8, n_in), nn.SiLU(), nn.Conv2d(n_in, n_out, 3, padding=1)
        )
        self.time = nn.Linear(time_dim, n_out)
        self.second = nn.Sequential(
            nn.GroupNorm(8, n_out), nn.SiLU(), nn.Conv2d(n_out, n_out, 3, padding=1)
        )
        self.around = nn.Conv2d(n_in, n_out, 1) if n_in != n_out else nn.Identity()

    def forward(self, h: Tensor, time: Tensor) -> Tensor:
        """Refine features h (B, I, S, S), given the embedded time (B, D)."""
        out = self.first(h) + self.time(time)[:, :, None, None]
        return self.around(h) + self.second(out)


class UNet(nn.Module):
    """Noise predictor for small square images: model(x_t, t) has the shape of x_t.

    Args:
        channels: C, 1 for grey and 3 for colour.
        size: S, a multiple of 4; the network itself works at any such size.
        width: W, feature maps at full size, a multiple of 8.

    Raises:
        ValueError: if size is not a multiple of 4 or width not a multiple of 8.
    """

    def __init__(self, channels: int = 1, size: int = 8, width: int = 16):
        super().__init__()
        check_size(size)
        if width % 8:
            raise ValueError(f"width must be a multiple of 8, got {width}")
        time_dim = 4 * width
        self.embed = TimeEmbedding(time_dim)
        self.enter = nn.Conv2d(channels, width, 3, padding=1)
        self.high = Block(width, width, time_dim)
        self.shrink = nn.Conv2d(width, 2 * width, 4, stride=2, padding=1)
        self.low = Block(2 * width, 2 * width, time_dim)
        self.middle = Block(2 * width, 2 * width, time_dim)
        self.grow = nn.ConvTranspose2d(2 * width, width, 4, stride=2, padding=1)
        self.merge = Block(2 * width, width, time_dim)
        self.leave = nn.Sequential(
            nn.GroupNorm(8, width), nn.SiLU(), nn.Conv2d(width, channels, 3, padding=1)
        )

    def forward(self, x_t: Tensor, t: Tensor) -> Tensor:
        """Predict the noise in x_t (B, C, S, S) at timesteps t (B,) int64: (B, C, S, S)."""
        return self.predict(x_t, self.embed(t))

    def predict(self, x_t: Tensor, time: Tensor) -> Tensor:
        """Predict the noise in x_t (B, C, S, S), given the embedded time (B, D)."""
        high = self.high(self.enter(x_t), time)  # (B, W, S, S)
        low = self.middle(self.low(self.shrink(high), time), time)  # (B, 2W, S/2, S/2)
        both = torch.cat([self.grow(low), high], dim=1)  # (B, 2W, S, S): coarse beside fine
        return self.leave(self.merge(both, time))
