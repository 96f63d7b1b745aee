"""What one training step costs at sides 8, 16 and 32, for all three families (claim 24).

The same batch of 16 noise pictures (what they show does not change the cost), each family's
networks at its usual width for small pictures, one step of its recipe.

The verdict, set before the first run. 24 says GANs are costly, more so at high resolution:
confirmed if the arithmetic of a GAN's step grows from side 8 to side 32 at least twice as much as
that of both others; *not special to GANs* if it grows, but less than twice as much; refuted if it
does not grow.
"""

import time
from statistics import median

import torch
from torch.utils.flop_counter import FlopCounterMode

from course_lib.data import Batch
from course_lib.models import VAE, Discriminator, Generator, UNet
from course_lib.recipes import ddpm_step, gan_step, vae_step
from course_lib.runtime import noise, pick_device
from course_lib.schedules import cosine_alpha_bar
from course_lib.training import EMA

SIDES, BATCH, N_TIMED = (8, 16, 32), 16, 7


def measure(seed: int) -> dict:
    """Count the arithmetic of one step, and time seven: half a minute of a processor.

    Returns:
        {family: {"side 8": {mflop, ms}, ...}}: a picture's share of a step, in millions of
        multiplications and additions, and in milliseconds of processor time (the median).
    """
    return {
        family: {f"side {side}": step_cost(family, side, seed) for side in SIDES}
        for family in ("vae", "gan", "diffusion")
    }


def step_cost(family: str, side: int, seed: int, n_timed: int = N_TIMED) -> dict[str, float]:
    """Return what one picture costs in one training step: mflop, and ms if n_timed is not 0."""
    torch.manual_seed(seed)
    step, players = _players(family, side)
    x = noise(BATCH, 1, side, side, seed=seed).tanh()
    batch = Batch(x, torch.zeros(BATCH, dtype=torch.int64, device=x.device))
    with FlopCounterMode(display=False) as counter:
        step(batch, **players)
    found, times = {"mflop": counter.get_total_flops() / BATCH / 1e6}, []
    for _ in range(n_timed):
        start = time.process_time()
        step(batch, **players)
        times.append(1000 * (time.process_time() - start) / BATCH)
    return found | ({"ms": median(times)} if times else {})


def _players(family: str, side: int) -> tuple:
    if family == "vae":
        vae = VAE(size=side).to(pick_device())
        return vae_step, {"vae": vae, "opt": torch.optim.Adam(vae.parameters())}
    if family == "gan":
        G, D = Generator(size=side).to(pick_device()), Discriminator(size=side).to(pick_device())
        opt_G, opt_D = (torch.optim.Adam(player.parameters()) for player in (G, D))
        return gan_step, {"G": G, "D": D, "opt_G": opt_G, "opt_D": opt_D, "ema": EMA(G)}
    model, alpha_bar = UNet(size=side).to(pick_device()), cosine_alpha_bar(1000).to(pick_device())
    opt = torch.optim.Adam(model.parameters())
    return ddpm_step, {"model": model, "opt": opt, "alpha_bar": alpha_bar, "ema": EMA(model)}
