"""`make reference`: the weights of the course, trained, measured, and put in their place.

It can be stopped at any moment and run again: finished runs are kept, a stopped one goes on.
"""

import argparse
import hashlib
from pathlib import Path

import torch

from course_lib.checkpoints import load, read_card, save
from course_lib.commands.train import rounded, say, train_command
from course_lib.data import load as load_data
from course_lib.data.catalog import split_factors
from course_lib.data.npz import as_bytes, from_bytes
from course_lib.judges import WEIGHTS, read_pictures
from course_lib.metrics import catalog_truth, measure, usual_features, yardstick
from course_lib.painters import NETWORKS, Painter, load_painter, paint

N_SAMPLES = 5_000
GUIDED = {  # measured beside guidance 1; chosen on validation pictures
    "diffusion-fashion": {
        "n_steps": 40,
        "guidance": 2.3,
        "between": (-1.5, 3.0),
        "contrast": 1.02,
    }
}
JOBS = [f"{family}-{data}" for data in ("fashion", "catalog") for family in NETWORKS]


def reference_command(given: argparse.Namespace) -> int:
    """Train, measure and place each of the named jobs, one after the other."""
    for name in given.names or JOBS:
        if name not in JOBS:
            raise ValueError(f"unknown job {name!r}: choose from {', '.join(JOBS)}")
    for name in given.names or JOBS:
        family, data = name.split("-")
        folder = Path("runs") / "reference" / name
        weights = folder / "weights.safetensors"
        if not weights.is_file():
            resume = (folder / "resume" / "state.safetensors").is_file()
            words = {"what": family, "data": data, "seed": 0, "steps": None, "seconds": None}
            words["compile"] = given.compile
            run = argparse.Namespace(**words, out=folder, resume=resume)
            if (code := train_command(run)) != 0:
                return code
        say(f"Measuring {name}")
        place(family, data, weights)
    return 0


def place(family: str, data: str, weights: Path, n: int = N_SAMPLES) -> Path:
    """Measure trained weights, add the scores to their card, and put both into the package."""
    painter, card = load_painter(family, data, weights), read_card(weights)
    scores = rounded(mark_painter(painter, n))
    model = NETWORKS[family](**card["config"])
    load(model, weights)
    card = {**card, "scores": scores, "data hash": data_hash(data)}
    if how := GUIDED.get(f"{family}-{data}"):
        card["scores guided"] = how | rounded(mark_painter(painter, n, **how))
    return save(model, WEIGHTS / f"{family}_{data}.safetensors", card, torch.float16)


def mark_painter(painter: Painter, n: int, **how) -> dict:
    """Measure n pictures in every way, beside the floor: as a file holds them, on 256 levels.

    Args:
        painter: who paints.
        n: how many.
        how: what else to tell `paint`.
    """
    data = load_data(painter.data, "cpu")
    n = min(n, len(data.validation.x), len(data.test.x))
    x = from_bytes(as_bytes(paint(painter, n, seed=1, **how)))
    found = measure(x, yardstick(data, usual_features(data), n))
    scores = {"n": n, "features": found.features, "seed": 1}
    for name, number in found.numbers.items():
        scores[name] = {"value, low, high": list(number), "floor": found.floor[name].value}
    if painter.data == "catalog":
        reading = read_pictures(x)
        truth = catalog_truth(reading.words, reading.valid)
        scores["valid"] = {"value, low, high": list(truth.valid)}
        for name in ("kinds", "colours", "patterns"):
            variety = getattr(truth, name)
            scores[name] = f"{variety.found} of {variety.possible}"
    return scores


def data_hash(data: str) -> str:
    """Return the SHA-256 of what a model was trained on: pictures, or what decides them."""
    if data == "catalog":  # pixels may differ in the last bit from machine to machine
        return hashlib.sha256(torch.stack(split_factors("train")[:5]).numpy().tobytes()).hexdigest()
    return hashlib.sha256(as_bytes(load_data(data, "cpu").train.x).numpy().tobytes()).hexdigest()
