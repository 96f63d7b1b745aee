"""Fine detail has the energy that gratings of known frequency have by formula."""

import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from clouds import cloud, pictures

from course_lib.data import load
from course_lib.metrics import fine_detail, sharpness


def grating(up, right, size=32, amplitude=0.5):
    """Return a cosine wave with so many periods over the picture: (1, 1, S, S)."""
    i = torch.arange(size, dtype=torch.float64)
    phase = 2 * math.pi * (up * i[:, None] + right * i) / size + 0.3
    return 0.2 + amplitude * phase.cos()[None, None]


@pytest.mark.parametrize(
    ("up", "right", "size", "fine"),
    [
        (0, 0, 32, False),
        (0, 3, 32, False),
        (8, 0, 32, False),  # exactly a quarter of a cycle per pixel
        (9, 0, 32, True),
        (0, 15, 32, True),
        (5, 6, 32, False),
        (6, 6, 32, True),  # neither axis alone would be fine
        (3, 0, 8, True),
        (2, 0, 8, False),
        (2, 1, 7, True),
    ],
)
def test_a_grating_counts_half_its_squared_amplitude_if_it_is_fine(up, right, size, fine):
    found = fine_detail(grating(up, right, size, amplitude=0.6))
    assert found.shape == (1,) and found.dtype == torch.float64
    assert found.item() == pytest.approx(0.6**2 / 2 if fine else 0, abs=1e-12)


def test_fine_detail_equals_a_fourier_transform_written_out():
    x = cloud(3, 2 * 36, 0).reshape(3, 2, 6, 6)
    i = np.arange(6)
    expected = np.zeros(3)
    for up in range(-3, 3):
        for right in range(-3, 3):
            if math.hypot(up, right) / 6 > 0.25:
                wave = np.exp(2j * np.pi * (up * i[:, None] + right * i) / 6)
                strength = np.abs((x.numpy() * wave).mean(axis=(2, 3))) ** 2  # (3, 2)
                expected += strength.mean(axis=1)
    np.testing.assert_allclose(fine_detail(x).numpy(), expected)


def test_energies_of_gratings_add_up_and_their_ratio_is_the_sharpness():
    real = grating(9, 0, amplitude=0.3) + grating(0, 2, amplitude=0.4)
    ours = grating(9, 0, amplitude=0.15) + grating(0, 12, amplitude=0.1)
    assert sharpness(ours, real) == pytest.approx((0.15**2 + 0.1**2) / 0.3**2)
    assert sharpness(torch.cat([real, 0 * real]), real) == pytest.approx(0.5)
    assert sharpness(real, real) == 1


def test_blur_lowers_the_sharpness_of_digits_and_noise_raises_it():
    x = load("digits", device="cpu").test.x
    noisy = x + 0.3 * cloud(350, 64, 0).reshape(x.shape).float()
    blurred = F.avg_pool2d(F.pad(x, (1, 1, 1, 1), mode="replicate"), 3, stride=1)
    assert sharpness(blurred, x) < 0.3 < 1 < sharpness(noisy, x)
    assert sharpness(x[:175], x[175:]) == pytest.approx(1, abs=0.1)
    white = 0.3**2 * sum(math.hypot(u, v) > 2 for u in range(-4, 4) for v in range(-4, 4)) / 64
    added = fine_detail(noisy).mean() - fine_detail(x).mean()
    assert added.item() == pytest.approx(white, rel=0.1)


def test_what_cannot_be_compared_is_refused():
    flat = torch.zeros(2, 1, 8, 8)
    with pytest.raises(ValueError, match="have no fine detail"):
        sharpness(pictures(2, 8, 0), flat)
    with pytest.raises(ValueError, match="of one shape"):
        sharpness(flat, torch.zeros(2, 3, 8, 8))
    with pytest.raises(ValueError, match=r"must be \(N, C, S, S\), got \(9, 2\)"):
        fine_detail(torch.zeros(9, 2))
    with pytest.raises(ValueError, match="only finite numbers"):
        sharpness(flat / 0, flat)


GUARDS = [
    (test_a_grating_counts_half_its_squared_amplitude_if_it_is_fine, (6, 6, 32, True),
     "metrics.sharpness", [
        ("torch.hypot(up[:, None], right)", "torch.maximum(up[:, None].abs(), right.abs())"),
        ("FINE = 0.25", "FINE = 0.5"),
        ("waves.abs().square()", "waves.abs()"),
        ('norm="forward"', 'norm="ortho"'),
    ]),
    (test_a_grating_counts_half_its_squared_amplitude_if_it_is_fine, (8, 0, 32, False),
     "metrics.sharpness", [
        ("> FINE", ">= FINE"),
    ]),
    (test_energies_of_gratings_add_up_and_their_ratio_is_the_sharpness, (), "metrics.sharpness", [
        ("(ours / theirs)", "(theirs / ours)"),
    ]),
]  # fmt: skip
