"""The ledger of the articles' claims: what is said, how we decide it, and the verdict.

A claim's rule is of one kind. A verdict is computed from it and has no place to be typed in:

    compares   lines that compare stored numbers, see `comparisons`. All hold: confirmed. The
               opposite of all holds: refuted. Else: depends. Where refuting takes other lines than
               the opposite, the rule has two lists of `conditions`, `confirmed` and `refuted`.
    asserts    cells that assert something, and every test run runs them: `for` the claim, `against`
               it, each a cell and what it shows. Only for: confirmed. Only against: refuted.
               Both: depends.
    outside    nothing in this course can decide it, for this reason.
    pending    the notebook that will decide it.
"""

import json
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

from course_lib.claims.comparisons import compare, read_comparison
from course_lib.claims.conditions import judge, read_condition
from course_lib.results import Result, stored

COPY = Path(__file__).with_name("claims.json")  # of docs/claims.yaml, for who has no checkout
KINDS = ("compares", "asserts", "outside", "pending")
VERDICTS = ("confirmed", "refuted", "depends", "outside", "pending")
LINE = re.compile(r"[AB][1-9]\d*")  # article and line: "A12"
CELL = re.compile(r"\d\d[a-z]?_\w+#[\w-]+")  # notebook and cell: "03_vae#e5a0d291"
NOTEBOOK = re.compile(r"\d\d[a-z]?_\w+")


class Claim(NamedTuple):
    """What an article says, and how we decide it."""

    number: int
    says: str  # in our words
    source: list[str]  # articles and lines: "A12", "B10"
    experiment: str  # what would decide it; for a pending claim with the rule in words
    rule: dict[str, object]  # one of KINDS to what it needs
    shown: str | None = None  # the cell where a learner sees it; those that assert need none
    note: str | None = None  # what to keep in mind beside the verdict
    contradicts: dict[int, str] | None = None  # claims it clashes with, and how


class Verdict(NamedTuple):
    """What the rule makes of the results."""

    word: str  # one of VERDICTS
    evidence: str  # in one line, numbers with their range


def decide(claim: Claim, result: Callable[[str], Result] = stored) -> Verdict:
    """Apply a claim's rule.

    Args:
        claim: one of `ledger()`.
        result: gives a stored result by its name.

    Raises:
        ValueError: if the rule cannot be read, or names numbers that are not stored.
    """
    check_rule(claim)
    kind, content = next(iter(claim.rule.items()))
    if kind == "compares":
        try:
            return _compared(content, result)
        except (ValueError, FileNotFoundError) as error:
            raise ValueError(f"claim {claim.number}: {error}") from error
    if kind == "asserts":
        sides = [list(content.get(side, {}).values()) for side in ("for", "against")]
        return Verdict(_word(*map(bool, sides)), "; ".join(sum(sides, [])))
    return Verdict(kind, content)


def _compared(content: list | dict, result: Callable[[str], Result]) -> Verdict:
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


def _word(confirmed: bool, refuted: bool) -> str:
    return "depends" if confirmed == refuted else "confirmed" if confirmed else "refuted"


def cells(claim: Claim) -> tuple[list[str], list[str]]:
    """Return the cells that assert something for or against a claim, and those that only show."""
    sides = claim.rule.get("asserts", {})
    asserting = [cell for side in sides.values() for cell in side]
    return asserting, [claim.shown] if claim.shown else []


def ledger() -> list[Claim]:
    """Return all claims as they come with the course: those of docs/claims.yaml."""
    return read_claims(json.loads(COPY.read_text(encoding="utf-8")))


def read_claims(entries: Iterable[dict]) -> list[Claim]:
    """Turn plain entries, numbered 1, 2, 3..., into claims.

    Raises:
        ValueError: if an entry lacks something, holds something unknown, or cannot be read.
    """
    claims = []
    for number, entry in enumerate(entries, start=1):
        try:
            claim = Claim(**entry)
        except TypeError as error:
            raise ValueError(f"claim {number}: {error}") from error
        if claim.number != number:
            raise ValueError(f"claims are numbered 1, 2, 3...: {claim.number} stands at {number}")
        check_claim(claim)
        clashes = {int(other): why for other, why in (claim.contradicts or {}).items()}
        claims.append(claim._replace(contradicts=clashes))
    for claim in claims:
        if unknown := claim.contradicts.keys() - set(range(1, len(claims) + 1)):
            raise ValueError(f"claim {claim.number} contradicts {min(unknown)}, and there is none")
    return claims


def check_claim(claim: Claim) -> None:
    """Check that everything about a claim can be read.

    Raises:
        ValueError: saying what cannot.
    """
    wrong = None
    if not (_is_text(claim.says) and _is_text(claim.experiment)):
        wrong = "says and experiment are sentences"
    elif not claim.source or not all(LINE.fullmatch(str(line)) for line in claim.source):
        wrong = f'a source is a list like ["A12", "B10"], got {claim.source}'
    elif claim.shown is not None and not CELL.fullmatch(claim.shown):
        wrong = f"shown is a cell like 03_vae#e5a0d291, got {claim.shown!r}"
    elif not isinstance(claim.contradicts or {}, dict):
        wrong = f"contradicts maps numbers of claims to how they clash, got {claim.contradicts}"
    if wrong:
        raise ValueError(f"claim {claim.number}: {wrong}")
    check_rule(claim)


def check_rule(claim: Claim) -> None:
    """Check that a rule is of one kind and has what that needs.

    Raises:
        ValueError: saying what is missing.
    """
    wrong = None
    rule = claim.rule if isinstance(claim.rule, dict) else {}
    kind, content = next(iter(rule.items()), (None, None))
    if len(rule) != 1 or kind not in KINDS:
        wrong = f"a rule is one of {', '.join(KINDS)}"
    elif kind == "compares":
        wrong = _wrong_lines(content)
    elif kind == "asserts":
        wrong = _wrong_cells(content)
    elif not _is_text(content):
        wrong = f"{kind} is a reason in words, or the name of a notebook"
    elif kind == "pending" and not NOTEBOOK.fullmatch(content):
        wrong = f"pending is the name of a notebook like 12_text, got {content!r}"
    if wrong:
        raise ValueError(f"claim {claim.number}: {wrong}")


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
        if not named or not side or not all(map(_is_text, side.values())):
            return "for and against name cells like 03_vae#e5a0d291, each with what it shows"
    return None


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())
