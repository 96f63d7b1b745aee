"""Work for an inspector: products with a fault whose place is known, and pictures of no product.

The faults of `catalog_pairs.damage` are three; the fourth, a foreign object, is drawn here. The
wrong pictures are those that a camera takes when something else goes wrong. Letters: N pictures,
S = 32 pixels per side.
"""

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from course_lib.data.catalog_factors import Factors
from course_lib.data.catalog_paint import SIDE, backdrop, lamplight
from course_lib.data.catalog_pairs import DEFECTS, Damaged, damage
from course_lib.data.digits import read as read_digits
from course_lib.data.impostors import blurry
from course_lib.runtime import generator

FAULTS = (*DEFECTS, "foreign object")


def faulty(x: Tensor, factors: Factors, fault: str, seed: int) -> Damaged:
    """Add a fault to each picture (N, 3, S, S); the mask is 1 where a pixel changed.

    Args:
        x: render(factors).
        factors: what the pictures show.
        fault: one of FAULTS. A foreign object is a grey ball, which may lie anywhere.
        seed: decides where; the first m of n are the m drawn with the same seed.

    Raises:
        ValueError: if there is no fault of that name.
    """
    if fault not in FAULTS:
        raise ValueError(f"{fault!r} is not a fault: choose one of {', '.join(FAULTS)}")
    if fault != "foreign object":
        return damage(x, factors, fault, seed)
    chance = torch.from_numpy(np.random.RandomState(seed).random_sample((len(x), 3))).float()
    right, down, size = chance.to(x.device)[:, :, None, None, None].unbind(1)
    radius = 2.0 + size  # pixels
    place = torch.arange(SIDE, device=x.device)
    across = place - (4 + (SIDE - 9) * right)  # (N, 1, 1, S), whole balls only
    along = place[:, None] - (4 + (SIDE - 9) * down)
    distance = (across.square() + along.square()).sqrt()  # (N, 1, S, S)
    share = (radius + 0.5 - distance).clamp(0, 1)
    shade = 0.1 - 0.35 * (across + along) / radius / 2  # lit from the upper left
    found = (x + share * (shade.clamp(-1, 1) - x)).clamp(-1, 1)
    return Damaged(found, (found != x).any(1, keepdim=True).float())


def wrong_pictures(x: Tensor, factors: Factors, seed: int) -> dict[str, Tensor]:
    """Return pictures (N, 3, S, S) that no customer should see, by what went wrong.

    "out of focus" blurs the products, "empty table" has the backdrop and no product, "grey card" is
    one shade all over, "digits" are handwritten ones, enlarged, and "static" is noise.
    """
    n, draw = len(x), generator(seed)
    digits = read_digits().test.x
    chosen = torch.randint(len(digits), (n,), generator=draw)
    large = F.interpolate(digits[chosen], size=SIDE, mode="bilinear").expand(-1, 3, -1, -1)
    grey = torch.rand(n, 1, 1, 1, generator=draw) - 0.5
    static = torch.randn(n, 3, SIDE, SIDE, generator=draw)
    table = 2 * (backdrop(factors)[:, :, None, None] * lamplight(factors)).clamp(0, 1) - 1
    return {
        "out of focus": blurry(x, 1.0),
        "empty table": table.expand(-1, -1, SIDE, -1),
        "grey card": grey.expand(-1, 3, SIDE, SIDE).to(x.device),
        "digits": large.to(x.device),
        "static": static.clamp(-1, 1).to(x.device),
    }
