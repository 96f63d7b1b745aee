"""docs/claims.md: every claim with its verdict, computed when the page is written."""

from collections import Counter
from collections.abc import Callable, Iterable
from itertools import pairwise

from course_lib.claims.ledger import Claim, cells, decide
from course_lib.claims.rules import VERDICTS, Verdict
from course_lib.claims.tables import ROWS, article_table
from course_lib.results import Result, stored

TOPICS = {  # the first claim of each, in the order of the articles
    1: "Generative models in general",
    11: "The GAN, or the forger and the detective",
    39: "The VAE, or the cartographer",
    77: "Diffusion, or the sculptor",
    102: "Tables, choosing, and frequent questions",
}
OPENING = """\
# What is said, and what was measured

Two articles say {n} things about generative models. **A** is *GANs vs. VAEs vs. Diffusion: Choosing
the Right Generative AI Model for Your Project*; **B** is a shorter one on GANs and VAEs. A number
behind the letter is the line in the article. Here is each claim, in our words, with what this
course makes of it. This page is written by `python -m course_lib claims` from
[claims.yaml](claims.yaml) and the stored results; nobody types a verdict.

- **confirmed**, **refuted**: at our scale, on our data, by a rule that stands in the file.
- **depends**: on the family, the data, the seed or the tuning; the evidence says on what.
- **outside**: nothing in this course can measure it, for the reason given.
- **pending**: the notebook that decides it is being written. Its rule, in words, is fixed here.

Rules on the stored result `digits`, and on cells that assert, were written when these numbers were
known. All others stood in words before their numbers did, in the file or on top of the experiment
in `course_lib/experiments`; where a pilot came before, the note says so. Once there were numbers,
these words were written out as lines. Evidence of one rule is one line each: what was held against
what (mean, and range over the seeds), and in how many seeds it holds.
"""
HEAD = "| | the articles say | verdict | evidence | seen in |\n|--:|---|---|---|---|\n"
SIDES = """\
| | one says | verdict | | another says | verdict | the clash |
|--:|---|---|--:|---|---|---|
"""


def claims_page(
    claims: list[Claim], link: Callable[[str], str], result: Callable[[str], Result] = stored
) -> str:
    """Return the page as Markdown.

    Args:
        claims: all of them.
        link: turns a cell into a link to where a learner sees it.
        result: gives a stored result by its name.

    Raises:
        ValueError: if a rule cannot be applied.
    """
    verdicts = {claim.number: decide(claim, result, claims) for claim in claims}
    parts = [OPENING.format(n=len(claims)), _counts(list(verdicts.values()))]
    starts = [*TOPICS, len(claims) + 1]
    for start, end in pairwise(starts):
        rows = [_row(c, verdicts[c.number], link) for c in claims if start <= c.number < end]
        if rows:
            parts.append(f"## {TOPICS[start]}\n\n{HEAD}" + "".join(rows))
    parts += [_table(article, verdicts, claims) for article in ROWS]
    parts.append(_contradictions(claims, verdicts))
    return "\n".join(parts)


def count(verdicts: list[Verdict]) -> dict[str, int]:
    """Return how many there are of each verdict, in their order."""
    found = Counter(verdict.word for verdict in verdicts)
    return {word: found[word] for word in VERDICTS}


def _counts(verdicts: list[Verdict]) -> str:
    counts = count(verdicts) | {"all": len(verdicts)}
    return _line(counts) + f"|{'--:|' * len(counts)}\n" + _line(counts.values())


def _row(claim: Claim, verdict: Verdict, link: Callable[[str], str]) -> str:
    evidence = verdict.evidence
    if "pending" in claim.rule:
        evidence = f"Notebook {evidence}: {claim.experiment}"
    if claim.note:
        evidence += f"<br>*{claim.note}*"
    places = dict.fromkeys(link(cell) for group in cells(claim) for cell in group)
    columns = (claim.number, _said(claim), f"**{verdict.word}**", evidence, ", ".join(places))
    return _line(columns)


def _table(article: str, verdicts: dict[int, Verdict], claims: list[Claim]) -> str:
    """Return an article's table, with the claims of each cell and what became of them."""
    rows = article_table(article, claims, verdicts)
    head = ["", *next(iter(rows.values()))]
    lines = _line(head) + "|---" * len(head) + "|\n"
    lines += "".join(_line([row, *found.values()]) for row, found in rows.items())
    return f"## The table of article {article}, cell by cell\n\n{lines}"


def _contradictions(claims: list[Claim], verdicts: dict[int, Verdict]) -> str:
    """Return the claims that clash, side by side."""
    sides = {c.number: (c.number, _said(c), f"**{verdicts[c.number].word}**") for c in claims}
    lines = [
        _line([*sides[claim.number], *sides[other], why])
        for claim in claims
        for other, why in (claim.contradicts or {}).items()
    ]
    title = "## Where the articles contradict each other, or themselves"
    return f"{title}\n\n{SIDES}" + "".join(lines)


def _said(claim: Claim) -> str:
    return f"{claim.says} ({', '.join(claim.source)})"


def _line(columns: Iterable) -> str:
    return "| " + " | ".join(str(column).replace("|", "\\|") for column in columns) + " |\n"
