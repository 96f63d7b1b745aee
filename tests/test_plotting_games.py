"""The map of beliefs stands upright, points and arrows are where they should be."""

import io
from base64 import b64decode
from unittest.mock import patch

import numpy as np
import PIL.Image
import pytest
import torch
from matplotlib.colors import to_rgb

from course_lib.plotting.games import FORGED, REAL, Moment, plane, show_game, show_game_film

FAR = torch.tensor([[9.0, 9.0]])  # outside the panel
STILL = torch.zeros(1, 2)


def shown_by(show, *args, **kwargs):
    """Return the picture that a function shows, as PIL has it, and its alt text."""
    with patch("course_lib.plotting.output.display") as display:
        show(*args, **kwargs)
    ((bundle,), options) = display.call_args
    alt = options["metadata"]["image/png"]["alt"]
    return PIL.Image.open(io.BytesIO(b64decode(bundle["image/png"]))), alt


def pixels(picture):
    return np.asarray(picture.convert("RGB")) / 255


def moment(real=FAR, fake=FAR, pull=STILL, belief=0.5):
    return Moment(real, fake, pull, torch.as_tensor(belief) * torch.ones(61, 61))


def middle(picture, near):
    """Return the mean (across, down), as shares of the picture, of pixels of about one colour."""
    down, across = np.nonzero(np.abs(pixels(picture) - np.array(near)).max(axis=2) < 0.06)
    assert len(down), "nothing of that colour"
    return across.mean() / picture.width, down.mean() / picture.height


def test_the_plane_is_filled_row_by_row_from_below():
    places = plane(2.0, 5)
    assert places.shape == (25, 2)
    assert places[0].tolist() == [-2, -2] and places[4].tolist() == [2, -2]
    assert places[5].tolist() == [-2, -1] and places[-1].tolist() == [2, 2]


def test_belief_is_blue_where_real_and_upright():
    above = (plane(1.4)[:, 1] > 0.5).reshape(61, 61).double()  # "real" only in the upper part
    picture, alt = shown_by(show_game, {"now": moment(belief=above)}, "Title", "Above is real.")
    assert alt == "Above is real."
    blue, orange = (middle(picture, to_rgb(c)) for c in ("#9CCBEB", "#F6BF95"))
    assert blue[1] < 0.35 < 0.55 < orange[1] and abs(blue[0] - 0.5) < 0.05


def test_points_have_their_colours_and_their_places():
    real, fake = torch.tensor([[-1.0, 0.0]]), torch.tensor([[1.0, 0.0]])
    picture, _ = shown_by(show_game, {"now": moment(real, fake)}, "Title", "Alt.")
    assert middle(picture, to_rgb(REAL))[0] < 0.3 and middle(picture, to_rgb(FORGED))[0] > 0.7


def test_an_arrow_leads_where_its_point_is_pulled_and_the_longest_spans_an_eighth():
    fake, pull = torch.zeros(1, 2), torch.tensor([[0.0, 7.0]])
    picture, _ = shown_by(show_game, {"now": moment(fake=fake, pull=pull)}, "T", "Alt.", reach=1.0)
    dark = pixels(picture).max(axis=2) < 0.25
    dark[: picture.height // 6] = False  # without the title
    down, across = np.nonzero(dark)
    assert abs(across.mean() / picture.width - 0.5) < 0.03  # straight up
    dot = middle(picture, to_rgb(FORGED))[1] * picture.height
    assert down.max() < dot + 8 and np.ptp(down) == pytest.approx(picture.width / 8, rel=0.25)


def test_of_many_points_only_some_have_an_arrow():
    fake = torch.stack([torch.linspace(-1, 1, 400), torch.zeros(400)], dim=1)
    up = torch.tensor([[0.0, 1.0]]).expand(400, 2)
    few, _ = shown_by(show_game, {"now": moment(fake=fake, pull=up)}, "T", "Alt.")
    row = pixels(few)[int(few.height * 0.5)]  # above the points, through the shafts
    shafts = (np.diff((row.max(axis=1) < 0.5).astype(int)) == 1).sum()
    assert 10 < shafts <= 40


def test_a_film_has_a_frame_a_moment_and_a_still_a_panel_each():
    moments = [(f"round {i}", moment(fake=torch.tensor([[i - 1.0, 0.0]]))) for i in range(3)]
    film, _ = shown_by(show_game_film, moments, "Title", "It walks.", reach=1.4)
    assert film.n_frames == 3
    wide, _ = shown_by(show_game, dict(moments), "Title", "Alt.")
    one, _ = shown_by(show_game, dict(moments[:1]), "Title", "Alt.")
    assert wide.width > 2.5 * one.width


def test_a_film_keeps_beliefs_that_only_its_middle_shows():
    film, _ = shown_by(
        show_game_film,
        [("even", moment()), ("real", moment(belief=1.0)), ("even", moment())],
        "Title", "Alt.", reach=1.4,
    )  # fmt: skip
    film.seek(1)
    blue = to_rgb("#9CCBEB")
    assert (np.abs(pixels(film) - np.array(blue)).max(axis=2) < 0.03).mean() > 0.3


def test_a_film_of_one_frame_is_refused():
    with pytest.raises(ValueError, match="2 frames or more, got 1"):
        show_game_film([("now", moment())], "Title", "Alt.", reach=1.4)


@pytest.mark.parametrize(
    "wrong", [moment(pull=torch.zeros(2, 2)), moment()._replace(belief=torch.zeros(9))]
)
def test_a_moment_of_odd_shapes_is_refused(wrong):
    with pytest.raises(ValueError, match=r"fake and pull \(M, 2\) and belief \(K, K\), got"):
        show_game({"now": wrong}, "Title", "Alt.")


GUARDS = [
    (test_the_plane_is_filled_row_by_row_from_below, (), "plotting.games", [
        ("torch.stack([across, up], dim=-1)", "torch.stack([up, across], dim=-1)"),
    ]),
    (test_belief_is_blue_where_real_and_upright, (), "plotting.games", [
        ('origin="lower"', 'origin="upper"'),
        ('["#F6BF95", "#FFFFFF", "#9CCBEB"]', '["#9CCBEB", "#FFFFFF", "#F6BF95"]'),
    ]),
    (test_an_arrow_leads_where_its_point_is_pulled_and_the_longest_spans_an_eighth, (),
     "plotting.games", [
        ("pull[some] / longest", "-pull[some] / longest"),
        ("* reach / 4", "* reach"),
    ]),
    (test_of_many_points_only_some_have_an_arrow, (), "plotting.games", [
        ("-(-len(fake) // MOST_ARROWS)", "1"),
    ]),
]  # fmt: skip
