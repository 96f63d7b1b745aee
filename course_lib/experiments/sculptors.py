"""Small diffusion models for digits, trained alike but for one thing, and how they are judged.

All networks of a seed meet the same batches, and are trained for the same number of steps unless
it is said otherwise. With so few steps the numbers are for comparing, not for how good one can get.
"""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course_lib.data import Dataset, load, stream
from course_lib.metrics import kernel_distance, usual_features
from course_lib.models import UNet
from course_lib.runtime import noise, pick_device
from course_lib.sampling import AsNoise, asked_for, evaluating
from course_lib.schedules import cosine_alpha_bar, noised
from course_lib.training import EMA, descend, fit

N_STEPS, RATE, DECAY = 200, 2e-3, 0.99


class Untold(nn.Module):
    """A network that is never told the timestep: it hears 0 whatever it is asked."""

    def __init__(self, network: nn.Module):
        super().__init__()
        self.network = network

    def forward(self, x_t: Tensor, t: Tensor) -> Tensor:
        """Answer for x_t (B, C, S, S) as if it were all at timestep 0."""
        return self.network(x_t, torch.zeros_like(t))


def share_step(batch, model, opt, ema):
    """Mix each picture with even static by a random share, and guess the clean picture."""
    share = torch.rand(len(batch.x), 1, 1, 1, device=batch.x.device)
    static = 2 * torch.rand_like(batch.x) - 1
    guess = model(share * static + (1 - share) * batch.x)
    loss = F.mse_loss(guess, batch.x)
    descend(loss, opt)
    ema.update(model)
    return {"loss": loss}


def target_step(batch, model, opt, ema, alpha_bar, target):
    """Do as `ddpm_step` does, but ask for one of three: "noise", "clean" or "velocity"."""
    t = torch.randint(len(alpha_bar), (len(batch.x),), device=batch.x.device)
    eps = torch.randn_like(batch.x)
    x_t = noised(batch.x, eps, alpha_bar[t])
    loss = F.mse_loss(model(x_t, t), asked_for(target, batch.x, eps, alpha_bar[t]))
    descend(loss, opt)
    ema.update(model)
    return {"loss": loss}


def apprentice(
    seed: int,
    step: Callable,
    network: Callable[[], nn.Module] = lambda: UNet(width=16),
    n_steps: int = N_STEPS,
    rate: float = RATE,
    data: Dataset | None = None,
    **constants: object,
) -> tuple[nn.Module, nn.Module]:
    """Train a network; return it as it is after the last step, and its slow average.

    Args:
        seed: decides its first weights, its batches and its noise.
        step: what is done with a batch, called as step(batch, model, opt, ema, **constants).
        network: makes it.
        n_steps: how many batches of 64.
        rate: Adam's learning rate.
        data: what it learns from, by default digits.
        constants: what else the step asks for.
    """
    torch.manual_seed(seed)
    model = network().to(pick_device())
    opt, ema = torch.optim.Adam(model.parameters(), rate, fused=True), EMA(model, DECAY)
    batches = stream((data or load("digits")).train, 64, seed)
    fit(step, batches, n_steps, model=model, opt=opt, ema=ema, **constants)
    return model, ema.model


def asked(
    seed: int, target: str, alpha_bar: Tensor | None = None, **more: object
) -> tuple[nn.Module, nn.Module]:
    """Train as `apprentice` does, asking for a target; return both networks as predicting noise."""
    alpha_bar = cosine_alpha_bar(1000).to(pick_device()) if alpha_bar is None else alpha_bar
    both = apprentice(seed, target_step, alpha_bar=alpha_bar, target=target, **more)
    latest, slow = (AsNoise(each, alpha_bar, target) for each in both)
    return latest, slow


def walk(guess: nn.Module, x: Tensor, n_looks: int) -> Tensor:
    """Start from static x, look, and go a share of the way to the guess: at last, all of it."""
    for i in range(n_looks):
        with evaluating(guess):
            x = x + (guess(x) - x) / (n_looks - i)
    return x.clamp(-1, 1)


def static(n: int, seed: int) -> Tensor:
    """Return n pictures (n, 1, 8, 8) of even static between -1 and 1."""
    return torch.erf(noise(n, 1, 8, 8, seed=seed) / 2**0.5)


def digit_distance(images: Tensor, split: str = "test") -> float:
    """Return the kernel distance of digits (350, 1, 8, 8) to the real ones of a split."""
    data = load("digits", "cpu")
    features, real = usual_features(data), getattr(data, split).x
    return kernel_distance(features.embed(images.cpu()), features.embed(real))
