"""The settings that work on the ring of eight, from points divided by their standard deviation.

Each number of steps takes about ten seconds on two processor cores, so that all three can be
trained while one waits.
"""

import torch
from torch import Tensor

from course_lib.models.points import PointDenoiser, PointDiscriminator, PointGenerator, PointVAE
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


def point_recipe(family: str, seed: int) -> Recipe:
    """Return a fresh recipe for points (B, 2), drawing from noise (N, 2).

    It was tuned for batches of 512 points whose standard deviation is 1. The seed decides the
    initial weights, and seeds PyTorch's own generator, from which training draws its noise.

    Args:
        family: "vae", "gan" or "diffusion".
        seed: one number for one run.

    Raises:
        ValueError: if there is no family of that name.
    """
    return fresh_recipe(FAMILIES, family, seed)


def _vae() -> Recipe:
    vae = PointVAE().to(pick_device())
    opt = torch.optim.Adam(vae.parameters(), lr=2e-3)
    players = {"vae": vae, "opt": opt, "pixel_sigma": 0.1}
    return Recipe(vae_step, players, 4000, 1, lambda noise: decode(vae, noise))


def _gan() -> Recipe:
    G, D = PointGenerator(), PointDiscriminator()
    players = gan_players(G, D, 1e-3, betas=(0.0, 0.99), decay=0.995)
    ema = players["ema"]
    return Recipe(gan_step, players, 3000, 1, lambda noise: decode(ema.model, noise))


def _diffusion() -> Recipe:
    model = PointDenoiser().to(pick_device())
    alpha_bar = cosine_alpha_bar(50).to(pick_device())
    opt, ema = torch.optim.Adam(model.parameters(), lr=3e-3), EMA(model, decay=0.998)
    players = {"model": model, "opt": opt, "alpha_bar": alpha_bar, "ema": ema}

    def draw(noise: Tensor) -> Tensor:
        return ddim(ema.model, noise, alpha_bar, n_steps=50, eta=1.0, clip=False)

    return Recipe(ddpm_step, players, 5000, 50, draw)


FAMILIES = {"vae": _vae, "gan": _gan, "diffusion": _diffusion}
