"""`python -m course_lib results`: measure long experiments, seed by seed, and store them."""

import argparse
import shutil
from functools import partial
from pathlib import Path

from course_lib.commands.train import rounded, say
from course_lib.experiments import EXPERIMENTS, SEEDS
from course_lib.results import once, side_by_side, store


def results_command(given: argparse.Namespace) -> int:
    """Measure what was asked for, by default everything, and store it.

    Each finished seed waits in runs/results/NAME, so that a run that was stopped goes on there.
    """
    unknown = [name for name in given.names if name not in EXPERIMENTS]
    if unknown:
        raise ValueError(
            f"unknown experiment {unknown[0]!r}: choose among {', '.join(EXPERIMENTS)}"
        )
    for name in given.names or EXPERIMENTS:
        waiting = Path("runs") / "results" / name
        runs = []
        for seed in SEEDS:
            say(f"{name}: seed {seed}")
            runs.append(once(waiting / f"{seed}.json", partial(_measured, name, seed)))
        path = store(name, side_by_side(runs), SEEDS)
        shutil.rmtree(waiting)  # the next run measures anew
        say(f"{name} is in {path}")
    return 0


def _measured(name: str, seed: int) -> dict:
    return rounded(EXPERIMENTS[name](seed))
