"""The silhouettes of the catalog: twelve things that a shop would sell, as distances.

A shape is drawn by saying, for every point, how far it is from the edge: negative inside, positive
outside. Union is then min, cutting out is max with the opposite, a line is a small distance to a
curve; and the distance, in pixels, says how much of an edge pixel is covered. The technique is that
of Inigo Quilez, https://iquilezles.org/articles/distfunctions2d/.

Points (x, y) have any shape. x grows to the right and y upwards; each thing fits in a circle of
radius 1.22 around (0, 0). The names stand in the order of their labels.
"""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor


class Parts(NamedTuple):
    """Distances to the parts of a thing, all of one shape; NOTHING where there is none."""

    behind: Tensor  # handles, legs, stands: a darker tone, partly hidden by the body
    body: Tensor  # carries the pattern
    front: Tensor  # belts, collars, hands: a darker tone, on top of the body


def _disc(x: Tensor, y: Tensor, cx: float, cy: float, radius: float) -> Tensor:
    return ((x - cx).square() + (y - cy).square()).sqrt() - radius


def _box(x: Tensor, y: Tensor, left: float, right: float, low: float, high: float, r=0.0) -> Tensor:
    """Return the distance to a rectangle whose corners are rounded with radius r."""
    dx = (x - (left + right) / 2).abs() - ((right - left) / 2 - r)
    dy = (y - (low + high) / 2).abs() - ((high - low) / 2 - r)
    outside = (dx.clamp(min=0).square() + dy.clamp(min=0).square()).sqrt()
    return outside + torch.maximum(dx, dy).clamp(max=0) - r


def _rod(x: Tensor, y: Tensor, ax: float, ay: float, bx: float, by: float, r: float) -> Tensor:
    """Return the distance to a line from a to b, of half-width r, with round ends."""
    ex, ey = bx - ax, by - ay
    along = (((x - ax) * ex + (y - ay) * ey) / (ex * ex + ey * ey)).clamp(0, 1)
    return ((x - ax - along * ex).square() + (y - ay - along * ey).square()).sqrt() - r


def _polygon(x: Tensor, y: Tensor, *corners: tuple[float, float], r: float = 0.0) -> Tensor:
    """Return the distance to a convex polygon, corners clockwise, grown by r."""
    edges = []
    for (ax, ay), (bx, by) in zip(corners, corners[1:] + corners[:1], strict=True):
        length = ((bx - ax) ** 2 + (by - ay) ** 2) ** 0.5
        edges.append((x - ax) * ((ay - by) / length) + (y - ay) * ((bx - ax) / length))
    return _all(*edges) - r


def _any(*distances: Tensor) -> Tensor:
    nearest = distances[0]
    for distance in distances[1:]:
        nearest = torch.minimum(nearest, distance)
    return nearest


def _all(*distances: Tensor) -> Tensor:
    farthest = distances[0]
    for distance in distances[1:]:
        farthest = torch.maximum(farthest, distance)
    return farthest


def _nothing(x: Tensor) -> Tensor:
    return torch.full_like(x, 9.0)


def _t_shirt(x: Tensor, y: Tensor) -> Parts:
    side = x.abs()
    torso = _box(side, y, -0.56, 0.56, -0.92, 0.8, 0.06)
    sleeve = _polygon(side, y, (0.2, 0.84), (0.58, 0.74), (1.02, 0.2), (0.74, -0.02), (0.3, 0.3))
    neck = _disc(x, y, 0, 0.92, 0.29)
    body = _all(_any(torso, sleeve), -neck)
    return Parts(_nothing(x), body, _all(body, neck - 0.13))


def _trousers(x: Tensor, y: Tensor) -> Parts:
    side = x.abs()
    leg = _polygon(side, y, (-0.13, 0.96), (0.54, 0.96), (0.68, -0.96), (0.19, -0.96))
    belt = _box(x, y, -0.56, 0.56, 0.78, 0.96)
    return Parts(_nothing(x), leg, _all(belt, leg))


def _dress(x: Tensor, y: Tensor) -> Parts:
    side = x.abs()
    top = _polygon(side, y, (-0.4, 0.84), (0.4, 0.84), (0.26, 0.14), (-0.4, 0.14))
    skirt = _polygon(side, y, (-0.4, 0.2), (0.26, 0.2), (0.76, -0.9), (-0.4, -0.9))
    strap = _box(side, y, 0.2, 0.36, 0.5, 1.02)
    neck = _disc(x, y, 0, 0.92, 0.2)
    belt = _box(x, y, -0.29, 0.29, 0.08, 0.24)
    return Parts(_nothing(x), _all(_any(top, skirt, strap), -neck), belt)


def _boot(x: Tensor, y: Tensor) -> Parts:
    shaft = _box(x, y, -0.6, 0.1, -0.7, 0.92, 0.08)
    foot = _box(x, y, -0.6, 0.8, -0.76, -0.12, 0.3)
    heel = _box(x, y, -0.6, 0.0, -0.76, -0.4, 0.04)
    sole = _any(_box(x, y, -0.64, 0.84, -0.86, -0.68, 0.06), _box(x, y, -0.64, -0.2, -0.98, -0.74))
    return Parts(sole, _any(shaft, foot, heel), _box(x, y, -0.66, 0.16, 0.72, 0.96, 0.06))


