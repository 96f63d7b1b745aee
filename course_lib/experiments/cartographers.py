"""Small VAEs for digits, trained alike but for one thing, and what is measured of each.

All take the same batches from the same first weights for the same number of steps, so that what
differs is the one thing that was changed.
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from course_lib.data import Dataset, load, stream
from course_lib.losses import kl_to_standard_normal, squared_error
from course_lib.metrics import (
    active_units,
    kernel_distance,
    precision_recall,
    sharpness,
    usual_features,
)
from course_lib.models import VAE, PlainVAE
from course_lib.recipes import vae_step
from course_lib.runtime import noise, pick_device
from course_lib.sampling import decode, evaluating
from course_lib.training import descend, fit

N_STEPS = 1000  # about two seconds on a core


def point_step(batch, vae, opt, kl_weight=0.0, pixel_sigma=0.4):
    """Do as `vae_step` does, but decode the middle of each cloud: an autoencoder."""
    mu, logvar = vae.encode(batch.x)
    error = squared_error(vae.decode(mu), batch.x) / (2 * pixel_sigma**2)
    kl = kl_to_standard_normal(mu, logvar)
    descend((error + kl_weight * kl).mean(), opt)
    return {"error": error.mean(), "kl": kl.mean()}


def trained(
    seed: int,
    step: Callable = vae_step,
    n_steps: int = N_STEPS,
    lr: float = 2e-3,
    network: dict | None = None,
    **constants: object,
) -> VAE:
    """Train a plain VAE on digits; the seed decides its first weights, its batches and its noise.

    Args:
        seed: one number for one run.
        step: what is done with a batch, called as step(batch, vae, opt, **constants).
        n_steps: how many batches of 64.
        lr: Adam's learning rate.
        network: the arguments of `PlainVAE`.
        constants: what else the step asks for; those that learn are trained as well.
    """
    torch.manual_seed(seed)
    vae = PlainVAE(**(network or {})).to(pick_device())
    learning = [value for value in constants.values() if isinstance(value, nn.Parameter)]
    opt = torch.optim.Adam([*vae.parameters(), *learning], lr=lr, fused=True)
    batches = stream(load("digits").train, 64, seed)
    fit(step, batches, n_steps, vae=vae, opt=opt, **constants)
    return vae


def redrawing(vae: VAE, x: Tensor) -> dict[str, float]:
    """Return what it costs to tell and to redraw pictures x (N, C, S, S).

    Returns:
        rate: the KL in nats; distortion: the squared error of a redrawing from the middle of its
        cloud; noisy_distortion: from a draw; active: axes in use; sharp: fine detail of the
        redrawings, real pictures having 1.
    """
    with evaluating(vae):
        mu, logvar = vae.encode(x)
        z = mu + (0.5 * logvar).exp() * noise(*mu.shape, seed=11)
        middle, drawn = vae.decode(mu), vae.decode(z)
    return {
        "rate": kl_to_standard_normal(mu, logvar).mean().item(),
        "distortion": squared_error(middle, x).mean().item(),
        "noisy_distortion": squared_error(drawn, x).mean().item(),
        "active": float(active_units(mu)),
        "sharp": sharpness(middle, x),
    }


def drawing(images: Tensor, data: Dataset) -> dict[str, float]:
    """Return how new pictures compare with as many test pictures, in the features usual for digits.

    Returns:
        kernel distance, precision, recall, and sharp_new: their fine detail.
    """
    features, real = usual_features(load("digits", "cpu")), data.test.x
    fake = features.embed(images.cpu())
    precision, recall = precision_recall(fake, features.embed(real.cpu()))
    return {
        "kernel": kernel_distance(fake, features.embed(real.cpu())),
        "precision": precision,
        "recall": recall,
        "sharp_new": sharpness(images, real),
    }


def new_digits(vae: VAE, n: int, seed: int) -> Tensor:
    """Decode n fingers put down at random: (n, 1, 8, 8)."""
    return decode(vae, noise(n, vae.latent_dim, seed=seed))
