"""The loop of a long run: it watches the clock, anneals, saves, and stops when asked to."""

import math
import signal
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import torch
from torch import nn
from tqdm.auto import tqdm

from course_lib.recipes.jobs import Job
from course_lib.runs.state import load_state, save_state
from course_lib.runs.workers import Workers
from course_lib.runtime import half_precision, pick_device

WARM_UP = 0.02  # share of a run in which the learning rates rise


class Outcome(NamedTuple):
    """How a run ended."""

    finished: bool  # False if it was asked to stop; then it can be resumed
    steps: int
    seconds: float  # of training, all sittings together
    processor: float  # seconds of processors at work, all threads together
    losses: dict[str, list[float]]  # name to the mean over each hundredth of the run


def train(
    job: Job,
    folder: Path,
    seed: int = 0,
    n_steps: int | None = None,
    seconds: float | None = None,
    resume: bool = False,
    save_every: float = 60.0,
    say: Callable[[str], None] = print,
) -> Outcome:
    """Train a job for a number of steps, or of seconds, with its state kept in folder/resume.

    The learning rates rise over the first 2 % of the run and fall to 0 along a half cosine. With
    a number of steps, a run stopped and resumed ends with the very weights of one that was not
    (on the CPU, with the same number of threads). Several workers (see `Workers`) all call this;
    the first of them writes.

    Args:
        job: what to train; its players are changed in place.
        folder: where to keep the state; job.model is not written here, the caller does that.
        seed: decides the order of the batches.
        n_steps: the length of the run; by default that of the job, unless seconds are given.
        seconds: the length of the run in seconds of training, fractions allowed.
        resume: go on from the state in the folder.
        save_every: seconds between two savings of the state.
        say: told in one line how the run is going, whenever its state is saved.

    Raises:
        FileNotFoundError, ValueError: if there is nothing to resume, or it is of another run.
        ConnectionError: if another worker is gone; the last state saved can be resumed.
    """
    workers = Workers()
    if seconds is None:
        n_steps = job.n_steps if n_steps is None else n_steps
    path = Path(folder) / "resume" / "state.safetensors"
    done, spent, worked, losses = 0, 0.0, 0.0, defaultdict(list)
    if resume:
        kept = load_state(path, job.players)
        if kept["seed"] != seed:
            raise ValueError(f"{path} belongs to a run with seed {kept['seed']}, not {seed}")
        done, spent, worked = kept["steps"], kept["seconds"], kept["processor"]
        losses.update(kept["losses"])
    batches = workers.own(job.batches(seed, done * workers.count))
    rates = _rates(job.players)
    workers.part_ways(seed, done)
    workers.average_gradients(job.players)
    for player in job.players.values():
        if isinstance(player, nn.Module):
            player.train()
    began, saved = time.monotonic() - spent, time.monotonic()
    work_began = time.process_time() - worked
    total, unit = (n_steps, "step") if seconds is None else (round(seconds), "s")
    device, sums = pick_device(), _Means(losses, workers)

    def keep() -> None:
        if workers.writes:
            progress = {"seed": seed, "steps": done, "seconds": spent, "processor": worked}
            save_state(path, job.players, progress | {"losses": losses})

    def tell(line: str) -> None:
        if workers.writes:
            say(line)

    if workers.count > 1:
        keep()  # more of them can be lost, and earlier
    silent = None if workers.writes else True
    with _asked_to_stop() as asked, tqdm(total=total, unit=unit, disable=silent) as bar:
        tell(f"Training into {folder}, from step {done}; Ctrl-C stops and saves")
        while True:
            spent, worked = time.monotonic() - began, time.process_time() - work_began
            part = (done + 1) / (n_steps + 1) if seconds is None else spent / seconds
            part, stop = workers.agree(part, bool(asked))
            if part >= 1 or stop:
                break
            for group, rate in rates:
                group["lr"] = rate * annealed(part)
            with half_precision(device):
                sums.add(job.step(next(batches), **job.players), part)
            done += 1
            bar.update((done if seconds is None else int(spent)) - bar.n)
            if time.monotonic() - saved > save_every:
                keep()
                tell(f"{part:6.1%}  {done} steps, {spent:.0f} s, {sums.latest()}")
                saved = time.monotonic()
    sums.close()
    keep()
    return Outcome(part >= 1, done, spent, worked, dict(losses))


def annealed(part: float) -> float:
    """Return the share of the full learning rate after a part of the run, both in [0, 1]."""
    return min(1.0, part / WARM_UP) * (1 + math.cos(math.pi * part)) / 2


def _rates(players: dict) -> list[tuple[dict, float]]:
    """Return every group of weights of every optimizer with its full learning rate."""
    optimizers = (p for p in players.values() if isinstance(p, torch.optim.Optimizer))
    return [
        (group, group.setdefault("initial_lr", group["lr"]))
        for optimizer in optimizers
        for group in optimizer.param_groups
    ]


class _Means:
    """Averages of what the steps report, one for each hundredth of the run."""

    def __init__(self, losses: dict[str, list[float]], workers: Workers):
        self.losses, self.waiting, self.hundredth = losses, defaultdict(list), 0
        self.workers = workers

    def add(self, values: dict[str, torch.Tensor], part: float) -> None:
        """Take in what one step reported, after that part of the run."""
        if int(100 * part) > self.hundredth:
            self.close()
            self.hundredth = int(100 * part)
        for name, value in values.items():
            self.waiting[name].append(value.detach().float())

    def close(self) -> None:
        """Average what has been waiting since the last hundredth."""
        for name, values in self.waiting.items():
            self.losses[name].append(round(self.workers.mean(torch.stack(values).mean()).item(), 5))
        self.waiting.clear()

    def latest(self) -> str:
        """Say the newest averages in words."""
        return ", ".join(f"{name} {values[-1]:.4g}" for name, values in self.losses.items())


@contextmanager
def _asked_to_stop() -> Iterator[list]:
    """Lend a list that is no longer empty once Ctrl-C or a polite kill asks the run to stop.

    The step under way is finished first, so that what is saved is never half of one.
    """
    asked: list[int] = []
    names = (signal.SIGINT, signal.SIGTERM)
    before = {name: signal.signal(name, lambda number, _: asked.append(number)) for name in names}
    try:
        yield asked
    finally:
        for name, handler in before.items():
            signal.signal(name, handler)
