"""Comparisons of stored numbers, one to a line, as a claim's rule writes them.

    digits: vae/recall < gan/recall                        in every seed
    digits: vae/recall < gan/recall by 0.02                a difference up to 0.02 is none
    digits: vae/recall >= gan/recall * 0.8                 level will do
    digits: vae/kernel > gan/kernel * 1.5, in 4 of 5 seeds
    digits: vae/kernel < gan/kernel + 0.1                  likewise, to the number added
    digits: vae/kernel > gan/kernel, on average            the means over the seeds
    digits: vae/kernel > 0.1, 95 % sure                    Student's interval of the differences

First stands the name of a stored result. Each side is a number, a path through the result, or a
path times a number, or plus one. Either the comparison holds, or its opposite does, or neither.
"""

import re
from collections.abc import Callable
from statistics import mean
from typing import NamedTuple

from course_lib.metrics.intervals import from_parts
from course_lib.results import Result, stored

LINE = re.compile(
    r"(?P<name>[a-z0-9_]+): (?P<left>.+?) (?P<sign>[<>]=?) (?P<right>.+?)"
    r"(?: by (?P<margin>[0-9.]+))?(?:, (?P<how>.+))?"
)
SEEDS = re.compile(r"in (?P<enough>\d+) of (?P<all>\d+) seeds")
SIDE = re.compile(r"(?P<path>.+?)(?: (?P<sign>[*+]) (?P<number>.+))?")
AVERAGE, SURE = "on average", "95 % sure"
PLACES = 9  # differences are rounded to these, so that 0.97 - 0.95 is not more than 0.02


class Comparison(NamedTuple):
    """A line, taken apart."""

    name: str  # of the stored result
    left: str
    sign: str  # "<", ">", "<=" or ">="
    right: str
    margin: float  # a difference must be larger than this to count
    how: str | None  # "in 4 of 5 seeds", "on average", "95 % sure"; None: in every seed


class Compared(NamedTuple):
    """What became of a comparison."""

    holds: bool
    opposite: bool  # never both
    evidence: str  # one line, numbers with their range over the seeds


def compare(line: str, result: Callable[[str], Result] = stored) -> Compared:
    """Compare stored numbers as a line says.

    Args:
        line: see the top of this file.
        result: gives a stored result by its name.

    Raises:
        ValueError: if the line cannot be read, or names what is not stored.
        FileNotFoundError: if there is no result of that name.
    """
    asked = read_comparison(line)
    kept = result(asked.name)
    left, right = (_numbers(side, kept) for side in (asked.left, asked.right))
    sign = 1 if asked.sign[0] == ">" else -1
    level = 10**-PLACES if "=" in asked.sign else 0  # lifts a tie to the side of the claim
    ahead = [round(sign * (a - b), PLACES) + level for a, b in zip(left, right, strict=True)]
    holds, opposite, how = _judged(ahead, asked)
    by = f" by {asked.margin:g}" if asked.margin else ""
    sides = f"{_described(asked.left, left)} {asked.sign} {_described(asked.right, right)}"
    return Compared(holds, opposite, f"{asked.name}: {sides}{by} ({how})")


def read_comparison(line: object) -> Comparison:
    """Take a line apart.

    Raises:
        ValueError: if it is none.
    """
    found = LINE.fullmatch(line) if isinstance(line, str) else None
    if not found:
        raise ValueError(f'cannot read {line!r}: write "NAME: PATH < PATH"')
    how = found["how"]
    seeds = SEEDS.fullmatch(how or "")
    if how not in (None, AVERAGE, SURE) and not seeds:
        known = f'"in 4 of 5 seeds", "{AVERAGE}" or "{SURE}"'
        raise ValueError(f"cannot read {how!r} in {line!r}: after the comma stands {known}")
    if seeds and not int(seeds["all"]) / 2 < int(seeds["enough"]) <= int(seeds["all"]):
        raise ValueError(f"{how!r} in {line!r} asks for no majority of the seeds")
    margin = float(found["margin"] or 0)
    return Comparison(*(found[part] for part in ("name", "left", "sign", "right")), margin, how)


def _judged(ahead: list[float], asked: Comparison) -> tuple[bool, bool, str]:
    """Return whether the claimed side is ahead, whether the other one is, and how sure we are."""
    margin, n = asked.margin, len(ahead)
    if asked.how == AVERAGE:
        return mean(ahead) > margin, mean(ahead) < -margin, AVERAGE
    if asked.how == SURE:
        _, low, high = from_parts(mean(ahead), ahead)
        return low > margin, high < -margin, f"ahead by {low:.3g} to {high:.3g}, {SURE}"
    seeds = SEEDS.fullmatch(asked.how or f"in {n} of {n} seeds")
    if int(seeds["all"]) != n:
        raise ValueError(f"{asked.how!r} was written, but {asked.name} has {n} seeds")
    enough, won = int(seeds["enough"]), sum(d > margin for d in ahead)
    return won >= enough, sum(d < -margin for d in ahead) >= enough, f"{won} of {n} seeds"


def _numbers(side: str, kept: Result) -> list[float]:
    """Return one number a seed for "0.5", "vae/kernel", "vae/kernel * 1.2" or "vae/kernel + 1"."""
    path, sign, word = SIDE.fullmatch(side).groups()
    change, constant = _number(word or "1"), _number(path)
    if change is None:
        raise ValueError(f"cannot read {side!r}: write a path times a number, or plus one")
    times, plus = (1, change) if sign == "+" else (change, 0)
    if constant is not None:
        return [constant * times + plus] * len(kept.seeds)
    found = kept.values
    for key in path.split("/"):
        if not isinstance(found, dict) or key not in found:
            raise ValueError(f"nothing is stored at {path!r}")
        found = found[key]
    numbers = found if isinstance(found, list) else [found] * len(kept.seeds)
    if len(numbers) != len(kept.seeds) or not all(isinstance(n, int | float) for n in numbers):
        raise ValueError(f"what is stored at {path!r} is not one number a seed")
    return [times * number + plus for number in numbers]


def _number(word: str) -> float | None:
    try:
        return float(word)
    except ValueError:
        return None


def _described(side: str, numbers: list[float]) -> str:
    """Return a side with its numbers: their mean, and their range if they differ."""
    if _number(side) is not None:
        return side
    low, high = min(numbers), max(numbers)
    spread = f" ({low:.3g} to {high:.3g})" if low < high else ""
    return f"{side} {mean(numbers):.3g}{spread}"
