"""The words of the catalog: names for five factors, and captions that can be read back.

A caption is [a] SIZE COLOUR PATTERN KIND, TILT: "a small red striped mug, tilted left". Every
combination of the names has exactly one, and `parse` is its inverse; `wish` needs not all.
"""

import re
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


def wish(text: str) -> Words:
    """Understand as much as is said, in any order: "a red mug" leaves pattern, size and tilt open.

    Returns:
        The five answers, -1 for "not said". Of a whole caption it is what `parse` returns.

    Raises:
        ValueError: naming a word that was not understood, or two that contradict each other.
    """
    left, said = " ".join(text.lower().replace(",", " ").split()), {}
    for factor, names in VOCABULARY._asdict().items():
        for answer, name in enumerate(names):
            rest = re.sub(rf"(?<!\S){re.escape(name.lower())}(?!\S)", " ", left)
            if rest != left and factor in said:
                both = f"{names[said[factor]]!r} and {name!r}"
                raise ValueError(f"{both} cannot both be the {factor}: say one of them")
            if rest != left:
                left, said[factor] = rest, answer
    unknown = [word for word in left.split() if word != "a"]
    if unknown:
        known = ", ".join(name for names in VOCABULARY for name in names)
        raise ValueError(f"{unknown[0]!r} is not a word of the catalog: it knows {known}")
    return Words(*(said.get(factor, -1) for factor in Words._fields))


def _find(word: str, factor: str) -> int:
    names = getattr(VOCABULARY, factor)
    lowered = [name.lower() for name in names]
    if word.lower() not in lowered:
        said = f"{word!r} is not a {factor}" if word else f"the {factor} is missing"
        raise ValueError(f"{said}: choose one of {', '.join(names)}")
    return lowered.index(word.lower())
