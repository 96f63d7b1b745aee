"""The three families for points of the plane, each a few lines long: the smallest that work.

Letters: B points, W width, Z latent numbers, D numbers that describe the time.
"""

import torch
from torch import Tensor, nn

from course_lib.models.layers import TimeEmbedding
from course_lib.models.vae import VAE


def layers(n_in: int, n_out: int, width: int, activation: type[nn.Module]) -> nn.Sequential:
    """Return a network of three hidden layers: (B, n_in) -> (B, W) three times -> (B, n_out)."""
    return nn.Sequential(
        nn.Linear(n_in, width),
        activation(),
        nn.Linear(width, width),
        activation(),
        nn.Linear(width, width),
        activation(),
        nn.Linear(width, n_out),  # no activation: points have no range to stay in
    )


class PointVAE(VAE):
    """The VAE with networks for points (B, 2): what passes between them is the same."""

    def __init__(self, width: int = 64, latent_dim: int = 2):
        nn.Module.__init__(self)  # not VAE's own, which builds networks for images
        self.latent_dim = latent_dim
        self.encoder = layers(2, 2 * latent_dim, width, nn.SiLU)  # (B, 2Z): mu beside logvar
        self.decoder = layers(latent_dim, 2, width, nn.SiLU)


class PointGenerator(nn.Module):
    """The forger of points: latents (B, Z) in, points (B, 2) out."""

    def __init__(self, width: int = 64, latent_dim: int = 2):
        super().__init__()
        self.latent_dim = latent_dim
        self.net = layers(latent_dim, 2, width, nn.ReLU)

    def forward(self, z: Tensor) -> Tensor:
        """Turn latents (B, Z) into points (B, 2)."""
        return self.net(z)


class PointDiscriminator(nn.Module):
    """The detective: points (B, 2) in, one raw score (B, 1) out, high for "real"."""

    def __init__(self, width: int = 64):
        super().__init__()
        self.net = layers(2, 1, width, nn.LeakyReLU)

    def forward(self, x: Tensor) -> Tensor:
        """Score points (B, 2): raw logits (B, 1)."""
        return self.net(x)


class PointDenoiser(nn.Module):
    """Noise predictor for points: model(x_t, t) has the shape of x_t."""

    def __init__(self, width: int = 64):
        super().__init__()
        self.embed = TimeEmbedding(width)
        self.net = layers(2 + width, 2, width, nn.SiLU)

    def forward(self, x_t: Tensor, t: Tensor) -> Tensor:
        """Predict the noise in x_t (B, 2) at timesteps t (B,) int64: (B, 2)."""
        return self.net(torch.cat([x_t, self.embed(t)], dim=1))  # (B, 2 + W) -> (B, 2)
