"""Ten seeds at several learning rates learn points of the plane, as one crowd, and are counted."""

import math
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

import torch
from torch import Tensor

from course_lib.crowds import fit_crowd
from course_lib.data import Batch, load, stream
from course_lib.data.points import MIXTURES
from course_lib.metrics import count_modes, energy_distance
from course_lib.recipes import Recipe
from course_lib.runtime import noise
from course_lib.sampling import decode

N_DRAWN = 2500  # as PacGAN's authors draw
N_HELD_OUT = 1000  # of each side, for the energy distance
WIDE = 0.2  # a point of the ring that is farther from every mode lies between two of them


class Plan(NamedTuple):
    """What a crowd is given: the same for all whom one wants to compare."""

    data: str = "ring"
    seeds: Sequence[int] = range(10)
    rates: Sequence[float] = (1e-3, 3e-3, 1e-2)
    n_steps: int = 1500
    batch_size: int = 64
    scaled: bool = True  # whether the points are divided by their standard deviation


def train_and_count(make: Callable[[int, float], Recipe], plan: Plan) -> dict:
    """Train one recipe for each seed and rate; count what they draw after each third of training.

    Args:
        make: from a seed and a learning rate to a fresh recipe.
        plan: the data, seeds, rates and length.

    Returns:
        {rate: {"first third", "second third", "latest" and, for a GAN, "average": what `count`
        counts, each a list over seeds}; "seconds": of processor}.
    """
    data = load(plan.data)
    scale = data.train.x.std() if plan.scaled else torch.ones((), device=data.train.x.device)
    points = Batch(data.train.x / scale, data.train.label)
    runs = [(rate, seed) for rate in plan.rates for seed in plan.seeds]
    recipes = [make(seed, rate) for rate, seed in runs]
    streams = [stream(points, plan.batch_size, seed) for _, seed in runs]
    z, counted, seconds = noise(N_DRAWN, 2, seed=7), {}, 0.0

    def count_all(draws: Sequence[Callable[[Tensor], Tensor]]) -> list[dict]:
        return [count(scale * draw(z), plan.data) for draw in draws]

    for third in ("first third", "second third", "latest"):
        start = time.process_time()
        fit_crowd(recipes, streams, plan.n_steps // 3)
        seconds += time.process_time() - start
        counted[third] = count_all([recipe.draw for recipe in recipes])
    if "G" in recipes[0].players:
        slow = [recipe.players["ema"].model for recipe in recipes]
        counted["average"] = count_all([partial(decode, model) for model in slow])
    n = len(plan.seeds)
    return {
        str(rate): {
            who: {name: [run[name] for run in found[i * n : (i + 1) * n]] for name in found[0]}
            for who, found in counted.items()
        }
        for i, rate in enumerate(plan.rates)
    } | {"seconds": seconds}


def count(x: Tensor, data: str) -> dict[str, float]:
    """Count points (N, 2) as PacGAN's authors do, and more gently.

    A run that overflowed has found nothing.

    Returns:
        modes, near and reverse_kl as in `count_modes` (the worst, log(modes), if no point is near);
        rarest, the share of points whose nearest mode is the rarest one; between, the share
        farther than 0.2 from every mode; distance, the energy distance to held-out points.
    """
    mixture, x = MIXTURES[data](), x.detach().cpu()
    held_out = load(data, "cpu").validation.x[:N_HELD_OUT]
    if not x.isfinite().all():
        x = torch.full_like(x, 100.0)  # far from everything, yet a number
    modes = count_modes(x, mixture)
    distance, nearest = torch.cdist(x.double(), mixture.centres).min(dim=1)
    shares = nearest.bincount(minlength=len(mixture.centres)) / len(x)
    return {
        "modes": modes.found,
        "near": modes.near.value,
        "reverse_kl": modes.reverse_kl if modes.found else math.log(modes.possible),
        "rarest": shares.min().item(),
        "between": (distance > WIDE).double().mean().item(),
        "distance": energy_distance(x[:N_HELD_OUT], held_out),
    }
