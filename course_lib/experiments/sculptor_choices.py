"""From a beginner's way of undoing noise to that of Ho et al. 2020, one choice at a time. Digits.

Each rung of the ladder keeps what the one before it changed. All networks are the same U-Net, and
take 200 batches of 64; a rung that changes how one draws, or averages weights, trains nothing.
Then the same network is asked for the noise, the clean picture or the velocity, all else equal. And
other networks are asked for the noise, see `sculptor_networks`, where the rule for claim 82 stands.

Rules, set before the first stored run, after one trial of seed 0. A rung *helps* if the kernel
distance falls in 4 of 5 seeds, *hurts* if it rises in 4 of 5, and else makes no clear difference.
One question is *better* than another if its kernel distance is smaller in 4 of 5 seeds.
"""

import torch
from torch import nn

from course_lib.data import load
from course_lib.experiments.sculptor_networks import NETWORKS, others
from course_lib.experiments.sculptors import (
    Untold,
    apprentice,
    asked,
    digit_distance,
    share_step,
    static,
    walk,
)
from course_lib.models import UNet
from course_lib.runtime import noise, pick_device
from course_lib.sampling import TARGETS, ddim, evaluating
from course_lib.schedules import cosine_alpha_bar, noised

FEW, MANY, N = 5, 25, 350  # looks of the first try and of all others; pictures
MOMENTS = (50, 300, 500, 700, 950)
RUNGS = (
    "first try",
    "25 looks, not 5",
    "average the weights",
    "bells and roots",
    "tell the time",
    "ask for the noise",
    "fresh noise on the way",
)


class NoTime(nn.Module):
    """A U-Net that is called without a timestep."""

    def __init__(self):
        super().__init__()
        self.unet = UNet(width=16)

    def forward(self, x):
        """Answer for pictures (B, 1, 8, 8)."""
        return self.unet(x, torch.zeros(len(x), dtype=torch.int64, device=x.device))


def measure(seed: int) -> dict:
    """Climb the ladder, ask the three questions, try other networks: about 40 seconds.

    Returns:
        {ladder: {rung: kernel distance to test digits}, target: {target: the same}, network:
        {network: the same}, error: see `errors`}.
    """
    alpha_bar = cosine_alpha_bar(1000).to(pick_device())
    ladder, block = first_rungs(seed), noise(N, 1, 8, 8, seed=100 + seed)
    _, untold = asked(seed, "clean", network=lambda: Untold(UNet(width=16)))
    ladder["bells and roots"] = digit_distance(ddim(untold, block, alpha_bar, MANY))
    slow = {target: asked(seed, target, network=NETWORKS["unet"])[1] for target in TARGETS}
    found = {t: digit_distance(ddim(slow[t], block, alpha_bar, MANY)) for t in TARGETS}
    ladder["tell the time"], ladder["ask for the noise"] = found["clean"], found["noise"]
    fresh = ddim(slow["noise"], block, alpha_bar, MANY, eta=1.0, seed=seed)
    ladder["fresh noise on the way"] = digit_distance(fresh)
    wrong = {target: errors(slow[target], seed) for target in TARGETS}
    network = {"unet": found["noise"]} | others(seed)
    return {"ladder": ladder, "target": found, "network": network, "error": wrong}


def first_rungs(seed: int) -> dict[str, float]:
    """Return the kernel distances of the rungs that the first network alone decides."""
    latest, average = apprentice(seed, share_step, NoTime)
    start = static(N, 100 + seed)
    return {
        "first try": digit_distance(walk(latest, start, FEW)),
        "25 looks, not 5": digit_distance(walk(latest, start, MANY)),
        "average the weights": digit_distance(walk(average, start, MANY)),
    }


def errors(model: nn.Module, seed: int) -> dict[str, float]:
    """Return the mean squared error of the clean guess for test digits, by timestep."""
    alpha_bar, x = cosine_alpha_bar(1000).to(pick_device()), load("digits").test.x
    found = {}
    for t in MOMENTS:
        a, eps = alpha_bar[t], noise(*x.shape, seed=200 + seed)
        x_t = noised(x, eps, a.expand(len(x)))
        with evaluating(model):
            eps_hat = model(x_t, torch.full((len(x),), t, device=x.device))
        x0_hat = ((x_t - (1 - a).sqrt() * eps_hat) / a.sqrt()).clamp(-1, 1)
        found[f"t {t}"] = (x0_hat - x).square().mean().item()
    return found
