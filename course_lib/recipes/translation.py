"""Translate pictures: learned from pairs (pix2pix), or from two heaps without pairs (CycleGAN).

players = paired_players(channels=3, seed=0)
fit(paired_step, stream(Batch(x, truth), 16, seed=0), 400, weight=0.1, **players)
translate = players["G"]
"""

import torch

from course_lib.losses import bce
from course_lib.models.translators import PatchDiscriminator, Translator
from course_lib.runtime import pick_device
from course_lib.training import descend

RATE, BETAS = 2e-3, (0.5, 0.99)
FASTER = 2.0  # the detective learns twice as fast: he comes late, and starts from nothing


def paired_step(batch, G, D, opt_G, opt_D, weight):
    """Translate batch.x, whose truth is batch.label; pay for errors and for being found out."""
    fake = G(batch.x)
    error = (fake - batch.label).abs().mean()  # "L1"
    if weight == 0:
        descend(error, opt_G)
        return {"error": error}
    real_pair = torch.cat([batch.x, batch.label], dim=1)  # the detective sees both
    fake_pair = torch.cat([batch.x, fake], dim=1)
    d_loss = bce(D(real_pair), 1.0) + bce(D(fake_pair.detach()), 0.0)
    descend(d_loss, opt_D)
    D.requires_grad_(False)  # the forger's move needs no gradients for the detective's weights
    descend(error + weight * bce(D(fake_pair), 1.0), opt_G)
    D.requires_grad_(True)
    return {"error": error, "detective": d_loss}


def unpaired_step(batch, there, back, D_there, D_back, opt_G, opt_D, cycle):
    """Translate batch.x there and batch.label back, which are no pairs; pay if a way home fails."""
    a, b = batch.x, batch.label
    fake_b, fake_a = there(a), back(b)
    d_loss = bce(D_there(b), 1.0) + bce(D_there(fake_b.detach()), 0.0)
    d_loss = d_loss + bce(D_back(a), 1.0) + bce(D_back(fake_a.detach()), 0.0)
    descend(d_loss, opt_D)
    D_there.requires_grad_(False)
    D_back.requires_grad_(False)
    g_loss = bce(D_there(fake_b), 1.0) + bce(D_back(fake_a), 1.0)
    if cycle > 0:
        lost = (back(fake_b) - a).abs().mean() + (there(fake_a) - b).abs().mean()
        descend(g_loss + cycle * lost, opt_G)
    else:
        lost = torch.zeros(())
        descend(g_loss, opt_G)
    D_there.requires_grad_(True)
    D_back.requires_grad_(True)
    return {"detectives": d_loss, "forgers": g_loss, "lost": lost}


def paired_players(
    channels: int,
    seed: int,
    keep: bool = False,
    width: int = 32,
    gain: float = 1.0,
    faster: float = FASTER,
) -> dict:
    """Return what `paired_step` needs beside its weight, fresh; the seed decides the weights.

    Args:
        channels: of what comes in.
        seed: one number for one run.
        keep: begin with the incoming picture.
        width: of the translator.
        gain: of the detective's score.
        faster: the detective's learning rate, as a multiple of the forger's.
    """
    torch.manual_seed(seed)
    G = Translator(channels, width, keep).to(pick_device())
    D = PatchDiscriminator(channels + 3, gain=gain).to(pick_device())
    opt_G = torch.optim.Adam(G.parameters(), RATE, BETAS)
    opt_D = torch.optim.Adam(D.parameters(), faster * RATE, BETAS)
    return {"G": G, "D": D, "opt_G": opt_G, "opt_D": opt_D}


def unpaired_players(seed: int, width: int = 24) -> dict:
    """Return what `unpaired_step` needs beside the weight of the cycle, fresh."""
    torch.manual_seed(seed)
    there, back = (Translator(3, width, keep=True).to(pick_device()) for _ in range(2))
    D_there, D_back = (PatchDiscriminator(3).to(pick_device()) for _ in range(2))
    both = [*there.parameters(), *back.parameters()]
    opt_G = torch.optim.Adam(both, RATE, BETAS)
    both = [*D_there.parameters(), *D_back.parameters()]
    opt_D = torch.optim.Adam(both, FASTER * RATE, BETAS)
    networks = {"there": there, "back": back, "D_there": D_there, "D_back": D_back}
    return networks | {"opt_G": opt_G, "opt_D": opt_D}
