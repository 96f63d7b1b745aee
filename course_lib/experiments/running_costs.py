"""What each family costs on digits: to train up to one distance, and to draw from.

The rules, written before the first run. Training (claims 36 and 90): processor seconds until the
kernel distance to validation pictures first falls below 0.1, looked at every 50 steps; looking is
not counted. Training diffusion is dear (90) if it takes more than twice the seconds of GAN and of
VAE, in all and per step, in every seed; refuted if not more in every seed; else it depends.
Drawing (100): dear if 1,000 pictures, 64 at a time, take more than three times the seconds that a
GAN's take, in every seed; refuted if not more; else it depends.

Joules are not here: they can be read where Linux shows the processor's counters, see `joules`.
"""

import time
from pathlib import Path

from course_lib.bench.costs import seconds_for
from course_lib.data import load, stream
from course_lib.metrics import kernel_distance, usual_features
from course_lib.recipes import FAMILIES, Recipe, digit_recipe
from course_lib.runtime import noise
from course_lib.training import fit

TARGET, SLICE, LONGEST, BATCH = 0.1, 50, 3000, 64
COUNTERS = Path("/sys/class/powercap")


def measure(seed: int) -> dict:
    """Train each family up to the target and time its pictures: 15 processor seconds.

    Returns:
        {family: {steps, seconds, step_ms: a training step, passes, alone_ms: a picture drawn
        alone, crowd_ms: a picture drawn with 63 others, thousand: seconds for 1,000}}.
    """
    return {family: costs_of(family, seed) for family in FAMILIES}


def costs_of(family: str, seed: int) -> dict[str, float]:
    """Return what one family costs, see `measure`."""
    recipe = digit_recipe(family, seed)
    steps, seconds = until_target(recipe, seed)
    alone, crowd = (picture_seconds(recipe, n) for n in (1, BATCH))
    return {
        "steps": steps,
        "seconds": seconds,
        "step_ms": 1000 * seconds / steps,
        "passes": recipe.n_passes,
        "alone_ms": 1000 * alone,
        "crowd_ms": 1000 * crowd,
        "thousand": 1000 * crowd,
    }


def until_target(recipe: Recipe, seed: int, target: float = TARGET) -> tuple[int, float]:
    """Train until a distance is reached, or for 3,000 steps; return steps and seconds."""
    data = load("digits")
    features = usual_features(data)
    real, z = features.embed(data.validation.x), noise(350, 64, seed=seed)
    batches, steps, seconds = stream(data.train, BATCH, seed), 0, 0.0
    while steps < LONGEST:
        start = time.process_time()
        fit(recipe.step, batches, SLICE, **recipe.players)
        seconds += time.process_time() - start
        steps += SLICE
        if kernel_distance(features.embed(recipe.draw(z)), real) < target:
            break
    return steps, seconds


def picture_seconds(recipe: Recipe, n: int, least: float = 0.05) -> float:
    """Return the processor seconds of one picture when n are drawn together: the best of three."""
    z = noise(n, 64, seed=0)
    return seconds_for(lambda: recipe.draw(z), least, rounds=3) / n


def joules(folder: Path = COUNTERS) -> float | None:
    """Return the joules that the processor's packages have used since some moment, or None.

    Linux shows them on many Intel and AMD machines (RAPL, in microjoules), mostly to the
    administrator alone; virtual machines hide them. The counters start again at 0 when full.
    """
    counters = sorted(folder.glob("intel-rapl:?/energy_uj")) if folder.is_dir() else []
    try:
        found = [int(counter.read_text(encoding="ascii")) for counter in counters]
    except OSError:
        return None
    return sum(found) / 1e6 if found else None
