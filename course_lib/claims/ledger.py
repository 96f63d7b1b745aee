"""The ledger of the articles' claims: what is said, how we decide it (see `rules`), the verdict."""

import json
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from course_lib.claims.rules import (
    CELL,
    LINE,
    Verdict,
    asserted,
    check_rule,
    compared,
    followed,
    is_text,
)
from course_lib.results import Result, stored

COPY = Path(__file__).with_name("claims.json")  # of docs/claims.yaml, for who has no checkout


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


def decide(
    claim: Claim,
    result: Callable[[str], Result] = stored,
    claims: Sequence[Claim] | None = None,
) -> Verdict:
    """Apply a claim's rule.

    Args:
        claim: one of `ledger()`.
        result: gives a stored result by its name.
        claims: where a rule that follows others finds them; by default `ledger()`.

    Raises:
        ValueError: if the rule cannot be read, or names numbers that are not stored.
    """
    _checked_rule(claim)
    kind, content = next(iter(claim.rule.items()))
    if kind == "compares":
        try:
            return compared(content, result)
        except (ValueError, FileNotFoundError) as error:
            raise ValueError(f"claim {claim.number}: {error}") from error
    if kind == "asserts":
        return asserted(content)
    if kind == "follows":
        others = made_in(content, ledger() if claims is None else claims)
        return followed({one.number: decide(one, result, claims) for one in others})
    return Verdict(kind, content)


def made_in(lines: Sequence[str], claims: Iterable[Claim]) -> list[Claim]:
    """Return the claims made in lines of the articles, without those that follow others."""
    return [one for one in claims if {*lines} & {*one.source} and "follows" not in one.rule]


def cells(claim: Claim) -> tuple[list[str], list[str]]:
    """Return the cells that assert something for or against a claim, and those that only show."""
    sides = claim.rule.get("asserts", {})
    asserting = [cell for side in sides.values() for cell in side]
    return asserting, [claim.shown] if claim.shown else []


@cache
def ledger() -> tuple[Claim, ...]:
    """Return all claims as they come with the course: those of docs/claims.yaml."""
    return tuple(read_claims(json.loads(COPY.read_text(encoding="utf-8"))))


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
    if not (is_text(claim.says) and is_text(claim.experiment)):
        wrong = "says and experiment are sentences"
    elif not claim.source or not all(LINE.fullmatch(str(line)) for line in claim.source):
        wrong = f'a source is a list like ["A12", "B10"], got {claim.source}'
    elif claim.shown is not None and not CELL.fullmatch(claim.shown):
        wrong = f"shown is a cell like 03_vae#e5a0d291, got {claim.shown!r}"
    elif not isinstance(claim.contradicts or {}, dict):
        wrong = f"contradicts maps numbers of claims to how they clash, got {claim.contradicts}"
    if wrong:
        raise ValueError(f"claim {claim.number}: {wrong}")
    _checked_rule(claim)


def _checked_rule(claim: Claim) -> None:
    try:
        check_rule(claim.rule)
    except ValueError as error:
        raise ValueError(f"claim {claim.number}: {error}") from error
