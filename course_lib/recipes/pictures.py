"""The three families made for pictures: networks, steps and settings of the long runs.

Where `recipes.digits` trains in ten seconds what a class can watch, these jobs train for as long as
one likes. All three work on patches, so that no convolution runs at full size. The GAN and the
diffusion model are told what each picture shows, and learn to do without.
"""

from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course_lib.data import Batch, load, stream
from course_lib.data.catalog import split_factors
from course_lib.data.catalog_words import VOCABULARY
from course_lib.losses import kl_to_standard_normal, squared_error
from course_lib.models.pictures import (
    PictureDiscriminator,
    PictureGenerator,
    PictureUNet,
    PictureVAE,
)
from course_lib.recipes.jobs import Job
from course_lib.runtime import pick_device
from course_lib.sampling import evaluating
from course_lib.schedules import cosine_alpha_bar, noised, velocity
from course_lib.training import EMA, descend

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
BATCH = {"vae": 64, "gan": 64, "diffusion": 64}


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


def picture_vae_step(batch, vae, opt, ema, pixel_sigma):
    """Take one step down the negative ELBO."""
    eps = torch.randn(len(batch.x), vae.latent_dim, device=batch.x.device)
    x_hat, mu, logvar = (part.float() for part in vae(batch.x, eps))
    error = squared_error(x_hat, batch.x) / (2 * pixel_sigma**2)
    kl = kl_to_standard_normal(mu, logvar)
    descend((error + kl).mean(), opt)
    ema.update(vae)
    return {"error": error.mean(), "kl": kl.mean()}


def fit_prior(vae: PictureVAE, data: str, n: int = 20_000) -> None:
    """Fit the clouds of a trained VAE's prior to its codes of n training pictures."""
    with evaluating(vae):
        codes = []
        for x in load(data).train.x[:n].split(1000):
            mu, logvar = vae.encode(x)
            codes.append(mu + (0.5 * logvar).exp() * torch.randn_like(mu))
    vae.prior.fit(torch.cat(codes))


def picture_gan_step(batch, G, D, opt_G, opt_D, ema):
    """Play one round, both players told what is wanted; the forger may ask for nothing."""
    z = torch.randn(len(batch.x), G.latent_dim, device=batch.x.device)
    fake = G(z, batch.label)
    real_score, fake_score = D(batch.x, batch.label), D(fake.detach(), batch.label)
    d_loss = F.relu(1 - real_score.float()).mean() + F.relu(1 + fake_score.float()).mean()
    descend(d_loss, opt_D)
    D.requires_grad_(False)  # the forger's move needs no gradients for the detective's weights
    g_loss = -D(fake, batch.label).float().mean()
    descend(g_loss, opt_G)
    D.requires_grad_(True)
    ema.update(G)
    return {"detective": d_loss, "forger": g_loss}


def velocity_step(batch, model, opt, ema, alpha_bar, silence=0.1):
    """Noise a batch to random timesteps and guess the velocity, told what the pictures show."""
    t = torch.randint(len(alpha_bar), (len(batch.x),), device=batch.x.device)
    eps = torch.randn_like(batch.x)
    x_t = noised(batch.x, eps, alpha_bar[t])
    v_hat = model(x_t, t, silenced(batch.label, silence)).float()
    loss = F.mse_loss(v_hat, velocity(batch.x, eps, alpha_bar[t]))
    descend(loss, opt)
    ema.update(model)
    return {"loss": loss}


def silenced(label: Tensor, share: float) -> Tensor:
    """Return labels (B, Q) with some rows, and some single answers, replaced by -1: "not said"."""
    n, questions = label.shape
    quiet = torch.rand(n, 1, device=label.device) < share
    if questions > 1:
        quiet = quiet | (torch.rand(n, questions, device=label.device) < share)
    return label.masked_fill(quiet, -1)


def _at_home(model: nn.Module) -> nn.Module:
    return model.to(pick_device(), memory_format=torch.channels_last)


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
    ema = EMA(model, 0.999)
    opt = torch.optim.AdamW(model.parameters(), 2e-3, (0.9, 0.99), weight_decay=0.01, fused=True)
    alpha_bar = cosine_alpha_bar(1000).to(pick_device())
    players = {"model": model, "opt": opt, "ema": ema, "alpha_bar": alpha_bar}
    batches = described_pictures(data, BATCH["diffusion"])
    steps = 20_000 if data == "catalog" else 40_000  # drawn pictures are learnt sooner
    return Job(velocity_step, players, ema.model, config, batches, steps)


JOBS = {"vae": _vae, "gan": _gan, "diffusion": _diffusion}
