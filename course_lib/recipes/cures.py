"""A plain GAN for points of the plane, and the cures for its troubles, one at a time.

All start from the same patient: small networks, Adam with the momentum of the DCGAN paper, one
move of the detective to one of the forger. Each cure changes one thing.
"""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import torch
from torch import nn

from course_lib.losses import (
    bce,
    critic_loss,
    critic_loss_of_forger,
    gradient_penalty,
    packed,
    pairing,
    slope_penalty,
)
from course_lib.models.pacgan import PacDiscriminator, PacGenerator
from course_lib.models.points import PointDiscriminator, PointGenerator
from course_lib.recipes.steps import Recipe, fresh_recipe, gan_players, gan_step
from course_lib.sampling import decode
from course_lib.training import descend


def smoothed_step(batch, G, D, opt_G, opt_D, ema, target=0.9):
    """Tell the detective that real items are real with probability 0.9 only.

    Source: Salimans et al. 2016, arXiv:1606.03498, section 3.4.
    """
    fake = G(latents(batch, G))
    d_loss = bce(D(batch.x), target) + bce(D(fake.detach()), 0.0)
    descend(d_loss, opt_D)
    g_loss = bce(D(fake), 1.0)
    descend(g_loss, opt_G)
    ema.update(G)
    return {"detective": d_loss, "forger": g_loss}


def packed_step(batch, G, D, opt_G, opt_D, ema, pack):
    """Show the detective several items at once: all real, or all fake."""
    fake = G(latents(batch, G))
    d_loss = bce(D(packed(batch.x, pack)), 1.0) + bce(D(packed(fake.detach(), pack)), 0.0)
    descend(d_loss, opt_D)
    g_loss = bce(D(packed(fake, pack)), 1.0)
    descend(g_loss, opt_G)
    ema.update(G)
    return {"detective": d_loss, "forger": g_loss}


def r1_step(batch, G, D, opt_G, opt_D, ema, gamma):
    """Let the detective pay for steep scores at real items."""
    fake = G(latents(batch, G))
    d_loss = bce(D(batch.x), 1.0) + bce(D(fake.detach()), 0.0)
    descend(d_loss + gamma / 2 * slope_penalty(D, batch.x), opt_D)
    g_loss = bce(D(fake), 1.0)
    descend(g_loss, opt_G)
    ema.update(G)
    return {"detective": d_loss, "forger": g_loss}


def r3gan_step(batch, G, D, opt_G, opt_D, ema, gamma):
    """Judge in pairs, real against fake, and let the detective pay for steep scores at both."""
    fake = G(latents(batch, G))
    steep = slope_penalty(D, batch.x) + slope_penalty(D, fake)
    d_loss = pairing(D(batch.x), D(fake.detach()))
    descend(d_loss + gamma / 2 * steep, opt_D)
    g_loss = pairing(D(fake), D(batch.x))
    descend(g_loss, opt_G)
    ema.update(G)
    return {"detective": d_loss, "forger": g_loss}


def wgan_step(batch, G, D, opt_G, opt_D, ema, weight=10.0, n_moves=1):
    """Let a critic give marks without limit, but of slope 1 between real items and fakes.

    The paper has five moves of the critic to one of the forger. Here they meet the same real items.
    """
    for _ in range(n_moves):
        fake = G(latents(batch, G))
        share = torch.rand(len(batch.x), device=batch.x.device)
        d_loss = critic_loss(D(batch.x), D(fake.detach()))
        descend(d_loss + weight * gradient_penalty(D, batch.x, fake.detach(), share), opt_D)
    g_loss = critic_loss_of_forger(D(fake))
    descend(g_loss, opt_G)
    ema.update(G)
    return {"detective": d_loss, "forger": g_loss}


def latents(batch, G):
    """Draw one latent for each item of a batch."""
    return torch.randn(len(batch.x), G.latent_dim, device=batch.x.device)


class Cure(NamedTuple):
    """What a cure changes; the defaults are the patient's."""

    step: Callable = gan_step
    knobs: dict = {}  # constants that the step asks for
    D: Callable[[], nn.Module] = PointDiscriminator
    G: Callable[[], nn.Module] = PointGenerator
    momentum: float = 0.5  # Adam's beta1
    faster_D: float = 1.0  # the detective's learning rate, as a multiple of the forger's


CURES = {
    "plain": Cure(),
    "smoothing": Cure(smoothed_step),
    "two rates": Cure(faster_D=4.0),
    "no momentum": Cure(momentum=0.0),
    "spectral norm": Cure(D=partial(PointDiscriminator, spectral=True)),
    "WGAN-GP": Cure(wgan_step),
    "WGAN-GP, 5 moves": Cure(wgan_step, {"n_moves": 5}, momentum=0.0),
    "R1": Cure(r1_step, {"gamma": 1.0}),
    "R3GAN": Cure(r3gan_step, {"gamma": 1.0}),
    "packing": Cure(packed_step, {"pack": 2}, partial(PointDiscriminator, pack=2)),
    "PacGAN's GAN": Cure(D=PacDiscriminator, G=PacGenerator, momentum=0.8),
    "PacGAN2": Cure(
        packed_step, {"pack": 2}, partial(PacDiscriminator, pack=2), PacGenerator, momentum=0.8
    ),
}


def cure_recipe(cure: str, seed: int, rate: float = 1e-3) -> Recipe:
    """Return a fresh recipe for points (B, 2) of standard deviation 1, drawing from noise (N, 2).

    It draws from the forger as it is; the slow copy, a cure of its own, is `players["ema"].model`.

    Args:
        cure: a name in CURES, "plain" for none.
        seed: decides the initial weights, and seeds PyTorch's own generator.
        rate: the learning rate.

    Raises:
        ValueError: if there is no cure of that name.
    """
    return fresh_recipe({name: partial(_recipe, CURES[name], rate) for name in CURES}, cure, seed)


def _recipe(cure: Cure, rate: float) -> Recipe:
    G, D = cure.G(), cure.D()
    players = gan_players(G, D, rate, (cure.momentum, 0.999), 0.995, cure.faster_D)
    return Recipe(cure.step, players | cure.knobs, 1500, 1, lambda noise: decode(G, noise))
