"""From factors to pictures: patterns, paints and light, batched over pictures of one kind.

Letters: N pictures, S = 32 pixels per side. Lengths are in pixels unless said otherwise.
"""

from collections.abc import Callable
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from course_lib.data.catalog_factors import Factors, select
from course_lib.data.catalog_shapes import MIDDLES, SHAPES
from course_lib.data.catalog_words import KINDS

SIDE = 32
CHUNK = 256  # pictures at a time: what fits in a processor's cache
UNIT = 12.5  # pixels: a thing's length 1, at full size
SCALES = ((0.74, 0.80), (0.94, 1.0))  # of small and large things; the gap keeps the names true
TILT_DEGREES = ((14.0, 22.0), (-4.0, 4.0), (-22.0, -14.0))  # anticlockwise
MARGIN = 1.0  # how far from the middle of the picture a thing may stand, either way
SPACING = (4.4, 5.6)  # from one stripe to the next
# Red, green, blue in [0, 1] of each colour, and of its trimmings.
MAIN = (
    (0.84, 0.13, 0.15), (0.96, 0.50, 0.08), (0.98, 0.80, 0.10), (0.16, 0.60, 0.27),
    (0.12, 0.37, 0.80), (0.49, 0.22, 0.67), (0.96, 0.47, 0.68), (0.17, 0.17, 0.20),
)  # fmt: skip
TRIM = (
    (0.48, 0.05, 0.09), (0.62, 0.27, 0.03), (0.66, 0.48, 0.02), (0.06, 0.35, 0.16),
    (0.05, 0.17, 0.47), (0.28, 0.09, 0.43), (0.67, 0.20, 0.42), (0.44, 0.44, 0.48),
)  # fmt: skip
CREAM = (0.99, 0.97, 0.92)


class Scene(NamedTuple):
    """N things of one kind before they are painted: (N, S, S) each, shares in [0, 1]."""

    behind: Tensor
    body: Tensor
    front: Tensor
    thing: Tensor  # how much of each pixel the thing covers
    lines: Tensor  # how much of each pixel a drawn outline covers
    light_tone: Tensor  # how much of the pattern's second tone lies at each place
    shadow: Tensor  # how much of the thing's shadow falls there


def render(factors: Factors) -> Tensor:
    """Draw the pictures, (N, 3, S, S) in [-1, 1], on the device of the factors."""
    return draw(factors, paint, channels=3)


def draw(factors: Factors, brush: Callable[[Factors, Scene], Tensor], channels: int) -> Tensor:
    """Let the brush turn factors and scenes of one kind into (n, C, S, S), a chunk at a time."""
    canvas = torch.empty(len(factors.kind), channels, SIDE, SIDE, device=factors.kind.device)
    n_threads = torch.get_num_threads()
    torch.set_num_threads(1)  # tensors this small only wait when several threads share them
    try:
        for kind in range(len(KINDS)):
            members = (factors.kind == kind).nonzero().flatten()
            for index in members.split(CHUNK):
                some = select(factors, index)
                canvas[index] = brush(some, _scene(some, kind))
    finally:
        torch.set_num_threads(n_threads)
    return canvas


def _between(share: Tensor, ranges: tuple[tuple[float, float], ...], choice: Tensor) -> Tensor:
    """Return for each choice the place in its range that share in [-1, 1] points to."""
    low, high = torch.tensor(ranges, device=share.device).T[:, choice]
    return low + (high - low) * (share + 1) / 2


def _place(factors: Factors) -> tuple[Tensor, Tensor, Tensor]:
    """Return each pixel in its thing's own frame, right and up in pixels, and the scale (N,)."""
    column = torch.arange(SIDE, device=factors.kind.device) - (SIDE - 1) / 2
    position = MARGIN * factors.position[:, :, None, None]
    right = column[None, None, :] - position[:, 0]
    up = -column[None, :, None] - position[:, 1]
    angle = torch.deg2rad(_between(factors.lean, TILT_DEGREES, factors.tilt))[:, None, None]
    cos, sin = angle.cos(), angle.sin()
    scale = UNIT * _between(factors.stretch, SCALES, factors.size)
    return right * cos + up * sin, up * cos - right * sin, scale


