"""The long experiments behind stored numbers: a file each, whose `measure(seed)` measures one seed.

`python -m course_lib results NAME` measures all seeds and stores them; a notebook measures one of
them again, live, and holds it against those stored. What it returns is plain: names to numbers.
"""

from course_lib.experiments import (
    attributes,
    augment,
    axes,
    compression,
    digits,
    halfway,
    inspection,
    molecules,
    neighbours,
    photographs,
    recolour,
    recommendation,
    repair,
    tables,
    tones,
)

SEEDS = (0, 1, 2, 3, 4)
EXPERIMENTS = {
    "attributes": attributes.measure,
    "augment": augment.measure,
    "axes": axes.measure,
    "compression": compression.measure,
    "digits": digits.measure,
    "halfway": halfway.measure,
    "inspection": inspection.measure,
    "molecules": molecules.measure,
    "neighbours": neighbours.measure,
    "photographs": photographs.measure,
    "recolour": recolour.measure,
    "recommendation": recommendation.measure,
    "repair": repair.measure,
    "tables": tables.measure,
    "tones": tones.measure,
}
