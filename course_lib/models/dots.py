"""A VAE for the smallest pictures, without convolutions: trained in seconds.

Letters: B images, S pixels per side, W width, Z latent numbers.
"""

from torch import nn

from course_lib.models.points import layers
from course_lib.models.vae import VAE


class DotVAE(VAE):
    """The VAE with plain networks for grey images (B, 1, S, S): what passes between is the same."""

    def __init__(self, size: int = 12, width: int = 64, latent_dim: int = 6):
        nn.Module.__init__(self)  # not VAE's own, which builds networks with convolutions
        self.latent_dim = latent_dim
        pixels = size * size
        self.encoder = nn.Sequential(
            nn.Flatten(),  # (B, S S)
            layers(pixels, 2 * latent_dim, width, nn.ReLU),  # (B, 2Z): mu beside logvar
        )
        self.decoder = nn.Sequential(
            layers(latent_dim, pixels, width, nn.ReLU),
            nn.Tanh(),  # into [-1, 1], the range of the data
            nn.Unflatten(1, (1, size, size)),  # (B, 1, S, S)
        )
