"""When does a diffusion model of products copy? 20 to 20,000 of them, with the long runs' recipe.

The rule is that of `copying`, written before the first run: a sample is a copy if it lies nearer
to a training picture than 99 of 100 pictures do that were held out; memorising has ended at the
smallest number of pictures from which on less than 5 of 100 samples are copies in every seed. The
losses tell it as they do there.

Products are shrunk to 16x16, so that training costs one minute and not four. Nobody is told what
they show. Each number of them gets the same steps: with 20 each comes round 2,400 times, with
20,000 twice or three times. Three seeds: a look, no verdict.
"""

from functools import cache, partial

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course_lib.data import Batch, stream
from course_lib.data.catalog import catalog_split
from course_lib.data.catalog_words import VOCABULARY
from course_lib.experiments.copying import filled, marks, samples, schedule, some
from course_lib.metrics import pca_features, precision_recall
from course_lib.recipes.pictures import BATCH, picture_job
from course_lib.runs import train_at_once
from course_lib.runtime import pick_device
from course_lib.sampling import Guided

SEEDS = (0, 1, 2)
PARTS = ("20", "200", "2000", "20000")
SIZE, N_STEPS, N_HELD_OUT = 16, 1500, 1000


def measure(part: str) -> dict:
    """Train on so many products and look for copies: a minute.

    Returns:
        What `copying.marks` returns, and precision and recall in 16 principal components, each a
        list over SEEDS.
    """
    held_out, found = shrunk("test", N_HELD_OUT).x, []
    see = pca_features(shrunk("train", 20_000).x, 16)
    for seed in SEEDS:
        few = some(shrunk("train", 20_000), int(part), seed)
        model = taught(few, seed)
        x = samples(model, few.x, seed)
        good = precision_recall(see.embed(x), see.embed(held_out[: len(x)]))._asdict()
        found.append(marks(model, few.x, held_out, seed) | good)
    return {name: [one[name] for one in found] for name in found[0]}


def taught(few: Batch, seed: int, n_steps: int = N_STEPS) -> nn.Module:
    """Return what the recipe of the long runs makes of these products: it predicts noise."""
    job = picture_job("diffusion", "catalog", seed, SIZE)
    batch_size = BATCH["diffusion"]
    job = job._replace(batches=partial(stream, filled(few, batch_size), batch_size))
    train_at_once(job, seed, n_steps)
    return Unasked(job.model)


class Unasked(nn.Module):
    """Predict noise with a model that could be told what to paint, and is not."""

    def __init__(self, model: nn.Module):
        super().__init__()
        self.model = model

    def forward(self, x_t: Tensor, t: Tensor) -> Tensor:
        """Predict the noise in x_t (B, C, S, S) at timesteps t (B,)."""
        nothing = torch.full((len(x_t), len(VOCABULARY)), -1, device=x_t.device)
        return Guided(self.model, schedule(), nothing)(x_t, t)


@cache
def shrunk(split: str, n: int) -> Batch:
    """Return the first n products of a split, (n, 3, 16, 16), about which nothing is said."""
    x = F.avg_pool2d(catalog_split(split, n).x, 2).to(pick_device())
    return Batch(x, torch.full((n, len(VOCABULARY)), -1, device=x.device))
