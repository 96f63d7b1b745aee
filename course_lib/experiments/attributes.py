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

from collections.abc import Callable

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

N_TRAIN, N_TUNE, N_TEST = 3000, 80, 300
STRENGTHS = (1.0, 1.5)


def measure(seed: int, which: tuple[str, ...] = Words._fields) -> dict:
    """Move each factor in codes and in pixels, and walk half-way: 15 processor seconds.

    Args:
        seed: decides which pictures, what is wished, and the direction by chance.
        which: the factors to move; some are enough for a live look.

    Returns:
        {space: {factor: {success, wished, strength, changed: {factor: share}}}} for "codes" and
        "pixels"; "chance", {factor: {changed}}; "halfway", {"map", "fade", "redrawn"}: valid share.
    """
    factors = some("train", N_TRAIN, seed)
    x = render(factors)
    spaces = {"codes": (see, draw), "pixels": (lambda x: x, lambda x: x.clamp(-1, 1))}
    numbered = [(i, name) for i, name in enumerate(Words._fields) if name in which]
    found = {}
    for name, (enter, leave) in spaces.items():
        tables = answer_codes(enter(x), torch.stack(factors[:5], dim=1))
        tune = Places("validation", N_TUNE, seed, enter, leave)
        test = Places("test", N_TEST, seed, enter, leave)
        found[name] = {}
        for question, factor in numbered:
            tuned = {tune.edited(tables, question, s)["success"]: s for s in STRENGTHS[::-1]}
            found[name][factor] = test.edited(tables, question, tuned[max(tuned)])
        if name == "codes":
            found["chance"] = {
                factor: test.edited(tables, question, 1.0, by_chance=True)["changed"]
                for question, factor in numbered
            }
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


class Places:
    """Some pictures of a split as codes (N, Z) or pixels, read once before they are edited.

    Args:
        enter: pictures to codes; `leave` leads back.
    """

    def __init__(self, split: str, n: int, seed: int, enter: Callable, leave: Callable):
        self.seed, self.leave = seed, leave
        self.factors = some(split, n, seed)
        self.codes = enter(render(self.factors))
        self.before = read_pictures(leave(self.codes)).words

    def edited(
        self, tables: list[Tensor], question: int, strength: float, by_chance: bool = False
    ) -> dict:
        """Move one factor to another answer, or as far by chance, and say what reads differently.

        Returns:
            {success, wished, strength, changed: {factor: share}}
        """
        old, new = self.factors[question], wishes(self.factors, question, self.seed)
        there = moved(self.codes, tables[question], old, new, strength)
        if by_chance:
            step = noise(*there.shape, seed=self.seed, device="cpu")
            length = (there - self.codes).norm(dim=1, keepdim=True)
            there = self.codes + step / step.norm(dim=1, keepdim=True) * length
        after = read_pictures(self.leave(there)).words
        pairs = enumerate(zip(self.before, after, strict=True))
        rest = torch.stack([a == b for i, (a, b) in pairs if i != question]).all(dim=0)
        wished = after[question] == new
        return {
            "success": (wished & rest).double().mean().item(),
            "wished": wished.double().mean().item(),
            "strength": strength,
            "changed": changed(self.before, after),
        }


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
