"""Three networks for one task: a U-Net, a plain one, a transformer. Digits, guessing the noise.

All learn about 79,000 numbers. The clock is a core's processor time: 200 steps of the U-Net take as
long as 1,700 of the plain network and 200 of the transformer (measured on one core, batches of 64).
All take the learning rate of the digit recipe, which was chosen for the U-Net; the others were not
tuned. `sculptor_choices` trains the U-Net, and asks it three questions.

Rule (claim 82), set before the first run: confirmed if the U-Net's kernel distance to test digits
is smaller than the plain network's after the same time in every seed; refuted if larger in every
seed; else it depends. The transformer, and equal steps, are shown and decide nothing.
"""

from collections.abc import Callable

from torch import nn

from course_lib.experiments.sculptors import asked, digit_distance
from course_lib.models import UNet
from course_lib.models.denoisers import PlainDenoiser, TransformerDenoiser
from course_lib.runtime import noise, pick_device
from course_lib.sampling import ddim
from course_lib.schedules import cosine_alpha_bar

NETWORKS: dict[str, Callable[[], nn.Module]] = {
    "unet": lambda: UNet(width=16),
    "plain": PlainDenoiser,
    "transformer": TransformerDenoiser,
}
STEPS = {"unet": 200, "plain": 1700, "transformer": 200}


def others(seed: int) -> dict[str, float]:
    """Train the plain network and the transformer for the U-Net's time: about 8 seconds.

    Returns:
        {network: kernel distance to test digits}, with "plain, 200 steps": for the U-Net's steps.
    """
    found = {name: trial(name, seed, n) for name, n in STEPS.items() if name != "unet"}
    return found | {"plain, 200 steps": trial("plain", seed, STEPS["unet"])}


def trial(name: str, seed: int, n_steps: int) -> float:
    """Train one network for n_steps batches; return its kernel distance to test digits."""
    _, slow = asked(seed, "noise", network=NETWORKS[name], n_steps=n_steps)
    alpha_bar = cosine_alpha_bar(1000).to(pick_device())
    return digit_distance(ddim(slow, noise(350, 1, 8, 8, seed=100 + seed), alpha_bar, 25))
