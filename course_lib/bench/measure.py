"""One family measured: ours and its peer for the same processor seconds, and what ours costs."""

import time
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import NamedTuple

import torch
from torch import nn

from course_lib.bench.contenders import Contender, our, peer
from course_lib.bench.costs import flops_of, matrix_peak
from course_lib.bench.growth import USUAL, Sizes, drawing_seconds, growth
from course_lib.data import Batch, Dataset, load
from course_lib.metrics import frechet_distance, usual_features
from course_lib.results import once
from course_lib.runs.loop import annealed
from course_lib.runtime import half_precision, pick_device


def measure_family(
    family: str,
    seconds: float,
    seed: int,
    waiting: Path,
    say: Callable[[str], None] = print,
    sizes: Sizes = USUAL,
) -> dict:
    """Return all numbers about one family, as `course_lib.bench.page` shows them.

    Args:
        family: "vae", "gan" or "diffusion".
        seconds: the price of each training, in processor seconds.
        seed: for weights, batches and noise.
        waiting: a folder for the models that are finished, should the run be stopped.
        say: told in one line what comes next.
        sizes: how much is measured.

    Raises:
        ValueError: if the models would not be trained on the processor.
    """
    if pick_device().type != "cpu":
        raise ValueError("the comparison counts processor seconds: set COURSE_DEVICE=cpu")
    data = load("fashion", "cpu")
    n = sizes.n_diffusion if family == "diffusion" else sizes.n_many
    say(f"{family}: the processor's peak, and the floor")
    peak = {
        name: matrix_peak(getattr(torch, name), sizes.matrix, sizes.least, sizes.rounds)
        for name in ("float32", "bfloat16")
    }
    entries = {}
    for who, make in (("ours", our), ("peer", peer)):
        if make(family, seed) is None:
            say(f"{family}: no peer, diffusers is not installed (pip install '.[bench]')")
            continue
        say(f"{family}: {who}, {seconds:g} processor seconds")
        make_it = (make, family, seed, seconds, data, n, peak, sizes)
        entries[who] = once(waiting / f"{who}.json", lambda words=make_it: _entry(*words))
    say(f"{family}: how time and memory grow")
    return {
        "seconds": seconds,
        "n": n,
        "features": usual_features(data).name,
        "floor": _distance(data.validation.x[:n], data, n),
        "peak": peak,
        "entries": entries,
        "growth": growth(family, our(family, seed), sizes),
    }


class Trained(NamedTuple):
    """What a training took; all seconds are of the processor."""

    steps: int
    seconds: float
    settling: float  # seconds for what comes after the last step, such as fitting a prior


def train_for(contender: Contender, seconds: float, seed: int, reserve: float = 0.0) -> Trained:
    """Train for a number of processor seconds, of which some are reserved for settling.

    However long settling is expected to take, at least half of the seconds are for training.
    """
    seconds = max(seconds - reserve, seconds / 2)
    job, done = contender.job, 0
    batches = job.batches(seed, 0)
    first = next(batches)  # the data is in memory before the clock starts
    rates = [
        (group, group["lr"])
        for player in job.players.values()
        if isinstance(player, torch.optim.Optimizer)
        for group in player.param_groups
    ]
    for player in job.players.values():
        if isinstance(player, nn.Module):
            player.train()
    began = time.process_time()
    while (part := (time.process_time() - began) / seconds) < 1:
        for group, rate in rates if contender.ours else ():
            group["lr"] = rate * annealed(part)
        with _precision(contender):
            job.step(next(batches) if done else first, **job.players)
        done += 1
    job.settle()
    spent = part * seconds
    return Trained(done, spent, time.process_time() - began - spent)


def _entry(make, family, seed, seconds, data: Dataset, n: int, peak: dict, sizes: Sizes) -> dict:
    """Train one model, and measure what it learned and what it costs."""
    untrained = make(family, seed)
    step = _one_step(untrained, next(untrained.job.batches(seed, 0)))
    flops = flops_of(step)
    began = time.process_time()
    untrained.job.settle()
    reserve = time.process_time() - began
    contender = make(family, seed)
    trained = train_for(contender, seconds, seed, reserve)
    with _precision(contender):
        precision = "bfloat16" if torch.is_autocast_enabled("cpu") else "float32"
    pictures = contender.draw(n, seed, contender.passes)
    passes = sorted({*sizes.passes, contender.passes}) if contender.passes > 1 else [1]
    return {
        "name": contender.name,
        "distance": _distance(pictures, data, n),
        "told": contender.told,
        "parameters": sum(p.numel() for p in contender.job.model.parameters()),
        "batch": contender.batch_size,
        "steps": trained.steps,
        "seconds": trained.seconds,
        "settling": trained.settling,
        "pictures a second": trained.steps * contender.batch_size / trained.seconds,
        "flops a step": flops,
        "precision": precision,
        "share of peak": flops * trained.steps / trained.seconds / peak[precision],
        "passes": contender.passes,
        "sampling": [[p, drawing_seconds(contender, sizes.n_timed, p, sizes)] for p in passes],
    }


def _distance(x: torch.Tensor, data: Dataset, n: int) -> float:
    features = usual_features(data)
    return frechet_distance(features.embed(x), features.embed(data.test.x[:n]))


def _one_step(contender: Contender, batch: Batch) -> Callable[[], None]:
    def step() -> None:
        with _precision(contender):
            contender.job.step(batch, **contender.job.players)

    return step


def _precision(contender: Contender) -> torch.autocast | nullcontext:
    return half_precision(pick_device()) if contender.ours else nullcontext()
