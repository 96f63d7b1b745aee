"""U-Net: look at a noisy image at two scales and say what the noise is.

Source: Ronneberger et al. 2015, arXiv:1505.04597, in the manner of Ho et al. 2020,
arXiv:2006.11239, made small.
Letters: B images, C channels, S pixels per side, W width, D numbers that describe the time.
"""

import torch
from torch import Tensor, nn

from course_lib.models.layers import Conditions, TimeEmbedding, check_size, nothing_said


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
        size: S, a multiple of 4 P; the network itself works at any such size.
        width: W, feature maps at the larger scale, a multiple of 8.
        patch: P; each P x P pixels become one place with more numbers, which costs less.
        depth: blocks in a row at each scale.
        answers: K for each question that may be asked of the picture; () for none.

    Raises:
        ValueError: if size is not a multiple of 4 P or width not a multiple of 8.
    """

    def __init__(
        self,
        channels: int = 1,
        size: int = 8,
        width: int = 16,
        patch: int = 1,
        depth: int = 1,
        answers: tuple[int, ...] = (),
    ):
        super().__init__()
        check_size(size, 4 * patch)
        if width % 8:
            raise ValueError(f"width must be a multiple of 8, got {width}")
        time_dim, numbers = 4 * width, channels * patch**2
        self.answers = tuple(answers)
        self.embed = TimeEmbedding(time_dim)
        self.conditions = Conditions(answers, time_dim) if answers else None
        self.enter = nn.Sequential(
            nn.PixelUnshuffle(patch), nn.Conv2d(numbers, width, 3, padding=1)
        )
        self.high = _blocks(depth, width, width, time_dim)
        self.shrink = nn.Conv2d(width, 2 * width, 4, stride=2, padding=1)
        self.low = _blocks(2 * depth, 2 * width, 2 * width, time_dim)
        self.grow = nn.ConvTranspose2d(2 * width, width, 4, stride=2, padding=1)
        self.merge = _blocks(depth, 2 * width, width, time_dim)
        self.leave = nn.Sequential(
            nn.GroupNorm(8, width),
            nn.SiLU(),
            nn.Conv2d(width, numbers, 3, padding=1),
            nn.PixelShuffle(patch),
        )

    def forward(self, x_t: Tensor, t: Tensor, wanted: Tensor | None = None) -> Tensor:
        """Predict the noise in x_t (B, C, S, S) at timesteps t (B,): (B, C, S, S).

        wanted (B, Q) int64 says what the picture should be, -1 for "not said"; by default nothing.
        """
        vector = self.embed(t)  # (B, D)
        if self.conditions:
            if wanted is None:
                wanted = nothing_said(len(x_t), self.answers, x_t.device)
            vector = vector + self.conditions(wanted)
        high = self.enter(x_t)  # (B, W, S/P, S/P)
        for block in self.high:
            high = block(high, vector)
        low = self.shrink(high)  # (B, 2W, S/2P, S/2P)
        for block in self.low:
            low = block(low, vector)
        both = torch.cat([self.grow(low), high], dim=1)  # (B, 2W, S/P, S/P): coarse beside fine
        for block in self.merge:
            both = block(both, vector)
        return self.leave(both)


def _blocks(depth: int, n_in: int, n_out: int, time_dim: int) -> nn.ModuleList:
    return nn.ModuleList(Block(n_out if i else n_in, n_out, time_dim) for i in range(depth))
