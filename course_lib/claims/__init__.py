"""What the two articles say, and what our measurements make of it.

    comparisons  the lines of which rules are made
    conditions   conditions made of such lines
    rules        the kinds of rules, and the verdicts that follow
    ledger       the claims
    tables       the tables of the articles, cell by cell
    page         the ledger as a page to read

A verdict is never typed: `decide(ledger()[56])` computes that of claim 57 from stored numbers.
"""

from course_lib.claims.comparisons import Compared, compare
from course_lib.claims.ledger import Claim, cells, decide, ledger, read_claims
from course_lib.claims.rules import VERDICTS, Verdict
from course_lib.claims.tables import article_table

__all__ = [
    "VERDICTS",
    "Claim",
    "Compared",
    "Verdict",
    "article_table",
    "cells",
    "compare",
    "decide",
    "ledger",
    "read_claims",
]
