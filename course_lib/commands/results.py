"""`python -m course_lib results`: measure long experiments, seed by seed, and store them."""

import argparse
import shutil
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from course_lib.commands.train import rounded, say
from course_lib.experiments import CROWDS, EXPERIMENTS, FEWER, SEEDS
from course_lib.results import once, side_by_side, store


def results_command(given: argparse.Namespace) -> int:
    """Measure what was asked for, by default everything, and store it.

    Each finished seed, or part of a crowd's, waits in runs/results/NAME, so that a run that was
    stopped goes on there.
    """
    known = (*EXPERIMENTS, *CROWDS)
    unknown = [name for name in given.names if name not in known]
    if unknown:
        raise ValueError(f"unknown experiment {unknown[0]!r}: choose among {', '.join(known)}")
    for name in given.names or known:
        waiting = Path("runs") / "results" / name
        seeds = CROWDS[name].SEEDS if name in CROWDS else FEWER.get(name, SEEDS)
        values = _by_part(name, waiting) if name in CROWDS else _by_seed(name, seeds, waiting)
        path = store(name, values, seeds)
        shutil.rmtree(waiting)  # the next run measures anew
        say(f"{name} is in {path}")
    return 0


def _by_seed(name: str, seeds: Sequence[int], waiting: Path) -> dict:
    runs = []
    for seed in seeds:
        say(f"{name}: seed {seed}")
        runs.append(once(waiting / f"{seed}.json", partial(_measured, EXPERIMENTS[name], seed)))
    return side_by_side(runs)


def _by_part(name: str, waiting: Path) -> dict:
    """Return what each part of an experiment found, for all its seeds at once."""
    found = {}
    for part in CROWDS[name].PARTS:
        say(f"{name}: {part}")
        file = waiting / f"{part.replace(' ', '_')}.json"
        found[part] = once(file, partial(_measured, CROWDS[name].measure, part))
    return found


def _measured(measure: Callable[..., dict], what: int | str) -> dict:
    return rounded(measure(what))
