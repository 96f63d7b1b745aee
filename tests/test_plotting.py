"""Pictures stand where they should, and every figure is one output that describes itself."""

import io
from base64 import b64decode

import numpy as np
import PIL.Image
import pytest
import torch
from matplotlib import pyplot
from matplotlib.figure import Figure

from course_lib.plotting import (
    as_table,
    image_grid,
    publish,
    show_curves,
    show_images,
    show_points,
    show_table,
)

BEFORE, AFTER = 0, 1  # pixels of frame before and after each image, in both directions


@pytest.fixture
def shown(monkeypatch):
    """Collect what would be displayed: a list of (bundle, metadata)."""
    outputs = []

    def collect(bundle, raw, metadata=None):
        assert raw is True
        outputs.append((bundle, metadata))

    monkeypatch.setattr("course_lib.plotting.output.display", collect)
    return outputs


def the_only_figure(shown):
    """Return the pixels and the alt text of the single figure that was shown."""
    ((bundle, metadata),) = shown
    png, alt = bundle["image/png"], metadata["image/png"]["alt"]
    png = b64decode(png) if isinstance(png, str) else png
    assert alt.strip() and bundle["text/plain"] == alt
    return np.asarray(PIL.Image.open(io.BytesIO(png)).convert("RGB")) / 255, alt


@pytest.mark.parametrize("channels", [1, 3])
def test_every_pixel_stands_where_it_should(channels):
    torch.manual_seed(0)
    x = torch.rand(5, channels, 4, 4) * 2 - 1
    grid = image_grid(x, n_columns=3)
    cell = BEFORE + 4 + AFTER
    assert grid.shape[:2] == (2 * cell, 3 * cell) and grid.ndim == (2 if channels == 1 else 3)
    for i in range(5):
        top, left = i // 3 * cell + BEFORE, i % 3 * cell + BEFORE
        found = grid[top : top + 4, left : left + 4].reshape(4, 4, channels)
        np.testing.assert_allclose(found, (x[i].permute(1, 2, 0).numpy() + 1) / 2, rtol=1e-6)
    assert (grid[cell:, 2 * cell :] == 1).all()  # nothing in the empty sixth place


def test_a_glyph_stays_upright():
    glyph = -torch.ones(1, 1, 4, 4)
    glyph[0, 0, :, 0] = glyph[0, 0, 3, :3] = 1  # the letter L: the stem left, the foot below
    grid = image_grid(glyph)[BEFORE : BEFORE + 4, BEFORE : BEFORE + 4]
    assert grid.tolist() == [[1, 0, 0, 0], [1, 0, 0, 0], [1, 0, 0, 0], [1, 1, 1, 0]]


def test_brightness_is_not_stretched_from_picture_to_picture():
    grid = image_grid(torch.stack([torch.full((1, 2, 2), v) for v in (-0.2, 0.0, 0.2)]))
    cell = BEFORE + 2 + AFTER
    middles = [i * cell + BEFORE for i in range(3)]
    np.testing.assert_allclose(grid[BEFORE, middles], [0.4, 0.5, 0.6], rtol=1e-6)


@pytest.mark.parametrize("value", [1.5, -2.0, float("nan"), 255.0])
def test_values_that_no_picture_may_hold_are_refused(shown, value):
    with pytest.raises(ValueError, match=r"images must lie in \[-1, 1\]"):
        show_images(torch.full((2, 1, 4, 4), value), "title")
    assert not shown


@pytest.mark.parametrize("shape", [(4, 4), (2, 4, 4), (2, 2, 4, 4), (2, 64)])
def test_a_shape_that_is_not_images_is_refused(shape):
    with pytest.raises(ValueError, match=r"shape \(B, 1 or 3, S, S\), got \("):
        image_grid(torch.zeros(shape))


def test_images_on_a_graph_can_be_shown():
    assert image_grid(torch.zeros(1, 1, 2, 2, requires_grad=True))[BEFORE, BEFORE] == 0.5


@pytest.mark.parametrize("n", [1, 7, 40])
def test_show_images_shows_one_figure_with_its_alt_text(shown, n):
    show_images(torch.zeros(n, 1, 8, 8), "Grey squares")
    pixels, alt = the_only_figure(shown)
    assert f"Images: {n};" in alt and "Grey squares" in alt
    assert pixels.shape[1] <= 830 and (abs(pixels[..., 0] - 0.5) < 0.01).mean() > 0.1


