"""The tables of the two articles, cell by cell, with what became of the claims in each cell."""

from collections.abc import Mapping, Sequence

from course_lib.claims.ledger import Claim, made_in
from course_lib.claims.rules import Verdict

FAMILIES = {"GAN": range(11, 39), "VAE": range(39, 77), "diffusion": range(77, 102)}  # claims
ROWS = {  # what each row is about, and its line in the article
    "A": {
        "core mechanism": "A83",
        "output quality": "A84",
        "training stability": "A85",
        "control, interpretability": "A86",
        "speed of drawing": "A87",
        "computing": "A88",
        "main strength": "A89",
        "main weakness": "A90",
    },
    "B": {
        "how it works": "B6",
        "output quality": "B7",
        "latent space": "B8",
        "training stability": "B9",
        "use cases": "B10",
        "activation functions": "B11",
    },
}


def cell_claims(line: str, family: str, claims: Sequence[Claim]) -> list[Claim]:
    """Return the claims that an article's table makes about a family in one of its lines."""
    return [claim for claim in made_in([line], claims) if claim.number in FAMILIES[family]]


def article_table(
    article: str, claims: Sequence[Claim], verdicts: Mapping[int, Verdict]
) -> dict[str, dict[str, str]]:
    """Return an article's table with verdicts in its cells: row -> family -> "confirmed (17, 18)".

    Args:
        article: "A", of eight rows and three families, or "B", of six rows and two.
        claims: all of them.
        verdicts: what became of each, by its number.
    """
    families = list(FAMILIES) if article == "A" else ["GAN", "VAE"]
    return {
        row: {family: _told(cell_claims(line, family, claims), verdicts) for family in families}
        for row, line in ROWS[article].items()
    }


def _told(claims: Sequence[Claim], verdicts: Mapping[int, Verdict]) -> str:
    numbers: dict[str, list[str]] = {}
    for claim in claims:
        numbers.setdefault(verdicts[claim.number].word, []).append(str(claim.number))
    return "; ".join(f"{word} ({', '.join(found)})" for word, found in numbers.items())
