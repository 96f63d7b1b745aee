"""Points stand where they should, in every panel and every frame, in the colour of their group."""

import io
from base64 import b64decode
from unittest.mock import patch

import numpy as np
import PIL.Image
import pytest
import torch
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from course_lib.plotting import show_clouds, show_densities, show_film, show_histograms
from course_lib.plotting.charts import COLOURS
from course_lib.plotting.output import publish_film


def shown_by(show, *args, **kwargs):
    """Return the picture that a function shows, as PIL has it, and its alt text."""
    with patch("course_lib.plotting.output.display") as display:
        show(*args, **kwargs)
    ((bundle,), options) = display.call_args
    alt = options["metadata"]["image/png"]["alt"]
    assert display.call_count == 1 and options["raw"] is True and bundle["text/plain"] == alt
    return PIL.Image.open(io.BytesIO(b64decode(bundle["image/png"]))), alt


def frames(film):
    """Return the pixels of every frame, (H, W, 3) in [0, 1], and how many ms each stays."""
    pixels, stays = [], []
    for i in range(film.n_frames):
        film.seek(i)
        stays.append(film.info["duration"])
        pixels.append(np.asarray(film.convert("RGB")) / 255)
    return pixels, stays


def place_of(colour, pixels):
    """Return the mean (across, down) of the pixels of a colour, mixed with white as dots are."""
    dot = 0.7 * np.array(to_rgb(colour)) + 0.3
    down, across = np.nonzero(np.abs(pixels - dot).max(axis=2) < 0.08)
    assert len(down), "no dot of that colour"
    return across.mean(), down.mean()


def heap(across, up, n=1):
    return torch.tensor([[across, up]]).expand(n, 2)


CORNERS = {"left": heap(-1.0, 0.0), "right": heap(1.0, 0.0), "top": heap(0.0, 1.0)}


def test_each_cloud_stands_in_its_own_panel_upright_and_to_scale():
    still, alt = shown_by(show_clouds, CORNERS, "Three corners", reach=1.25)
    pixels = np.asarray(still.convert("RGB")) / 255
    width = pixels.shape[1] / 3
    places = [place_of(COLOURS[0], pixels[:, int(i * width) : int((i + 1) * width)])
              for i in range(3)]  # fmt: skip
    (left, middle), (right, _), (centre, top) = places
    assert right - left == pytest.approx(2 * (middle - top), rel=0.05)  # one scale, up is up
    assert right - left == pytest.approx(width * 0.95 * 0.8, rel=0.05)  # 2 of 2.5 units
    assert centre == pytest.approx((left + right) / 2, abs=4)
    assert "Three corners" in alt and "left (1), right (1), top (1)" in alt


def test_what_lies_outside_is_said():
    x = torch.cat([heap(0.0, 0.0, 3), heap(9.0, 0.0)])
    assert "Outside the panel: 25.0% of stray" in shown_by(show_clouds, {"stray": x}, "Stray")[1]
    assert "Outside" not in shown_by(show_clouds, CORNERS, "Three corners")[1]


def test_groups_keep_their_colour_from_panel_to_panel():
    x, group = torch.tensor([[-1.0, -1.0], [1.0, 1.0]]), torch.tensor([1, 2 + len(COLOURS)])
    still, _ = shown_by(show_clouds, {"a": x, "b": -x}, "Crossing", group=group)
    pixels = np.asarray(still.convert("RGB")) / 255
    half = pixels.shape[1] // 2
    for panel, sign in ((pixels[:, :half], 1), (pixels[:, half:], -1)):
        first, second = (place_of(COLOURS[g], panel) for g in (1, 2))
        assert sign * (second[0] - first[0]) > 50 and sign * (first[1] - second[1]) > 50


def test_panels_fill_rows():
    wide, _ = shown_by(show_clouds, dict.fromkeys("abcd", heap(0.0, 0.0)), "Four")
    square, _ = shown_by(show_clouds, dict.fromkeys("abcd", heap(0.0, 0.0)), "Four", n_columns=2)
    assert wide.width > 1.8 * square.width and square.height > 1.7 * wide.height


def test_a_film_moves_its_points_from_the_first_frame_to_the_last():
    walk = [heap(-1 + i / 2, 0.5) for i in range(5)]
    film, alt = shown_by(show_film, {"walk": walk, "rest": walk[:1] * 5}, "A walk", "It walks.")
    assert film.n_frames == 5 and film.info["loop"] == 3 and alt == "It walks."
    pixels, stays = frames(film)
    half = pixels[0].shape[1] // 2
    across, down = zip(*(place_of(COLOURS[0], page[:, :half]) for page in pixels), strict=True)
    assert np.diff(across) == pytest.approx(np.diff(across).mean(), abs=1.5)
    assert np.diff(across).min() > 15 and np.ptp(down) < 1.5
    resting = [place_of(COLOURS[0], page[:, half:]) for page in pixels]
    assert np.ptp(resting, axis=0).max() < 0.5
    assert stays == [1000, 1000, 1000, 1000, 3000]


def test_a_film_keeps_colours_that_only_its_beginning_shows():
    begin = torch.tensor([[i / 3 - 1, 0.0] for i in range(6)])
    films = {"gather": [begin, torch.zeros(6, 2)]}
    film, _ = shown_by(show_film, films, "Gather", "They meet.", group=torch.arange(6))
    first = frames(film)[0][0]
    across = [place_of(colour, first)[0] for colour in COLOURS]
    assert np.diff(across).min() > 10


