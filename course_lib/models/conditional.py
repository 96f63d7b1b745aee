"""A VAE that is told what a picture shows: what it knows for free, its code need not say.

The decoder is told, the encoder looks for itself. Source: Kingma et al. 2014, arXiv:1406.5298 (M2);
Sohn, Lee & Yan 2015, "Learning structured output representation using deep conditional generative
models". Wishes are integers (B, Q), one answer a question.
Letters: B images, C channels, S pixels per side, P pixels per side of a patch, W width, Z latents.
"""

import torch
from torch import Tensor, nn

from course_lib.models.layers import Conditions
from course_lib.models.pictures import PatchVAE
from course_lib.models.vae import VAEOutput


class ConditionalVAE(PatchVAE):
    """A VAE on patches whose decoder is told K answers to each of Q questions.

    Args:
        channels: C.
        size: S, a multiple of 4 P.
        patch: P; 1 for small pictures.
        width: W.
        latent_dim: Z, for all that is not told.
        answers: K for each question, such as (8,) for eight colours.

    Raises:
        ValueError: if size is not a multiple of 4 P.
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
        super().__init__(channels, size, patch, width, latent_dim)
        self.conditions = Conditions(answers, latent_dim)
        self.decoder[0] = nn.Linear(2 * latent_dim, self.decoder[0].out_features)

    def decode(self, z: Tensor, told: Tensor) -> Tensor:
        """Turn latents (B, Z) and what the picture should show (B, Q) into images (B, C, S, S)."""
        return super().decode(torch.cat([z, self.conditions(told)], dim=1))

    def forward(self, x: Tensor, eps: Tensor, told: Tensor) -> VAEOutput:
        """Encode, place one z per image with standard normal eps (B, Z), decode as told (B, Q)."""
        mu, logvar = self.encode(x)
        z = mu + (0.5 * logvar).exp() * eps
        return VAEOutput(self.decode(z, told), mu, logvar)
