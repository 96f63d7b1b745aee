"""Pictures of 8 x 8 pixels made 32 x 32: bicubic, by regression, and by diffusion.

The rule, written before the first run of the shipped model. Over five seeds (other test pictures,
other noise; the diffusion model is always the shipped one):

- Claim 96, "super-resolution". One draw of the diffusion model, told nothing, with the block means
  of the small picture put back at every step, in as many rounds as for holes. Confirmed if in every
  seed its fine detail is nearer to that of real pictures than that of bicubic enlarging and that of
  the regression (`off` is how far sharpness is from 1), and its PSNR is above that of bicubic
  enlarging; refuted if in every seed its detail is farther than that of one of the two; else it
  depends.

The regression is kernel ridge regression on the first 3,000 training pictures, which learns what to
add to the bicubic picture; its strength is chosen on validation pictures. A small U-Net, trained
for 15 processor seconds, was tried first and did worse: 20.4 dB on validation pictures, not 22.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from course_lib.data.catalog import catalog_split
from course_lib.data.catalog_factors import Factors
from course_lib.data.catalog_paint import render
from course_lib.data.catalog_pairs import low_resolution
from course_lib.experiments.holes import drawn, painted
from course_lib.experiments.patches import training_pictures
from course_lib.judges import read_pictures
from course_lib.metrics import sharpness
from course_lib.metrics.coding import psnr
from course_lib.painters import load_painter
from course_lib.sampling.keeping import known_means

N, DRAWS, N_TUNING = 20, 3, 100
STRENGTHS, REACH = (0.003, 0.01, 0.03), 3.0  # of ridge regression; its kernel, in medians


def measure(seed: int) -> dict:
    """Enlarge one draw of test pictures: about 12 processor seconds.

    Returns:
        {way: {"psnr", "sharp", "off", "agrees", "valid", "words"}}; the mean of the draws is a way.
    """
    painter, factors = load_painter("diffusion", "catalog"), drawn("test", seed, N)
    x = render(factors)
    small = low_resolution(x)
    known = known_means(small, 32)
    draws = [painted(painter, known, seed + 100 * k) for k in range(DRAWS)]
    told = painted(painter, known, seed, torch.stack(factors[:5], dim=1))
    ways = {"bicubic": bicubic(small), "regression": by_regression(small)}
    ways |= {"diffusion": draws[0], "diffusion, told": told}
    ways[f"mean of {DRAWS}"] = torch.stack(draws).mean(dim=0)
    return {name: marks(y, x, factors) for name, y in ways.items()}


def bicubic(small: Tensor) -> Tensor:
    """Enlarge pictures (N, C, 8, 8) fourfold with smooth curves through their pixels."""
    return F.interpolate(small, scale_factor=4, mode="bicubic").clamp(-1, 1)


def by_regression(small: Tensor) -> Tensor:
    """Enlarge (N, 3, 8, 8) by regression, of the strength that suits validation pictures best."""
    train, tuning = training_pictures(), catalog_split("validation", N_TUNING).x
    both = torch.cat([low_resolution(tuning), small])
    guesses = [kernel_ridge(train, both, strength) for strength in STRENGTHS]
    best = max(guesses, key=lambda guess: psnr(guess[:N_TUNING], tuning))
    return best[N_TUNING:]


def kernel_ridge(train: Tensor, small: Tensor, strength: float) -> Tensor:
    """Guess large pictures: the bicubic ones plus a weighted sum of what training ones add to them.

    The weights come from how alike the small pictures are: exp(-|difference|^2 / 3 medians).
    Source: Saunders, Gammerman & Vovk 1998, ridge regression in dual variables.

    Args:
        train: large pictures to learn from (M, 3, 32, 32).
        small: (N, 3, 8, 8).
        strength: of the ridge; more is smoother.
    """
    theirs, ours = low_resolution(train).flatten(1), small.flatten(1)
    apart = torch.cdist(theirs, theirs).square()
    scale = REACH * apart.median()
    gram = (-apart / scale).exp() + strength * torch.eye(len(train), dtype=train.dtype)
    alike = (-torch.cdist(theirs, ours).square() / scale).exp()  # (M, N)
    weights = torch.cholesky_solve(alike, torch.linalg.cholesky(gram))
    added = weights.T @ (train - bicubic(low_resolution(train))).flatten(1)
    return (bicubic(small) + added.reshape(len(small), *train.shape[1:])).clamp(-1, 1)


def marks(y: Tensor, x: Tensor, factors: Factors) -> dict[str, float]:
    """Mark enlarged pictures against the truth x; PSNR of the truth itself is set to 99."""
    read, sharp = read_pictures(y), sharpness(y, x)
    right = [a == b for a, b in zip(read.words, factors[:5], strict=True)]
    return {
        "psnr": min(psnr(y, x), 99.0),
        "sharp": sharp,
        "off": abs(sharp - 1),
        "agrees": (low_resolution(y) - low_resolution(x)).square().mean().sqrt().item(),
        "valid": read.valid.float().mean().item(),
        "words": torch.stack(right).all(dim=0).float().mean().item(),
    }
