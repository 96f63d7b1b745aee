"""What the two articles say, and what our measurements make of it.

    comparisons  the lines of which rules are made
    ledger       claims, their rules, and the verdicts computed from them
    page         the ledger as a page to read

A verdict is never typed: `decide(ledger()[56])` computes that of claim 57 from stored numbers.
"""

from course_lib.claims.comparisons import Compared, compare
from course_lib.claims.ledger import VERDICTS, Claim, Verdict, cells, decide, ledger, read_claims

__all__ = [
    "VERDICTS",
    "Claim",
    "Compared",
    "Verdict",
    "cells",
    "compare",
    "decide",
    "ledger",
    "read_claims",
]
