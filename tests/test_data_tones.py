"""Tones have the pitch and the fading they are said to have, and a spectrogram can be heard."""

import pytest
import torch

from course_lib.data.tones import RATE, S, heard, loudness, purity, spectrogram, tones
from course_lib.runtime import noise


def test_tones_are_waves_in_range_of_a_known_length():
    made = tones(50, 0)
    assert made.x.shape == (50, S) and made.x.abs().max() <= 0.9001
    assert torch.equal(tones(50, 0).x, made.x) and not torch.equal(tones(50, 1).x, made.x)
    assert made.pitch.min() >= 110 and made.pitch.max() <= 440


def test_the_pitch_is_found_again_and_explains_the_tone():
    made = tones(200, 0)
    pitch, share = purity(made.x)
    assert ((pitch - made.pitch).abs() < 4).float().mean() > 0.95
    assert share.median() > 0.95


def test_of_static_a_pitch_explains_little_and_of_a_sine_everything():
    assert purity(noise(50, S, seed=0, device="cpu"))[1].mean() < 0.35
    sine = torch.sin(2 * torch.pi * 300 * torch.arange(S) / RATE)[None]
    pitch, share = purity(sine)
    assert pitch.item() in (298, 299, 300, 301, 302) and share.item() > 0.98
    assert loudness(sine).item() == pytest.approx(0.5**0.5, abs=0.01)


def test_a_tone_fades_as_fast_as_it_says():
    made = tones(300, 3)
    half = S // 2
    early, late = loudness(made.x[:, :half]), loudness(made.x[:, half:])
    expected = torch.exp(-half / RATE / made.fading)
    assert ((late / early) / expected).log().abs().median() < 0.1


def test_a_spectrogram_keeps_the_tone_though_not_its_phases():
    made = tones(60, 1)
    again = heard(spectrogram(made.x))
    assert again.shape == made.x.shape
    pitch, share = purity(again)
    assert ((pitch - made.pitch).abs() < 6).float().mean() > 0.9 and share.median() > 0.9
    ratio = loudness(again) / loudness(made.x)
    assert 0.85 < ratio.median() < 1.15


GUARDS = [
    (test_a_tone_fades_as_fast_as_it_says, (), "data.tones", [
        ("torch.exp(-time / fading", "torch.exp(-2 * time / fading"),
    ]),
    (test_the_pitch_is_found_again_and_explains_the_tone, (), "data.tones", [
        ("number * pitch[:, None, None] * time", "2 * number * pitch[:, None, None] * time"),
    ]),
    (test_a_spectrogram_keeps_the_tone_though_not_its_phases, (), "data.tones", [
        ("log_strength.exp() - FLOOR", "log_strength"),
    ]),
]  # fmt: skip
