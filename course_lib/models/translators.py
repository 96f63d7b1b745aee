"""From picture to picture: a translator, and a detective who looks at one part after the other.

Both work on patches: each P x P pixels become one place with P P C numbers, so that no convolution
runs at full size. Sources: Isola et al. 2017 (pix2pix), arXiv:1611.07004, for a U-Net as forger and
a detective of patches; Zhu et al. 2017 (CycleGAN), arXiv:1703.10593. Both made small.
Letters: B images, C channels, S pixels per side, P = 2 pixels per side of a patch, W width.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm

from course_lib.models.layers import check_size

PATCH = 2
NEARLY = 0.97  # tanh reaches 1 only at infinity: a picture that is kept is kept to 97 %


class Translator(nn.Module):
    """A U-Net of three scales: pictures (B, C, S, S) in, pictures (B, 3, S, S) in [-1, 1] out.

    It has no noise to draw from: one picture has one translation. S must be a multiple of 8.

    Args:
        channels: C of what comes in.
        width: W, a multiple of 8.
        keep: begin with the incoming picture and learn what to change (C must be 3).

    Raises:
        ValueError: if width is not a multiple of 8, or what shall be kept has not 3 channels.
    """

    def __init__(self, channels: int = 3, width: int = 24, keep: bool = False):
        super().__init__()
        if width % 8:
            raise ValueError(f"width must be a multiple of 8, got {width}")
        if keep and channels != 3:
            raise ValueError(f"only a picture of 3 channels can be kept, got {channels}")
        self.keep, n_in = keep, channels * PATCH**2
        self.enter = nn.Conv2d(n_in, width, 3, padding=1)  # (B, W, S/2, S/2)
        self.shrink = nn.Conv2d(width, 2 * width, 4, stride=2, padding=1)  # (B, 2W, S/4, S/4)
        self.shrink_again = nn.Conv2d(2 * width, 4 * width, 4, stride=2, padding=1)
        self.low = _Refine(4 * width)  # (B, 4W, S/8, S/8)
        self.grow = nn.ConvTranspose2d(4 * width, 2 * width, 4, stride=2, padding=1)
        self.calm = nn.GroupNorm(8, 4 * width)
        self.grow_again = nn.ConvTranspose2d(4 * width, width, 4, stride=2, padding=1)
        self.leave = nn.Conv2d(2 * width + n_in, 3 * PATCH**2, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        """Translate pictures (B, C, S, S) into (B, 3, S, S)."""
        check_size(x.shape[-1], 8)
        patches = F.pixel_unshuffle(x, PATCH)
        fine = F.silu(self.enter(patches))
        middle = F.silu(self.shrink(fine))
        coarse = self.grow(self.low(self.shrink_again(middle)))
        both = self.calm(torch.cat([middle, coarse], dim=1))  # what it saw beside what it means
        grown = F.silu(self.grow_again(F.silu(both)))
        out = F.pixel_shuffle(self.leave(torch.cat([fine, grown, patches], dim=1)), PATCH)
        return torch.tanh(out + torch.atanh(NEARLY * x) if self.keep else out)


class PatchDiscriminator(nn.Module):
    """The detective of patches: a raw score for each part of a picture, none for the whole.

    (B, C, S, S) in, (B, 1, S/4, S/4) out; each score is about its own part, 28 x 28 pixels. So
    he judges how things are painted, and leaves what is painted to others.

    Args:
        channels: C.
        width: W.
        gain: what the score is multiplied by. Spectral norm lets it change no faster than the
            picture does: with a gain of 1 nobody can be sure who differs in faint detail only.
    """

    def __init__(self, channels: int = 3, width: int = 32, gain: float = 1.0):
        super().__init__()
        self.gain = gain
        self.net = nn.Sequential(
            spectral_norm(nn.Conv2d(channels * PATCH**2, width, 3, padding=1)),
            nn.LeakyReLU(0.2),  # (B, W, S/2, S/2)
            spectral_norm(nn.Conv2d(width, 2 * width, 4, stride=2, padding=1)),
            nn.LeakyReLU(0.2),  # (B, 2W, S/4, S/4)
            spectral_norm(nn.Conv2d(2 * width, 2 * width, 3, padding=1)),
            nn.LeakyReLU(0.2),
            spectral_norm(nn.Conv2d(2 * width, 1, 3, padding=1)),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Score the parts of pictures (B, C, S, S): raw logits (B, 1, S/4, S/4)."""
        return self.gain * self.net(F.pixel_unshuffle(x, PATCH))


class _Refine(nn.Module):
    """Two convolutions with a way around them: (B, W, S, S) -> (B, W, S, S)."""

    def __init__(self, width: int):
        super().__init__()
        half = [nn.GroupNorm(8, width), nn.SiLU(), nn.Conv2d(width, width, 3, padding=1)]
        again = [nn.GroupNorm(8, width), nn.SiLU(), nn.Conv2d(width, width, 3, padding=1)]
        self.net = nn.Sequential(*half, *again)

    def forward(self, h: Tensor) -> Tensor:
        """Refine features h (B, W, S, S)."""
        return h + self.net(h)
