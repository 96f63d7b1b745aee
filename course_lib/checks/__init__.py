"""The truth that exercises are held against.

A check calls the learner's function on a few inputs and compares it with a closed form, never with
our own answer's text: any correct way of writing it passes. It prints one line:

    ○ Not tried yet.   ✓ what was found to hold   ✗ a hint

and never stops a notebook, unless COURSE_STRICT=1 is set, as it is in the tests.
"""

from course_lib.checks.families import (
    clean_guess,
    copies,
    detective_loss,
    forger_loss,
    jump,
    kde,
    kl,
    place,
    waiting,
)
from course_lib.checks.measuring import luck, precision, support
from course_lib.checks.stability import reverse_kl, slope_penalty

__all__ = [
    "clean_guess",
    "copies",
    "detective_loss",
    "forger_loss",
    "jump",
    "kde",
    "kl",
    "luck",
    "place",
    "precision",
    "reverse_kl",
    "slope_penalty",
    "support",
    "waiting",
]
