"""The same question as in `copying`, for products: 20 to 20,000, shrunk to 16x16. One seed.

Four neighbouring pixels lie on top of each other as channels, so that the network for digits fits.
"""

from functools import cache

import torch.nn.functional as F
from torch import Tensor

from course_lib.data import Batch
from course_lib.data.catalog import catalog_split
from course_lib.experiments.copying import marks, some, taught
from course_lib.runtime import pick_device

SEEDS = (0,)
PARTS = ("20", "200", "2000", "20000")
N_STEPS = 1000


def measure(part: str) -> dict:
    """Train on so many products and look for copies: 15 to 20 processor seconds.

    Returns:
        What `copying.marks` returns, each a list over SEEDS.
    """
    found = []
    for seed in SEEDS:
        few = some(small("train", 20_000), int(part), seed)
        model = taught(few, seed, N_STEPS)
        found.append(marks(model, few.x, small("test", 1000).x, seed))
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
