"""The long experiments whose results are stored: each measures one seed."""

import torch

from course_lib.data import load, stream
from course_lib.data.impostors import blurry, noisy
from course_lib.metrics import (
    frechet_distance,
    kernel_distance,
    precision_recall,
    sharpness,
    usual_features,
)
from course_lib.recipes import FAMILIES, digit_recipe
from course_lib.runtime import generator, noise
from course_lib.training import fit


def digits(seed: int) -> dict:
    """Train the three digit recipes and measure each against all test pictures: a minute or two.

    Returns:
        {family: {kernel, frechet, precision, recall}}, in the features usual for digits.
    """
    data = load("digits")
    n, features = len(data.test.x), usual_features(load("digits", "cpu"))
    real, found = features.embed(data.test.x.cpu()), {}
    for family in FAMILIES:
        recipe = digit_recipe(family, seed)
        fit(recipe.step, stream(data.train, 64, seed), recipe.n_steps, **recipe.players)
        fake = features.embed(recipe.draw(noise(n, 64, seed=seed)).cpu())
        precision, recall = precision_recall(fake, real)
        found[family] = {
            "kernel": kernel_distance(fake, real),
            "frechet": frechet_distance(fake, real),
            "precision": precision,
            "recall": recall,
        }
    return found


def photographs(seed: int) -> dict:
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


SEEDS = (0, 1, 2, 3, 4)
EXPERIMENTS = {"digits": digits, "photographs": photographs}
