"""Maps of errors: held against SciPy, scikit-learn and plain loops."""

import pytest
import scipy.ndimage
import torch
from sklearn.metrics import roc_auc_score

from course_lib.metrics.faults import error_map, pixel_auc, smoothed, worst_spot

DRAW = torch.Generator().manual_seed(3)
MAPS = torch.rand(4, 9, 9, generator=DRAW)


def test_the_error_map_is_the_mean_of_squares_over_channels():
    x_hat, x = torch.rand(2, 2, 3, 5, 5, generator=DRAW)
    by_hand = sum((x_hat[:, c] - x[:, c]) ** 2 for c in range(3)) / 3
    torch.testing.assert_close(error_map(x_hat, x), by_hand)


def test_smoothing_equals_scipy_inside_and_takes_means_of_what_is_there_at_the_rim():
    found = smoothed(MAPS, 3)
    reference = scipy.ndimage.uniform_filter(MAPS.numpy(), (0, 3, 3))
    torch.testing.assert_close(found[:, 1:-1, 1:-1], torch.from_numpy(reference)[:, 1:-1, 1:-1])
    torch.testing.assert_close(found[:, 0, 0], MAPS[:, :2, :2].mean((1, 2)))
    assert torch.equal(smoothed(MAPS, 1), MAPS)


def test_the_worst_spot_finds_a_small_bright_place_that_the_mean_hardly_sees():
    maps = torch.full((2, 9, 9), 0.1)
    maps[1, 3:6, 3:6] = 1.0
    torch.testing.assert_close(worst_spot(maps, 3), torch.tensor([0.1, 1.0]))


def test_the_auc_of_pixels_equals_scikit_learn():
    mask = (torch.rand(4, 1, 9, 9, generator=DRAW) < 0.2).float()
    odd = MAPS + 0.3 * mask[:, 0]
    reference = roc_auc_score(mask.flatten().numpy(), odd.flatten().numpy())
    assert pixel_auc(odd, mask).value == pytest.approx(reference)


def test_nonsense_is_refused_in_one_sentence():
    with pytest.raises(ValueError, match="side must be odd, .* got 4"):
        smoothed(MAPS, 4)
    with pytest.raises(ValueError, match="cannot compare pictures"):
        error_map(torch.zeros(1, 3, 4, 4), torch.zeros(2, 3, 4, 4))
    with pytest.raises(ValueError, match="do not match"):
        pixel_auc(MAPS, torch.zeros(4, 9, 9))
    with pytest.raises(ValueError, match="need two or more"):
        pixel_auc(MAPS, torch.zeros(4, 1, 9, 9))


GUARDS = [
    (test_the_error_map_is_the_mean_of_squares_over_channels, (), "metrics.faults", [
        (".square().mean(dim=1)", ".square().sum(dim=1)"),
        (".square().mean(dim=1)", ".abs().mean(dim=1)"),
    ]),
    (test_smoothing_equals_scipy_inside_and_takes_means_of_what_is_there_at_the_rim, (),
     "metrics.faults", [
        ("count_include_pad=False", "count_include_pad=True"),
    ]),
    (test_the_worst_spot_finds_a_small_bright_place_that_the_mean_hardly_sees, (),
     "metrics.faults", [
        (".amax(dim=1)", ".mean(dim=1)"),
    ]),
    (test_the_auc_of_pixels_equals_scikit_learn, (), "metrics.faults", [
        ("auc(maps[at_fault], maps[~at_fault])", "auc(maps[~at_fault], maps[at_fault])"),
    ]),
]  # fmt: skip
