"""The truth that exercises are held against.

A check calls the learner's function on a few inputs and compares it with a closed form, never with
our own answer's text: any correct way of writing it passes. It prints one line:

    ○ Not tried yet.   ✓ what was found to hold   ✗ a hint

and never stops a notebook, unless COURSE_STRICT=1 is set, as it is in the tests.
"""

from course_lib.checks.adversaries import effective_rank, pull
from course_lib.checks.axes import gap, turned_kl
from course_lib.checks.beyond import liking, recall, steer, tally
from course_lib.checks.choosing import duels, pareto
from course_lib.checks.diffusion import clean_from_velocity, score
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
from course_lib.checks.filling import agreement, jump_back, put_back
from course_lib.checks.inspecting import auroc, bits
from course_lib.checks.latent import arc, direction
from course_lib.checks.likelihood import bound, pixel_sigma
from course_lib.checks.measuring import luck, precision, support
from course_lib.checks.ordering import fulfilled, jerk
from course_lib.checks.passes import guided, stride
from course_lib.checks.stability import reverse_kl, slope_penalty
from course_lib.checks.translating import cycle, gram
from course_lib.checks.trial import break_even, remembered
from course_lib.checks.wishing import both, hold
from course_lib.checks.working import draws, roll

__all__ = [
    "agreement",
    "arc",
    "auroc",
    "bits",
    "both",
    "bound",
    "break_even",
    "clean_from_velocity",
    "clean_guess",
    "copies",
    "cycle",
    "detective_loss",
    "direction",
    "draws",
    "duels",
    "effective_rank",
    "forger_loss",
    "fulfilled",
    "gap",
    "gram",
    "guided",
    "hold",
    "jerk",
    "jump",
    "jump_back",
    "kde",
    "kl",
    "liking",
    "luck",
    "pareto",
    "pixel_sigma",
    "place",
    "precision",
    "pull",
    "put_back",
    "recall",
    "remembered",
    "reverse_kl",
    "roll",
    "score",
    "slope_penalty",
    "steer",
    "stride",
    "support",
    "tally",
    "turned_kl",
    "waiting",
]
