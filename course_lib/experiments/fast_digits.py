"""Digits by diffusion with few passes and many, and with the average of the weights or the last.

The rules, written before the first of the five runs. Each seed trains the diffusion model of
digits for its usual 800 steps and draws 350 digits with each sampler and number of passes, all from
the same noise; the measure is 350 test digits. "DDPM" is the walk with fresh noise at each of the
steps visited (eta = 1), "DDIM" the one without, "second order" the solver that looks back a step.

- The slow removal of noise makes the results good and diverse (claim 85). Held against DDPM, the
  slow walk itself. Confirmed if 1,000 passes are better than 50 in Frechet distance and in recall,
  in every seed; refuted if 50 are not better than 1 in either, in every seed; else it depends on
  how many.
- Drawing is slow (claim 91). For each sampler the price is the fewest passes whose Frechet distance
  is within 10 % of that sampler's best, times the milliseconds of a pass, divided by those of a
  GAN's one pass. Confirmed if it is above 3 for each sampler in every seed; refuted if for none;
  else it depends on the sampler.
"""

import time

import torch
from torch import Tensor, nn

from course_lib.data import load, stream
from course_lib.metrics import frechet_distance, kernel_distance, precision_recall, usual_features
from course_lib.models import Generator
from course_lib.recipes import digit_recipe
from course_lib.runtime import half_precision, noise, pick_device
from course_lib.sampling import ddim, second_order
from course_lib.schedules import cosine_alpha_bar
from course_lib.training import fit

N = 350  # all there are to compare with
FEW = (1, 2, 5, 10, 25, 50, 100)
PASSES = {"DDPM": (*FEW, 1000), "DDIM": FEW, "second order": FEW}
MOMENTS = (100, 200, 400, 800)  # steps of training after which last and average weights draw
NEAR = 1.1  # times the best distance: good enough
ON_THE_WAY = 1000  # added to a run's seed: the noise met on the way is not that of the beginning


def measure(seed: int) -> dict:
    """Train on digits and draw them in many ways: about a minute of processor time.

    Returns:
        {sampler: {passes: {frechet, kernel, precision, recall}}, "floor": the same for real digits,
        "weights": {step: {"last", "average": the same}}, "price": {sampler: passes needed, times:
        their time over a GAN's, "ms": milliseconds of one pass}}.
    """
    recipe, found = digit_recipe("diffusion", seed), {"weights": {}}
    players, batches, done = recipe.players, stream(load("digits").train, 64, seed), 0
    for moment in MOMENTS:
        fit(recipe.step, batches, moment - done, **players)
        done = moment
        both = {"last": players["model"], "average": players["ema"].model}
        drawn = {name: draw("DDIM", model, 25, seed) for name, model in both.items()}
        found["weights"][str(moment)] = {name: score(x) for name, x in drawn.items()}
    model = players["ema"].model
    for sampler, passes in PASSES.items():
        found[sampler] = {str(n): score(draw(sampler, model, n, seed)) for n in passes}
    found["floor"] = score(load("digits", "cpu").validation.x)
    found["price"] = price(found, milliseconds(model), milliseconds(Generator(latent_dim=16)))
    return found


def walk(
    sampler: str, model: nn.Module, x_T: Tensor, alpha_bar: Tensor, n_steps: int, seed: int
) -> Tensor:
    """Walk from noise x_T (B, C, S, S) to pictures of that shape, by one of the samplers in PASSES.

    The seed is for the noise that DDPM adds on the way.
    """
    if sampler == "DDPM":
        return ddim(model, x_T, alpha_bar, n_steps, eta=1.0, seed=ON_THE_WAY + seed)
    return {"DDIM": ddim, "second order": second_order}[sampler](model, x_T, alpha_bar, n_steps)


def draw(sampler: str, model: nn.Module, n_steps: int, seed: int) -> Tensor:
    """Draw 350 digits from the noise of a seed: (350, 1, 8, 8), on the CPU."""
    device = pick_device()
    alpha_bar = cosine_alpha_bar(1000).to(device)
    with half_precision(device):
        x = walk(sampler, model, noise(N, 1, 8, 8, seed=seed), alpha_bar, n_steps, seed)
    return x.float().cpu()


def score(x: Tensor) -> dict[str, float]:
    """Measure 350 digits against the test digits."""
    data = load("digits", "cpu")
    features = usual_features(data)
    fake, real = features.embed(x), features.embed(data.test.x)
    precision, recall = precision_recall(fake, real)
    return {
        "frechet": frechet_distance(fake, real),
        "kernel": kernel_distance(fake, real),
        "precision": precision,
        "recall": recall,
    }


def fewest(scores: dict[str, dict[str, float]]) -> int:
    """Return the fewest passes whose Frechet distance is within 10 % of the best."""
    best = min(score["frechet"] for score in scores.values())
    return min(int(n) for n, score in scores.items() if score["frechet"] <= NEAR * best)


def price(scores: dict, ms: float, gan_ms: float) -> dict:
    """Return what each sampler needs, in passes and in times of a GAN's single pass."""
    found = {name: {"passes": fewest(scores[name])} for name in PASSES}
    for needed in found.values():
        needed["times"] = needed["passes"] * ms / gan_ms
    return found | {"ms": {"diffusion": ms, "GAN": gan_ms}}


def milliseconds(model: nn.Module, n_timed: int = 5) -> float:
    """Return the processor's milliseconds for one digit in one pass: the median of some."""
    device, times = pick_device(), []
    model = model.to(device).eval()
    if isinstance(model, Generator):
        inputs = (noise(N, 16, seed=0),)
    else:
        inputs = noise(N, 1, 8, 8, seed=0), torch.zeros(N, dtype=torch.int64, device=device)
    for _ in range(n_timed + 1):  # the first warms up
        start = time.process_time()
        with torch.no_grad():
            model(*inputs)
        times.append(1000 * (time.process_time() - start) / N)
    return sorted(times[1:])[n_timed // 2]
