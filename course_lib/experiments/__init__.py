"""The long experiments behind stored numbers: a file each, whose `measure(seed)` measures one seed.

`python -m course_lib results NAME` measures all seeds and stores them; a notebook measures one of
them again, live, and holds it against those stored. What it returns is plain: names to numbers.

Those in CROWDS train their seeds together, ten at once: `measure(part)` measures one part of the
experiment for all SEEDS of its file, and returns lists over seeds.
"""

from course_lib.experiments import (
    attributes,
    augment,
    axes,
    compression,
    digits,
    even_game,
    fast_digits,
    fast_pictures,
    frozen_detective,
    gan_cures,
    gan_modes,
    gan_parts,
    halfway,
    inspection,
    molecules,
    neighbours,
    photographs,
    recolour,
    recommendation,
    repair,
    side_costs,
    tables,
    tones,
    vae_activations,
    vae_axes,
    vae_basics,
    vae_pixels,
    vae_price,
)

SEEDS = (0, 1, 2, 3, 4)
EXPERIMENTS = {
    "digits": digits.measure,
    "attributes": attributes.measure,
    "augment": augment.measure,
    "axes": axes.measure,
    "compression": compression.measure,
    "even_game": even_game.measure,
    "fast_digits": fast_digits.measure,
    "fast_pictures": fast_pictures.measure,
    "frozen_detective": frozen_detective.measure,
    "gan_parts": gan_parts.measure,
    "halfway": halfway.measure,
    "inspection": inspection.measure,
    "molecules": molecules.measure,
    "neighbours": neighbours.measure,
    "photographs": photographs.measure,
    "recolour": recolour.measure,
    "recommendation": recommendation.measure,
    "repair": repair.measure,
    "side_costs": side_costs.measure,
    "tables": tables.measure,
    "tones": tones.measure,
    "vae_activations": vae_activations.measure,
    "vae_axes": vae_axes.measure,
    "vae_basics": vae_basics.measure,
    "vae_pixels": vae_pixels.measure,
    "vae_price": vae_price.measure,
}
CROWDS = {"gan_cures": gan_cures, "gan_modes": gan_modes}
