"""The articles' claims, and what our measurements make of them.

A claim's rule is written before its experiment is run; the verdict is computed, never typed:

    compares   a list of comparisons of stored numbers, "NAME: PATH < PATH", seed by seed. All seeds
               of all comparisons hold: confirmed. None of any holds: refuted. Else: depends.
    asserts    the claim is shown by a cell that asserts it, and every test run runs that cell.
    outside    nothing in this course can decide it, for this reason.
    pending    the notebook that decides it is still to be written.

A path leads through a stored result: "vae/kernel". Either side may be a number, or a path times a
number: "gan/sharpness > vae/sharpness * 1.2".
"""

import json
from collections.abc import Callable
from pathlib import Path
from statistics import mean
from typing import NamedTuple

from course_lib.results import STORED, Result, stored

KINDS = ("compares", "asserts", "outside", "pending")
VERDICTS = ("confirmed", "refuted", "depends", "outside", "pending")


class Claim(NamedTuple):
    """What an article says, and how we decide it."""

    number: int
    says: str  # in our words
    source: list[str]  # article and line: "A12"
    rule: dict[str, object]  # one of KINDS to what it needs
    shown: str | None = None  # "03_vae#cell-id", where a learner sees it
    note: str | None = None  # what to keep in mind beside the verdict


class Verdict(NamedTuple):
    """What the rule makes of the results."""

    word: str  # one of VERDICTS
    evidence: str  # in one line, numbers with their spread


class Compared(NamedTuple):
    """One comparison, seed by seed."""

    holds: list[bool]  # a seed each
    evidence: str


def decide(claim: Claim, result: Callable[[str], Result] = stored) -> Verdict:
    """Apply a claim's rule.

    Args:
        claim: one of `ledger()`.
        result: gives a stored result by its name.

    Raises:
        ValueError: if the rule cannot be read, or names numbers that are not stored.
    """
    if len(claim.rule) != 1 or (kind := next(iter(claim.rule))) not in KINDS:
        raise ValueError(f"claim {claim.number}: a rule is one of {', '.join(KINDS)}")
    content = claim.rule[kind]
    if kind in ("outside", "pending"):
        return Verdict(kind, str(content))
    if kind == "asserts":
        return Verdict("confirmed", str(content))
    try:
        found = [compare(line, result) for line in content]
    except (ValueError, KeyError, FileNotFoundError) as error:
        raise ValueError(f"claim {claim.number}: {error}") from error
    held = [hold for comparison in found for hold in comparison.holds]
    word = "confirmed" if all(held) else "depends" if any(held) else "refuted"
    return Verdict(word, "; ".join(comparison.evidence for comparison in found))


def compare(line: str, result: Callable[[str], Result] = stored) -> Compared:
    """Compare stored numbers, as in "digits: vae/kernel < gan/kernel", seed by seed.

    Raises:
        ValueError: if the line cannot be read; KeyError: if it names numbers that are not stored.
    """
    name, _, rest = line.partition(": ")
    sign = "<" if " < " in rest else ">"
    left, found, right = rest.partition(f" {sign} ")
    if not found:
        raise ValueError(f'cannot read {line!r}: write "NAME: PATH < PATH"')
    kept = result(name)
    a, b = (_numbers(side, kept.values, len(kept.seeds)) for side in (left, right))
    holds = [x < y if sign == "<" else x > y for x, y in zip(a, b, strict=True)]
    sides = f"{_described(left, a)} {sign} {_described(right, b)}"
    return Compared(holds, f"{name}: {sides} ({sum(holds)} of {len(holds)} seeds)")


def ledger() -> list[Claim]:
    """Return all claims as they come with the course: those of docs/claims.yaml."""
    return read_claims(json.loads((STORED / "claims" / "claims.json").read_text("utf-8")))


def read_claims(entries: list[dict]) -> list[Claim]:
    """Turn plain entries into claims.

    Raises:
        ValueError: if an entry lacks something, or holds something unknown.
    """
    claims = []
    for entry in entries:
        try:
            claims.append(Claim(**entry))
        except TypeError as error:
            raise ValueError(f"claim {entry.get('number')}: {error}") from error
    return claims


def _numbers(side: str, values: dict, n: int) -> list[float]:
    """Return one number a seed for "0.5", "vae/kernel" or "vae/kernel * 1.2"."""
    path, _, factor = side.partition(" * ")
    times = float(factor or 1)
    try:
        return [float(path) * times] * n
    except ValueError:
        pass
    found = values
    for key in path.split("/"):
        if not isinstance(found, dict) or key not in found:
            raise KeyError(f"nothing is stored at {path!r}")
        found = found[key]
    return [times * number for number in (found if isinstance(found, list) else [found] * n)]


def _described(side: str, numbers: list[float]) -> str:
    low, high = min(numbers), max(numbers)
    if low == high:
        return f"{low:.3g}"
    return f"{side} {mean(numbers):.3g} ({low:.3g} to {high:.3g})"


def write_ledger(source: Path, folder: Path | None = None) -> Path:
    """Put the claims of a YAML file into the package, where notebooks find them.

    Raises:
        ValueError: if an entry is not a claim.
    """
    import yaml

    entries = yaml.safe_load(source.read_text(encoding="utf-8"))
    read_claims(entries)
    path = (folder or STORED / "claims") / "claims.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(entries, indent=1) + "\n", encoding="utf-8")
    return path
