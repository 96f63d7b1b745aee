"""`python -m course_lib train`: one network, from nothing to weights with a card."""

import argparse
import json
import shlex
from collections.abc import Callable
from pathlib import Path

import torch
from torch import nn

from course_lib.checkpoints import save
from course_lib.commands.judging import mark_classifier, mark_recogniser
from course_lib.recipes.jobs import Job
from course_lib.recipes.judges import judge_job
from course_lib.recipes.pictures import picture_job
from course_lib.runs import Workers, train
from course_lib.runtime import describe_machine

JUDGES = {"recogniser": ("catalog", mark_recogniser), "classifier": ("fashion", mark_classifier)}


def train_command(given: argparse.Namespace) -> int:
    """Train what was asked for; return 0, or 130 if it was stopped on the way."""
    workers = Workers()  # before anything is made, so that each makes it on a GPU of its own
    job, mark = _job(given)
    if given.compile:
        compile_networks(job.players)
    folder = given.out or Path("runs") / f"{given.what}-{given.data}"
    if not given.resume and _holds_stopped_run(folder):
        raise ValueError(f"{folder} holds a stopped run: go on with --resume, or say another --out")
    ended = train(job, folder, given.seed, given.steps, given.seconds, given.resume, say=say)
    if not ended.finished:
        print(f"Stopped after {ended.steps} steps; the same command with --resume goes on.")
        return 130
    if not workers.writes:
        return 0
    job.settle()
    scores = mark(job.model)
    card = {
        "made by": _command(given, workers.count),
        "data": given.data,
        "seed": given.seed,
        "config": job.config,
        "steps": ended.steps,
        "seconds": round(ended.seconds),
        "processor seconds": round(ended.processor),
        "machine": describe_machine(),
        "parameters": sum(p.numel() for p in job.model.parameters()),
        "scores": rounded(scores),
        "losses": ended.losses,
    }
    path = save(job.model, folder / "weights.safetensors", card, torch.float16)
    if scores:
        print(json.dumps(card["scores"], indent=2))
    print(f"The weights are in {path}, and what they are is said in {path.with_suffix('.json')}.")
    return 0


def _job(given: argparse.Namespace) -> tuple[Job, Callable[[nn.Module], dict]]:
    """Return what to train, and how to mark it afterwards."""
    if given.what not in JUDGES:
        return picture_job(given.what, given.data, given.seed), lambda model: {}
    data, mark = JUDGES[given.what]
    if given.data != data:
        raise ValueError(f"the {given.what} is trained on {data!r}, so say --data {data}")
    return judge_job(data, given.seed), mark


def compile_networks(players: dict) -> None:
    """Have torch.compile fuse the networks' small operations: a minute's wait, then faster steps.

    Raises:
        OSError: if there is no compiler that it can use.
    """
    try:
        torch.compile(torch.sin)(torch.ones(2))
    except Exception as error:  # each platform lacks a compiler in its own way
        raise OSError("--compile needs a C++ compiler: install one, or go without") from error
    for player in players.values():
        if isinstance(player, nn.Module):
            player.compile(dynamic=False)


def _holds_stopped_run(folder: Path) -> bool:
    state, weights = folder / "resume" / "state.safetensors", folder / "weights.safetensors"
    return state.is_file() and not weights.is_file()


def _command(given: argparse.Namespace, n_workers: int) -> str:
    """Return the command that makes these weights, however often it was stopped and resumed."""
    words = ["train", given.what, "--data", given.data, "--seed", given.seed]
    words += ["--steps", given.steps] if given.steps else []
    words += ["--seconds", given.seconds] if given.seconds else []
    words += ["--compile"] if given.compile else []
    launch = ["python"]
    if n_workers > 1:
        launch = ["accelerate", "launch", "--num_processes", str(n_workers)]
    return shlex.join([*launch, "-m", "course_lib", *map(str, words)])


def say(line: str) -> None:
    """Print a line at once, also into a log."""
    print(line, flush=True)


def rounded(value: object) -> object:
    """Return numbers, or what holds them, to five places: enough to compare, short to read."""
    if isinstance(value, dict):
        return {name: rounded(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [rounded(inner) for inner in value]
    return round(value, 5) if isinstance(value, float) else value
