"""The three families and their judge. Each file can be read on its own, from top to bottom."""

from course_lib.models.gan import Discriminator, Generator
from course_lib.models.judge import Judge
from course_lib.models.unet import UNet
from course_lib.models.vae import VAE, PlainVAE, VAEOutput

__all__ = [
    "VAE",
    "Discriminator",
    "Generator",
    "Judge",
    "PlainVAE",
    "UNet",
    "VAEOutput",
    "count_parameters",
]


def count_parameters(*models) -> int:
    """Return how many numbers the given models learn."""
    return sum(p.numel() for model in models for p in model.parameters() if p.requires_grad)
