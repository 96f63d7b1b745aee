"""Stored numbers side by side, as one needs them to choose a family.

    board = columns("digits")                  # one column for each thing one may care about
    advise(board, {"speed": 2, "quality": 1})  # see course_lib.choosing
    missing("catalog")                         # which columns wait for which result

The rungs of the ladder: "digits" (each run a training of its own, of seconds), "catalog" and
"fashion" (the generators that come with the course, trained for half an hour to hours; each run
draws anew). Stability was measured on points alone, with plain GANs, and is the same on each rung.
"""

from collections.abc import Callable, Mapping
from statistics import mean
from typing import NamedTuple

from course_lib.choosing import Column
from course_lib.experiments.gan_cures import TARGET
from course_lib.results import Result, stored

NAMES = {"vae": "VAE", "gan": "GAN", "diffusion": "diffusion"}
REACHES = "whether a run on the ring reached its target"


class Source(NamedTuple):
    """Where a column comes from."""

    better: str  # "lower" or "higher"
    result: str  # the name of the stored result
    said: str  # what was measured, with its unit
    runs: Callable[[dict, str], list[float]]  # from the values and a family to one number a run


def at(*path: str) -> Callable[[dict, str], list[float]]:
    """Return who finds runs in nested values; "*" stands for the family."""

    def runs(values: dict, family: str) -> list[float]:
        for key in path:
            values = values[family if key == "*" else key]
        return values

    return runs


def ring(values: dict, family: str, cure: str = "plain") -> list[float]:
    """Return 1 for each of 30 runs on the ring that reached the target, 0 for the others."""
    part = values[{"vae": "VAE", "gan": cure, "diffusion": "diffusion"}[family]]
    rates = [rate for rate in part.values() if isinstance(rate, dict)]
    return [float(distance <= TARGET) for rate in rates for distance in rate["latest"]["distance"]]


def _heard(name: str) -> Callable[[dict, str], list[float]]:
    def runs(values: dict, family: str) -> list[float]:
        seeds = len(values[name][family]["kernel"])
        return values[name][family].get("asked", [0.0] * seeds)  # who cannot be asked, cannot obey

    return runs


def _pictures(name: str, asked: str) -> dict[str, Source]:
    """Return the columns of one kind of pictures."""
    near = "share of pictures nearer to a training picture than 99 % of held-out ones"
    return {
        "speed": Source("lower", "shipped", "processor ms a picture", at(name, "*", "ms alone")),
        "quality": Source("lower", "shipped", "kernel distance", at(name, "*", "kernel")),
        "diversity": Source("higher", "shipped", "recall", at(name, "*", "recall")),
        "novelty": Source("lower", "shipped", near, at(name, "*", "copies")),
        "control": Source("higher", "shipped", asked, _heard(name)),
        "stability": Source("higher", "gan_cures", REACHES, ring),
        "training budget": Source(
            "lower",
            "equal_time",
            "kernel distance after 100 processor seconds of training",
            at(name, "*", "kernel"),
        ),
        "memory": Source("lower", "hardware", "MB to train a batch", at(name, "*", "train_mb")),
    }


RUNGS: dict[str, dict[str, Source]] = {
    "digits": {
        "speed": Source("lower", "running_costs", "processor ms a picture", at("*", "alone_ms")),
        "quality": Source("lower", "digits", "kernel distance", at("*", "kernel")),
        "diversity": Source("higher", "digits", "recall", at("*", "recall")),
        "novelty": Source(
            "lower", "few_digits", "share of copies after 20 digits", at("20", "*", "copies")
        ),
        "control": Source("higher", "told_digits", "share that obeys", at("*", "asked")),
        "stability": Source("higher", "gan_cures", REACHES, ring),
        "training budget": Source(
            "lower",
            "running_costs",
            "processor seconds to a kernel distance of 0.1",
            at("*", "seconds"),
        ),
        "memory": Source("lower", "hardware", "MB to train a batch", at("digits", "*", "train_mb")),
    },
    "catalog": _pictures("catalog", "share that shows all five words asked for"),
    "fashion": _pictures("fashion", "share that shows the class asked for"),
}


def columns(
    rung: str, result: Callable[[str], Result] = stored, cure: str = "plain"
) -> dict[str, Column]:
    """Return the columns of a rung whose results are stored.

    Args:
        rung: "digits", "catalog" or "fashion".
        result: gives a stored result by its name.
        cure: which GAN of `gan_cures` stands for the GAN in "stability", such as "R1".

    Raises:
        ValueError: if there is no such rung, or the cure was not measured.
    """
    found = {}
    for name, source in _sources(rung).items():
        try:
            values = result(source.result).values
        except FileNotFoundError:
            continue  # `missing` says so
        runs = source.runs
        if runs is ring:
            if cure not in values:
                raise ValueError(f"no GAN {cure!r} was measured: choose one of {', '.join(values)}")
            runs = lambda values, family: ring(values, family, cure)  # noqa: E731
        found[name] = Column(source.better, {NAMES[f]: runs(values, f) for f in NAMES})
    return found


def missing(rung: str, result: Callable[[str], Result] = stored) -> dict[str, str]:
    """Return, for each column whose result is not stored, what would make it."""
    found = {}
    for name, source in _sources(rung).items():
        try:
            result(source.result)
        except FileNotFoundError:
            found[name] = f"waits for `python -m course_lib results {source.result}`"
    return found


def described(board: Mapping[str, Column], rung: str, digits: int = 3) -> dict[str, dict]:
    """Return a table of columns: what was measured, and each family's mean and range."""
    rows = {}
    for name, column in board.items():
        rows[name] = {"measured as": f"{_sources(rung)[name].said}, {column.better} is better"}
        for family, runs in column.runs.items():
            low, high = min(runs), max(runs)
            said = f"{mean(runs):.{digits}g}"
            rows[name][family] = (
                said if low == high else f"{said} ({low:.{digits}g} to {high:.{digits}g})"
            )
    return rows


def _sources(rung: str) -> dict[str, Source]:
    if rung not in RUNGS:
        raise ValueError(f"there is no rung {rung!r}: choose one of {', '.join(RUNGS)}")
    return RUNGS[rung]
