"""Who paints what is asked for? All three families told the class, on digits.

No verdict hangs on it: it fills the column "control" where one compares families. Each is trained
for about eight processor seconds with what it is told as one more input, and then asked for each
class equally often; a support vector machine, which no slope of ours has seen, names the pictures.
The VAE's code carries what was not told, so it is drawn from a standard normal, as in training.
"""

from collections.abc import Callable

import torch
from torch import Tensor

from course_lib.data import Batch, load, stream
from course_lib.experiments.digit_painters import namer
from course_lib.metrics import kernel_distance, precision_recall, usual_features
from course_lib.models.pictures import PictureUNet
from course_lib.recipes.conditional import conditional_players, conditional_step
from course_lib.recipes.picture_steps import velocity_step
from course_lib.recipes.told_gan import told_gan_players, told_gan_step
from course_lib.runtime import noise, pick_device
from course_lib.sampling import Guided, evaluating, second_order
from course_lib.schedules import cosine_alpha_bar
from course_lib.training import EMA, fit

STEPS = {"vae": 900, "gan": 300, "diffusion": 400}  # about eight processor seconds each
N, N_PASSES = 350, 12


def measure(seed: int, steps: dict[str, int] | None = None) -> dict:
    """Train three told families and ask each for 350 digits: half a minute of a processor.

    Returns:
        {family: {asked: share of pictures that show the class asked for, kernel, recall}}.
    """
    digits, wanted = load("digits", "cpu"), torch.arange(N) % 10
    features = usual_features(digits)
    real, found = features.embed(digits.test.x[:N]), {}
    for family, n_steps in (steps or STEPS).items():
        draw = told(family, seed, n_steps)
        x = draw(wanted[:, None].to(pick_device())).clamp(-1, 1).cpu()
        fake = features.embed(x)
        found[family] = {
            "asked": (namer()(x) == wanted).double().mean().item(),
            "kernel": kernel_distance(fake, real),
            "recall": precision_recall(fake, real).recall,
        }
    return found


def told(family: str, seed: int, n_steps: int) -> Callable[[Tensor], Tensor]:
    """Train one family; return what turns wishes (N, 1) into digits (N, 1, 8, 8)."""
    train = load("digits").train
    batches = stream(Batch(train.x, train.label[:, None]), 64, seed)
    step, players = {
        "vae": (conditional_step, conditional_players("digits", (10,), seed)),
        "gan": (told_gan_step, told_gan_players(seed)),
        "diffusion": (velocity_step, _diffusion_players(seed)),
    }[family]
    fit(step, batches, n_steps, **players)
    model = players["ema"].model

    def draw(wanted: Tensor) -> Tensor:
        if family == "diffusion":
            x_T, alpha_bar = noise(len(wanted), 1, 8, 8, seed=seed), players["alpha_bar"]
            return second_order(Guided(model, alpha_bar, wanted), x_T, alpha_bar, N_PASSES)
        z = noise(len(wanted), model.latent_dim, seed=seed)
        with evaluating(model):
            return (model.decode if family == "vae" else model)(z, wanted)

    return draw


def _diffusion_players(seed: int) -> dict:
    """Return what `velocity_step` needs; settings as for the pictures made up in `synthetic`."""
    torch.manual_seed(seed)
    shape = {"channels": 1, "size": 8, "patch": 1, "width": 16, "depth": 1}
    model = PictureUNet(**shape, answers=(10,)).to(pick_device())
    opt = torch.optim.Adam(model.parameters(), lr=3e-3)
    alpha_bar = cosine_alpha_bar(1000).to(pick_device())
    return {"model": model, "opt": opt, "ema": EMA(model, 0.99), "alpha_bar": alpha_bar}
