"""Attributes moved in the codes of the catalog's VAE: what moves as wished, and what leaks.

The rule, written before the first run. Article A says that moving latents gives controlled
variations (claim 62). For each of the five factors:

- confirmed, if in all five seeds at least 80 % of edited pictures read as wished, and no other
  factor reads differently than in the redrawn picture in more than 10 % of them;
- partly, if in all five seeds more read as wished, all else unchanged, than with the same
  arithmetic in pixels; refuted, if in all five fewer do; else undecided.

How far to go is tuned for each factor and each space on validation pictures. The control is a step
of equal length in a direction drawn by chance. Half-way pictures (claim 47): is there anything
valid between two products? The recogniser has learned to refuse one picture shining through
another, so fading fails by its verdict; what counts is the share on the map, beside its floor, that
of pictures merely redrawn.
"""

import torch
from torch import Tensor

from course_lib.data.catalog import SPLITS, split_factors
from course_lib.data.catalog_factors import Factors, select
from course_lib.data.catalog_paint import render
from course_lib.data.catalog_words import VOCABULARY, Words
from course_lib.judges import read_pictures
from course_lib.metrics import answer_codes, changed, moved
from course_lib.painters import load_painter
from course_lib.runtime import generator, noise, pick_device
from course_lib.sampling import evaluating, straight

N_TRAIN, N_TUNE, N_TEST = 4000, 100, 300
STRENGTHS = (1.0, 1.5, 2.0)


def measure(seed: int) -> dict:
    """Move each factor in codes and in pixels, and walk half-way: 30 processor seconds.

    Args:
        seed: decides which pictures, what is wished, and the direction by chance.

    Returns:
        {space: {factor: {success, wished, strength, changed: {factor: share}}}} for "codes" and
        "pixels"; "chance", {factor: {changed}}; "halfway", {"map", "fade", "redrawn"}: valid share.
    """
    factors = some("train", N_TRAIN, seed)
    x = render(factors)
    spaces = {"codes": (see, draw), "pixels": (lambda x: x, lambda x: x.clamp(-1, 1))}
    found = {}
    for name, (enter, leave) in spaces.items():
        tables = answer_codes(enter(x), torch.stack(factors[:5], dim=1))
        found[name] = {
            factor: edits(enter, leave, table, question, seed)
            for question, (factor, table) in enumerate(zip(Words._fields, tables, strict=True))
        }
        if name == "codes":
            found["chance"] = _by_chance(tables, seed)
    return found | {"halfway": _halfway(seed)}


def vae():
    """Return the VAE that comes with the course."""
    return load_painter("vae", "catalog").model


def see(x: Tensor) -> Tensor:
    """Return the codes (N, Z) of pictures, the middles of their clouds, on the CPU."""
    with evaluating(model := vae()):
        return torch.cat([model.encode(part.to(pick_device()))[0].cpu() for part in x.split(1000)])


def draw(z: Tensor) -> Tensor:
    """Return the pictures (N, 3, 32, 32) of codes, on the CPU."""
    with evaluating(model := vae()):
        return torch.cat([model.decode(part.to(pick_device())).cpu() for part in z.split(1000)])


def some(split: str, n: int, seed: int) -> Factors:
    """Return the factors of n pictures of a split, chosen by the seed."""
    chosen = torch.randperm(SPLITS[split][0], generator=generator(seed))[:n]
    return select(split_factors(split), chosen)


def wishes(factors: Factors, question: int, seed: int) -> Tensor:
    """Return for each picture another answer to a question than the true one, (N,)."""
    possible = len(VOCABULARY[question])
    n = len(factors.kind)
    step = torch.randint(1, possible, (n,), generator=generator(10 * seed + question))
    return (factors[question] + step) % possible


def edits(enter, leave, table: Tensor, question: int, seed: int) -> dict:
    """Edit one factor of test pictures, as far as validation pictures say is best."""
    tuned = {}
    for strength in STRENGTHS:
        result = _edit(
            enter, leave, table, question, some("validation", N_TUNE, seed), seed, strength
        )
        tuned.setdefault(result["success"], strength)
    best = tuned[max(tuned)]
    return _edit(enter, leave, table, question, some("test", N_TEST, seed), seed, best)


def _edit(enter, leave, table, question, factors, seed, strength) -> dict:
    codes = enter(render(factors))
    new = wishes(factors, question, seed)
    before = read_pictures(leave(codes)).words
    after = read_pictures(leave(moved(codes, table, factors[question], new, strength))).words
    wished = after[question] == new
    pairs = enumerate(zip(before, after, strict=True))
    rest = torch.stack([a == b for i, (a, b) in pairs if i != question]).all(dim=0)
    return {
        "success": (wished & rest).double().mean().item(),
        "wished": wished.double().mean().item(),
        "strength": strength,
        "changed": changed(before, after),
    }


def _by_chance(tables: list[Tensor], seed: int) -> dict:
    """Make steps as long as those between two answers, in directions drawn by chance."""
    factors, found = some("test", N_TEST, seed), {}
    codes = see(render(factors))
    before = read_pictures(draw(codes)).words
    for question, name in enumerate(Words._fields):
        new = wishes(factors, question, seed)
        step = tables[question][new] - tables[question][factors[question]]
        way = noise(*step.shape, seed=seed, device="cpu")
        way = way / way.norm(dim=1, keepdim=True) * step.norm(dim=1, keepdim=True)
        found[name] = changed(before, read_pictures(draw(codes + way)).words)
    return found


def _halfway(seed: int) -> dict:
    """Return the valid shares half-way between test pictures of different kinds."""
    factors = some("test", 2 * N_TEST, seed)
    x, kind = render(factors), factors.kind
    order = torch.argsort(kind, stable=True)
    start, end = order[:N_TEST], order[N_TEST:]  # sorted by kind: no pair of one kind
    codes = see(x)
    ways = {
        "map": draw(straight(codes[start], codes[end], 0.5)),
        "fade": straight(x[start], x[end], 0.5),
        "redrawn": draw(codes[start]),
    }
    return {name: read_pictures(x).valid.double().mean().item() for name, x in ways.items()}
