"""The denoiser made for larger pictures: a U-Net on patches that is told what to make.

Letters: B images, C channels, S pixels per side, P pixels per side of a patch, W width,
Q questions, D numbers that describe time and wishes.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course_lib.models.denoisers import Round
from course_lib.models.layers import Conditions, check_size
from course_lib.models.unet import Block, UNet


class PictureUNet(UNet):
    """A U-Net on patches that is told what to make, with more blocks in a row.

    Args:
        channels: C.
        size: S, a multiple of 4 P.
        patch: P.
        width: W, a multiple of 8.
        depth: blocks in a row, wherever the small U-Net has one.
        answers: K for each question.
        deeper: add a third scale, half as fine again, and let places look at each other.

    Raises:
        ValueError: if size is not a multiple of 4 P (8 P if deeper), or width not one of 8.
    """

    def __init__(
        self,
        channels: int,
        size: int,
        patch: int,
        width: int,
        depth: int,
        answers: tuple[int, ...],
        deeper: bool = False,
    ):
        side = check_size(size, (8 if deeper else 4) * patch) // patch
        super().__init__(channels * patch**2, side, width)
        self.patch = patch
        self.conditions = Conditions(answers, 4 * width)
        for name in ("high", "low", "middle", "merge"):
            first = getattr(self, name)
            setattr(self, name, _InARow(first, depth))
        if deeper:
            self.middle = Deeper(2 * width, depth, 4 * width)

    def forward(self, x_t: Tensor, t: Tensor, wanted: Tensor) -> Tensor:
        """Predict noise or velocity in x_t (B, C, S, S) at timesteps t (B,), told wishes (B, Q)."""
        vector = self.embed(t) + self.conditions(wanted)  # (B, D)
        return F.pixel_shuffle(self.predict(F.pixel_unshuffle(x_t, self.patch), vector), self.patch)


class Deeper(nn.Module):
    """A middle for a U-Net: every place looks at all others, and a third scale, half as fine.

    Args:
        width: W, feature maps that come in and go out, a multiple of 8.
        depth: blocks in a row.
        time_dim: D.
    """

    def __init__(self, width: int, depth: int, time_dim: int):
        super().__init__()
        self.time, self.look = nn.Linear(time_dim, width), Round(width, n_heads=1)
        self.shrink = nn.Conv2d(width, 2 * width, 4, stride=2, padding=1)
        self.low = _InARow(Block(2 * width, 2 * width, time_dim), depth)
        self.grow = nn.ConvTranspose2d(2 * width, width, 4, stride=2, padding=1)
        self.merge = _InARow(Block(2 * width, width, time_dim), depth)

    def forward(self, h: Tensor, time: Tensor) -> Tensor:
        """Refine features h (B, W, S, S), given the embedded time (B, D)."""
        places = self.look(h.flatten(2).mT, self.time(time)[:, None])  # (B, S S, W)
        h = places.mT.unflatten(2, h.shape[2:])
        low = self.low(self.shrink(h), time)  # (B, 2W, S/2, S/2)
        return self.merge(torch.cat([self.grow(low), h], dim=1), time)


class _InARow(nn.ModuleList):
    """Blocks that follow each other, all knowing the time: (B, I, S, S) -> (B, O, S, S)."""

    def __init__(self, first: Block, depth: int):
        n_out, time_dim = first.time.out_features, first.time.in_features
        super().__init__([first, *(Block(n_out, n_out, time_dim) for _ in range(depth - 1))])

    def forward(self, h: Tensor, time: Tensor) -> Tensor:
        """Refine features h (B, I, S, S), given the embedded time (B, D)."""
        for block in self:
            h = block(h, time)
        return h
