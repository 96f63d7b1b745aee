"""Two further looks at `copying`, one seed each: products instead of digits, and more steps.

Products: 20 to 20,000 of them, shrunk to 16x16. Four neighbouring pixels lie on top of each other
as channels, so that the network for digits fits. More steps: 60 digits, four times as long.
"""

from functools import cache

import torch.nn.functional as F
from torch import Tensor

from course_lib.data import Batch, load
from course_lib.data.catalog import catalog_split
from course_lib.experiments import copying
from course_lib.experiments.copying import marks, some, taught
from course_lib.runtime import pick_device

SEEDS = (0,)
LONGER = "60 digits, four times the steps"
PARTS = ("20", "200", "2000", "20000", LONGER)
N_STEPS = 600  # for products


def measure(part: str) -> dict:
    """Train once and look for copies: 10 to 30 processor seconds.

    Args:
        part: LONGER, or how many products.

    Returns:
        What `copying.marks` returns, each a list over SEEDS.
    """
    found = []
    for seed in SEEDS:
        if part == LONGER:
            few, n_steps = some(load("digits").train, 60, seed), 4 * copying.N_STEPS
            held_out = load("digits").test.x
        else:
            few, n_steps = some(small("train", 20_000), int(part), seed), N_STEPS
            held_out = small("test", 1000).x
        found.append(marks(taught(few, seed, n_steps), few.x, held_out, seed))
    return {name: [one[name] for one in found] for name in found[0]}


@cache
def small(split: str, n: int) -> Batch:
    """Return the first n products of a split, shrunk and folded: (n, 12, 8, 8)."""
    full = catalog_split(split, n)
    return Batch(folded(F.avg_pool2d(full.x, 2)).to(pick_device()), full.label.to(pick_device()))


def folded(x: Tensor) -> Tensor:
    """Lay each 2x2 pixels on top of each other: (N, 3, 16, 16) -> (N, 12, 8, 8)."""
    return F.pixel_unshuffle(x, 2)


def unfolded(x: Tensor) -> Tensor:
    """Undo it: (N, 12, 8, 8) -> (N, 3, 16, 16)."""
    return F.pixel_shuffle(x, 2)
