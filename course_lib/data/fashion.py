"""Fashion-MNIST: 70,000 grey photographs of clothes, set from 28x28 into 32x32 with black.

Source: Xiao, Rasul & Vollgraf 2017, arXiv:1708.07747. (c) Zalando SE, MIT licence.
The four files are looked for in $COURSE_DATA_DIR/fashion-mnist (a classroom's shared folder), in
the project's data/, and in the user's cache. What is missing is downloaded, once, 31 MB in all.
"""

import hashlib
import math
import os
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from course_lib.data import load
from course_lib.data.batches import Batch, Dataset
from course_lib.data.idx import parse_idx, unpack_gzip


class Published(NamedTuple):
    """A published file: either sum will do, so that a file packed anew is as good."""

    name: str
    shape: tuple[int, ...]
    md5: str  # of the gzip file
    sha256: str  # of what it holds


FILES = (
    Published(
        "train-images-idx3-ubyte.gz",
        (60_000, 28, 28),
        "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
        "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
    ),
    Published(
        "train-labels-idx1-ubyte.gz",
        (60_000,),
        "25c81989df183df01b3e8a0aad5dffbe",
        "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
    ),
    Published(
        "t10k-images-idx3-ubyte.gz",
        (10_000, 28, 28),
        "bef4ecab320f06d8554ea6380940ec79",
        "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
    ),
    Published(
        "t10k-labels-idx1-ubyte.gz",
        (10_000,),
        "bb300cfdad3c16e7a12a480ee83cd310",
        "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
    ),
)
ADDRESSES = (  # the authors' repository, then the copy that Keras uses; both by https
    "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
    "https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
)
LABEL_NAMES = (
    *("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat"),
    *("Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"),
)
ROOT = Path(__file__).resolve().parents[2]  # the project, where the package is installed editable


def photographs(device: torch.device | str | None = None) -> Dataset | None:
    """Load "fashion" and say so, or say in one sentence why it cannot be had and return None.

    Notebooks show stored results where this returns None.

    Raises:
        ValueError, ConnectionError: instead of returning None, where $COURSE_DATA_DIR is set:
            whoever sets it counts on the photographs and must not miss them unnoticed.
    """
    try:
        data = load("fashion", device)
    except (ValueError, ConnectionError) as error:
        if os.environ.get("COURSE_DATA_DIR"):
            raise
        print(f"No photographs here, so stored results are shown: {error}")
        return None
    n = sum(len(split.x) for split in (data.train, data.validation, data.test))
    print(f"The photographs are here: {n:,} pictures of clothes.")
    return data


def read(name: str = "fashion") -> Dataset:
    """Return x (B, 1, 32, 32): 55,000 to train, 5,000 to validate, the published 10,000 to test.

    The validation pictures are one in twelve of the published training pictures, always the same.
    Pixels are kept as float32, ready for use, in 287 MB; loading takes about a second.

    Raises:
        ValueError: if a file is damaged.
        ConnectionError: if a file is missing and cannot be downloaded.
    """
    pixels, labels, test_pixels, test_labels = (_checked(file) for file in FILES)
    order = np.random.RandomState(0).permutation(len(pixels))  # RandomState never changes
    for_validation, for_training = np.split(order, [len(order) // 12])
    splits = (
        Batch(_in_black(pixels[index]), torch.tensor(labels[index], dtype=torch.int64))
        for index in (np.sort(for_training), np.sort(for_validation))
    )
    test = Batch(_in_black(test_pixels), torch.tensor(test_labels, dtype=torch.int64))
    return Dataset(name, *splits, test, LABEL_NAMES)


def _in_black(pixels: np.ndarray) -> Tensor:
    """Turn pixels (N, 28, 28) from 0 to 255 into pictures (N, 1, 32, 32) in [-1, 1]."""
    x = torch.full((len(pixels), 1, 32, 32), -1.0)
    middle = x.numpy()[:, 0, 2:-2, 2:-2]  # the same memory, so nothing large is copied
    np.divide(pixels, np.float32(127.5), out=middle)
    middle -= 1
    return x


def _checked(file: Published) -> np.ndarray:
    """Return the numbers in a published file, found or downloaded, or raise one sentence."""
    path = next((p for folder in _folders() if (p := folder / file.name).is_file()), None)
    path = path or _download(file)
    try:
        packed = path.read_bytes()
        data = unpack_gzip(packed, limit=16 + math.prod(file.shape))
        numbers = parse_idx(data)
        if numbers.shape != file.shape:
            raise ValueError(f"it holds {numbers.shape} numbers, where {file.shape} belong")
        md5, sha256 = hashlib.md5(packed, usedforsecurity=False), hashlib.sha256(data)
        if md5.hexdigest() != file.md5 and sha256.hexdigest() != file.sha256:
            raise ValueError("its checksum is not that of the published file")
    except (OSError, ValueError) as error:
        raise ValueError(
            f"{path} cannot be used: {error}; delete or replace it and run this again"
        ) from error
    return numbers


def _folders() -> list[Path]:
    """Return the folders where the files may lie, the best first."""
    shared = os.environ.get("COURSE_DATA_DIR")
    # a relative name may be meant from here or, in a notebook, from the project's top
    roots = [Path(shared), ROOT / shared] if shared else []
    return [root / "fashion-mnist" for root in (*roots, _own_root(), _cache())]


def _own_root() -> Path:
    """Return where downloads go: the project's data/, or the cache if there is no project."""
    in_project = (ROOT / "pyproject.toml").is_file() and os.access(ROOT / "data", os.W_OK)
    return ROOT / "data" if in_project else _cache()


def _cache() -> Path:
    import pooch

    return Path(pooch.os_cache("noise-to-novelty"))


def _download(file: Published) -> Path:
    """Fetch a file from the first address that has it whole; a half-fetched one is not kept."""
    import pooch

    folder = _own_root() / "fashion-mnist"
    pooch.get_logger().setLevel("WARNING")  # a progress bar says enough
    for address in ADDRESSES:
        fetch = pooch.HTTPDownloader(progressbar=True, timeout=10)
        try:
            known = f"md5:{file.md5}"
            pooch.retrieve(address + file.name, known, file.name, folder, downloader=fetch)
            return folder / file.name
        except (OSError, ValueError) as error:
            why = "it arrived damaged" if isinstance(error, ValueError) else type(error).__name__
            cause = error
    raise ConnectionError(
        f"{file.name} is not on this machine and could not be downloaded ({why}): connect to "
        "the network and run this again, or set COURSE_DATA_DIR to a folder with fashion-mnist"
    ) from cause
