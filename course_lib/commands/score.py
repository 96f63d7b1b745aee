"""`python -m course_lib score`: the numbers of the course for anybody's samples."""

import argparse
import warnings

import torch
from torch import Tensor

from course_lib.data import Dataset, load
from course_lib.data.npz import as_bytes, load_images
from course_lib.judges import read_pictures
from course_lib.metrics import Measured, catalog_truth, measure, usual_features, yardstick


def score_command(given: argparse.Namespace) -> int:
    """Read the samples, measure as many of them as there are test pictures, print the table."""
    data = load(given.data, "cpu")
    held = load_images(given.file, tuple(data.test.x.shape[1:]))
    x, test, n_known = _apart(held[: len(data.validation.x)], data.test.x)
    data = data._replace(test=data.test._replace(x=test))
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always", UserWarning)
        found = measure(x, yardstick(data, usual_features(data), len(x)))
    n = len(x)
    print(f"The first {n} of {len(held)} pictures in {given.file}, beside {n} test pictures.")
    print(f"Features: {found.features}. In brackets: 95 % interval. Floor: held-out pictures.\n")
    _print_table(found.numbers, found.floor)
    if data.name == "catalog":
        _print_truth(x, data)
    notes = [str(warning.message) for warning in heard]
    if n_known:
        notes.append(f"{n_known} of them are test pictures; they meet other test pictures here")
    for note in dict.fromkeys(notes):
        print(f"\nNote: {note}.")
    return 0


def _apart(x: Tensor, test: Tensor) -> tuple[Tensor, Tensor, int]:
    """Return samples, test pictures that are none of them, and how many of the samples were.

    Whoever scores the test pictures themselves should see the floor, not a distance of 0.
    """
    x = x[: len(test)]
    prints, known = _prints(test), set(_prints(x))
    n_known = sum(one in known for one in prints)
    if n_known > len(test) - len(x):  # too few others are left
        x = x[: len(test) // 2]
        known = set(_prints(x))
    others = torch.tensor([one not in known for one in prints])
    return x, test[others], n_known


def _prints(x: Tensor) -> list[bytes]:
    """Return each picture as its bytes, as a file would hold them."""
    return [image.tobytes() for image in as_bytes(x).numpy()]


def _print_table(numbers: dict[str, Measured], floor: dict[str, Measured]) -> None:
    print(f"{'':12} {'samples':>10} {'':21} {'floor':>10}")
    for name, number in numbers.items():
        print(f"{name:12} {_number(number)} {_number(floor[name])}")


def _number(found: Measured) -> str:
    interval = f"[{found.low:.4g}, {found.high:.4g}]"
    return f"{found.value:10.4g} {interval:21}"


def _print_truth(x: Tensor, data: Dataset) -> None:
    """Print what only the catalog allows: what the recogniser reads in the pictures."""
    print("\nRead by the recogniser, of which the second line is about real held-out pictures:")
    for who, pictures in (("samples", x), ("floor", data.validation.x[: len(x)])):
        reading = read_pictures(pictures)
        truth = catalog_truth(reading.words, reading.valid)
        covered = ", ".join(
            f"{variety.found} of {variety.possible} {name} (evenness {variety.evenness:.3f})"
            for name, variety in zip(truth._fields[1:4], truth[1:4], strict=True)
        )
        print(f"{who:8} valid {_number(truth.valid).strip()}; {covered}; ", end="")
        print(f"novel combinations {_number(truth.novel).strip()}")
