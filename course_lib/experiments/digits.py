"""The three digit recipes, trained for about the same time, each measured in every way."""

from course_lib.data import load, stream
from course_lib.metrics import measure as measure_pictures
from course_lib.metrics import usual_features, yardstick
from course_lib.recipes import FAMILIES, digit_recipe
from course_lib.runtime import noise
from course_lib.training import fit


def measure(seed: int) -> dict:
    """Train the three digit recipes and measure 350 pictures of each: a minute or two.

    Returns:
        {family: {number: value}}, the numbers of `course_lib.metrics.measure`, in the features
        usual for digits. `duplicates` counts pairs. "real" are held-out digits: the floor.
    """
    data = load("digits")
    against = yardstick(load("digits", "cpu"), usual_features(load("digits", "cpu")), n=350)
    found = {"real": {name: number.value for name, number in against.floor.items()}}
    for family in FAMILIES:
        recipe = digit_recipe(family, seed)
        fit(recipe.step, stream(data.train, 64, seed), recipe.n_steps, **recipe.players)
        numbers = measure_pictures(recipe.draw(noise(350, 64, seed=seed)).cpu(), against).numbers
        found[family] = {name: number.value for name, number in numbers.items()}
    return found
