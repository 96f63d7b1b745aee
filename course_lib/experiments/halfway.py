"""Walks between digits: along the map, along noise, by fading. Which half-way pictures are digits?

The rule, written before the first run. Article A says that the VAE's training forces a continuous
space that one can walk smoothly (claim 47):

- confirmed, if in at least 4 of 5 seeds the half-way pictures of the VAE have a higher precision
  than those of fading pixels and those of a plain autoencoder, and its longest step is less than
  twice the mean step;
- "only the VAE" is refuted, if in at least 4 of 5 seeds another family loses no more precision
  from the ends to half-way than the VAE does between drawn codes.

(A first run, seed 0, took 200 walks to save time. Among 200 real digits nearly everything is near
one: precision was 0.99 even for faded pixels. So it is 350 walks, and the rule stayed.)
"""

from functools import partial

import torch
from torch import Tensor

from course_lib.data import load, stream
from course_lib.metrics import precision_recall, usual_features
from course_lib.models import VAE
from course_lib.recipes import digit_recipe, vae_step
from course_lib.runtime import generator, noise, pick_device
from course_lib.sampling import arc, decode, jerk, straight
from course_lib.training import fit

STOPS = 9
N = 350  # walks
N_WALKS = 20  # on which single steps are measured
VAE_STEPS = 500


ALL = ("pixels", "AE", "VAE", "VAE drawn", "GAN", "diffusion")


def measure(seed: int, wanted: tuple[str, ...] = ALL) -> dict:
    """Train each family on digits and measure 350 walks: about 25 processor seconds.

    Args:
        seed: decides weights, batches and walks.
        wanted: some of them are enough for a live look.

    Returns:
        {walk: {ends, halfway (precision), longest (step, as a multiple of the mean step)}}.
    """
    data, found = load("digits"), {}
    pairs = different_pairs(data.test.label, seed)
    vae = trained_vae(seed, 1.0) if set(wanted) & {"VAE", "VAE drawn"} else None
    for name in wanted:
        if name == "pixels":
            found[name] = walks(lambda x: x, *(data.test.x[i[:N]] for i in pairs), straight)
        elif name in ("AE", "VAE"):
            model = vae if name == "VAE" else trained_vae(seed, 0.0)
            codes = (model.encode(data.test.x[i[:N]])[0].detach() for i in pairs)
            found[name] = walks(partial(decode, model), *codes, straight)
        elif name == "VAE drawn":
            found[name] = walks(partial(decode, vae), *_draws(16, seed), arc)
        else:
            width = {"GAN": 16, "diffusion": 64}[name]
            found[name] = walks(_trained(name.lower(), seed), *_draws(width, seed), arc)
    return found


def _trained(family: str, seed: int):
    """Train a family for a third of its usual time, and return what draws from noise."""
    recipe = digit_recipe(family, seed)
    batches = stream(load("digits").train, 64, seed)
    fit(recipe.step, batches, recipe.n_steps // 3, **recipe.players)
    return recipe.draw


def walks(draw, start: Tensor, end: Tensor, way) -> dict:
    """Measure walks from start to end (N, ...), drawn by draw(place) -> (B, 1, 8, 8)."""
    ends, halfway = (_precision(draw(way(start, end, share))) for share in (0.0, 0.5))
    shares = [i / (STOPS - 1) for i in range(STOPS)]
    path = [draw(way(start[:N_WALKS], end[:N_WALKS], share)) for share in shares]
    return {"ends": ends, "halfway": halfway, "longest": jerk(path).mean().item()}


def trained_vae(seed: int, kl_weight: float) -> VAE:
    """Return a VAE of notebook 3 after 500 steps; without KL it is a plain autoencoder."""
    torch.manual_seed(seed)
    vae = VAE(latent_dim=16).to(pick_device())
    opt = torch.optim.Adam(vae.parameters(), lr=1e-3)
    batches = stream(load("digits").train, 64, seed)
    fit(partial(vae_step, kl_weight=kl_weight), batches, VAE_STEPS, vae=vae, opt=opt)
    return vae


def different_pairs(label: Tensor, seed: int) -> tuple[Tensor, Tensor]:
    """Return for each picture another of a different kind: indices (N,) and (N,)."""
    first = torch.arange(len(label))
    chance = torch.rand(len(label), len(label), generator=generator(seed))
    chance[label.cpu()[:, None] == label.cpu()] = -1.0
    return first, chance.argmax(dim=1)


def _draws(width: int, seed: int) -> tuple[Tensor, Tensor]:
    return noise(N, width, seed=1000 + seed), noise(N, width, seed=2000 + seed)


def _precision(x: Tensor) -> float:
    data = load("digits", "cpu")
    features = usual_features(data)
    real = features.embed(data.validation.x[:N])
    return precision_recall(features.embed(x.cpu()), real).precision


def recall_of(vae: VAE, seed: int) -> float:
    """Return the recall of 350 digits that a VAE draws, against the test digits."""
    data = load("digits", "cpu")
    features = usual_features(data)
    x = decode(vae, noise(350, 16, seed=seed)).cpu()
    return precision_recall(features.embed(x), features.embed(data.test.x)).recall
