"""A GAN for digits whose players are both told the class: its step, and settings that work.

players = told_gan_players(seed=0)
fit(told_gan_step, stream(Batch(x, label[:, None]), 64, seed=0), 850, **players)
G = players["ema"].model

The step is the one that notebook 07 writes out; a test compares them.
"""

import torch

from course_lib.losses import bce
from course_lib.models.pictures import PictureDiscriminator, PictureGenerator
from course_lib.recipes.steps import gan_players
from course_lib.training import descend

SHAPE = {"channels": 1, "size": 8, "patch": 1, "width": 16}


def told_gan_step(batch, G, D, opt_G, opt_D, ema):
    """Play one round; both players are told what the picture is said to be, (B, Q)."""
    z = torch.randn(len(batch.x), G.latent_dim, device=batch.x.device)
    fake = G(z, batch.label)
    d_loss = bce(D(batch.x, batch.label), 1.0) + bce(D(fake.detach(), batch.label), 0.0)
    descend(d_loss, opt_D)
    g_loss = bce(D(fake, batch.label), 1.0)
    descend(g_loss, opt_G)
    ema.update(G)
    return {"detective": d_loss, "forger": g_loss}


def told_gan_players(seed: int, answers: tuple[int, ...] = (10,)) -> dict:
    """Return what `told_gan_step` needs, fresh; the seed decides weights and training's noise.

    Networks and optimizers are those of the digits' GAN, with the words added.

    Args:
        seed: one number for one run.
        answers: K for each question that the labels (B, Q) will answer.
    """
    torch.manual_seed(seed)
    G = PictureGenerator(**SHAPE, latent_dim=16, answers=answers)
    D = PictureDiscriminator(**SHAPE, answers=answers)
    return gan_players(G, D, 1e-3, betas=(0.0, 0.99), decay=0.995)