def _scene(factors: Factors, kind: int) -> Scene:
    right, up, scale = _place(factors)
    size = scale[:, None, None]
    parts = SHAPES[KINDS[kind]](right / size, up / size)
    behind, body, front = (distance * size for distance in parts)  # now in pixels
    whole = torch.minimum(torch.minimum(behind, body), front)
    lines = torch.maximum(
        torch.maximum(_cover(body.abs() - 0.5), _cover(whole.abs() - 0.5)),
        _cover(front.abs() - 0.5),
    )
    moved = F.pad(whole[:, None], (1, 0, 2, 0), mode="replicate")[:, 0, :SIDE, :SIDE]
    shadow = _cover((moved - 0.5) / 2)
    tone = _pattern(factors, right, up - MIDDLES[kind] * size, size)
    return Scene(_cover(behind), _cover(body), _cover(front), _cover(whole), lines, tone, shadow)


def _cover(distance: Tensor) -> Tensor:
    """Return the share of a pixel that lies inside an edge at this distance."""
    return (0.5 - distance).clamp(0, 1)


def _pattern(factors: Factors, right: Tensor, up: Tensor, size: Tensor) -> Tensor:
    """Return the share of the second tone, (N, S, S); plain things have none."""
    tone = torch.zeros_like(right)
    step = _between(factors.spacing, (SPACING,), torch.zeros_like(factors.kind))[:, None, None]
    phase = factors.phase[:, :, None, None]
    makers = (_stripes, _dots, _checks, _fading)
    for number, make in enumerate(makers, start=1):
        i = (factors.pattern == number).nonzero().flatten()
        if len(i):
            tone[i] = make(right[i], up[i], step[i], phase[i], size[i])
    return tone


def _bands(along: Tensor, step: Tensor, phase: Tensor) -> Tensor:
    """Return bands of width step / 2: 1 on every other one, with soft edges."""
    share = along / step + phase
    return _cover((share - share.floor() - 0.5).abs() * step - step / 4)


def _stripes(right, up, step, phase, size):
    return _bands(up, step, phase[:, 0])


def _dots(right, up, step, phase, size):
    step = 1.1 * step
    row = up / step + phase[:, 0]
    column = right / step + phase[:, 1] + 0.5 * row.floor()
    across = (column - column.floor() - 0.5) * step
    along = (row - row.floor() - 0.5) * step
    return _cover((across.square() + along.square()).sqrt() - 0.3 * step)


def _checks(right, up, step, phase, size):
    rows = _bands(up, 1.3 * step, phase[:, 0])
    columns = _bands(right, 1.3 * step, phase[:, 1])
    return (rows + columns) / 2  # gingham: three tones, as two threads weave them


def _fading(right, up, step, phase, size):
    angle = 2 * torch.pi * phase[:, 0]
    along = (right * angle.cos() + up * angle.sin()) / size
    return (0.5 + along / 1.1).clamp(0, 1)


def backdrop(factors: Factors) -> Tensor:
    """Return the pale colour behind each thing, (N, 3) in [0, 1], before the light."""
    hue, depth = factors.background.T
    thirds = torch.tensor([0.0, 1 / 3, 2 / 3], device=hue.device)
    wave = (2 * torch.pi * (hue[:, None] - thirds)).cos()
    return 0.90 + 0.035 * wave - 0.10 * depth[:, None]


def paint(factors: Factors, scene: Scene) -> Tensor:
    """Fill in the colours: each pixel is a weighted mean of five paints; then comes the light."""
    device = factors.kind.device
    main = torch.tensor(MAIN, device=device)[factors.colour]
    trim = torch.tensor(TRIM, device=device)[factors.colour]
    cream = torch.tensor(CREAM, device=device).expand_as(main)
    paints = torch.stack([backdrop(factors), main, cream, trim, 0.55 * trim], dim=2)  # (N, 3, 5)
    body = scene.body * (1 - scene.front)
    inked = 0.6 * scene.lines * scene.thing
    cloth = body * (1 - inked)
    trimming = (scene.thing - body).clamp(min=0) * (1 - inked)
    shade = 0.25 * scene.shadow * (1 - scene.thing)
    shares = torch.stack([
        (1 - scene.thing) * (1 - shade), cloth * (1 - scene.light_tone),
        cloth * scene.light_tone, trimming, inked + (1 - scene.thing) * shade,
    ], dim=1)  # fmt: skip
    picture = (paints @ shares.flatten(2)).unflatten(2, (SIDE, SIDE))
    return 2 * (picture * lamplight(factors)).clamp(0, 1) - 1


def lamplight(factors: Factors) -> Tensor:
    """Return how bright each place is, (N, 1, 1, S): stronger on the side that the light is on."""
    column = torch.linspace(-1, 1, SIDE, device=factors.kind.device)
    side, strength = factors.light.T[:, :, None, None, None]
    return 0.98 + 0.06 * strength + 0.10 * side * column
