"""How the cost of a picture grows with its side, with the batch, and with how many are drawn."""

from typing import NamedTuple

import torch

from course_lib.bench.contenders import Contender
from course_lib.bench.costs import peak_bytes, seconds_for
from course_lib.data import Batch
from course_lib.recipes.pictures import picture_job
from course_lib.runtime import generator, half_precision, pick_device


class Sizes(NamedTuple):
    """How much is measured."""

    n_many: int = 5000  # pictures for a distance
    n_diffusion: int = 2000  # where each costs many passes
    passes: tuple[int, ...] = (6, 12, 24, 50)  # of diffusion
    n_timed: int = 64  # pictures drawn for a time per picture
    sides: tuple[int, ...] = (8, 16, 32, 64)  # pixels
    batches: tuple[int, ...] = (1, 8, 64)  # the last one while the side grows
    numbers: tuple[int, ...] = (1, 8, 64, 500)  # pictures drawn in one go
    matrix: int = 1024  # rows and columns of the product that shows the peak
    least: float = 0.2  # processor seconds of one round of a timing
    rounds: int = 3  # of which the quickest counts


USUAL = Sizes()


def growth(family: str, ours: Contender, sizes: Sizes) -> dict[str, list]:
    """Return lists of [size, processor seconds a picture, peak bytes a picture].

    Args:
        family: "vae", "gan" or "diffusion"; training steps of it are measured at every size.
        ours: a model of this family, which draws n pictures.
        sizes: which sizes.
    """
    most = sizes.batches[-1]
    return {
        "side": [[side, *_step_costs(family, side, most, sizes)] for side in sizes.sides],
        "batch": [[b, *_step_costs(family, 32, b, sizes)] for b in sizes.batches],
        "n": [[n, *_drawing_costs(ours, n, sizes)] for n in sizes.numbers],
    }


def drawing_seconds(contender: Contender, n: int, passes: int, sizes: Sizes) -> float:
    """Return the processor seconds of one picture, n drawn in one go."""
    action = lambda: contender.draw(n, 0, passes)  # noqa: E731
    return seconds_for(action, sizes.least, sizes.rounds) / n


def _drawing_costs(ours: Contender, n: int, sizes: Sizes) -> tuple[float, float]:
    seconds = drawing_seconds(ours, n, ours.passes, sizes)
    return seconds, peak_bytes(lambda: ours.draw(n, 0, ours.passes)) / n


def _step_costs(family: str, side: int, batch_size: int, sizes: Sizes) -> tuple[float, float]:
    """Measure a training step on pictures of noise: what they show costs nothing."""
    draw = generator(0)
    x = torch.rand(batch_size, 1, side, side, generator=draw) * 2 - 1
    batch = Batch(x, torch.randint(10, (batch_size, 1), generator=draw))
    job = picture_job(family, "fashion", 0, side)

    def step() -> None:
        with half_precision(pick_device()):
            job.step(batch, **job.players)

    seconds = seconds_for(step, sizes.least, sizes.rounds)  # first: it wakes the optimizers
    return seconds / batch_size, peak_bytes(step) / batch_size
