"""The trained generators that come with the course, on the catalog and on photographs.

One training of each (its card says how long it took), so seeds say what chance in drawing does, and
not what another training would have given. For that there is `equal_time`. Beside them sit four
impostors of notebook 13, and diffusion in a hurry, with a quarter of its passes.
"""

import time

import torch
from torch import Tensor

from course_lib.data import Dataset, load
from course_lib.data.catalog import split_factors
from course_lib.data.catalog_words import Words
from course_lib.data.impostors import blurry, copier
from course_lib.judges import answers, read_pictures, shipped_judge
from course_lib.metrics import caption_accuracy, catalog_truth, usual_features, yardstick
from course_lib.metrics import measure as measure_pictures
from course_lib.painters import NETWORKS, Painter, load_painter, noise_shape, paint, paint_from
from course_lib.runtime import noise

N = 1500  # pictures a set, as many as a Frechet distance in 128 features needs
PASSES = {"vae": 1, "gan": 1, "diffusion": 24}
HURRIED = 6  # passes of a diffusion model in a hurry


def measure(seed: int, n: int = N, families: tuple[str, ...] = tuple(NETWORKS)) -> dict:
    """Paint n pictures with each and measure them: some minutes, most of them diffusion's.

    Returns:
        {data: {who: {number: value}}}, the numbers of `course_lib.metrics.measure`. `who` is a
        family, "diffusion, 6 passes", an impostor, or "real". On the catalog everybody has "valid";
        who listens has "asked": the share of pictures in which a judge sees what was asked for (all
        five words on the catalog, the class of a photograph). Families have "ms alone", "ms of 64",
        processor milliseconds of a picture drawn alone or with 63 others, "passes", "parameters".
    """
    return {name: _on(name, seed, n, families) for name in ("catalog", "fashion")}


def impostors(data: Dataset, n: int, seed: int) -> dict[str, Tensor]:
    """Return four sets of n pictures that cheat, each in its own way."""
    average = data.train.x.mean(dim=0, keepdim=True)
    return {
        "mean image": average.expand(n, -1, -1, -1),
        "copier": copier(data.train.x, n, seed),
        "blurred": blurry(data.validation.x[-n:]),
        "static": noise(n, *average.shape[1:], seed=seed).clamp(-1, 1),
    }


def _on(name: str, seed: int, n: int, families: tuple[str, ...]) -> dict:
    data = load(name, "cpu")
    against = yardstick(data, usual_features(data), n, seed)
    found = {"real": {number: value.value for number, value in against.floor.items()}}
    wanted = wishes(name, n, seed)
    for family in families:
        painter = load_painter(family, name)
        for passes in (PASSES[family], HURRIED) if family == "diffusion" else (1,):
            x = paint(painter, n, seed, wanted if painter.answers else None, passes)
            who = f"{family}, {HURRIED} passes" if passes == HURRIED else family
            found[who] = _numbers(x, against) | _judged(painter, x, wanted)
            found[who] |= _costs(painter, wanted, passes)
    for who, x in impostors(data, n, seed).items():
        found[who] = _numbers(x, against) | _validity(name, x)
    found["real"] |= _validity(name, data.validation.x[:n])
    return found


def _numbers(x: Tensor, against) -> dict[str, float]:
    return {number: value.value for number, value in measure_pictures(x, against).numbers.items()}


def _costs(painter: Painter, wanted: Tensor, passes: int) -> dict[str, float]:
    """Return what a picture costs: the best of five, for a busy machine only makes it slower."""
    found = {"passes": passes, "parameters": sum(p.numel() for p in painter.model.parameters())}
    for key, n in (("ms alone", 1), ("ms of 64", 64)):
        start, spent = noise(n, *noise_shape(painter), seed=0), []
        for _ in range(5):
            began = time.process_time()
            paint_from(painter, start, wanted[:n], passes)
            spent.append(time.process_time() - began)
        found[key] = 1000 * min(spent) / n
    return found


def wishes(name: str, n: int, seed: int) -> Tensor:
    """Return what to ask for (n, Q): captions of test pictures, or each class equally often."""
    if name == "catalog":
        return torch.stack(split_factors("test")[:5], dim=1)[:n]
    return (torch.arange(n) + seed)[:, None] % 10


def _validity(name: str, x: Tensor) -> dict[str, float]:
    if name != "catalog":
        return {}
    reading = read_pictures(x)
    return {"valid": catalog_truth(reading.words, reading.valid).valid.value}


def _judged(painter: Painter, x: Tensor, wanted: Tensor) -> dict[str, float]:
    """Return how many pictures are valid, and how many show what was asked for."""
    found = _validity(painter.data, x)
    if not painter.answers:
        return found
    if painter.data == "fashion":
        seen = answers(shipped_judge("classifier"), x)[0].argmax(dim=1)
        right = (seen == wanted[:, 0]).double().mean()
    else:
        right = caption_accuracy(read_pictures(x).words, Words(*wanted.T)).all_five.value
    return found | {"asked": float(right)}
