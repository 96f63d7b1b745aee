"""The two judges: what they learn from, and their step.

They mark the work of generators, so they may know more than those: the recogniser sees fresh
pictures without end, of all combinations, those held out from the generators' training included.
"""

from collections.abc import Iterator

import torch
import torch.nn.functional as F
from torch import Tensor

from course_lib.data import Batch, load, stream
from course_lib.data.catalog_factors import sample_factors
from course_lib.data.catalog_paint import render
from course_lib.data.catalog_spoiled import spoil
from course_lib.data.catalog_words import VOCABULARY
from course_lib.models import Judge
from course_lib.recipes.jobs import Job
from course_lib.runtime import generator, pick_device
from course_lib.training import EMA, descend

CLASSIFIER = {"channels": 1, "answers": (10,)}
RECOGNISER = {"channels": 3, "answers": (*map(len, VOCABULARY), 2)}  # five factors; valid or not


def judge_job(data: str, seed: int) -> Job:
    """Return a fresh classifier for "fashion" or recogniser for "catalog".

    Raises:
        ValueError: if there is no judge for that data set.
    """
    if data not in JUDGES:
        raise ValueError(f"there is no judge for {data!r}: choose one of {', '.join(JUDGES)}")
    torch.manual_seed(seed)
    config, batches, n_steps = JUDGES[data]
    judge = Judge(**config).to(pick_device(), memory_format=torch.channels_last)
    ema = EMA(judge, decay=0.999)
    opt = torch.optim.AdamW(judge.parameters(), lr=3e-3, weight_decay=1e-3, fused=True)
    players = {"judge": judge, "opt": opt, "ema": ema}
    return Job(judge_step, players, ema.model, config, batches, n_steps)


def judge_step(batch: Batch, judge: Judge, opt: torch.optim.Optimizer, ema: EMA):
    """Answer every question about a batch. A label below 0 means: this question is not asked."""
    labels = batch.label.reshape(len(batch.label), -1).unbind(1)
    losses = [
        F.cross_entropy(logits.float(), label, ignore_index=-1)
        for logits, label in zip(judge(batch.x), labels, strict=True)
    ]
    loss = torch.stack(losses).sum()
    descend(loss, opt)
    ema.update(judge)
    return {"loss": loss}


def photographs_moved(seed: int, skip: int) -> Iterator[Batch]:
    """Return batches of training photographs, each mirrored and moved a little by chance."""
    train = load("fashion").train
    for batch in stream(train, 128, seed, skip):
        yield Batch(_moved(batch.x), batch.label)


def _moved(x: Tensor, reach: int = 2) -> Tensor:
    """Mirror half of the images and move each by up to `reach` pixels along either axis."""
    n, side = len(x), x.shape[-1]
    flip = torch.rand(n, 1, 1, 1, device=x.device) < 0.5
    x = F.pad(torch.where(flip, x.flip(-1), x), [reach] * 4, value=-1.0)
    start = torch.randint(2 * reach + 1, (2, n, 1), device=x.device)
    row, column = start + torch.arange(side, device=x.device)  # (N, S) each
    image = torch.arange(n, device=x.device)[:, None, None]
    return x[image, :, row[:, :, None], column[:, None, :]].permute(0, 3, 1, 2)


def fresh_products(seed: int, skip: int) -> Iterator[Batch]:
    """Return batches of fresh pictures, labels (B, 6): the five factors, and 1 for valid.

    Of 128, 44 are spoiled, so their factors are not asked for (-1) and they are not valid (0). 20
    lie under noise of any strength, so that the judge learns how sure it can be; whether they are
    still valid is not asked. All carry a trace of noise, as the work of a good generator may.
    """
    n, spoiled, hard, i = 128, slice(0, 44), slice(44, 64), skip
    while True:
        draw = (1 + seed) * 1_000_003 + i  # no split of the catalog is drawn from such a seed
        factors, chance = sample_factors(n, draw), generator(draw)
        x = render(factors)
        label = torch.stack([*factors[:5], torch.ones(n, dtype=torch.int64)], dim=1)
        x[spoiled], label[spoiled] = spoil(x[spoiled], draw), torch.tensor([-1] * 5 + [0])
        label[hard, 5] = -1
        strength = 0.1 * torch.rand(n, 1, 1, 1, generator=chance)
        strength[::2] = 0
        strength[hard] = torch.rand(20, 1, 1, 1, generator=chance)
        x = (x + strength * torch.randn(x.shape, generator=chance)).clamp(-1, 1)
        yield Batch(x.to(pick_device()), label.to(pick_device()))
        i += 1


JUDGES = {  # by data set: settings, batches, steps
    "fashion": (CLASSIFIER, photographs_moved, 8_000),
    "catalog": (RECOGNISER, fresh_products, 6_000),
}
