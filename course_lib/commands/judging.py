"""How good the judges are: what their cards say, measured on pictures they did not learn from."""

import torch
from torch import Tensor

from course_lib.data import load
from course_lib.data.catalog import SPLITS, catalog_split, split_factors
from course_lib.data.catalog_spoiled import spoil
from course_lib.judges import answers, calibrate, calibration_error, read_pictures, tame_features
from course_lib.models import Judge
from course_lib.runtime import noise


def mark_recogniser(judge: Judge) -> dict:
    """Calibrate a recogniser on the validation split and return its scores on the others."""
    tame_features(judge, catalog_split("validation").x[:1000])
    x, label = hard_pictures("validation")
    scores = {"temperatures": calibrate(judge, x, label)}
    for split in ("test", "held_out"):
        truth = torch.stack(split_factors(split)[:5], dim=1)
        reading = read_pictures(catalog_split(split).x, judge)
        right = torch.stack(reading.words, dim=1) == truth
        names = reading.words._fields
        scores[split] = {
            "n": len(truth),
            **dict(zip(names, right.float().mean(0).tolist(), strict=True)),
            "all five": right.all(1).float().mean().item(),
            "taken for valid": reading.valid.float().mean().item(),
        }
    x, label = hard_pictures("test")
    reading = read_pictures(x, judge)
    asked = label[:, 0] >= 0
    right = (torch.stack(reading.words, dim=1) == label[:, :5])[asked]
    scores["hard pictures"] = {
        "n": len(x),
        "right answers": right.float().mean().item(),
        "calibration error": calibration_error(
            reading.confidence[asked].flatten(), right.flatten()
        ),
        "valid taken for valid": reading.valid[label[:, 5] == 1].float().mean().item(),
        "spoiled taken for valid": reading.valid[label[:, 5] == 0].float().mean().item(),
    }
    return scores


def hard_pictures(split: str) -> tuple[Tensor, Tensor]:
    """Return a split with a third of its pictures spoiled and a third under noise, and labels.

    The noise goes from none to so much that the words can only be guessed; whether such a picture
    is still a valid one is not asked.
    """
    x = catalog_split(split).x
    n, seed = len(x), SPLITS[split][1]
    label = torch.stack([*split_factors(split)[:5], torch.ones(n, dtype=torch.int64)], dim=1)
    third = n // 3
    x[:third], label[:third] = spoil(x[:third], seed), torch.tensor([-1] * 5 + [0])
    strength = torch.linspace(0, 1, third)[:, None, None, None]
    x[-third:] += strength * noise(third, 3, 32, 32, seed=seed, device="cpu")
    label[-third:, 5] = -1
    return x.clamp(-1, 1), label


def mark_classifier(judge: Judge) -> dict:
    """Calibrate a classifier on the validation split and return its scores on the test split."""
    data = load("fashion", "cpu")
    scores = {"temperatures": calibrate(judge, data.validation.x, data.validation.label[:, None])}
    confidence, found = answers(judge, data.test.x)[0].max(dim=1)
    right = found == data.test.label
    scores["test"] = {
        "n": len(right),
        "accuracy": right.float().mean().item(),
        "calibration error": calibration_error(confidence, right),
    }
    return scores
