"""The three families for points of the plane, each a few lines long: the smallest that work.

Letters: B points, W width, Z latent numbers, D numbers that describe the time.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course_lib.models.layers import TimeEmbedding, stack
from course_lib.models.vae import VAE


def layers(
    n_in: int,
    n_out: int,
    width: int,
    activation: type[nn.Module],
    linear: type[nn.Linear] = nn.Linear,
) -> nn.Sequential:
    """Return a network of three hidden layers: (B, n_in) -> (B, W) three times -> (B, n_out)."""
    return stack(n_in, n_out, width, 3, activation, linear)


class SpectralLinear(nn.Linear):
    """A linear layer whose weights are divided by their spectral norm: it lengthens no arrow.

    PyTorch's own spectral norm remembers a guess from pass to pass; this one forgets, so that a
    crowd of networks can be trained at once. Source: Miyato et al. 2018, arXiv:1802.05957.
    """

    def forward(self, x: Tensor) -> Tensor:
        """Turn (B, n_in) into (B, n_out)."""
        return F.linear(x, self.weight / spectral_norm_of(self.weight), self.bias)


def spectral_norm_of(weight: Tensor) -> Tensor:
    """Return the most that a matrix (n_out, n_in) can lengthen an arrow, to about 1 %.

    The powers of weight @ weight.T are more and more those of its largest eigenvalue, the square
    of this norm. Five squarings make the 32nd power.
    """
    gram = weight @ weight.T if weight.shape[0] <= weight.shape[1] else weight.T @ weight
    power = gram.detach()
    for _ in range(5):
        power = power / power.diagonal().sum()  # only its direction counts
        power = power @ power
    return ((power * gram).sum() / power.diagonal().sum()).sqrt()


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
    """The detective: points (B, 2) in, one raw score (B, 1) out, high for "real".

    Args:
        width: W.
        pack: how many points it sees at once, side by side: (B, 2 * pack).
        spectral: whether each layer is held back by its spectral norm.
    """

    def __init__(self, width: int = 64, pack: int = 1, spectral: bool = False):
        super().__init__()
        linear = SpectralLinear if spectral else nn.Linear
        self.net = layers(2 * pack, 1, width, nn.LeakyReLU, linear)

    def forward(self, x: Tensor) -> Tensor:
        """Score points (B, 2 * pack): raw logits (B, 1)."""
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
