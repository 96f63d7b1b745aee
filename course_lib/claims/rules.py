"""The rules by which claims are judged, and the verdicts that follow from them.

A rule is of one kind. A verdict is computed from it and has no place to be typed in:

    compares   lines that compare stored numbers, see `comparisons`. All hold: confirmed. The
               opposite of all holds: refuted. Else: depends. Where refuting takes other lines than
               the opposite, the rule has two lists of `conditions`, `confirmed` and `refuted`.
    asserts    cells that assert something, and every test run runs them: `for` the claim, `against`
               it, each a cell and what it shows. Only for: confirmed. Only against: refuted.
               Both: depends.
    follows    lines of the articles; what became of all other claims made there. All confirmed:
               confirmed. All refuted: refuted. Else: depends, and pending while one is.
    outside    nothing in this course can decide it, for this reason.
    pending    the notebook that will decide it.
"""

import re
from collections import Counter
from collections.abc import Callable, Mapping
from typing import NamedTuple

from course_lib.claims.comparisons import compare, read_comparison
from course_lib.claims.conditions import judge, read_condition
from course_lib.results import Result

KINDS = ("compares", "asserts", "follows", "outside", "pending")
VERDICTS = ("confirmed", "refuted", "depends", "outside", "pending")
LINE = re.compile(r"[AB][1-9]\d*")  # article and line: "A12"
CELL = re.compile(r"\d\d[a-z]?_\w+#[\w-]+")  # notebook and cell: "03_vae#e5a0d291"
NOTEBOOK = re.compile(r"\d\d[a-z]?_\w+")


class Verdict(NamedTuple):
    """What the rule makes of the results."""

    word: str  # one of VERDICTS
    evidence: str  # in one line, numbers with their range


def compared(content: list | dict, result: Callable[[str], Result]) -> Verdict:
    """Apply a rule of comparisons to stored results.

    Raises:
        ValueError, FileNotFoundError: if it names numbers that are not stored.
    """
    if isinstance(content, list):
        found = [compare(line, result) for line in content]
        confirmed, refuted = (all(one[side] for one in found) for side in (0, 1))
        evidence = [one.evidence for one in found]
    else:
        both = [[judge(part, result) for part in content[side]] for side in VERDICTS[:2]]
        confirmed, refuted = (all(one.holds for one in found) for found in both)
        told = [both[1]] if refuted > confirmed else both[:1] if confirmed > refuted else both
        evidence = [line for found in told for one in found for line in one.evidence]
    return Verdict(_word(confirmed, refuted), "; ".join(dict.fromkeys(evidence)))


def asserted(content: Mapping[str, Mapping[str, str]]) -> Verdict:
    """Apply a rule of asserting cells: that they hold is seen to by every test run."""
    sides = [list(content.get(side, {}).values()) for side in ("for", "against")]
    return Verdict(_word(*map(bool, sides)), "; ".join(sum(sides, [])))


def followed(others: Mapping[int, Verdict]) -> Verdict:
    """Put together what became of other claims, by their numbers; outside says nothing."""
    counts = Counter(verdict.word for verdict in others.values())
    evidence = "; ".join(
        f"{counts[word]} {word} ({', '.join(str(n) for n, v in others.items() if v.word == word)})"
        for word in VERDICTS
        if counts[word]
    )
    told = len(others) - counts["outside"]
    word = _word(counts["confirmed"] == told, counts["refuted"] == told)
    return Verdict("pending" if counts["pending"] else word, evidence)


def check_rule(rule: object) -> None:
    """Check that a rule is of one kind and has what that needs.

    Raises:
        ValueError: saying what is missing.
    """
    rule = rule if isinstance(rule, dict) else {}
    kind, content = next(iter(rule.items()), (None, None))
    wrong = None
    if len(rule) != 1 or kind not in KINDS:
        wrong = f"a rule is one of {', '.join(KINDS)}"
    elif kind == "compares":
        wrong = _wrong_lines(content)
    elif kind == "asserts":
        wrong = _wrong_cells(content)
    elif kind == "follows":
        lines = content if isinstance(content, list) and content else [None]
        if not all(LINE.fullmatch(str(line)) for line in lines):
            wrong = f'follows is a list of lines like ["A12", "B10"], got {content}'
    elif not is_text(content):
        wrong = f"{kind} is a reason in words, or the name of a notebook"
    elif kind == "pending" and not NOTEBOOK.fullmatch(content):
        wrong = f"pending is the name of a notebook like 12_text, got {content!r}"
    if wrong:
        raise ValueError(wrong)


def is_text(value: object) -> bool:
    """Return whether something is words."""
    return isinstance(value, str) and bool(value.strip())


def _word(confirmed: bool, refuted: bool) -> str:
    return "depends" if confirmed == refuted else "confirmed" if confirmed else "refuted"


def _wrong_lines(content: object) -> str | None:
    if isinstance(content, dict) and content.keys() == set(VERDICTS[:2]):
        sides, read = [content["confirmed"], content["refuted"]], read_condition
    else:
        sides, read = [content], read_comparison
    if not all(isinstance(side, list) and side for side in sides):
        return "compares is a list of lines, or two lists, confirmed and refuted"
    try:
        for line in sum(sides, []):
            read(line)
    except ValueError as error:
        return str(error)
    return None


def _wrong_cells(content: object) -> str | None:
    if not isinstance(content, dict) or not content or content.keys() - {"for", "against"}:
        return "asserts has the cells that speak for the claim, against it, or both"
    for side in content.values():
        named = isinstance(side, dict) and all(CELL.fullmatch(str(cell)) for cell in side)
        if not named or not side or not all(map(is_text, side.values())):
            return "for and against name cells like 03_vae#e5a0d291, each with what it shows"
    return None
