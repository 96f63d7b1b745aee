"""A trade-off says who is dominated, in the picture and in words."""

import numpy as np
import pytest
from test_plotting_panels import shown_by

from course_lib.plotting import show_tradeoffs

RUNS = {"VAE": [(1.0, 3.0), (1.2, 3.2)], "GAN": [(2.0, 1.0)], "slow": [(3.0, 2.0)]}


def filled(pixels, colour):
    wanted = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return (np.abs(pixels - wanted).max(axis=2) < 0.05).sum()


def test_means_runs_and_who_is_dominated_are_said():
    words = ("Title", "ms (left is better)", "distance")
    _, alt = shown_by(show_tradeoffs, {"digits": RUNS}, {"digits": ["VAE", "GAN"]}, *words)
    assert "VAE (1.1, 3.1), GAN (2, 1), slow (3, 2); dominated: slow." in alt
    assert alt.startswith("Title. ms (left is better) against distance. digits:")


def test_a_dominated_one_is_hollow():
    words = ("Title", "x", "y")
    both, _ = shown_by(show_tradeoffs, {"p": RUNS}, {"p": ["VAE", "GAN", "slow"]}, *words)
    one, _ = shown_by(show_tradeoffs, {"p": RUNS}, {"p": ["VAE", "GAN"]}, *words)
    assert filled(both, "#009E73") > filled(one, "#009E73") + 30
    assert abs(filled(both, "#0072B2") - filled(one, "#0072B2")) < 30


def test_panels_stand_side_by_side_and_none_dominated_is_said():
    panels = {"digits": RUNS, "catalog": RUNS}
    fronts = {"digits": ["VAE", "GAN"], "catalog": list(RUNS)}
    pixels, alt = shown_by(show_tradeoffs, panels, fronts, "Title", "x", "y", xscale="log")
    assert pixels.shape[1] > 700 and alt.endswith("dominated: none.")


def test_bad_input_is_one_clear_sentence():
    with pytest.raises(ValueError, match="'XYZ' is not in the panel 'p'"):
        show_tradeoffs({"p": RUNS}, {"p": ["XYZ"]}, "Title", "x", "y")
    with pytest.raises(ValueError, match="'VAE' has no runs"):
        show_tradeoffs({"p": {"VAE": []}}, {"p": ["VAE"]}, "Title", "x", "y")
