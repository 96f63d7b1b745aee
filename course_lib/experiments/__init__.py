"""The long experiments behind stored numbers: a file each, whose `measure(seed)` measures one seed.

`python -m course_lib results NAME` measures all seeds and stores them; a notebook measures one of
them again, live, and holds it against those stored. What it returns is plain: names to numbers.

Those in CROWDS train their seeds together, ten at once: `measure(part)` measures one part of the
experiment for all SEEDS of its file, and returns lists over seeds.
"""

from course_lib.experiments import digits, gan_cures, gan_modes, photographs, side_costs

SEEDS = (0, 1, 2, 3, 4)
EXPERIMENTS = {
    "digits": digits.measure,
    "photographs": photographs.measure,
    "side_costs": side_costs.measure,
}
CROWDS = {"gan_cures": gan_cures, "gan_modes": gan_modes}
