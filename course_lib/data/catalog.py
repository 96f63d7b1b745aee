"""The catalog: drawn products, data whose truth is known.

Every picture is drawn from factors, so what it shows, in words and as paired truths, is exact:

    data = load("catalog")                      # train, validation, test: pictures and kinds
    factors = split_factors("test")             # what decided data.test.x, in the same order
    captions = caption(factors)                 # "a small red striped mug, tilted left"
    novel = catalog_split("held_out")           # combinations that training never showed
"""

from course_lib.data.batches import Batch, Dataset
from course_lib.data.catalog_factors import Factors, combinations, sample_factors
from course_lib.data.catalog_paint import render
from course_lib.data.catalog_words import KINDS

SPLITS = {  # name: (how many pictures, seed)
    "train": (40_000, 1),
    "validation": (5_000, 2),
    "test": (5_000, 3),
    "held_out": (5_000, 4),  # kind, colour and pattern combined as in no other split
}


def split_factors(split: str, n: int | None = None) -> Factors:
    """Return the factors of a split's pictures, in order; of the first n, if given.

    Raises:
        ValueError: if there is no split of that name, or it has fewer than n pictures.
    """
    if split not in SPLITS:
        raise ValueError(f"unknown split {split!r}: choose one of {', '.join(SPLITS)}")
    size, seed = SPLITS[split]
    n = size if n is None else n
    if not 0 < n <= size:
        raise ValueError(f"the split {split} has {size} pictures, asked for {n}")
    return sample_factors(n, seed, combinations(held_out=split == "held_out"))


def catalog_split(split: str, n: int | None = None) -> Batch:
    """Draw a split, or its first n pictures: x (n, 3, 32, 32) and the kind as label.

    Raises:
        ValueError: as split_factors.
    """
    factors = split_factors(split, n)
    return Batch(render(factors), factors.kind)


def read(name: str = "catalog") -> Dataset:
    """Draw the whole data set: 50,000 pictures, 32x32 RGB, 12 kinds; seconds, and 600 MB."""
    return Dataset(
        name,
        train=catalog_split("train"),
        validation=catalog_split("validation"),
        test=catalog_split("test"),
        label_names=KINDS,
    )
