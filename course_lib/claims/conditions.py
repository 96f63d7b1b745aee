"""Conditions made of comparisons, for rules that ask for some of many things.

"digits: vae/recall < gan/recall"   a line, see `comparisons`
all: [...]                          each condition of the list holds
any: [...]                          at least one does
none: [...]                         not a single one does
3 of: [...]                         at least three do
"""

import re
from collections.abc import Callable
from typing import NamedTuple

from course_lib.claims.comparisons import compare, read_comparison
from course_lib.results import Result, stored

SOME = re.compile(r"([1-9]\d*) of")


class Judged(NamedTuple):
    """What became of a condition."""

    holds: bool
    evidence: list[str]  # the lines that decided it


def judge(condition: str | dict, result: Callable[[str], Result] = stored) -> Judged:
    """Say whether a condition holds, and what decided it.

    Args:
        condition: see the top of this file.
        result: gives a stored result by its name.

    Raises:
        ValueError: if it cannot be read, or names what is not stored.
        FileNotFoundError: if there is no result of that name.
    """
    if isinstance(condition, str):
        line = compare(condition, result)
        return Judged(line.holds, [line.evidence])
    word, parts = _taken_apart(condition)
    found = [judge(part, result) for part in parts]
    won = sum(part.holds for part in found)
    enough = {"all": won == len(found), "any": won > 0, "none": won == 0}
    holds = enough[word] if word in enough else won >= int(word.split()[0])
    if word in enough and 0 < won < len(found):  # one part is enough to see why
        found = [part for part in found if part.holds != (word == "all")][:1]
    return Judged(holds, [line for part in found for line in part.evidence])


def read_condition(condition: object) -> None:
    """Check that a condition can be read.

    Raises:
        ValueError: saying what cannot.
    """
    if not isinstance(condition, dict):
        read_comparison(condition)
        return
    for part in _taken_apart(condition)[1]:
        read_condition(part)


def _taken_apart(condition: dict) -> tuple[str, list]:
    word, parts = next(iter(condition.items()), (None, None))
    some = SOME.fullmatch(str(word))
    if len(condition) != 1 or not (some or word in ("all", "any", "none")):
        raise ValueError(f'cannot read {condition}: write one of all, any, none, "2 of"')
    if not isinstance(parts, list) or not parts or (some and int(some[1]) > len(parts)):
        raise ValueError(f"after {word!r} stands a list that is long enough")
    return word, parts
