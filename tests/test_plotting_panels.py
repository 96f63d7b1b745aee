"""Panels have one scale, and a map shows each share where it belongs."""

import io
from base64 import b64decode
from unittest.mock import patch

import numpy as np
import PIL.Image
import pytest

from course_lib.plotting import show_curve_panels, show_shares


def shown_by(show, *args, **kwargs):
    with patch("course_lib.plotting.output.display") as display:
        show(*args, **kwargs)
    ((bundle,), options) = display.call_args
    picture = PIL.Image.open(io.BytesIO(b64decode(bundle["image/png"]))).convert("RGB")
    return np.asarray(picture) / 255, options["metadata"]["image/png"]["alt"]


def test_curves_stand_in_a_panel_each_with_what_was_said_of_them():
    curves = {"one": [0.0, 1.0, 2.0], "two": [2.0, 2.0, 2.0]}
    pixels, alt = shown_by(
        show_curve_panels, {"A": curves, "B": curves}, "Both", "Two panels alike.", every=20
    )
    assert alt == "Two panels alike." and pixels.shape[1] > 300
    left, right = (pixels[:, : pixels.shape[1] // 2], pixels[:, pixels.shape[1] // 2 :])
    blue = [np.abs(half - np.array([0, 0x72, 0xB2]) / 255).max(axis=2) < 0.1 for half in
            (left, right)]  # fmt: skip
    assert all(found.sum() > 20 for found in blue)


def test_a_share_is_darker_the_larger_it_is_and_said_in_words():
    rows = {"upper": {"0.001": 0.0, "0.01": 1.0}, "lower": {"0.001": 0.5, "0.01": 0.25}}
    pixels, alt = shown_by(show_shares, rows, "Shares", "learning rate")
    assert "upper 0%, 100%; lower 50%, 25%" in alt and "learning rate 0.001, 0.01" in alt
    darkest = np.abs(pixels - np.array([0x08, 0x30, 0x6B]) / 255).max(axis=2) < 0.03
    down, across = np.nonzero(darkest)
    assert down.mean() < pixels.shape[0] / 2 and across.mean() > pixels.shape[1] / 2


def test_what_is_no_map_of_shares_is_refused():
    with pytest.raises(ValueError, match="the same columns"):
        show_shares({"a": {"x": 0.1}, "b": {"y": 0.1}}, "t", "x")
    with pytest.raises(ValueError, match="between 0 and 1"):
        show_shares({"a": {"x": 1.1}}, "t", "x")
    with pytest.raises(ValueError, match="at least one row"):
        show_shares({}, "t", "x")