@pytest.mark.parametrize("lengths", [(1,), (2, 3)])
def test_films_that_are_no_films_are_refused(lengths):
    films = {f"{n} frames": [heap(0.0, 0.0)] * n for n in lengths}
    with pytest.raises(ValueError, match="equally many frames, 2 or more, got"):
        show_film(films, "Title", "Alt.")


def test_a_film_without_alt_text_is_refused():
    with pytest.raises(ValueError, match="every figure needs alt text"):
        publish_film([Figure(), Figure()], " ", 1.0)


@pytest.mark.parametrize("shape", [(3,), (3, 3), (3, 2, 1)])
def test_what_is_no_cloud_is_refused(shape):
    with pytest.raises(ValueError, match=r"shape \(N, 2\), got \("):
        show_clouds({"odd": torch.zeros(shape)}, "Odd")


def darkness(still, n_panels):
    """Return each panel's darkness (H, W): 0 where it is white."""
    pixels = 1 - np.asarray(still.convert("RGB")) / 255
    blue = pixels[45:, :, 0]  # below the titles; blue ink lacks red
    return np.array_split(blue, n_panels, axis=1)


def test_densities_are_dark_where_the_points_are_and_wider_with_the_bandwidth():
    torch.manual_seed(0)
    x = torch.tensor([0.7, -0.7]) + 0.02 * torch.randn(200, 2)
    still, alt = shown_by(show_densities, x, "One heap", [0.3, 0.05], n_squares=20)
    assert "200 points, histogram, 20 x 20; smoothed, 0.3 wide; smoothed, 0.05 wide" in alt
    areas = []
    for panel in darkness(still, 3):
        inner = panel[5:-8, 8:-8]  # without the frame
        down, across = np.nonzero(inner > 0.5 * inner.max())
        assert across.mean() > 0.65 * inner.shape[1] and down.mean() > 0.65 * inner.shape[0]
        areas.append((inner > 0.05).mean())
    assert areas[1] > 10 * areas[2] and areas[1] > 10 * areas[0]


def test_a_bandwidth_is_the_standard_deviation_of_each_bell():
    x = torch.cat([heap(-1e-3, 0.0), heap(1e-3, 0.0), heap(0.0, 1e-3), heap(0.0, -1e-3)])
    still, _ = shown_by(show_densities, x, "One bell", [0.4])
    panel = darkness(still, 2)[1][5:-8, 8:-8]
    down, across = np.nonzero(panel > 0.05)
    reach = np.sqrt(-2 * np.log(0.02)) * 0.4  # drawn down to 2 % of the mass, near enough
    seen = 2.8 * (np.ptp(across) + 1) / panel.shape[1] / 2
    assert seen == pytest.approx(reach, rel=0.12)


def test_show_histograms_says_where_the_numbers_lie():
    groups = {"small": torch.arange(1.0, 12.0), "large": torch.arange(100.0, 111.0)}
    _, alt = shown_by(show_histograms, groups, "Two groups", "number")
    assert "small lies between 1 and 11, half of it below 6" in alt
    assert "large lies between 100 and 110, half of it below 105" in alt
    assert "Two groups" in alt and "number" in alt


def test_histograms_can_share_their_axis():
    groups = {"small": torch.linspace(0, 1, 50), "large": torch.linspace(9, 10, 50)}
    shared, _ = shown_by(show_histograms, groups, "Far apart", "number")
    orange = 0.75 * np.array(to_rgb(COLOURS[1])) + 0.25
    pixels = np.asarray(shared.convert("RGB")) / 255
    across = np.nonzero((np.abs(pixels - orange).max(axis=2) < 0.1).any(axis=0))[0]
    assert across.min() > 0.85 * pixels.shape[1]  # at the right end of the right panel
    assert shown_by(show_histograms, groups, "Each its own", "number", share_x=False, log=False)


GUARDS = [
    (test_each_cloud_stands_in_its_own_panel_upright_and_to_scale, (), "plotting.clouds", [
        ("ylim=(-reach, reach)", "ylim=(reach, -reach)"),
        ("xlim=(-reach, reach)", "xlim=(-2 * reach, 2 * reach)"),
    ]),
    (test_what_lies_outside_is_said, (), "plotting.clouds", [
        ("(x.abs() > reach).any", "(x > 99 * reach).any"),
    ]),
    (test_groups_keep_their_colour_from_panel_to_panel, (), "plotting.clouds", [
        ("COLOURS[g % len(COLOURS)]", "COLOURS[-1 - g % len(COLOURS)]"),
    ]),
    (test_a_film_moves_its_points_from_the_first_frame_to_the_last, (), "plotting.clouds", [
        ("zip(*films.values(), strict=True))", "[*zip(*films.values(), strict=True)][::-1])"),
    ]),
    (test_a_film_moves_its_points_from_the_first_frame_to_the_last, (), "plotting.clouds", [
        ("publish_film(frames, alt, seconds)", "publish_film(frames, alt, 2 * seconds)"),
    ]),
    (test_a_bandwidth_is_the_standard_deviation_of_each_bell, (), "plotting.clouds", [
        ("wide = h / x.std(dim=0)", "wide = 2 * h / x.std(dim=0)"),
    ]),
    (test_histograms_can_share_their_axis, (), "plotting.clouds", [
        ("sharex=share_x", "sharex=False"),
    ]),
]  # fmt: skip
