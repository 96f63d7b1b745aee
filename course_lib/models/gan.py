"""Generative adversarial network: a forger and a detective, two networks and one game.

Source: Goodfellow et al. 2014, arXiv:1406.2661; the convolutional layout follows Radford et al.
2016, arXiv:1511.06434; the spectral norm Miyato et al. 2018, arXiv:1802.05957.
Letters: B images, C channels, S pixels per side, W width, Z latent numbers.
"""

from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm

from course_lib.models.layers import check_size


class Generator(nn.Module):
    """The forger: latents (B, Z) in, images (B, C, S, S) in [-1, 1] out.

    Group norm, not batch norm: each image is made on its own, in training as in use.

    Args:
        channels: C, 1 for grey and 3 for colour.
        size: S, a multiple of 4.
        width: W, half the feature maps of the last hidden layer; a multiple of 4.
        latent_dim: Z, how many random numbers one image starts from.

    Raises:
        ValueError: if size or width is not a multiple of 4.
    """

    def __init__(self, channels: int = 1, size: int = 8, width: int = 16, latent_dim: int = 16):
        super().__init__()
        small = check_size(size) // 4
        if width % 4:
            raise ValueError(f"width must be a multiple of 4, got {width}")
        self.latent_dim = latent_dim
        self.net = nn.Sequential(
            nn.Linear(latent_dim, 4 * width * small * small),
            nn.Unflatten(1, (4 * width, small, small)),  # (B, 4W, S/4, S/4)
            nn.GroupNorm(8, 4 * width),
            nn.ReLU(),
            nn.ConvTranspose2d(4 * width, 2 * width, 4, stride=2, padding=1),  # (B, 2W, S/2, S/2)
            nn.GroupNorm(8, 2 * width),
            nn.ReLU(),
            nn.ConvTranspose2d(2 * width, channels, 4, stride=2, padding=1),  # (B, C, S, S)
            nn.Tanh(),  # into [-1, 1], the range of the data
        )

    def forward(self, z: Tensor) -> Tensor:
        """Turn latents (B, Z) into images (B, C, S, S)."""
        return self.net(z)


class Discriminator(nn.Module):
    """The detective: images (B, C, S, S) in, one raw score (B, 1) out, high for "real".

    No sigmoid: the loss contains it. No batch norm: it would let the images of a batch help each
    other. Spectral norm keeps the score from changing too fast, which keeps the game fair.

    Args:
        channels: C, 1 for grey and 3 for colour.
        size: S, a multiple of 4.
        width: W, feature maps of the first layer.

    Raises:
        ValueError: if size is not a multiple of 4.
    """

    def __init__(self, channels: int = 1, size: int = 8, width: int = 16):
        super().__init__()
        small = check_size(size) // 4
        self.net = nn.Sequential(
            spectral_norm(nn.Conv2d(channels, width, 3, padding=1)),  # (B, W, S, S)
            nn.LeakyReLU(0.2),
            spectral_norm(nn.Conv2d(width, 2 * width, 4, stride=2, padding=1)),  # (B, 2W, S/2, S/2)
            nn.LeakyReLU(0.2),
            spectral_norm(nn.Conv2d(2 * width, 4 * width, 4, stride=2, padding=1)),
            nn.LeakyReLU(0.2),  # (B, 4W, S/4, S/4)
            nn.Flatten(),
            spectral_norm(nn.Linear(4 * width * small * small, 1)),  # (B, 1)
        )

    def forward(self, x: Tensor) -> Tensor:
        """Score images (B, C, S, S): raw logits (B, 1)."""
        return self.net(x)
