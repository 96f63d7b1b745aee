"""Holes filled, pictures continued, scratches mended: by a diffusion model trained for none of it.

The rule, written before the first run of the shipped model. Test pictures of the catalog lose a
square of 14 x 14 pixels in their middle ("hole"), or their right half ("half"). The model in
question is the shipped diffusion model, told nothing about the picture, filling by RePaint with
ROUNDS rounds. Over five seeds (other pictures, other noise; the model is always the same):

- Claim 95, "inpainting and outpainting". Confirmed if, for hole and half alike and in every seed,
  its pictures are valid at least 0.8 times as often as the real ones, and the root mean square
  error of what it fills in is below that of the mean of training pictures; refuted if none of these
  four holds; else it depends.

A picture is valid if the recogniser says so. `words` is the share of pictures of which it reads all
five words right. The tools beside it: ridge's strength is chosen on validation pictures; the VAE is
the shipped one, its walk of 20 rounds, one draw. `old` holds scratches and stains, mask known.
"""

from functools import partial

import torch
from torch import Tensor

from course_lib.data.catalog import catalog_split, split_factors
from course_lib.data.catalog_factors import Factors, select
from course_lib.data.catalog_paint import render
from course_lib.data.catalog_pairs import damage
from course_lib.experiments.gaps import gap_error
from course_lib.experiments.patches import by_mean, by_nearest, by_ridge, smooth, training_pictures
from course_lib.judges import read_pictures
from course_lib.metrics.filling import seam_score, spread_of_fills
from course_lib.painters import Painter, load_painter
from course_lib.runtime import generator, half_precision, noise, pick_device
from course_lib.sampling import Guided
from course_lib.sampling.filling import fill_in
from course_lib.sampling.keeping import Known, fill, known_pixels
from course_lib.schedules import cosine_alpha_bar

N, N_OLD, N_TUNING = 20, 10, 100  # pictures of each kind
ROUNDS, BACK = 3, 2  # of RePaint, chosen on validation pictures among few
STRENGTHS = (1e-3, 1e-2)  # of ridge regression


def measure(seed: int) -> dict:
    """Fill the holes of one draw of test pictures: about 20 processor seconds.

    Returns:
        {"hole" and "half": {tool: {"error", "seam", "valid", "words"}}, "honest": {way: how far two
        fills differ, over their error}, "old": {defect: {tool: error}}}.
    """
    painter, found = load_painter("diffusion", "catalog"), {"honest": {}, "old": {}}
    factors = drawn("test", seed, N)
    x, wish = render(factors), torch.stack(factors[:5], dim=1)
    for kind in ("hole", "half"):
        known = holes(x, kind)
        fills = plain_fills(x, known, kind)
        keep = known_pixels(x, known)
        if kind == "hole":
            fills["replacement"] = painted(painter, keep, seed, rounds=1)
        fills["RePaint"] = painted(painter, keep, seed)
        fills["RePaint, told"] = painted(painter, keep, seed, wish)
        found[kind] = {name: marks(y, x, known, factors) for name, y in fills.items()}
        found[kind]["real"] = marks(x, x, known, factors)
        if kind == "hole":
            for name, rounds in (("replacement", 1), ("RePaint", ROUNDS)):
                other = painted(painter, keep, seed + 1000, rounds=rounds)
                both = torch.stack([fills[name], other])
                error = (gap_error(fills[name], x, known) + gap_error(other, x, known)) / 2
                found["honest"][name] = spread_of_fills(both, known) / error
    for defect in ("scratch", "stain"):
        found["old"][defect] = mended(painter, select(factors, slice(N_OLD)), defect, seed)
    return found


def drawn(split: str, seed: int, n: int) -> Factors:
    """Return the factors of n pictures of a split, chosen by the seed."""
    factors = split_factors(split)
    chosen = torch.randperm(len(factors.kind), generator=generator(seed))[:n]
    return select(factors, chosen)


def holes(x: Tensor, kind: str) -> Tensor:
    """Return which pixels of pictures (N, 3, 32, 32) are known: around a hole, or the left half."""
    known = torch.ones_like(x, dtype=torch.bool)
    if kind == "hole":
        known[:, :, 9:23, 9:23] = False
    else:
        known[..., 16:] = False
    return known


def painted(
    painter: Painter,
    known: Known,
    seed: int,
    wish: Tensor | None = None,
    rounds: int = ROUNDS,
    eta: float = 1.0,
) -> Tensor:
    """Return pictures with the rest invented (N, C, S, S) in [-1, 1], on the CPU.

    Args:
        painter: the diffusion model.
        known: what must be in them.
        seed: decides all noise.
        wish: (N, Q) what the caption says; by default nothing.
        rounds: 1 for replacement, more for RePaint.
        eta: fresh noise in a step.
    """
    device, shape = pick_device(), known.part.shape
    if wish is None:
        wish = torch.full((len(known.part), len(painter.answers)), -1)
    alpha_bar = cosine_alpha_bar(1000).to(device)
    known = Known(known.part.to(device), known.take)
    with half_precision(device):
        guided = Guided(painter.model, alpha_bar, wish.to(device))
        x_T = noise(*shape, seed=seed, device=device)
        x = fill(guided, x_T, alpha_bar, known, 24, rounds, BACK, eta, seed + 1)
    return x.float().clamp(-1, 1).cpu()


def plain_fills(x: Tensor, known: Tensor, kind: str) -> dict[str, Tensor]:
    """Return what plainer tools make of the same holes."""
    train = training_pictures()
    tuning = catalog_split("validation", N_TUNING).x
    hole = holes(tuning, kind)
    straight = by_ridge(train, hole[0], STRENGTHS)
    ridge = min(straight, key=lambda tool: gap_error(tool(tuning), tuning, hole))
    vae = load_painter("vae", "catalog").model.cpu()
    return {
        "mean": by_mean(train, x, known),
        "smooth": smooth(x, known),
        "nearest": by_nearest(train, x, known),
        "ridge": ridge(x),
        "VAE": fill_in(vae, x, known, n_draws=1, n_rounds=20)[0].clamp(-1, 1),
    }


def marks(filled: Tensor, x: Tensor, known: Tensor, factors: Factors) -> dict[str, float]:
    """Mark filled pictures: error and seam against the truth, and what the recogniser reads."""
    read = read_pictures(filled)
    right = [a == b for a, b in zip(read.words, factors[:5], strict=True)]
    return {
        "error": gap_error(filled, x, known),
        "seam": seam_score(filled, x, known),
        "valid": read.valid.float().mean().item(),
        "words": torch.stack(right).all(dim=0).float().mean().item(),
    }


def mended(painter: Painter, factors: Factors, defect: str, seed: int) -> dict[str, float]:
    """Return the error of the damaged pixels before, and after each tool."""
    x = render(factors)
    spoiled, mask = damage(x, factors, defect, seed)
    known = (mask == 0).expand_as(x).contiguous()
    train = training_pictures()
    tools = {"untouched": lambda y, _: y, "smooth": smooth, "nearest": partial(by_nearest, train)}
    found = {name: gap_error(tool(spoiled, known), x, known) for name, tool in tools.items()}
    return found | {
        "RePaint": gap_error(painted(painter, known_pixels(spoiled, known), seed), x, known)
    }
