"""A film can be stepped through, and fields of arrows lie where they should."""

import io
from unittest.mock import patch

import ipywidgets
import numpy as np
import PIL.Image
import pytest
import torch
from clouds import pictures
from matplotlib.colors import to_rgb
from test_plotting_games import middle, shown_by

from course_lib.plotting.arrows import EXACT, LEARNED, Field, show_fields
from course_lib.plotting.steps import ENLARGED, png, show_steps, stepper

FAR = torch.tensor([[9.0, 9.0]])


def frames(k=12, r=2):
    return torch.stack([pictures(r, 8, seed) for seed in range(k)])


def opened(data):
    return np.asarray(PIL.Image.open(io.BytesIO(data)).convert("L"))


def test_a_png_holds_all_pictures_side_by_side_enlarged():
    x = torch.full((3, 1, 8, 8), -1.0)
    x[1] = 1.0
    page = opened(png(x))
    assert page.shape == (ENLARGED, ENLARGED * 26 // 8)  # three of 8, and two gaps of 1
    assert page[:, ENLARGED // 2].max() == 0 and page[:, page.shape[1] // 2].min() == 255


def test_moving_the_slider_shows_the_moment_it_names():
    film = frames()
    picture, slider = stepper(film, range(100, 112)).children
    assert isinstance(slider, ipywidgets.SelectionSlider) and picture.value == png(film[0])
    slider.value = 7
    assert slider.label == "107" and picture.value == png(film[7])


def still_of(film, names):
    room = "course_lib.plotting.steps"
    with patch(f"{room}.display") as display, patch(f"{room}.show_images") as show_images:
        show_steps(film, names, "A title", "In words.", labels=("a", "b"))
    return show_images.call_args, display


def test_the_still_goes_from_the_first_moment_to_the_last_one_picture_a_row():
    film = frames(30)
    call, display = still_of(film, list(range(30)))
    rows, columns = call.args[0], call.kwargs["columns"]
    assert columns[0] == 0 and columns[-1] == 29 and len(columns) == 10
    torch.testing.assert_close(rows[:10], film[columns, 0])
    torch.testing.assert_close(rows[10:], film[columns, 1])
    assert display.call_count == 1


def test_without_ipywidgets_the_still_is_all(capsys):
    with patch.dict("sys.modules", {"ipywidgets": None}):
        call, display = still_of(frames(3), "abc")
    assert display.call_count == 0 and len(call.kwargs["columns"]) == 3
    assert "needs ipywidgets" in capsys.readouterr().out


def test_moments_without_names_are_refused():
    with pytest.raises(ValueError, match="12 moments need 12 names, got 2"):
        show_steps(frames(), "ab", "A title", "In words.")


def field(exact, learned):
    return Field(FAR, torch.zeros(1, 2), torch.tensor([exact]), torch.tensor([learned]))


def test_arrows_point_where_they_should_each_in_its_colour():
    picture, alt = shown_by(
        show_fields, {"a": field([1.0, 0.0], [0.0, 1.0])}, "A title", "In words."
    )
    right, _ = middle(picture, to_rgb(EXACT))
    across, up = middle(picture, to_rgb(LEARNED))
    assert right > across + 0.05 and alt == "In words."
    assert up < 0.56  # above the middle of the panel, which stands below the title


def test_the_scale_is_that_of_the_longest_exact_arrow():
    def reach(length):
        picture, _ = shown_by(
            show_fields, {"a": field([length, 0.0], [0.0, length])}, "A title", "In words."
        )
        return middle(picture, to_rgb(EXACT))

    assert reach(1.0) == pytest.approx(reach(50.0), abs=0.01)


def test_as_many_arrows_as_places_are_needed():
    lame = Field(FAR, torch.zeros(2, 2), torch.zeros(1, 2), torch.zeros(2, 2))
    with pytest.raises(ValueError, match="one shape"):
        show_fields({"a": lame}, "A title", "In words.")


GUARDS = [
    (test_a_png_holds_all_pictures_side_by_side_enlarged, (), "plotting.steps", [
        ("(255 * image_grid(x", "(128 * image_grid(x"),
        ("[:side, :-gap]", "[:side]"),
    ]),
]  # fmt: skip
