"""As much fine detail as in real pictures? Blur takes it away, noise adds to it."""

import torch
from torch import Tensor

from course_lib.metrics.inputs import check_alike, rows

FINE = 0.25  # cycles per pixel: half of the highest frequency that pixels can carry along an axis


def fine_detail(x: Tensor) -> Tensor:
    """Return the mean square of what each picture (N, C, S, S) shows in fine detail: (N,) float64.

    Fine are all waves shorter than 4 pixels, in whatever direction: more than FINE cycles per
    pixel. They are found with the Fourier transform, which continues a picture at its borders
    with itself. The mean brightness is no wave and does not count. A grating of amplitude a and
    fine enough gives a^2 / 2, a coarser one 0.
    """
    if x.ndim != 4:
        raise ValueError(f"pictures must be (N, C, S, S), got {(*x.shape,)}")
    up, right = (torch.fft.fftfreq(side, dtype=torch.float64) for side in x.shape[2:])
    fine = torch.hypot(up[:, None], right) > FINE  # (S, S)
    energy = [_mean_square(batch, fine) for batch in x.split(512)]
    return torch.cat(energy)


def sharpness(x: Tensor, real: Tensor) -> float:
    """Return the fine detail of pictures (N, C, S, S) as a multiple of that of real ones.

    1: as sharp as real pictures; below: blurred, or of low contrast; above: noisy.

    Raises:
        ValueError: if the real pictures have no fine detail, or the sets do not match.
    """
    check_alike(x, real)
    ours, theirs = fine_detail(x).mean(), fine_detail(real).mean()
    if theirs < 1e-12:
        raise ValueError("the real pictures have no fine detail to compare with")
    return (ours / theirs).item()


def _mean_square(x: Tensor, fine: Tensor) -> Tensor:
    waves = torch.fft.fft2(rows(x).reshape(x.shape), norm="forward")
    return (waves.abs().square() * fine).sum(dim=(2, 3)).mean(dim=1)  # Parseval's theorem
