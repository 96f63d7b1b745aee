"""How many bits a picture takes: numbers rounded and counted, and JPEG without its headers.

Nothing is written to a file: the bits are those that an ideal coder would need, which practical
ones miss by a percent or so. Letters: N pictures, K numbers a picture.
"""

import io

import numpy as np
import PIL.Image
import torch
from torch import Tensor

from course_lib.data import check_range


def psnr(x_hat: Tensor, x: Tensor) -> float:
    """Return the peak signal-to-noise ratio in decibels of pictures in [-1, 1]; more is better.

    10 decibels more are a tenth of the mean squared error, which is taken over all pictures.

    Raises:
        ValueError: if the two have different shapes.
    """
    if x_hat.shape != x.shape:
        raise ValueError(f"compare pictures of one shape, got {(*x_hat.shape,)} and {(*x.shape,)}")
    return 10 * torch.log10(4 / (x_hat - x).square().mean()).item()  # the range 2, squared


def rounded_bits(numbers: Tensor, like: Tensor, step: float) -> tuple[Tensor, Tensor]:
    """Round numbers (N, K) to multiples of step; return them, and the bits a picture takes (N,).

    The coder has one table for each of the K, made beforehand from the numbers `like` (M, K) of
    other pictures: a value that was seen c times among the M costs -log2 of (c + 1/2) over the
    sum of all such, the values just outside included; a value further out costs as much as a new
    one, plus 2 bits for each doubling of the way.

    Raises:
        ValueError: if the numbers are not of one kind, or the step is not positive.
    """
    if numbers.ndim != 2 or like.ndim != 2 or numbers.shape[1] != like.shape[1] or step <= 0:
        raise ValueError(
            f"need (N, K) and (M, K) with one K and a step above 0, got {(*numbers.shape,)}, "
            f"{(*like.shape,)} and {step}"
        )
    whole, table = (numbers / step).round().long(), (like / step).round().long()
    low, high = table.amin(0) - 1, table.amax(0) + 1
    bits = torch.zeros(len(numbers), dtype=torch.float64)
    for k in range(numbers.shape[1]):
        width = int(high[k] - low[k]) + 1
        count = torch.bincount(table[:, k] - low[k], minlength=width).double() + 0.5
        price = -(count / count.sum()).log2()
        inside = whole[:, k].clamp(low[k], high[k])
        beyond = (whole[:, k] - inside).abs().double()
        bits += price[inside - low[k]] + 2 * (1 + beyond).log2()
    return whole * step, bits


def jpeg(x: Tensor, quality: int) -> tuple[Tensor, Tensor]:
    """Return pictures (N, 3, S, S) after JPEG, and the bits of each picture's scan (N,).

    The colours keep their full resolution: at 32 pixels a side it pays.

    Args:
        x: pictures in [-1, 1].
        quality: 1 to 95, as Pillow counts it.
    """
    pixels = ((check_range(x) + 1) * 127.5).round().clamp(0, 255).byte()
    back, bits = [], []
    for picture in pixels.permute(0, 2, 3, 1).cpu().numpy():
        file = io.BytesIO()
        PIL.Image.fromarray(picture).save(
            file, "JPEG", quality=quality, subsampling=0, optimize=True
        )
        bits.append(8 * scan_bytes(file.getvalue()))
        back.append(np.array(PIL.Image.open(file)))
    x_hat = torch.from_numpy(np.stack(back)).permute(0, 3, 1, 2).float() / 127.5 - 1
    return x_hat, torch.tensor(bits, dtype=torch.float64)


def scan_bytes(file: bytes) -> int:
    """Return how many bytes of a JPEG file hold the picture: those of its scan, and no header.

    Raises:
        ValueError: if it is no JPEG file with exactly one scan.
    """
    if file[:2] != b"\xff\xd8" or file[-2:] != b"\xff\xd9":
        raise ValueError("this is not a whole JPEG file")
    place = 2
    while file[place : place + 1] == b"\xff" and place + 4 <= len(file):
        marker, length = file[place + 1], int.from_bytes(file[place + 2 : place + 4], "big")
        place += 2 + length
        if marker == 0xDA:  # the scan begins
            if b"\xff\xda" in file[place:]:
                raise ValueError("this JPEG file has more than one scan")
            return len(file) - 2 - place
    raise ValueError("this JPEG file has no scan")
