"""From picture to picture, learned from pairs: what a detective adds to an error in pixels.

Three tasks of the catalog, whose truth is known: a pencil outline becomes a striped product, day
becomes night, 8 x 8 pixels become 32 x 32. Each translator first learns with L1 alone, then goes on
on the same batches twice: with L1 alone, and with L1 and a detective of patches.

The rules, written before the first run of all seeds (trials on validation pictures, with other
settings, came before):

- Claim 29, pictures are translated. As the ledger had it: confirmed if, with the detective, the
  recogniser reads the right kind in more than 0.9 of test outlines in every seed; refuted if in
  less than 0.5; else it depends.
- Claim 20, pictures are enlarged. As the ledger had it: confirmed if with the detective the fine
  detail is nearer to that of real pictures in every seed; refuted if it is further away in every
  seed; else it depends. PSNR is reported, whoever wins.
- What a detective is for, no claim. Where many answers are right (outlines), L1 alone should have
  the higher PSNR and the detective the more stripes. Where one is (night), he should add nothing.
"""

from collections.abc import Callable
from copy import deepcopy
from typing import NamedTuple

import torch.nn.functional as F
from torch import Tensor, nn

from course_lib.data import Batch, stream
from course_lib.data.catalog import split_factors
from course_lib.data.catalog_factors import Factors
from course_lib.data.catalog_paint import render
from course_lib.data.catalog_pairs import low_resolution, night, pencil_outline, with_pattern
from course_lib.data.catalog_words import PATTERNS
from course_lib.judges import read_pictures
from course_lib.metrics import sharpness
from course_lib.metrics.coding import psnr
from course_lib.recipes.translation import paired_players, paired_step
from course_lib.runtime import pick_device
from course_lib.sampling import decode
from course_lib.training import fit

N_TRAIN, N_TEST, BATCH = 6000, 300, 16
WAYS = {"L1": 0.0, "L1 + detective": 0.1}  # what the detective's verdict weighs beside the error


class Task(NamedTuple):
    """What is translated into what, for how long."""

    pair: Callable[[Factors], tuple[Tensor, Tensor]]  # pictures to translate, and their truth
    keep: bool  # whether the translator begins with the picture it gets
    n_first: int  # steps with L1 alone
    n_more: int  # steps after that, each way


def striped_outlines(factors: Factors) -> tuple[Tensor, Tensor]:
    """Return pencil outlines, and the products in stripes."""
    factors = with_pattern(factors, "striped")
    return pencil_outline(factors), render(factors)


def days_and_nights(factors: Factors) -> tuple[Tensor, Tensor]:
    """Return products by day and by night."""
    day = render(factors)
    return day, night(day, factors)


def small_and_large(factors: Factors) -> tuple[Tensor, Tensor]:
    """Return products at 8 x 8 pixels, enlarged by the bicubic rule, and at 32 x 32."""
    large = render(factors)
    return bicubic(low_resolution(large, 8)), large


def bicubic(small: Tensor) -> Tensor:
    """Enlarge pictures four times (B, C, S, S) -> (B, C, 4 S, 4 S), with nothing learned."""
    return F.interpolate(small, scale_factor=4, mode="bicubic").clamp(-1, 1)


TASKS = {
    "outlines": Task(striped_outlines, False, 250, 200),
    "night": Task(days_and_nights, True, 100, 60),
    "enlarging": Task(small_and_large, True, 150, 150),
}


def measure(seed: int, tasks: tuple[str, ...] = tuple(TASKS)) -> dict:
    """Train both ways for each task and mark the test pictures: about a minute.

    Returns:
        {task: {"as it came", "L1", "L1 + detective": `marks`}}.
    """
    found = {}
    for name in tasks:
        translators = trained(name, seed)
        x, truth, factors = pictures(name, "test", N_TEST)
        came = {} if name == "outlines" else {"as it came": marks(x, truth, factors)}
        found[name] = came | {
            way: marks(decode(G, x.to(pick_device())).cpu(), truth, factors)
            for way, G in translators.items()
        }
    return found


def pictures(task: str, split: str, n: int) -> tuple[Tensor, Tensor, Factors]:
    """Return n pictures of a split to translate, their truth, and what decided both."""
    factors = split_factors(split, n)
    return *TASKS[task].pair(factors), factors


def trained(task: str, seed: int) -> dict[str, nn.Module]:
    """Train a translator for a task in each of the WAYS; the first steps are shared.

    Returns:
        {way: the average translator, see `EMA`}.
    """
    _, keep, n_first, n_more = TASKS[task]
    x, truth, _ = pictures(task, "train", N_TRAIN)
    pairs = Batch(x.to(pick_device()), truth.to(pick_device()))
    start = paired_players(x.shape[1], seed, keep)
    fit(paired_step, stream(pairs, BATCH, seed), n_first, weight=0.0, **start)
    translators = {}
    for way, weight in WAYS.items():
        players = deepcopy(start)
        batches = stream(pairs, BATCH, seed, skip=n_first)
        fit(paired_step, batches, n_more, weight=weight, **players)
        translators[way] = players["ema"].model
    return translators


def marks(x_hat: Tensor, truth: Tensor, factors: Factors) -> dict[str, float]:
    """Mark translations by their truth, and by what the recogniser reads.

    Returns:
        {psnr in dB, sharpness, its distance from 1 ("off"), and the shares of pictures whose kind
        and colour are read rightly, and that are read as striped}.
    """
    words = read_pictures(x_hat).words
    read = {
        "kind": words.kind == factors.kind,
        "colour": words.colour == factors.colour,
        "striped": words.pattern == PATTERNS.index("striped"),
    }
    sharp = sharpness(x_hat, truth)
    found = {"psnr": psnr(x_hat, truth), "sharpness": sharp, "off": abs(sharp - 1)}
    return found | {name: share.double().mean().item() for name, share in read.items()}
