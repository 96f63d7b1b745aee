"""When does a diffusion model copy? Digits, from 20 pictures to all 1,097, as many steps for each.

The rule, written before the numbers. A sample is a copy if it lies nearer to a training picture
than 99 of 100 pictures do that were held out: of honest new pictures about 1 in 100 counts as one.
Memorising has ended at the smallest number of pictures from which on less than 5 of 100 samples
are copies in each of the five seeds. The losses tell it if the loss on held-out pictures is more
than twice that on training pictures wherever more than half of the samples are copies, and less
than 1.2 times where memorising has ended, in each seed.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course_lib.data import Batch, load, stream
from course_lib.metrics import novelty
from course_lib.models import UNet
from course_lib.models.memory import Memory
from course_lib.recipes import ddpm_step
from course_lib.runtime import generator, noise, pick_device
from course_lib.sampling import ddim, evaluating
from course_lib.schedules import cosine_alpha_bar, noised
from course_lib.training import EMA, fit

SIZES = (20, 200, 1097)
N_STEPS, BATCH, N_SAMPLES, N_LOOKS = 600, 32, 350, 1400


def measure(seed: int, sizes: tuple[int, ...] = SIZES) -> dict:
    """Train one network for each number of digits and look for copies: half a minute.

    Returns:
        {number of pictures: what `marks` returns}.
    """
    data = load("digits")
    found = {}
    for size in sizes:
        few = some(data.train, size, seed)
        found[str(size)] = marks(taught(few, seed), few.x, data.test.x, seed)
    return found


def some(split: Batch, size: int, seed: int) -> Batch:
    """Return so many items of a split, chosen by the seed."""
    chosen = torch.randperm(len(split.x), generator=generator(seed))[:size].to(split.x.device)
    return Batch(split.x[chosen], split.label[chosen])


def filled(few: Batch, batch_size: int) -> Batch:
    """Repeat a set of items as often as it takes to fill a batch."""
    times = -(-batch_size // len(few.x))
    return Batch(*(part.repeat(times, *[1] * (part.ndim - 1)) for part in few))


def taught(few: Batch, seed: int, n_steps: int = N_STEPS) -> nn.Module:
    """Return the slow average of a U-Net trained on these pictures, repeated to fill a batch."""
    torch.manual_seed(seed)
    channels, size = few.x.shape[1:3]
    model = UNet(channels, size, width=16).to(pick_device())
    opt, ema = torch.optim.Adam(model.parameters(), lr=3e-3, fused=True), EMA(model, decay=0.99)
    players = {"model": model, "opt": opt, "alpha_bar": schedule(), "ema": ema}
    fit(ddpm_step, stream(filled(few, BATCH), BATCH, seed), n_steps, **players)
    return ema.model


def schedule() -> Tensor:
    """Return the schedule of all these models, alpha_bar (1000,)."""
    return cosine_alpha_bar(1000).to(pick_device())


def samples(model: nn.Module, like: Tensor, seed: int, n: int = N_SAMPLES) -> Tensor:
    """Draw n pictures of the shape of `like` (., C, S, S), in 25 passes."""
    return ddim(model, noise(n, *like.shape[1:], seed=seed), schedule(), 25)


def marks(model: nn.Module, train: Tensor, held_out: Tensor, seed: int) -> dict[str, float]:
    """Return how many samples are copies, and the losses on pictures seen and not seen.

    Returns:
        copies, ratio: see `course_lib.metrics.Novelty`.
        train, held_out: the model's loss on pictures it was trained on, and on others.
        memory: the smallest loss that is possible on the training pictures, see `Memory`.
    """
    found = novelty(samples(model, train, seed), train, held_out)
    return {
        "copies": found.copies,
        "ratio": found.ratio,
        "train": loss_on(train, model, seed),
        "held_out": loss_on(held_out, model, seed),
        "memory": loss_on(train, Memory(train, schedule()), seed),
    }


def loss_on(x: Tensor, model: nn.Module, seed: int, n: int = N_LOOKS) -> float:
    """Return the mean squared error of the noise that a model guesses in n looks at pictures."""
    draw, alpha_bar = generator(seed + 1000), schedule()
    x = x.repeat(-(-n // len(x)), 1, 1, 1)[:n]
    t = torch.randint(len(alpha_bar), (n,), generator=draw).to(x.device)
    eps = torch.randn(x.shape, generator=draw).to(x.device)
    x_t, errors = noised(x, eps, alpha_bar[t]), []
    with evaluating(model):
        for part in torch.arange(n).split(250):
            errors.append(F.mse_loss(model(x_t[part], t[part]), eps[part], reduction="none"))
    return torch.cat(errors).mean().item()
