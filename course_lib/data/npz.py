"""Pictures in a file that any tool can write: npz, with `images`, uint8, (N, H, W, C).

This is how samples from elsewhere are brought here to be scored, and ours are taken elsewhere.
"""

from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from course_lib.data.batches import check_range
from course_lib.runtime import whole


def save_images(x: Tensor, path: str | Path) -> Path:
    """Write images (N, C, S, S) in [-1, 1] as uint8 (N, S, S, C), -1 as 0 and 1 as 255.

    Raises:
        OSError: if the file cannot be written; what stood there is unchanged.
    """
    path, images = Path(path), as_bytes(check_range(x)).permute(0, 2, 3, 1).numpy()
    with whole(path) as beside, open(beside, "wb") as file:
        np.savez_compressed(file, images=images)
    return path


def as_bytes(x: Tensor) -> Tensor:
    """Return images in [-1, 1] as uint8 on the CPU: -1 is 0, and 1 is 255."""
    return ((x.clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8).cpu()


def from_bytes(images: Tensor) -> Tensor:
    """Return what `as_bytes` made, in [-1, 1] again."""
    return images.float() / 127.5 - 1


def load_images(path: str | Path, shape: tuple[int, int, int]) -> Tensor:
    """Read images for a data set whose pictures have that shape (C, S, S): (N, C, S, S) in [-1, 1].

    Smaller grey images, such as 28x28 for the photographs' 32x32, are set into black.

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: if it is damaged or holds something else.
    """
    path, (channels, side, _) = Path(path), shape
    if not path.is_file():
        raise FileNotFoundError(f"there is no file {path}")
    try:
        with open(path, "rb") as file, np.load(file, allow_pickle=False) as held:
            names = list(held)
            images = held["images"] if "images" in names else None
    except Exception as error:  # zipfile, zlib and NumPy answer damage in a dozen ways
        raise ValueError(f"{path} is damaged or not an npz file: make it again") from error
    if images is None:
        raise ValueError(f"{path} holds {names}, but no array named 'images'")
    need = f"uint8 images (N, {side}, {side}, {channels})"
    if images.dtype != np.uint8 or images.ndim != 4 or images.shape[-1] != channels:
        raise ValueError(f"{path}: need {need}, got {images.dtype} {images.shape}")
    height, width = images.shape[1:3]
    if len(images) == 0 or height != width or (height != side and (height, side) != (28, 32)):
        raise ValueError(f"{path}: need {need}, got {images.shape}")
    x = from_bytes(torch.from_numpy(images).permute(0, 3, 1, 2))
    return F.pad(x, [(side - height) // 2] * 4, value=-1.0)
