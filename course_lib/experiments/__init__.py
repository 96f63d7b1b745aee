"""The long experiments behind stored numbers: a file each, whose `measure(seed)` measures one seed.

`python -m course_lib results NAME` measures all seeds and stores them; a notebook measures one of
them again, live, and holds it against those stored. What it returns is plain: names to numbers.
"""

from course_lib.experiments import (
    digits,
    molecules,
    photographs,
    recommendation,
    tables,
    tones,
)

SEEDS = (0, 1, 2, 3, 4)
EXPERIMENTS = {
    "digits": digits.measure,
    "molecules": molecules.measure,
    "photographs": photographs.measure,
    "recommendation": recommendation.measure,
    "tables": tables.measure,
    "tones": tones.measure,
}
