"""VAEs of dots, trained as one crowd: any seeds, any weights of the KL, either world."""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import nn

from course_lib.crowds.fitting import fit_crowd
from course_lib.data import Batch, stream
from course_lib.data.dots import SIDE, SQUARE, sample_dots
from course_lib.models import PlainVAE
from course_lib.recipes import Recipe, vae_step
from course_lib.runtime import pick_device
from course_lib.sampling import decode

PIXEL_SIGMA = 0.1
N_TRAIN, TRAIN_SEED, BATCH_SIZE = 8192, 1, 64
N_WARM_UP, N_STEPS = 500, 2500


class DotRun(NamedTuple):
    """What one VAE of dots is trained with."""

    seed: int = 0
    kl_weight: float = 1.0
    reach: tuple[float, float] = SQUARE  # of the dots it sees


def dot_vae() -> PlainVAE:
    """Return a fresh VAE for dots: (B, 1, 12, 12) to six numbers and back."""
    return PlainVAE(size=SIDE, width=64, latent_dim=6, activation=nn.ReLU, depth=3)


def fit_dots(runs: Sequence[DotRun], n_steps: int = N_STEPS) -> list[PlainVAE]:
    """Train one VAE a run, all together, and return them, on the CPU.

    On one core a run takes some 4 seconds. In the first 500 steps the KL has a tenth of its weight,
    so that no axis is given up before the decoder has learned to use it. The seed decides the
    initial weights and the order of the pictures; the noise of training depends on the whole crowd.
    """
    device = pick_device()
    weights = torch.tensor([run.kl_weight for run in runs]).repeat_interleave(BATCH_SIZE).to(device)
    recipes, streams = [_recipe(run.seed) for run in runs], [_pictures(run) for run in runs]
    torch.manual_seed(runs[0].seed)
    for share, n in ((0.1, min(N_WARM_UP, n_steps)), (1.0, max(0, n_steps - N_WARM_UP))):
        for recipe in recipes:
            recipe.players["kl_weight"] = share * weights  # one an item, run by run
        fit_crowd(recipes, streams, n)
    return [recipe.players["vae"].cpu() for recipe in recipes]


def _recipe(seed: int) -> Recipe:
    torch.manual_seed(seed)
    vae = dot_vae().to(pick_device())
    players = {"vae": vae, "opt": torch.optim.Adam(vae.parameters(), lr=3e-3)}
    players["pixel_sigma"] = PIXEL_SIGMA
    return Recipe(vae_step, players, N_STEPS, 1, lambda noise: decode(vae, noise))


def _pictures(run: DotRun):
    x = sample_dots(N_TRAIN, TRAIN_SEED, run.reach).x.to(pick_device())
    return stream(Batch(x, torch.zeros(len(x), dtype=torch.int64)), BATCH_SIZE, run.seed)
