"""Variational autoencoder: squeeze an image into a few numbers, and grow it back.

Source: Kingma & Welling 2014, arXiv:1312.6114. Its loss terms live in course_lib.losses.
Letters: B images, C channels, S pixels per side, W width, Z latent numbers.
"""

from collections.abc import Callable
from typing import NamedTuple

from torch import Tensor, nn

from course_lib.models.layers import check_size, stack


class VAEOutput(NamedTuple):
    """What one pass through a VAE gives."""

    x_hat: Tensor  # (B, C, S, S) reconstruction, in [-1, 1]
    mu: Tensor  # (B, Z) where the encoder puts each image
    logvar: Tensor  # (B, Z) log of the variance around mu


class VAE(nn.Module):
    """Gaussian-latent VAE for small square images in [-1, 1].

    Args:
        channels: C, 1 for grey and 3 for colour.
        size: S, a multiple of 4.
        width: W, feature maps of the first layer.
        latent_dim: Z, how many numbers describe one image.

    Raises:
        ValueError: if size is not a multiple of 4.
    """

    def __init__(self, channels: int = 1, size: int = 8, width: int = 32, latent_dim: int = 16):
        super().__init__()
        small = check_size(size) // 4
        features = 2 * width * small * small
        self.latent_dim = latent_dim
        self.encoder = nn.Sequential(
            nn.Conv2d(channels, width, 4, stride=2, padding=1),  # (B, W, S/2, S/2)
            nn.SiLU(),
            nn.Conv2d(width, 2 * width, 4, stride=2, padding=1),  # (B, 2W, S/4, S/4)
            nn.SiLU(),
            nn.Flatten(),
            nn.Linear(features, 2 * latent_dim),  # (B, 2Z): mu beside logvar
        )
        self.decoder = nn.Sequential(
            nn.Linear(latent_dim, features),
            nn.SiLU(),
            nn.Unflatten(1, (2 * width, small, small)),  # (B, 2W, S/4, S/4)
            nn.ConvTranspose2d(2 * width, width, 4, stride=2, padding=1),  # (B, W, S/2, S/2)
            nn.SiLU(),
            nn.ConvTranspose2d(width, channels, 4, stride=2, padding=1),  # (B, C, S, S)
            nn.Tanh(),  # into [-1, 1], the range of the data
        )

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return mu and logvar, each (B, Z), of q(z|x); logvar within [-30, 20]."""
        mu, logvar = self.encoder(x).chunk(2, dim=1)
        return mu, logvar.clamp(-30, 20)

    def decode(self, z: Tensor) -> Tensor:
        """Turn latents (B, Z) into images (B, C, S, S)."""
        return self.decoder(z)

    def forward(self, x: Tensor, eps: Tensor) -> VAEOutput:
        """Encode, place one z per image with the given standard normal eps (B, Z), decode."""
        mu, logvar = self.encode(x)
        z = mu + (0.5 * logvar).exp() * eps  # noise outside, gradient through
        return VAEOutput(self.decode(z), mu, logvar)


class PlainVAE(VAE):
    """The VAE with plain networks, which take a picture as a list of numbers: quick to train.

    Args:
        channels: C, 1 for grey and 3 for colour.
        size: S.
        width: W, numbers in each hidden layer.
        latent_dim: Z.
        activation: what stands between the layers.
        last: what stands behind the decoder's last layer, such as nn.Identity for any number.
        depth: hidden layers of each network.
    """

    def __init__(
        self,
        channels: int = 1,
        size: int = 8,
        width: int = 128,
        latent_dim: int = 16,
        activation: Callable[[], nn.Module] = nn.SiLU,
        last: Callable[[], nn.Module] = nn.Tanh,
        depth: int = 2,
    ):
        nn.Module.__init__(self)  # not VAE's own, which builds convolutions
        n_pixels = channels * size**2
        self.latent_dim = latent_dim
        self.encoder = nn.Sequential(
            nn.Flatten(),  # (B, C S S)
            stack(n_pixels, 2 * latent_dim, width, depth, activation),  # (B, 2Z): mu beside logvar
        )
        self.decoder = nn.Sequential(
            stack(latent_dim, n_pixels, width, depth, activation),
            last(),
            nn.Unflatten(1, (channels, size, size)),
        )
