"""The trained generators that come with the course, on the catalog and on photographs.

One training of each (its card says how long it took), so seeds say what chance in drawing does, and
not what another training would have given. For that there is `equal_time`.
"""

import torch

from course_lib.data import load
from course_lib.data.catalog import split_factors
from course_lib.data.catalog_words import Words
from course_lib.judges import answers, read_pictures, shipped_judge
from course_lib.metrics import caption_accuracy, catalog_truth, usual_features, yardstick
from course_lib.metrics import measure as measure_pictures
from course_lib.painters import NETWORKS, Painter, load_painter, paint

N = 1500  # pictures a set, as many as a Frechet distance in 128 features needs


def measure(seed: int, n: int = N, families: tuple[str, ...] = tuple(NETWORKS)) -> dict:
    """Paint n pictures with each and measure them: 3 processor minutes, most of them diffusion's.

    Returns:
        {data: {family or "real": {number: value}}}, the numbers of `course_lib.metrics.measure`;
        "valid" on the catalog; "asked" where the family listens: the share of pictures in which a
        judge sees what was asked for (all five words on the catalog, the class of a photograph).
    """
    return {name: _on(name, seed, n, families) for name in ("catalog", "fashion")}


def _on(name: str, seed: int, n: int, families: tuple[str, ...]) -> dict:
    data = load(name, "cpu")
    against = yardstick(data, usual_features(data), n, seed)
    found = {"real": {number: value.value for number, value in against.floor.items()}}
    wanted = _wishes(name, n, seed)
    for family in families:
        painter = load_painter(family, name)
        x = paint(painter, n, seed, wanted if painter.answers else None)
        numbers = measure_pictures(x, against).numbers
        found[family] = {number: value.value for number, value in numbers.items()}
        found[family] |= _judged(painter, x, wanted)
    return found


def _wishes(name: str, n: int, seed: int) -> torch.Tensor:
    """Return what to ask for (n, Q): captions of test pictures, or each class equally often."""
    if name == "catalog":
        return torch.stack(split_factors("test")[:5], dim=1)[:n]
    return (torch.arange(n) + seed)[:, None] % 10


def _judged(painter: Painter, x: torch.Tensor, wanted: torch.Tensor) -> dict[str, float]:
    """Return how many pictures are valid, and how many show what was asked for."""
    if painter.data == "fashion":
        seen = answers(shipped_judge("classifier"), x)[0].argmax(dim=1)
        right = (seen == wanted[:, 0]).double().mean().item()
        return {"asked": right} if painter.answers else {}
    reading = read_pictures(x)
    found = {"valid": catalog_truth(reading.words, reading.valid).valid.value}
    if painter.answers:
        asked = Words(*wanted.T)
        found["asked"] = caption_accuracy(reading.words, asked).all_five.value
    return found
