"""The long experiments behind stored numbers: a file each, whose `measure(seed)` measures one seed.

`python -m course_lib results NAME` measures all seeds and stores them; a notebook measures one of
them again, live, and holds it against those stored. What it returns is plain: names to numbers.
"""

from course_lib.experiments import digits, even_game, frozen_detective, gan_parts, photographs

SEEDS = (0, 1, 2, 3, 4)
EXPERIMENTS = {
    "digits": digits.measure,
    "even_game": even_game.measure,
    "frozen_detective": frozen_detective.measure,
    "gan_parts": gan_parts.measure,
    "photographs": photographs.measure,
}
