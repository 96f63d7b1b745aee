"""The three families made for pictures: networks, steps and settings of the long runs.

Where `recipes.digits` trains in ten seconds what a class can watch, these jobs train for as long as
one likes. All three work on patches, so that no convolution runs at full size. The GAN and the
diffusion model are told what each picture shows, and learn to do without.
"""

from functools import partial

import torch
from torch import nn

from course_lib.data import Batch, load, stream
from course_lib.data.catalog import split_factors
from course_lib.data.catalog_words import VOCABULARY
from course_lib.models.pictures import (
    PictureDiscriminator,
    PictureGenerator,
    PictureUNet,
    PictureVAE,
)
from course_lib.models.unet import Block
from course_lib.muon import Muon, inner_and_other
from course_lib.recipes.jobs import Job
from course_lib.recipes.picture_steps import (
    picture_gan_step,
    picture_vae_step,
    placed_velocity_step,
)
from course_lib.runtime import pick_device
from course_lib.sampling import evaluating
from course_lib.schedules import bell_shares, cosine_alpha_bar
from course_lib.training import EMA

SHAPES = {
    "digits": {"channels": 1, "size": 8},
    "catalog": {"channels": 3, "size": 32},
    "fashion": {"channels": 1, "size": 32},
}
ANSWERS = {"digits": (10,), "catalog": (*map(len, VOCABULARY),), "fashion": (10,)}
SETTINGS = {
    "vae": {"patch": 2, "width": 128, "latent_dim": 48, "n_clouds": 100},
    "gan": {"patch": 2, "width": 32, "latent_dim": 64},
    "diffusion": {"patch": 2, "width": 32, "depth": 2},
}
BATCH = {"vae": 64, "gan": 64, "diffusion": 32}
BORDER = ("enter", "leave", "embed", "conditions")  # of a U-Net: no matrices for Muon


def picture_job(family: str, data: str, seed: int, size: int | None = None) -> Job:
    """Return a fresh job; the seed decides the initial weights, and the noise of training.

    Args:
        family: "vae", "gan" or "diffusion".
        data: "digits", "catalog" or "fashion".
        seed: one number for one run.
        size: S, if networks for larger or smaller pictures are wanted, to see what they cost.

    Raises:
        ValueError: if there is no such family or no such data.
    """
    if family not in JOBS:
        raise ValueError(f"unknown family {family!r}: choose one of {', '.join(JOBS)}")
    if data not in SHAPES:
        raise ValueError(f"there are no pictures {data!r}: choose one of {', '.join(SHAPES)}")
    torch.manual_seed(seed)
    return JOBS[family](data, size)


def described_pictures(data: str, batch_size: int):
    """Return a function (seed, skip) -> batches without end; labels (B, Q) say what they show."""

    def batches(seed: int, skip: int):
        train = load(data).train
        label = train.label[:, None]
        if data == "catalog":
            label = torch.stack(split_factors("train")[:5], dim=1).to(train.x.device)
        return stream(Batch(train.x, label), batch_size, seed, skip)

    return batches


def fit_prior(vae: PictureVAE, data: str, n: int = 20_000) -> None:
    """Fit the clouds of a trained VAE's prior to its codes of n training pictures."""
    with evaluating(vae):
        codes = []
        for x in load(data).train.x[:n].split(1000):
            mu, logvar = vae.encode(x)
            codes.append(mu + (0.5 * logvar).exp() * torch.randn_like(mu))
    vae.prior.fit(torch.cat(codes))


def _at_home(model: nn.Module) -> nn.Module:
    return model.to(pick_device(), memory_format=torch.channels_last)


def _begin_quietly(model: PictureUNet) -> None:
    """Let every block begin by handing on what it gets, and the network by guessing nothing."""
    last = [block.second[-1] for block in model.modules() if isinstance(block, Block)]
    for layer in (*last, model.leave[-1]):
        nn.init.zeros_(layer.weight)
        nn.init.zeros_(layer.bias)


def _config(family: str, data: str, size: int | None) -> dict:
    """Return the arguments of a family's network; 8x8 is too small to be cut into patches."""
    config = SHAPES[data] | ({"size": size} if size else {}) | SETTINGS[family]
    if config["size"] == 8:
        config["patch"] = 1
    return config if family == "vae" else config | {"answers": ANSWERS[data]}


def _vae(data: str, size: int | None) -> Job:
    config = _config("vae", data, size)
    vae = _at_home(PictureVAE(**config))
    ema = EMA(vae, 0.999)
    opt = torch.optim.AdamW(vae.parameters(), 2e-3, (0.9, 0.99), weight_decay=0.01, fused=True)
    players = {"vae": vae, "opt": opt, "ema": ema, "pixel_sigma": 0.2}
    batches, settle = described_pictures(data, BATCH["vae"]), partial(fit_prior, ema.model, data)
    return Job(picture_vae_step, players, ema.model, config, batches, 16_000, settle)


def _gan(data: str, size: int | None) -> Job:
    config = _config("gan", data, size)
    G = _at_home(PictureGenerator(**config))
    looks = {name: config[name] for name in ("channels", "size", "patch", "width", "answers")}
    D = _at_home(PictureDiscriminator(**looks))
    ema = EMA(G, 0.999)
    opt_G = torch.optim.Adam(G.parameters(), 8e-4, (0.0, 0.99), fused=True)
    opt_D = torch.optim.Adam(D.parameters(), 1.6e-3, (0.0, 0.99), fused=True)
    players = {"G": G, "D": D, "opt_G": opt_G, "opt_D": opt_D, "ema": ema}
    batches = described_pictures(data, BATCH["gan"])
    return Job(picture_gan_step, players, ema.model, config, batches, 30_000)


def _diffusion(data: str, size: int | None) -> Job:
    config = _config("diffusion", data, size)
    model = _at_home(PictureUNet(**config))
    _begin_quietly(model)
    ema = EMA(model, 0.999)
    inner, other = inner_and_other(model, BORDER)
    opt_other = torch.optim.AdamW(other, 2e-3, (0.9, 0.99), weight_decay=0.01, fused=True)
    alpha_bar = cosine_alpha_bar(1000).to(pick_device())
    players = {"model": model, "opt": Muon(inner, 0.02), "opt_other": opt_other, "ema": ema}
    players |= {"alpha_bar": alpha_bar, "shares": bell_shares(alpha_bar)}
    batches = described_pictures(data, BATCH["diffusion"])
    steps = 30_000 if data == "catalog" else 45_000  # drawn pictures are learnt sooner
    return Job(placed_velocity_step, players, ema.model, config, batches, steps)


JOBS = {"vae": _vae, "gan": _gan, "diffusion": _diffusion}
