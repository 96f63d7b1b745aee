"""Pictures of the catalog in few bits: a VAE, PCA and JPEG.

The rule, written before the first run. Claim 52, "data compression": the VAE's codes are rounded
to the step at which, on validation pictures, the PSNR is 1 dB below that of codes not rounded at
all. There it is held against the other two at the same number of bits, straight lines between
their settings. Confirmed if its PSNR is above that of both in all five seeds; depends if above that
of one; else refuted.

What is counted: for the VAE and PCA the bits of an ideal coder, whose tables were made from 5,000
training pictures; for JPEG the bytes of the scan, without headers and tables. "KL" is the VAE's KL
in bits: what bits-back coding would pay for a place drawn from the cloud. Not counted are the
networks, the components and the tables, which the receiver must have beforehand.
"""

import math

import numpy as np
import torch
from torch import Tensor

from course_lib.data.catalog import catalog_split, split_factors
from course_lib.data.catalog_factors import select
from course_lib.data.catalog_paint import render
from course_lib.experiments.inspection import components, redrawn, shipped_vae
from course_lib.losses import kl_to_standard_normal
from course_lib.metrics.coding import jpeg, psnr, rounded_bits
from course_lib.runtime import generator
from course_lib.sampling import decode, evaluating

N, N_TABLES = 300, 5000
VAE_STEPS = (0.25, 0.5, 0.75, 1.0, 1.5, 2.0)  # to which codes are rounded
PCA_STEPS = (0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0)
QUALITIES = (1, 5, 10, 20, 35, 50, 70, 90)
LOSS = 1.0  # dB that rounding may cost


def measure(seed: int) -> dict:
    """Measure one draw of 300 test pictures: about 10 seconds.

    Returns:
        {"VAE", "PCA", "JPEG", "KL": {setting: {"bits", "psnr"}}, "at the same bits": {"bits",
        "VAE", "PCA", "JPEG"}} with bits a picture and PSNR in dB.
    """
    vae, x = shipped_vae(), drawn("test", seed)
    found = {"VAE": vae_curve(vae, x), "PCA": pca_curve(x), "JPEG": jpeg_curve(x)}
    found["KL"] = {"drawn": bits_back(vae, x, seed)}
    here = found["VAE"][f"{chosen_step(vae, seed)}"]
    rivals = {name: psnr_at(here["bits"], found[name]) for name in ("PCA", "JPEG")}
    found["at the same bits"] = {"bits": here["bits"], "VAE": here["psnr"], **rivals}
    return found


def vae_curve(vae, x: Tensor) -> dict:
    """Return bits and PSNR of the middles of clouds, rounded to each of VAE_STEPS."""
    like, code = (_middles(vae, some) for some in (catalog_split("train", N_TABLES).x, x))
    return {
        f"{step}": _point(bits, decode(vae, rounded), x)
        for step in VAE_STEPS
        for rounded, bits in [rounded_bits(code, like, step)]
    }


def pca_curve(x: Tensor) -> dict:
    """Return bits and PSNR of the 256 largest components, rounded to each of PCA_STEPS."""
    mean, axes = components()
    axes = axes[:, :256]
    like = catalog_split("train", N_TABLES).x
    like, code = ((some.flatten(1) - mean) @ axes for some in (like, x))
    return {
        f"{step}": _point(bits, (mean + rounded @ axes.T).reshape(x.shape).clamp(-1, 1), x)
        for step in PCA_STEPS
        for rounded, bits in [rounded_bits(code, like, step)]
    }


def jpeg_curve(x: Tensor) -> dict:
    """Return bits and PSNR of JPEG at each of QUALITIES."""
    return {
        f"{quality}": _point(bits, x_hat, x)
        for quality in QUALITIES
        for x_hat, bits in [jpeg(x, quality)]
    }


def bits_back(vae, x: Tensor, seed: int) -> dict:
    """Return the KL in bits, and the PSNR of a place drawn from each cloud."""
    with evaluating(vae):
        mu, logvar = vae.encode(x)
        eps = torch.randn(mu.shape, generator=generator(seed))
        x_hat = vae.decode(mu + (0.5 * logvar).exp() * eps)
    return _point(kl_to_standard_normal(mu, logvar) / math.log(2), x_hat, x)


def chosen_step(vae, seed: int) -> float:
    """Return the largest of VAE_STEPS that costs at most LOSS dB on validation pictures."""
    x = drawn("validation", seed)
    whole, code = psnr(redrawn(vae, x), x), _middles(vae, x)
    fine = [s for s in VAE_STEPS if whole - psnr(decode(vae, (code / s).round() * s), x) <= LOSS]
    return max(fine, default=min(VAE_STEPS))


def psnr_at(bits: float, curve: dict) -> float:
    """Return the PSNR of a curve at that many bits; beyond its ends, that of the end."""
    points = sorted((point["bits"], point["psnr"]) for point in curve.values())
    return float(np.interp(bits, *zip(*points, strict=True)))


def drawn(split: str, seed: int) -> Tensor:
    """Return N pictures of a split, (N, 3, S, S), chosen by chance."""
    factors = split_factors(split)
    return render(select(factors, torch.randperm(len(factors.kind), generator=generator(seed))[:N]))


def _middles(vae, x: Tensor) -> Tensor:
    with evaluating(vae):
        return torch.cat([vae.encode(some)[0] for some in x.split(500)])


def _point(bits: Tensor, x_hat: Tensor, x: Tensor) -> dict:
    return {"bits": bits.mean().item(), "psnr": psnr(x_hat, x)}
