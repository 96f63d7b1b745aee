"""From words to a picture: how often the catalog's diffusion model paints what it is told.

The rules, written before the first run on finished weights. A picture is right if the recogniser
reads all five words as they were asked for; "always" means in each of five seeds. How strictly to
heed the words, the guidance, is chosen on validation captions.

Claim 94, text becomes pictures: confirmed if always at least 80 % are right, of captions whose
    kind, colour and pattern occur together in training; refuted if always less than 20 %.
Never seen: each held-out caption has a twin, seen in training, that differs from it in one word of
    the three and is painted from the same noise. The model composes as well as it repeats if the
    95 % t-interval of the difference of the shares that are right, held-out minus twin, lies above
    -0.05 over the five seeds; worse, if below -0.05; else the difference was not pinned down.
Guidance costs diversity if pictures of one caption always differ less at guidance 8 than at 1, or
    their backdrops, of which no caption speaks.
"""

import torch
from torch import Tensor

from course_lib.data.catalog import split_factors
from course_lib.data.catalog_factors import Factors, combinations, sample_factors, select
from course_lib.data.catalog_paint import render
from course_lib.data.catalog_words import VOCABULARY, Words
from course_lib.judges import read_pictures, shipped_judge
from course_lib.metrics import caption_accuracy, judge_features, precision_recall
from course_lib.painters import Painter, load_painter, paint
from course_lib.runtime import generator

N_CAPTIONS, N_EACH = 16, 4  # for the sweep of guidance
N_TEST, N_STEPS = 120, 12
GUIDANCE = (0.0, 1.0, 2.0, 4.0, 8.0)


def measure(seed: int) -> dict:
    """Paint validation captions with each guidance, then held-out ones and their twins.

    Returns:
        {"guidance": {w: {kind, colour, pattern, size, tilt, all_five, valid, variety, backdrops,
        recall}}, "real": the same of real pictures with the same captions, "chosen": {guidance},
        and what `pairs` returns}.
    """
    painter, found = load_painter("diffusion", "catalog"), {"guidance": {}}
    factors = some("validation", N_CAPTIONS, seed)
    repeated = select(factors, torch.arange(N_CAPTIONS).repeat_interleave(N_EACH))
    real, others = (render(with_other_chances(repeated, 2 * seed + i)) for i in (0, 1))
    found["real"] = marks(real, repeated) | _spread(real, others)
    for w in GUIDANCE:
        x = painted(painter, repeated, seed, w)
        found["guidance"][f"{w:g}"] = marks(x, repeated) | _spread(x, others)
    chosen = best_guidance(found["guidance"])
    return found | {"chosen": {"guidance": chosen}} | pairs(painter, seed, chosen)


def pairs(painter: Painter, seed: int, guidance: float) -> dict:
    """Paint held-out test captions, and for each its seen twin from the same noise.

    Returns:
        {"held_out" and "seen": {kind, colour, pattern, size, tilt, all_five, valid},
        "difference": {all_five}}, held-out minus seen.
    """
    held_out = some("held_out", N_TEST, seed)
    both = {"held_out": held_out, "seen": seen_twins(held_out, seed)}
    found = {name: marks(painted(painter, f, seed, guidance), f) for name, f in both.items()}
    difference = found["held_out"]["all_five"] - found["seen"]["all_five"]
    return found | {"difference": {"all_five": difference}}


def some(split: str, n: int, seed: int) -> Factors:
    """Return the factors of n pictures of a split, other ones for each seed."""
    factors = split_factors(split)
    return select(factors, torch.randperm(len(factors.kind), generator=generator(seed))[:n])


def told(factors: Factors) -> Tensor:
    """Return the five named factors as wishes (N, 5)."""
    return torch.stack(factors[:5], dim=1)


def painted(painter: Painter, wanted: Factors, seed: int, guidance: float) -> Tensor:
    """Paint one picture for each caption; equal seeds mean equal noise, picture by picture."""
    return paint(painter, len(wanted.kind), seed, told(wanted), N_STEPS, guidance)


def with_other_chances(factors: Factors, seed: int) -> Factors:
    """Return factors with the same five words, and everything that has no name drawn anew."""
    chances = sample_factors(len(factors.kind), 1000 + seed)
    return Factors(*factors[:5], *chances[5:])


def seen_twins(factors: Factors, seed: int) -> Factors:
    """Change one word, the kind, the colour or the pattern, so that training showed the three.

    Args:
        factors: of combinations that are held out from training.
        seed: decides which word becomes which.
    """
    held_out = {tuple(triple) for triple in combinations(held_out=True).tolist()}
    draw, twins = generator(seed), torch.stack(factors[:3], dim=1)
    for row in twins:
        question = int(torch.randint(3, (1,), generator=draw))
        n_answers = len(VOCABULARY[question])
        row[question] += torch.randint(1, n_answers, (1,), generator=draw)[0]
        row[question] %= n_answers
        while tuple(row.tolist()) in held_out:
            row[question] = (row[question] + 1) % n_answers
    return Factors(*twins.T.contiguous(), *factors[3:])


def marks(x: Tensor, wanted: Factors) -> dict[str, float]:
    """Return the shares of pictures that show each word, all five words, and that are valid."""
    reading = read_pictures(x)
    right = caption_accuracy(reading.words, Words(*wanted[:5]))
    shares = {name: share.value for name, share in right._asdict().items()}
    return shares | {"valid": reading.valid.double().mean().item()}


def best_guidance(found: dict[str, dict]) -> float:
    """Return the guidance with the most pictures all right; of equals the smallest."""
    return min(GUIDANCE, key=lambda w: (-found[f"{w:g}"]["all_five"], w))


def variety(x: Tensor) -> float:
    """Return how far apart pictures of one caption are, N_EACH after each other: mean distance."""
    groups = x.flatten(1).unflatten(0, (-1, N_EACH))
    pairs = torch.cdist(groups, groups).sum(dim=(1, 2)) / (N_EACH * (N_EACH - 1))
    return pairs.mean().item()


def backdrops(x: Tensor) -> float:
    """Return how much the upper corners differ in colour from picture to picture: their spread."""
    corners = torch.cat([x[:, :, :4, :4], x[:, :, :4, -4:]], dim=3)
    return corners.mean(dim=(2, 3)).std(dim=0).mean().item()


def _spread(x: Tensor, real: Tensor) -> dict[str, float]:
    """Return variety and backdrops, as multiples of those of real pictures, and recall."""
    see = judge_features("the recogniser's 128 features", shipped_judge("recogniser"))
    found = {name: f(x) / f(real) for name, f in (("variety", variety), ("backdrops", backdrops))}
    return found | {"recall": precision_recall(see.embed(x), see.embed(real)).recall}
