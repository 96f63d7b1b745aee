"""The long experiments behind stored numbers: a file each, whose `measure(seed)` measures one seed.

`python -m course_lib results NAME` measures all seeds and stores them; a notebook measures one of
them again, live, and holds it against those stored. What it returns is plain: names to numbers.
"""

from course_lib.experiments import (
    digits,
    photographs,
    vae_activations,
    vae_axes,
    vae_basics,
    vae_pixels,
    vae_price,
)

SEEDS = (0, 1, 2, 3, 4)
EXPERIMENTS = {
    "digits": digits.measure,
    "photographs": photographs.measure,
    "vae_activations": vae_activations.measure,
    "vae_axes": vae_axes.measure,
    "vae_basics": vae_basics.measure,
    "vae_pixels": vae_pixels.measure,
    "vae_price": vae_price.measure,
}
