"""Do the axes of a VAE mean something? Dots with known factors, a sweep of the KL's weight.

The rules, written before the numbers:

- "Interpretable" (claim 42) is confirmed if the mutual information gap (MIG) is at least 0.5 for
  every seed at some weight of the sweep that still draws; refuted if at every such weight the mean
  over the seeds is below 0.25; else it depends. A weight still draws if on average the redrawn
  pictures miss at most a quarter of the variance of the pictures.
- Locatello et al. 2019 (arXiv:1811.12359) warn that the seed can matter more than the weight. The
  effect of the weight is the largest less the smallest of the mean MIGs, over weights that still
  draw; the effect of the seed is the largest less the smallest MIG of the five seeds, averaged over
  these weights. The warning is confirmed if the seed's effect is at least as large, refuted if it
  is less than half as large; else it depends.
- They also warn that the loss does not tell which seed has good axes: confirmed if within a weight
  the seed with the lowest loss has the highest MIG at no more than half of these weights.

MIG and disentanglement are taken of one place drawn from each picture's cloud, as Chen et al. 2018
(arXiv:1802.04942) do. A first run took the middles of the clouds: there an axis that the decoder
never listens to still counted, by the trace that the encoder leaves in it.
"""

import math

import torch
from torch import Tensor

from course_lib.crowds.dots import PIXEL_SIGMA, DotRun, fit_dots
from course_lib.data.dots import SQUARE, WIDE, sample_dots
from course_lib.losses import kl_to_standard_normal, squared_error
from course_lib.metrics import dci, forest_importance, linear_r2, mig, pca_features, r2
from course_lib.models import VAE
from course_lib.runtime import generator
from course_lib.sampling import evaluating

WEIGHTS = (0.25, 1.0, 4.0, 16.0)
LABELS = (10, 50, 200)
N = 3000  # dots to fit a measure on, and as many new ones to judge it


def measure(seed: int) -> dict:
    """Train six VAEs and score their axes: four weights on square dots, two on wide ones.

    Returns:
        {"square": {weight: scores}, "wide": {weight: scores}, "labels": {number: scores}}; the last
        for the VAE with weight 1 on square dots.
    """
    runs = [DotRun(seed, weight, SQUARE) for weight in WEIGHTS]
    runs += [DotRun(seed, weight, WIDE) for weight in (1.0, 4.0)]
    found, vaes = {"square": {}, "wide": {}}, fit_dots(runs)
    for run, vae in zip(runs, vaes, strict=True):
        world = "square" if run.reach == SQUARE else "wide"
        found[world][f"{run.kl_weight:g}"] = scores(vae, run)
    return found | {"labels": with_labels(vaes[WEIGHTS.index(1.0)], seed)}


def scores(vae: VAE, run: DotRun) -> dict[str, float]:
    """Return everything we ask of one VAE, on dots that it was not trained on."""
    fitted, new = (sample_dots(N, seed, run.reach) for seed in (2, 3))
    z, new_z = places(vae, fitted.x), places(vae, new.x)
    with evaluating(vae):
        mu, logvar = vae.encode(new.x)
        x_hat = vae.decode(mu)
        z_drawn = drawn(vae, new.x, run.seed)
        error = squared_error(vae.decode(z_drawn), new.x) / (2 * PIXEL_SIGMA**2)
    kl_by_axis = 0.5 * (mu.square() + logvar.exp() - 1 - logvar).mean(dim=0)
    loss = error + run.kl_weight * kl_to_standard_normal(mu, logvar)
    variance = (new.x - new.x.mean(dim=0)).square().sum()
    disentanglement, completeness = dci(forest_importance(z_drawn, new.factors))
    return {
        "mig": mig(z_drawn, new.factors),
        "disentanglement": disentanglement,
        "completeness": completeness,
        "linear": linear_r2(z, fitted.factors, new_z, new.factors).mean().item(),
        "axes_used": (kl_by_axis > 0.1).double().sum().item(),
        "missed": ((x_hat - new.x).square().sum() / variance).item(),
        "loss": loss.mean().item(),
        "turn": turn(z_drawn, new.factors),
    }


def places(vae: VAE, x: Tensor) -> Tensor:
    """Return the middle of each picture's cloud: (N, C, S, S) -> (N, Z)."""
    with evaluating(vae):
        return vae.encode(x)[0]


def drawn(vae: VAE, x: Tensor, seed: int = 0) -> Tensor:
    """Return one place drawn from each picture's cloud: (N, C, S, S) -> (N, Z)."""
    with evaluating(vae):
        mu, logvar = vae.encode(x)
    return mu + (0.5 * logvar).exp() * torch.randn(mu.shape, generator=generator(seed))


def turn(z: Tensor, factors: Tensor) -> float:
    """Return how far the axis that knows most of the position is turned, 0 to 45 degrees.

    0: it follows "right" alone or "up" alone. 45: it follows a diagonal.
    """
    position = factors[:, :2]
    known = linear_r2(position, z, position, z).nan_to_num(-math.inf)
    axis = (z[:, known.argmax()] - z[:, known.argmax()].mean()).double()
    right, up = (position.double().T @ axis).abs().tolist()
    return math.degrees(math.atan2(min(right, up), max(right, up)))


def with_labels(vae: VAE, seed: int) -> dict[str, dict[str, float]]:
    """Return what a few labelled dots buy: in the code, in principal components, in pixels.

    R2 on new dots of a ridge regression whose strength is chosen by leaving one label out at a
    time. Of each cloud the middle is read: all that the encoder says.
    """
    fitted, new = sample_dots(N, 2), sample_dots(N, 3)
    pca = pca_features(sample_dots(N, 1).x, dim=vae.latent_dim)
    codes = {
        "z": (places(vae, fitted.x), places(vae, new.x)),
        "components": (pca.embed(fitted.x), pca.embed(new.x)),
        "pixels": (fitted.x.flatten(1), new.x.flatten(1)),
    }
    order, found = torch.randperm(N, generator=generator(seed)), {}
    for n in LABELS:
        told, answers = order[:n], fitted.factors[order[:n]]
        guesses = {who: guess(code[told], answers, other) for who, (code, other) in codes.items()}
        found[f"{n}"] = {who: r2(g, new.factors).mean().item() for who, g in guesses.items()}
    return found


def guess(code: Tensor, answers: Tensor, new_code: Tensor) -> Tensor:
    """Return ridge regression's guesses (M, F), learned from codes (n, Z) and answers (n, F)."""
    from sklearn.linear_model import RidgeCV
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    strengths = torch.logspace(-3, 4, 15).tolist()
    ridge = make_pipeline(StandardScaler(), RidgeCV(strengths))
    ridge.fit(code.double().numpy(), answers.double().numpy())
    return torch.from_numpy(ridge.predict(new_code.double().numpy()))