def test_black_is_minus_1_and_white_is_1(shown):
    show_images(torch.stack([-torch.ones(1, 8, 8), torch.ones(1, 8, 8)]), "Night and day")
    pixels, _ = the_only_figure(shown)
    middle = pixels[pixels.shape[0] * 2 // 3, :, 0]
    assert middle[len(middle) // 4] == 0 and middle[len(middle) * 3 // 4] == 1


def test_the_alt_text_can_be_given(shown):
    show_images(torch.zeros(1, 1, 8, 8), "A title", alt="One grey square.")
    assert the_only_figure(shown)[1] == "One grey square."


def test_labels_stand_one_beside_each_row(shown):
    x = torch.zeros(5, 1, 4, 4)
    show_images(x, "Two rows", n_columns=3, labels=["first", "second"])
    the_only_figure(shown)
    with pytest.raises(ValueError, match="2 rows need 2 labels, got 3"):
        show_images(x, "Two rows", n_columns=3, labels=["a", "b", "c"])


def test_show_curves_says_where_each_curve_goes(shown):
    show_curves({"loss": [3.0, 2.0, 1.0], "kl": [0.0, 0.5, 4.0]}, "Loss falls, KL rises")
    pixels, alt = the_only_figure(shown)
    assert "Loss falls, KL rises" in alt
    assert "loss goes from 3 to 1" in alt and "kl goes from 0 to 4" in alt
    assert len(np.unique(pixels.reshape(-1, pixels.shape[2]), axis=0)) > 20  # lines and words


def test_a_smoothed_curve_is_a_running_mean(shown):
    show_curves({"loss": [0.0, 3.0, 6.0, 9.0]}, "Smooth", smooth=2, levels={"best": 1.0})
    assert "loss goes from 1.5 to 7.5" in the_only_figure(shown)[1]


def test_show_points_says_where_each_group_lies(shown):
    groups = {"VAE": [(1.0, 2.0), (3.0, 4.0)], "GAN": [(10.0, 0.5)]}
    show_points(groups, "Two families", "seconds", "distance")
    alt = the_only_figure(shown)[1]
    assert "VAE lies near (2, 3)" in alt and "GAN lies near (10, 0.5)" in alt
    assert "Two families" in alt and "seconds" in alt and "distance" in alt


def test_show_table_is_one_table_with_a_row_for_each_name(shown):
    show_table({"VAE": {"n": 350, "kernel": 0.123456}, "GAN": {"n": 350, "kernel": 2.0}}, "Scores")
    ((bundle, _),) = shown
    lines = bundle["text/markdown"].splitlines()
    assert lines[0] == "*Scores*" and lines[1] == "" and bundle["text/plain"].strip()
    assert lines[2:] == [
        "| | n | kernel |",
        "|---|--:|--:|",
        "| VAE | 350 | 0.123 |",
        "| GAN | 350 | 2 |",
    ]


def test_numbers_stand_under_their_own_headings_in_whatever_order_a_row_names_them():
    rows = {"VAE": {"recall": 0.5, "copies": 0.1}, "GAN": {"copies": 0.2, "recall": 0.7}}
    assert as_table(rows).splitlines()[-1] == "| GAN | 0.7 | 0.2 |"


@pytest.mark.parametrize("alt", ["", "   "])
def test_a_figure_without_alt_text_is_refused(shown, alt):
    with pytest.raises(ValueError, match="every figure needs alt text: one sentence"):
        publish(Figure(), alt)
    assert not shown


def test_showing_a_figure_keeps_no_figure_open(shown):
    before = pyplot.get_fignums()
    show_curves({"loss": [1.0, 2.0]}, "Up")
    assert pyplot.get_fignums() == before


def test_odd_input_is_refused_in_one_sentence():
    with pytest.raises(ValueError, match=r"got \(0, 1"):
        show_images(torch.zeros(0, 1, 8, 8), "none")
    with pytest.raises(ValueError, match="too few to smooth over 5"):
        show_curves({"loss": [1.0, 2.0]}, "short", smooth=5)
    with pytest.raises(ValueError, match="has no points"):
        show_points({"empty": []}, "none", "x", "y")
    with pytest.raises(ValueError, match="at least one row"):
        show_table({}, "none")
    with pytest.raises(ValueError, match=r"row 'b' has columns \['y'\], the first one has \['x'\]"):
        as_table({"a": {"x": 1}, "b": {"y": 1}})
