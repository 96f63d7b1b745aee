"""Are similar pictures neighbours in a VAE's code? Digits, beside pixels, components and no KL.

The rule, written before the numbers. "Similar points are clustered together" (claim 41) is
confirmed if among the five nearest neighbours of a test picture more show the same thing in the
code than in pixels: for every seed on digits, and for kind, colour and pattern on the catalog (with
the trained VAE that comes with the course). It is refuted if fewer do everywhere; else it depends.
The KL has a part in it if, on digits, the code with it is ahead of the code without for every seed.
"""

from functools import partial

import torch
from torch import Tensor

from course_lib.data import load, stream
from course_lib.metrics import pca_features
from course_lib.recipes import digit_recipe
from course_lib.sampling import evaluating
from course_lib.training import fit

N_STEPS = 1000
K = 5


def measure(seed: int) -> dict:
    """Train a digit VAE with and without its KL and look for the neighbours of test digits.

    Returns:
        {how pictures are compared: the share of neighbours that show the same digit}.
    """
    data = load("digits")
    look = {"pixels": lambda x: x.flatten(1), "components": pca_features(data.train.x, 16).embed}
    for name, kl_weight in (("with KL", 1.0), ("without KL", 0.0)):
        recipe = digit_recipe("vae", seed)
        step = partial(recipe.step, kl_weight=kl_weight)
        fit(step, stream(data.train, 64, seed), N_STEPS, **recipe.players)
        look[name] = partial(_places, recipe.players["vae"])
    test, train, found = data.test, data.train, {}
    for name, code in look.items():
        near = neighbours(code(test.x), code(train.x))
        found[name] = same_share(test.label.cpu(), train.label.cpu()[near])
    return found


def neighbours(z: Tensor, others: Tensor, k: int = K) -> Tensor:
    """Return the k nearest of `others` (M, Z) for each code (N, Z), nearest first: (N, k)."""
    distance = torch.cdist(z.cpu().double(), others.cpu().double())
    return distance.topk(k, largest=False).indices


def same_share(name: Tensor, near: Tensor) -> float:
    """Return the share of neighbours (N, k) that bear the name (N,) of the one they are near to."""
    return (near == name[:, None]).double().mean().item()


def _places(vae, x: Tensor) -> Tensor:
    with evaluating(vae):
        return vae.encode(x)[0]
