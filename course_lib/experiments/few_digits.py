"""Who copies when there is little to learn from? Each family on 20 and on 200 digits.

The rule of claim 2, written before the first run: a model copies if 5 % or more of its pictures
are nearer to a training picture than 99 % of held-out digits are. What they do with all 1,097
digits is measured in `digits`.
"""

import torch

from course_lib.data import Batch, Dataset, load, stream
from course_lib.metrics import novelty
from course_lib.recipes import FAMILIES, digit_recipe
from course_lib.runtime import generator, noise
from course_lib.training import fit

SIZES, BATCH = (20, 200), 64  # digits to learn from, and at a time


def measure(seed: int, sizes: tuple[int, ...] = SIZES) -> dict:
    """Train each digit recipe, as it is, on few digits: about 90 processor seconds.

    The held-out digits are compared with the same few, so that they too lie further away.

    Args:
        seed: decides which digits, all weights and all draws.
        sizes: some are enough for a live look.

    Returns:
        {digits to learn from: {family: {copies, novelty}}} of 350 pictures each; `novelty` is the
        median distance to the nearest training digit, as a multiple of that of held-out digits.
    """
    data = load("digits")
    return {
        str(size): {family: _copies(family, data, size, seed) for family in FAMILIES}
        for size in sizes
    }


def draw_after(family: str, train: Batch, seed: int, n: int) -> torch.Tensor:
    """Train a digit recipe on these digits and return n pictures of it, (n, 1, 8, 8), CPU."""
    recipe = digit_recipe(family, seed)
    times = -(-BATCH // len(train.x))  # of fewer digits than a batch holds, some come twice in it
    often = Batch(train.x.repeat(times, 1, 1, 1), train.label.repeat(times))
    fit(recipe.step, stream(often, BATCH, seed), recipe.n_steps, **recipe.players)
    return recipe.draw(noise(n, 64, seed=100 + seed)).cpu()


def some_digits(train: Batch, size: int, seed: int) -> Batch:
    """Return so many of the digits, chosen by the seed."""
    chosen = torch.randperm(len(train.x), generator=generator(seed))[:size].to(train.x.device)
    return Batch(train.x[chosen], train.label[chosen])


def _copies(family: str, data: Dataset, size: int, seed: int) -> dict[str, float]:
    few = some_digits(data.train, size, seed)
    made = draw_after(family, few, seed, n=350)
    found = novelty(made, few.x.cpu(), data.test.x.cpu())
    return {"copies": found.copies, "novelty": found.ratio}
