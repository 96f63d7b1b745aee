"""The words of the catalog: names for five factors, and captions that can be read back.

A caption is [a] SIZE COLOUR PATTERN KIND, TILT: "a small red striped mug, tilted left". Every
combination of the names has exactly one, and `parse` is its inverse.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from course_lib.data.catalog_shapes import SHAPES


class Words(NamedTuple):
    """The five factors that have names: integers, or tensors (N,) of them."""

    kind: int | Tensor
    colour: int | Tensor
    pattern: int | Tensor
    size: int | Tensor
    tilt: int | Tensor


KINDS = tuple(SHAPES)
COLOURS = ("red", "orange", "yellow", "green", "blue", "purple", "pink", "black")
PATTERNS = ("plain", "striped", "dotted", "checked", "fading")
SIZES = ("small", "large")
TILTS = ("tilted left", "upright", "tilted right")
VOCABULARY = Words(KINDS, COLOURS, PATTERNS, SIZES, TILTS)


def caption(factors: NamedTuple) -> list[str]:
    """Describe each picture by its first five factors: "a small red striped mug, tilted left".

    Args:
        factors: Words or Factors, of one picture or of N.
    """
    words = torch.stack([torch.as_tensor(factor).cpu() for factor in factors[:5]], dim=-1)
    return [_sentence(*row) for row in words.reshape(-1, 5).tolist()]


def _sentence(kind: int, colour: int, pattern: int, size: int, tilt: int) -> str:
    article = "" if KINDS[kind].endswith("s") else "a "  # trousers are many
    thing = f"{SIZES[size]} {COLOURS[colour]} {PATTERNS[pattern]} {KINDS[kind]}"
    return f"{article}{thing}, {TILTS[tilt]}"


def parse(text: str) -> Words:
    """Read a caption back: the inverse of `caption`. Case, spaces and the article do not matter.

    Raises:
        ValueError: naming the word that was not understood and what could stand there.
    """
    thing, _, tilt = text.partition(",")
    words = thing.split()
    if words and words[0].lower() == "a":
        words = words[1:]
    order = ("size", "colour", "pattern", "kind")
    if len(words) > len(order):
        raise ValueError(
            f"{words[4]!r} is one word too many: say 'a small red striped mug, upright'"
        )
    words += [""] * (len(order) - len(words))
    found = {name: _find(word, name) for name, word in zip(order, words, strict=True)}
    return Words(**found, tilt=_find(" ".join(tilt.split()), "tilt"))


def _find(word: str, factor: str) -> int:
    names = getattr(VOCABULARY, factor)
    lowered = [name.lower() for name in names]
    if word.lower() not in lowered:
        said = f"{word!r} is not a {factor}" if word else f"the {factor} is missing"
        raise ValueError(f"{said}: choose one of {', '.join(names)}")
    return lowered.index(word.lower())
