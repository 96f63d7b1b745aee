"""More pictures for a small classifier: none, flipped, shifted, or made by a VAE that is told.

Made by GANs, they are measured in augment_gan, by this file's rule and classifier.

The rule, written before the first run. A way of augmenting helps at a number of examples a class
if the 95 % t-interval of the paired difference of test accuracy, with minus without, over the five
seeds lies above 0; it harms if it lies below 0; else the answer is "not seen here". Every way may
choose among three settings by validation accuracy. (The 350 validation digits are more than some
of the training sets: no real project would have them. It is the same for all ways.)
"""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course_lib.data import Batch, load, stream
from course_lib.models.conditional import ConditionalVAE
from course_lib.recipes.conditional import conditional_players, conditional_step
from course_lib.runtime import generator, pick_device
from course_lib.sampling import evaluating
from course_lib.training import descend, fit

SIZES = (20, 50, 100)  # examples a class, as far as there are so many
SHARES = (0.25, 0.5, 0.75)  # of each batch that is made up, shifted or flipped
DECAYS = (0.0, 0.01, 0.1)  # weight decays: the three settings of "none"
WAYS = ("none", "flips", "shifts", "VAE")
STEPS, BATCH, MADE_UP = 150, 64, 2000


def measure(
    seed: int,
    sizes: tuple[int, ...] = SIZES,
    ways: tuple[str, ...] = WAYS,
    makers: dict[str, Callable[[Batch, int], Batch]] | None = None,
) -> dict:
    """Train classifiers on few digits in each way: 10 processor seconds.

    Args:
        seed: decides which digits, all weights and all draws.
        sizes: examples a class; some are enough for a live look.
        ways: likewise.
        makers: who makes up more from a few digits and a seed, by the name of the way; by default
            the VAE.

    Returns:
        {examples a class: {way: test accuracy at the setting that validation chose}}.
    """
    data, found = load("digits"), {}
    makers = {"VAE": made_up} if makers is None else makers
    for size in sizes:
        few = few_of_each(data.train, size, seed)
        found[str(size)] = {}
        for way in ways:
            made = makers[way](few, seed) if way in makers else None
            tried = {}
            for setting in DECAYS if way == "none" else SHARES:
                net = classifier(few, way, setting, made, seed)
                tried[accuracy(net, data.validation)] = net
            found[str(size)][way] = accuracy(tried[max(tried)], data.test)
    return found


def few_of_each(split: Batch, size: int, seed: int) -> Batch:
    """Return so many items of each class, or all where there are fewer."""
    order = torch.randperm(len(split.x), generator=generator(seed)).to(split.x.device)
    label = split.label[order]
    chosen = torch.cat([(label == kind).nonzero().flatten()[:size] for kind in range(10)])
    return Batch(split.x[order[chosen]], label[chosen])


def made_up(few: Batch, seed: int, n_steps: int = 300) -> Batch:
    """Train a VAE that is told the class on a few digits, and let it draw 2,000 more."""
    vae = _taught(few, seed, n_steps)
    draw = generator(seed)
    label = torch.arange(MADE_UP) % 10
    z = torch.randn(MADE_UP, vae.latent_dim, generator=draw)
    device = pick_device()
    with evaluating(vae):
        return Batch(vae.decode(z.to(device), label[:, None].to(device)), label.to(device))


def _taught(few: Batch, seed: int, n_steps: int) -> ConditionalVAE:
    players = conditional_players("digits", (10,), seed)
    batches = stream(Batch(few.x, few.label[:, None]), min(64, len(few.x)), seed)
    fit(conditional_step, batches, n_steps, **players)
    return players["ema"].model


def classifier(few: Batch, way: str, setting: float, made: Batch | None, seed: int) -> nn.Module:
    """Train a small network for 150 steps, with part of each batch augmented in one way."""
    torch.manual_seed(seed)
    net = nn.Sequential(nn.Flatten(), nn.Linear(64, 128), nn.ReLU(), nn.Linear(128, 10))
    net = net.to(pick_device())
    opt = torch.optim.AdamW(net.parameters(), 3e-3, weight_decay=setting if way == "none" else 0.01)
    draw = generator(seed)
    for _ in range(STEPS):
        index = torch.randint(len(few.x), (BATCH,), generator=draw)
        x, label = few.x[index].clone(), few.label[index].clone()
        n = 0 if way == "none" else round(setting * BATCH)
        if way == "flips":
            x[:n] = x[:n].flip(-1)
        elif way == "shifts":
            x[:n] = shifted(x[:n], draw)
        elif made is not None:
            other = torch.randint(len(made.x), (n,), generator=draw)
            x[:n], label[:n] = made.x[other], made.label[other]
        descend(F.cross_entropy(net(x), label), opt)
    return net


def shifted(x: Tensor, draw: torch.Generator) -> Tensor:
    """Move each picture (N, C, S, S) by up to one pixel each way; what comes in is black."""
    by = torch.randint(-1, 2, (len(x), 2), generator=draw).tolist()
    wide, side = F.pad(x, [1] * 4, value=-1.0), x.shape[-1]
    moves = [
        p[:, 1 - v : 1 - v + side, 1 - h : 1 - h + side] for p, (v, h) in zip(wide, by, strict=True)
    ]
    return torch.stack(moves) if len(x) else x


def accuracy(net: nn.Module, split: Batch) -> float:
    """Return the share of items whose class the network names."""
    with evaluating(net):
        right = net(split.x).argmax(dim=1) == split.label
    return right.cpu().double().mean().item()
