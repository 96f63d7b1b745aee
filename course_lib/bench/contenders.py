"""Ours and the peers behind one face: a job to train, and a way to draw pictures."""

from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from typing import NamedTuple

import torch
from torch import Tensor, nn

from course_lib.bench.peers import (
    ExampleVAE,
    dcgan_discriminator,
    dcgan_generator,
    dcgan_step,
    diffusers_ddim,
    diffusers_step,
    diffusers_unet,
    example_vae_step,
)
from course_lib.data import load, stream
from course_lib.painters import BLOCK, Painter, paint
from course_lib.recipes.jobs import Job
from course_lib.recipes.pictures import BATCH, picture_job
from course_lib.runtime import noise
from course_lib.sampling import decode, evaluating


class Contender(NamedTuple):
    """One model of the comparison, fresh."""

    name: str
    job: Job
    batch_size: int
    draw: Callable[[int, int, int], Tensor]  # (n, seed, passes) -> (n, 1, 32, 32), on the CPU
    passes: int  # through the network, for one picture
    told: bool  # whether training shows it what the pictures are
    ours: bool  # ours anneals its rates and uses half precision where the processor is made for it


def our(family: str, seed: int) -> Contender:
    """Return the course's own model of a family, as `python -m course_lib train` trains it."""
    job = picture_job(family, "fashion", seed)
    answers = tuple(job.config.get("answers", ()))
    painter = Painter(family, "fashion", job.model, answers)

    def draw(n: int, seed: int, passes: int) -> Tensor:
        return paint(painter, n, seed, n_steps=passes)

    passes = 24 if family == "diffusion" else 1
    name = type(job.model).__name__
    return Contender(name, job, BATCH[family], draw, passes, bool(answers), ours=True)


def peer(family: str, seed: int) -> Contender | None:
    """Return what a learner would otherwise pick; None if it is not installed."""
    if family == "diffusion" and find_spec("diffusers") is None:
        return None
    torch.manual_seed(seed)
    return {"vae": _vae, "gan": _dcgan, "diffusion": _diffusers}[family]()


def _vae() -> Contender:
    vae = ExampleVAE()
    players = {"vae": vae, "opt": torch.optim.Adam(vae.parameters(), 1e-3)}
    job = _job(example_vae_step, players, vae, 128)
    draw = partial(_in_blocks, lambda z, passes: decode(vae, z), (vae.latent_dim,))
    return Contender("VAE 784-400-20", job, 128, draw, 1, told=False, ours=False)


def _dcgan() -> Contender:
    G, D = dcgan_generator(), dcgan_discriminator()
    players = {"G": G, "D": D}
    for name in ("G", "D"):
        players[f"opt_{name}"] = torch.optim.Adam(players[name].parameters(), 2e-4, (0.5, 0.999))
    job = _job(dcgan_step, players, G, 128)
    draw = partial(_in_blocks, lambda z, passes: decode(G, z), (100,))
    return Contender("DCGAN", job, 128, draw, 1, told=False, ours=False)


def _diffusers() -> Contender:
    from diffusers import DDIMScheduler, DDPMScheduler

    model, schedule = diffusers_unet(), "squaredcos_cap_v2"
    players = {
        "model": model,
        "opt": torch.optim.AdamW(model.parameters(), 4e-4),
        "scheduler": DDPMScheduler(num_train_timesteps=1000, beta_schedule=schedule),
    }
    sampler = DDIMScheduler(num_train_timesteps=1000, beta_schedule=schedule)

    def make(x_T: Tensor, passes: int) -> Tensor:
        with evaluating(model):
            return diffusers_ddim(model, x_T, sampler, passes)

    job = _job(diffusers_step, players, model, 64)
    draw = partial(_in_blocks, make, (1, 32, 32))
    return Contender("diffusers' UNet2DModel", job, 64, draw, 50, told=False, ours=False)


def _job(step: Callable, players: dict, model: nn.Module, batch_size: int) -> Job:
    def batches(seed: int, skip: int):
        return stream(load("fashion").train, batch_size, seed, skip)

    return Job(step, players, model, {}, batches, n_steps=0)


def _in_blocks(make: Callable, shape: tuple[int, ...], n: int, seed: int, passes: int) -> Tensor:
    """Draw noise for n pictures and make them a block at a time, as `paint` does."""
    pictures = [make(z, passes) for z in noise(n, *shape, seed=seed).split(BLOCK)]
    return torch.cat(pictures).clamp(-1, 1).cpu()