def _hat(x: Tensor, y: Tensor) -> Parts:
    crown = _box(x, y, -0.58, 0.58, -0.5, 0.66, 0.4)
    drop = y + 0.14 * x.square()
    brim = _rod(x, drop, -0.85, -0.36, 0.85, -0.36, 0.17)
    band = _all(crown, (drop + 0.1).abs() - 0.1)
    return Parts(_nothing(x), _any(_all(crown, -0.4 - y), brim), band)


def _bag(x: Tensor, y: Tensor) -> Parts:
    body = _polygon(x.abs(), y, (-0.5, 0.2), (0.64, 0.2), (0.76, -0.8), (-0.5, -0.8), r=0.06)
    handle = (_box(x, y, -0.4, 0.4, -0.3, 0.86, 0.38)).abs() - 0.085
    return Parts(handle, body, _box(x, y, -0.15, 0.15, -0.16, 0.14, 0.03))


def _umbrella(x: Tensor, y: Tensor) -> Parts:
    dome = _all(_disc(x, y, 0, -0.1, 1.04), -0.1 - y)
    scallops = _any(_disc(x.abs(), y, 0.69, -0.22, 0.36), _disc(x, y, 0, -0.22, 0.36))
    tip = _box(x, y, -0.06, 0.06, 0.8, 1.1)
    hook = _all(_disc(x, y, 0.19, -0.84, 0.19).abs() - 0.07, y + 0.84)
    stick = _any(_box(x, y, -0.07, 0.07, -0.84, 0.4), tip, hook)
    return Parts(stick, _all(dome, -scallops), _nothing(x))


def _mug(x: Tensor, y: Tensor) -> Parts:
    body = _box(x, y, -0.82, 0.42, -0.82, 0.78, 0.16)
    handle = _box(x, y, 0.0, 0.9, -0.46, 0.44, 0.3).abs() - 0.1
    rim = _disc(x + 0.2, 4.0 * (y - 0.66), 0, 0, 0.52) / 2
    return Parts(handle, body, rim)


def _bottle(x: Tensor, y: Tensor) -> Parts:
    belly = _box(x, y, -0.46, 0.46, -1.06, 0.22, 0.2)
    shoulder = _polygon(x.abs(), y, (-0.2, 0.56), (0.16, 0.56), (0.44, 0.06), (-0.2, 0.06))
    neck = _box(x, y, -0.17, 0.17, 0.0, 0.96)
    return Parts(_nothing(x), _any(belly, shoulder, neck), _box(x, y, -0.22, 0.22, 0.82, 1.1, 0.04))


def _lamp(x: Tensor, y: Tensor) -> Parts:
    shade = _polygon(x.abs(), y, (-0.4, 1.0), (0.44, 1.0), (0.88, -0.08), (-0.4, -0.08))
    foot = _all(_disc(x, y, 0, -1.24, 0.5), -1.02 - y)
    return Parts(_any(_box(x, y, -0.1, 0.1, -0.9, 0.3), foot), shade, _nothing(x))


def _armchair(x: Tensor, y: Tensor) -> Parts:
    side = x.abs()
    back = _box(x, y, -0.64, 0.64, -0.6, 0.94, 0.24)
    arm = _box(side, y, 0.56, 0.96, -0.7, 0.22, 0.18)
    seat = _box(x, y, -0.7, 0.7, -0.7, -0.18)
    legs = _box(side, y, 0.58, 0.78, -0.92, -0.6)
    gap = _any(_box(x, y, -0.56, 0.56, -0.3, -0.2), _box(side, y, 0.52, 0.6, -0.7, 0.0))
    return Parts(legs, _any(back, arm, seat), gap)


def _clock(x: Tensor, y: Tensor) -> Parts:
    side = x.abs()
    bell = _disc(side, y, 0.54, 0.64, 0.28)
    foot = _rod(side, y, 0.4, -0.6, 0.58, -0.87, 0.1)
    hands = _any(_rod(x, y, 0, -0.1, 0, 0.4, 0.08), _rod(x, y, 0, -0.1, 0.34, -0.1, 0.08))
    return Parts(_any(bell, foot), _disc(x, y, 0, -0.1, 0.78), hands)


SHAPES: dict[str, Callable[[Tensor, Tensor], Parts]] = {
    "T-shirt": _t_shirt,
    "trousers": _trousers,
    "dress": _dress,
    "boot": _boot,
    "hat": _hat,
    "bag": _bag,
    "umbrella": _umbrella,
    "mug": _mug,
    "bottle": _bottle,
    "lamp": _lamp,
    "armchair": _armchair,
    "clock": _clock,
}
MIDDLES = (
    0.0,
    0.0,
    -0.1,
    0.0,
    0.0,
    -0.3,
    0.4,
    0.0,
    -0.2,
    0.4,
    0.0,
    -0.1,
)  # y of each body's middle
