"""Half-way between two pictures, by the generators that come with the course.

No verdict hangs on it: it fills the column "interpolation" where one compares families on larger
pictures; on digits, where each seed is a training of its own, `halfway` does, and decides claim 47.
Both ends of a walk are asked for the same words. VAEs walk straight from code to code; GANs and
diffusion models turn their noise along an arc.
"""

from functools import partial

import torch
from torch import Tensor

from course_lib.data import load
from course_lib.experiments.shipped import wishes
from course_lib.judges import read_pictures
from course_lib.metrics import Features, precision_recall, usual_features
from course_lib.painters import Painter, load_painter, noise_shape, paint_from
from course_lib.recipes import FAMILIES
from course_lib.runtime import noise
from course_lib.sampling import arc, decode, jerk, straight

N, N_WALKS, STOPS = 300, 20, 9  # walks; those of which every step is measured; pictures of each


def measure(seed: int, data: tuple[str, ...] = ("catalog", "fashion"), n: int = N) -> dict:
    """Walk n times with each generator: about a processor minute.

    Returns:
        {data: {family: {ends, halfway: precision; longest: step, as a multiple of the mean step;
        on the catalog valid_ends, valid_halfway: shares of valid products}}}.
    """
    return {name: _on(name, seed, n) for name in data}


def _on(name: str, seed: int, n: int) -> dict:
    pictures = load(name, "cpu")
    features = usual_features(pictures)
    real = features.embed(pictures.test.x[:n])
    return {
        family: _walked(load_painter(family, name), wishes(name, n, seed), seed, features, real)
        for family in FAMILIES
    }


def _walked(painter: Painter, wanted: Tensor, seed: int, features: Features, real: Tensor) -> dict:
    place, draw = _ways(painter, wanted, seed)
    found = {}
    for where, share in (("ends", 0.0), ("halfway", 0.5)):
        x = draw(place(share), wanted)
        found[where] = precision_recall(features.embed(x), real).precision
        if painter.data == "catalog":
            found[f"valid_{where}"] = read_pictures(x).valid.double().mean().item()
    shares = [i / (STOPS - 1) for i in range(STOPS)]
    path = [draw(place(share)[:N_WALKS], wanted[:N_WALKS]) for share in shares]
    return found | {"longest": jerk(path).mean().item()}


def _ways(painter: Painter, wanted: Tensor, seed: int):
    """Return where one is after a share of all walks, and how to draw what is there."""
    shape = noise_shape(painter)
    start, end = (noise(len(wanted), *shape, seed=base + seed) for base in (1000, 2000))
    if painter.family == "vae":
        with torch.no_grad():
            start, end = painter.model.prior(start), painter.model.prior(end)
        return partial(
            straight, start, end
        ), lambda z, wish: decode(painter.model, z).clamp(-1, 1).cpu()
    return partial(arc, start, end), partial(paint_from, painter)
