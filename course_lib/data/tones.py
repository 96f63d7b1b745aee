"""Short made-up tones, as a plucked string gives them: known pitch, known fading, any phase.

Letters: N tones, S samples, H harmonics, F frequencies, T frames of a spectrogram.
"""

import math
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from course_lib.runtime import generator, noise

RATE, S = 4096, 512  # samples a second, and in a tone: an eighth of a second
LOWEST, HIGHEST, H = 110.0, 440.0, 4  # Hz: two octaves from A2 to A4
WINDOW, HOP = 256, 64  # samples in a frame of the spectrogram, and from one to the next
FLOOR = 0.01  # added before the logarithm of a spectrogram, so that silence is no abyss


class Tones(NamedTuple):
    """Some tones and what is known about them."""

    x: Tensor  # (N, S) in [-1, 1]
    pitch: Tensor  # (N,) Hz
    fading: Tensor  # (N,) seconds until a third (1/e) is left


def tones(n: int, seed: int) -> Tones:
    """Draw n tones: H harmonics, each weaker than the one below, all fading, at random phases."""
    draw = generator(seed)
    pitch = LOWEST * (HIGHEST / LOWEST) ** torch.rand(n, generator=draw)
    fading = 0.03 + 0.12 * torch.rand(n, generator=draw)
    phase = 2 * torch.pi * torch.rand(n, H, 1, generator=draw)
    time, number = torch.arange(S) / RATE, torch.arange(1, H + 1)[:, None]
    waves = torch.sin(2 * torch.pi * number * pitch[:, None, None] * time + phase) / number
    x = waves.sum(dim=1) * torch.exp(-time / fading[:, None])
    return Tones(0.9 * x / x.abs().amax(dim=1, keepdim=True), pitch, fading)


def spectrogram(x: Tensor) -> Tensor:
    """Return how strong each frequency is over time, as logarithms: (N, S) -> (N, F, T)."""
    return (_frames(x).abs() + FLOOR).log()


def heard(log_strength: Tensor, seed: int = 0, n_rounds: int = 30) -> Tensor:
    """Return waves (N, S) whose spectrogram is nearly the given one (N, F, T).

    A spectrogram has lost the phases. They begin at random and are made to fit, round by round.
    Source: Griffin & Lim 1984, https://doi.org/10.1109/TASSP.1984.1164317.
    """
    strength = (log_strength.exp() - FLOOR).clamp(min=0)
    turn = noise(*strength.shape, seed=seed, device="cpu") * torch.pi
    window = torch.hann_window(WINDOW)
    for _ in range(n_rounds):
        x = torch.istft(torch.polar(strength, turn), WINDOW, HOP, window=window, length=S)
        turn = _frames(x).angle()
    return x


def loudness(x: Tensor) -> Tensor:
    """Return the root of the mean square of waves (N, S): (N,)."""
    return x.square().mean(dim=1).sqrt()


def purity(x: Tensor) -> tuple[Tensor, Tensor]:
    """Return the pitch (N,) in Hz that explains waves (N, S) best, and the share it explains.

    The share is that of the energy which lies within 16 Hz of one of the pitch's H harmonics; of a
    clean tone nearly all does, of static about H times 32 Hz in 2,048.
    """
    power = torch.fft.rfft(F.pad(x * torch.hann_window(S), (0, RATE - S))).abs().square()  # 1 Hz
    frequency = torch.arange(power.shape[1], dtype=torch.float32)
    candidates = torch.arange(LOWEST - 10, HIGHEST + 10)
    harmonics = torch.stack([candidates * h for h in range(1, H + 1)], dim=1)  # (P, H)
    near = (frequency[:, None, None] - harmonics).abs().amin(dim=2) <= 16  # (F, P)
    share = power @ near.float() / power.sum(dim=1, keepdim=True).clamp(min=1e-12)
    best, place = share.max(dim=1)
    return candidates[place], best


def _frames(x: Tensor) -> Tensor:
    return torch.stft(x, WINDOW, HOP, window=torch.hann_window(WINDOW), return_complex=True)


def pictured(x: Tensor) -> Tensor:
    """Return the spectrograms of waves (N, S) as pictures (N, 1, 64, 64), low tones at the foot."""
    low = math.log(FLOOR)
    bright = (spectrogram(x) - low) / (math.log(WINDOW / 4) - low)  # from silence to a full tone
    return F.interpolate(2 * bright[:, None].clamp(0, 1) - 1, (64, 64)).flip(2)
