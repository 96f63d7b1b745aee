"""The three families made for larger pictures: they work on patches, and can be told what to make.

Each P x P pixels become one place with P P C numbers, so that no convolution runs at full size; the
networks themselves are those of the other files. Wishes are integers (B, Q), one answer a question,
-1 for "not said".
Letters: B images, C channels, S pixels per side, P pixels per side of a patch, W width, Z latents.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course_lib.models.gan import Discriminator, Generator
from course_lib.models.layers import Conditions, check_size
from course_lib.models.prior import MixturePrior
from course_lib.models.unet import Block, UNet
from course_lib.models.vae import VAE


class PatchVAE(VAE):
    """A VAE on patches.

    Args:
        channels: C.
        size: S, a multiple of 4 P.
        patch: P.
        width: W, feature maps of the first layer.
        latent_dim: Z.

    Raises:
        ValueError: if size is not a multiple of 4 P.
    """

    def __init__(self, channels: int, size: int, patch: int, width: int, latent_dim: int):
        side = check_size(size, 4 * patch) // patch
        super().__init__(channels * patch**2, side, width, latent_dim)
        self.patch = patch

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return mu and logvar, each (B, Z), of images (B, C, S, S)."""
        return super().encode(F.pixel_unshuffle(x, self.patch))

    def decode(self, z: Tensor) -> Tensor:
        """Turn latents (B, Z) into images (B, C, S, S)."""
        return F.pixel_shuffle(super().decode(z), self.patch)


class PictureVAE(PatchVAE):
    """A VAE on patches, with a prior of K clouds to draw from: `decode(prior(noise))`.

    The noise has one number more than the codes, (B, Z + 1), to choose the cloud.

    Args:
        channels, size, patch, width, latent_dim: as for `PatchVAE`.
        n_clouds: K.
    """

    def __init__(
        self, channels: int, size: int, patch: int, width: int, latent_dim: int, n_clouds: int
    ):
        super().__init__(channels, size, patch, width, latent_dim)
        self.prior = MixturePrior(n_clouds, latent_dim)


class PictureGenerator(Generator):
    """A generator on patches that is told what to make.

    Args:
        channels: C.
        size: S, a multiple of 4 P.
        patch: P.
        width: W, a multiple of 4.
        latent_dim: Z, random numbers beside as many that stand for the words.
        answers: K for each question.

    Raises:
        ValueError: if size is not a multiple of 4 P, or width not one of 4.
    """

    def __init__(
        self,
        channels: int,
        size: int,
        patch: int,
        width: int,
        latent_dim: int,
        answers: tuple[int, ...],
    ):
        side = check_size(size, 4 * patch) // patch
        super().__init__(channels * patch**2, side, width, 2 * latent_dim)
        self.patch, self.latent_dim = patch, latent_dim
        self.conditions = Conditions(answers, latent_dim)

    def forward(self, z: Tensor, wanted: Tensor) -> Tensor:
        """Turn latents (B, Z) and wishes (B, Q) into images (B, C, S, S)."""
        return self.draw(z, self.conditions(wanted))

    def draw(self, z: Tensor, told: Tensor) -> Tensor:
        """Turn latents (B, Z) and what the words have become (B, Z) into images (B, C, S, S)."""
        return F.pixel_shuffle(super().forward(torch.cat([z, told], dim=1)), self.patch)


class PictureDiscriminator(Discriminator):
    """A discriminator on patches that is told what the picture is said to be.

    To the score "real or not" it adds how well picture and words agree (Miyato & Koyama 2018,
    arXiv:1802.05637).

    Args:
        channels: C.
        size: S, a multiple of 4 P.
        patch: P.
        width: W, feature maps of the first layer.
        answers: K for each question.

    Raises:
        ValueError: if size is not a multiple of 4 P.
    """

    def __init__(self, channels: int, size: int, patch: int, width: int, answers: tuple[int, ...]):
        side = check_size(size, 4 * patch) // patch
        super().__init__(channels * patch**2, side, width)
        self.patch = patch
        n_features = self.net[-1].in_features
        self.conditions = Conditions(answers, n_features)

    def forward(self, x: Tensor, said: Tensor) -> Tensor:
        """Score images (B, C, S, S) that are said to be (B, Q): raw logits (B, 1)."""
        features = self.net[:-1](F.pixel_unshuffle(x, self.patch))
        agree = (features * self.conditions(said)).sum(dim=1, keepdim=True)
        return self.net[-1](features) + agree / features.shape[1] ** 0.5


class PictureUNet(UNet):
    """A U-Net on patches that is told what to make, with more blocks in a row.

    Args:
        channels: C.
        size: S, a multiple of 4 P.
        patch: P.
        width: W, a multiple of 8.
        depth: blocks in a row, wherever the small U-Net has one.
        answers: K for each question.

    Raises:
        ValueError: if size is not a multiple of 4 P, or width not one of 8.
    """

    def __init__(
        self,
        channels: int,
        size: int,
        patch: int,
        width: int,
        depth: int,
        answers: tuple[int, ...],
    ):
        side = check_size(size, 4 * patch) // patch
        super().__init__(channels * patch**2, side, width)
        self.patch = patch
        self.conditions = Conditions(answers, 4 * width)
        for name in ("high", "low", "middle", "merge"):
            first = getattr(self, name)
            n_out = first.second[-1].out_channels
            rest = (Block(n_out, n_out, 4 * width) for _ in range(depth - 1))
            setattr(self, name, _InARow([first, *rest]))

    def forward(self, x_t: Tensor, t: Tensor, wanted: Tensor) -> Tensor:
        """Predict noise or velocity in x_t (B, C, S, S) at timesteps t (B,), told wishes (B, Q)."""
        vector = self.embed(t) + self.conditions(wanted)  # (B, D)
        return F.pixel_shuffle(self.predict(F.pixel_unshuffle(x_t, self.patch), vector), self.patch)


class _InARow(nn.ModuleList):
    """Blocks that follow each other, all knowing the time."""

    def forward(self, h: Tensor, time: Tensor) -> Tensor:
        """Refine features h (B, I, S, S), given the embedded time (B, D)."""
        for block in self:
            h = block(h, time)
        return h
