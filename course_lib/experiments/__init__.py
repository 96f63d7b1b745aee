"""The long experiments behind stored numbers: a file each, whose `measure(seed)` measures one seed.

`python -m course_lib results NAME` measures all seeds and stores them; a notebook measures one of
them again, live, and holds it against those stored. What it returns is plain: names to numbers.
"""

from course_lib.experiments import axes, digits, neighbours, photographs

SEEDS = (0, 1, 2, 3, 4)
EXPERIMENTS = {
    "axes": axes.measure,
    "digits": digits.measure,
    "neighbours": neighbours.measure,
    "photographs": photographs.measure,
}
