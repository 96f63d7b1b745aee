"""The settings that work on digits, chosen on the validation split.

The numbers of steps take about ten seconds each on two processor cores, so that the three can be
compared at the same price.
"""

import torch
from torch import Tensor

from course_lib.models import VAE, Discriminator, Generator, UNet
from course_lib.recipes.steps import (
    Recipe,
    ddpm_step,
    fresh_recipe,
    gan_players,
    gan_step,
    vae_step,
)
from course_lib.runtime import pick_device
from course_lib.sampling import ddim, decode
from course_lib.schedules import cosine_alpha_bar
from course_lib.training import EMA


def digit_recipe(family: str, seed: int) -> Recipe:
    """Return a fresh recipe for 8x8 digits, drawing from noise (N, 64).

    The seed decides the initial weights, and seeds PyTorch's own generator, from which training
    draws its noise.

    Args:
        family: "vae", "gan" or "diffusion".
        seed: one number for one run.

    Raises:
        ValueError: if there is no family of that name.
    """
    return fresh_recipe(FAMILIES, family, seed)


def _vae() -> Recipe:
    vae = VAE(latent_dim=16).to(pick_device())
    players = {"vae": vae, "opt": torch.optim.Adam(vae.parameters(), lr=1e-3)}
    return Recipe(vae_step, players, 2800, 1, lambda noise: decode(vae, noise[:, :16]))


def _gan() -> Recipe:
    G, D = Generator(latent_dim=16), Discriminator()
    players = gan_players(G, D, 1e-3, betas=(0.0, 0.99), decay=0.995)
    ema = players["ema"]
    return Recipe(gan_step, players, 850, 1, lambda noise: decode(ema.model, noise[:, :16]))


def _diffusion() -> Recipe:
    model = UNet(width=16).to(pick_device())
    alpha_bar = cosine_alpha_bar(1000).to(pick_device())
    opt, ema = torch.optim.Adam(model.parameters(), lr=2e-3), EMA(model, decay=0.998)
    players = {"model": model, "opt": opt, "alpha_bar": alpha_bar, "ema": ema}

    def draw(noise: Tensor) -> Tensor:
        return ddim(ema.model, noise.reshape(-1, 1, 8, 8), alpha_bar, n_steps=25)

    return Recipe(ddpm_step, players, 800, 25, draw)


FAMILIES = {"vae": _vae, "gan": _gan, "diffusion": _diffusion}
