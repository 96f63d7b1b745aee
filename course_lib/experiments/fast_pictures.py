"""Catalog and photographs by diffusion: how many passes, and how strictly to heed what was asked.

The rules, written before the first run with the shipped weights.

- Control (claim 89): captions of the catalog, 10 passes of the second-order solver, guidance from 0
  to 10. Confirmed if at some strength all five words are read right in 90 % of the pictures while
  recall stays within 0.1 of the best recall at any strength, in every seed; refuted if at no
  strength in half of them, in every seed; else it depends on the guidance.

Each seed draws other noise, other wishes and other real pictures. Numbers of pictures are small, so
that five seeds cost an hour; kernel distance is without bias at any number, and
precision and recall are shown beside those of real pictures, as many. Claims on the number of
passes are decided on digits (`fast_digits`), where every seed is a training of its own.
"""

import time
from functools import cache

import torch
from torch import Tensor

from course_lib.data import Dataset, load
from course_lib.data.catalog import catalog_split, split_factors
from course_lib.data.catalog_words import KINDS
from course_lib.experiments.fast_digits import walk
from course_lib.judges import answers, read_pictures, shipped_judge
from course_lib.metrics import Features, kernel_distance, precision_recall, usual_features
from course_lib.painters import Painter, load_painter
from course_lib.recipes.pictures import picture_job
from course_lib.runtime import generator, half_precision, noise, pick_device
from course_lib.sampling import EVERYWHERE, Guided
from course_lib.schedules import cosine_alpha_bar

DATA = ("catalog", "fashion")
SAMPLERS = ("second order", "DDIM", "DDPM")
PASSES = (1, 2, 5, 10, 25, 100, 1000)
STRENGTHS = (0, 1, 2, 4, 10)
MIDDLE = (-1.5, 3.0)  # log SNR; chosen on validation photographs (docs/decisions/0013)
GUIDED_PASSES = 10
N_PASSES, N_GUIDED = 60, 200  # pictures a seed
K = 3  # neighbours, for precision and recall among so few


def measure(seed: int) -> dict:
    """Draw with the shipped weights and measure: about 11 processor minutes, most for 1,000 passes.

    Returns:
        {data: {sampler: {passes: {kernel, precision, recall}}, "floor": the same for real pictures,
        "ms": {"diffusion", "GAN": milliseconds of a pass}, "guidance": {strength: {kernel,
        precision, recall, right}}, "floor guided"}}, where right is the share that shows all that
        was asked for. One strength holds "in the middle" only, between two noise levels.
    """
    return {data: measured(data, seed) for data in DATA}


def measured(data: str, seed: int) -> dict:
    """Measure one data set with one seed."""
    found, n, seconds = {}, N_PASSES, 0.0
    for sampler in SAMPLERS:
        found[sampler] = {}
        for k in PASSES:
            start = time.process_time()
            x = drawn(data, seed, n, sampler, k)
            seconds += time.process_time() - start
            found[sampler][str(k)] = score(data, x, seed)
    ms = 1000 * seconds / (n * len(SAMPLERS) * sum(PASSES))
    found["ms"] = {"diffusion": ms, "GAN": gan_milliseconds(data)}
    found["guidance"] = {}
    wanted = wishes(data, seed, N_GUIDED)
    ways = {str(w): (w, EVERYWHERE) for w in STRENGTHS} | {"2, in the middle": (2, MIDDLE)}
    for name, how in ways.items():
        x = drawn(data, seed, N_GUIDED, "second order", GUIDED_PASSES, *how)
        found["guidance"][name] = score(data, x, seed) | {"right": share_right(data, x, wanted)}
    for name, n in (("floor", N_PASSES), ("floor guided", N_GUIDED)):
        found[name] = score(data, some_real(data, "validation", seed, n), seed)
    return found


def drawn(
    data: str,
    seed: int,
    n: int,
    sampler: str,
    n_steps: int,
    guidance: float = 1.0,
    between: tuple[float, float] = EVERYWHERE,
) -> Tensor:
    """Draw n pictures (n, C, S, S) of what is asked for as often as in the data, on the CPU."""
    painter, device = painter_of(data), pick_device()
    alpha_bar, wanted = cosine_alpha_bar(1000).to(device), wishes(data, seed, n).to(device)
    guided = Guided(painter.model, alpha_bar, wanted, guidance, between)
    shape = pictures_of(data).test.x.shape[1:]
    with half_precision(device):
        x = walk(sampler, guided, noise(n, *shape, seed=seed), alpha_bar, n_steps, seed)
    return x.float().clamp(-1, 1).cpu()


def wishes(data: str, seed: int, n: int) -> Tensor:
    """Return what n pictures are to show, drawn as in the data: (n, Q) int64."""
    if data == "fashion":
        return torch.randint(10, (n, 1), generator=generator(seed))
    factors = torch.stack(split_factors("validation")[:5], dim=1)
    return factors[torch.randperm(len(factors), generator=generator(seed))[:n]]


def share_right(data: str, x: Tensor, wanted: Tensor) -> float:
    """Return the share of pictures that show all that was asked for, as read by the judge."""
    if data == "fashion":
        seen = answers(shipped_judge("classifier"), x)[0].argmax(dim=1)[:, None]
    else:
        seen = torch.stack(read_pictures(x).words, dim=1)
    return (seen == wanted).all(dim=1).double().mean().item()


def score(data: str, x: Tensor, seed: int) -> dict[str, float]:
    """Measure pictures against as many test pictures."""
    features = features_of(data)
    fake, real = (features.embed(y) for y in (x, some_real(data, "test", seed, len(x))))
    precision, recall = precision_recall(fake, real, k=K)
    return {"kernel": kernel_distance(fake, real), "precision": precision, "recall": recall}


def some_real(data: str, split: str, seed: int, n: int) -> Tensor:
    """Return n pictures of a split, others for each seed."""
    x = getattr(pictures_of(data), split).x
    return x[torch.randperm(len(x), generator=generator(100 + seed))[:n]]


def gan_milliseconds(data: str, n: int = 200) -> float:
    """Return the processor's milliseconds of a GAN for one picture; it need not be trained."""
    G = picture_job("gan", data, 0).model
    z, wanted, times = noise(n, G.latent_dim, seed=0), wishes(data, 0, n).to(pick_device()), []
    with torch.no_grad(), half_precision(pick_device()):
        for _ in range(4):  # the first warms up
            start = time.process_time()
            G.eval()(z, wanted)
            times.append(1000 * (time.process_time() - start) / n)
    return min(times[1:])


@cache
def painter_of(data: str) -> Painter:
    """Return the shipped diffusion model."""
    return load_painter("diffusion", data)


@cache
def features_of(data: str) -> Features:
    """Return the features in which pictures of a data set are compared."""
    return usual_features(pictures_of(data))


@cache
def pictures_of(data: str) -> Dataset:
    """Return real pictures to compare with, on the CPU; of the catalog no more than needed."""
    if data == "fashion":
        return load("fashion", "cpu")
    test, validation = (catalog_split(split, 2000) for split in ("test", "validation"))
    return Dataset("catalog", validation, validation, test, KINDS)
