"""Held-out photographs and two impostors made of them, each measured against test photographs."""

import torch

from course_lib.data import load
from course_lib.data.impostors import blurry, noisy
from course_lib.metrics import kernel_distance, sharpness, usual_features
from course_lib.runtime import generator


def measure(seed: int) -> dict:
    """Measure held-out photographs, and two impostors made of them, against test photographs.

    Returns:
        {who: {kernel, sharpness}} at n = 2,048, in the classifier's features.
    """
    data, n = load("fashion", "cpu"), 2048
    features = usual_features(data)
    unseen, test = (
        split.x[torch.randperm(len(split.x), generator=generator(seed))[:n]]
        for split in (data.validation, data.test)
    )
    real = features.embed(test)
    sets = {"real": unseen, "blurry": blurry(unseen), "noisy": noisy(unseen, seed=seed)}
    return {
        who: {
            "kernel": kernel_distance(features.embed(x), real),
            "sharpness": sharpness(x, test),
        }
        for who, x in sets.items()
    }
