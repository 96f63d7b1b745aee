"""The three digit recipes, each measured against all test pictures."""

from course_lib.data import load, stream
from course_lib.metrics import frechet_distance, kernel_distance, precision_recall, usual_features
from course_lib.recipes import FAMILIES, digit_recipe
from course_lib.runtime import noise
from course_lib.training import fit


def measure(seed: int) -> dict:
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
