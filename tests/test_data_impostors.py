"""Each impostor has the one fault it is named for, and no other."""

import pytest
import torch
from clouds import pictures
from scipy.ndimage import correlate1d

from course_lib.data.impostors import (
    blurry,
    collapsed,
    copier,
    noisy,
    pale,
    stitched,
    wrong_colours,
)
from course_lib.runtime import noise


@pytest.mark.parametrize("sigma", [0.6, 1.3])
def test_blur_is_that_of_scipy_away_from_nothing_but_its_own_border(sigma):
    x, reach = pictures(3, 12, 0, channels=3).double(), round(3 * sigma)
    weight = torch.exp(-0.5 * (torch.arange(-reach, reach + 1).double() / sigma) ** 2)
    expected = x.numpy()
    for axis in (2, 3):
        expected = correlate1d(expected, (weight / weight.sum()).numpy(), axis, mode="mirror")
    torch.testing.assert_close(blurry(x, sigma), torch.from_numpy(expected))


def test_a_flat_picture_cannot_be_blurred():
    flat = torch.full((1, 1, 8, 8), 0.3)
    torch.testing.assert_close(blurry(flat), flat)


def test_noise_has_its_strength_comes_from_its_seed_and_is_clipped():
    x = torch.zeros(50, 3, 8, 8)
    found = noisy(x, 1, 0.1)
    torch.testing.assert_close(found, 0.1 * noise(50, 3, 8, 8, seed=1, device="cpu"))
    assert not torch.equal(found, noisy(x, 2, 0.1))
    assert noisy(x + 1, 1).max() == 1 and noisy(x - 1, 1).min() == -1


def test_a_collapsed_set_has_as_many_different_pictures_as_was_asked_for():
    x = pictures(200, 8, 0)
    found = collapsed(x, 0, n_distinct=7)
    distance = torch.cdist(found.flatten(1), x.flatten(1))
    nearest = distance.min(dim=1)
    assert nearest.values.max() < 3 * 0.02 * 8  # 64 pixels under noise of 0.02
    assert len(nearest.indices.unique()) == 7 and found.shape == x.shape
    assert nearest.indices.max() > 6  # chosen by chance, not the first seven
    assert len(found.flatten(1).unique(dim=0)) == 200  # no two are equal to the last digit
    assert torch.equal(found, collapsed(x, 0, n_distinct=7))
    assert not torch.equal(found, collapsed(x, 1, n_distinct=7))


def test_the_few_pictures_come_about_equally_often():
    x = torch.arange(5.0).reshape(5, 1, 1, 1).expand(5, 1, 2, 2) / 5
    found = collapsed(x.repeat(200, 1, 1, 1)[:1000], 3, n_distinct=4, strength=0.0)
    counts = found[:, 0, 0, 0].unique(return_counts=True)[1]
    assert counts.sum() == 1000 and counts.min() > 150


def test_a_copier_hands_out_training_pictures_each_at_most_once():
    train = pictures(30, 4, 0)
    found = copier(train, 20, seed=0)
    equal = (found[:, None] == train).flatten(2).all(dim=2)
    assert (equal.sum(dim=1) == 1).all() and equal.sum(dim=0).max() == 1
    assert not torch.equal(found, copier(train, 20, seed=1))


def test_wrong_colours_are_right_again_when_exchanged_twice():
    red = torch.tensor([1.0, 0.0, -1.0])[None, :, None, None].expand(1, 3, 4, 4)
    found = wrong_colours(red)
    assert found[0, :, 0, 0].tolist() == [-1, 0, 1]
    x = pictures(3, 4, 0, channels=3)
    assert torch.equal(wrong_colours(wrong_colours(x)), x)
    torch.testing.assert_close(wrong_colours(x).mean(dim=1), x.mean(dim=1))  # grey stays grey


def test_a_pale_picture_has_half_the_contrast():
    x = pictures(3, 4, 0)
    torch.testing.assert_close(pale(x).std(), x.std() / 2)


def test_a_stitched_picture_is_one_above_and_the_other_below():
    a, b = pictures(2, 8, 0), pictures(2, 8, 1)
    found = stitched(a, b)
    assert torch.equal(found[:, :, :4], a[:, :, :4]) and torch.equal(found[:, :, 4:], b[:, :, 4:])


def test_what_cannot_be_made_is_refused():
    x = pictures(5, 4, 0)
    with pytest.raises(ValueError, match="cannot choose 6 different pictures of 5"):
        collapsed(x, 0, n_distinct=6)
    with pytest.raises(ValueError, match="cannot hand out 6 different pictures of 5"):
        copier(x, 6, seed=0)
    with pytest.raises(ValueError, match=r"only pictures \(N, 3, S, S\).*got \(5, 1, 4, 4\)"):
        wrong_colours(x)
    with pytest.raises(ValueError, match="do not fit"):
        stitched(x, x[:4])


GUARDS = [
    (test_blur_is_that_of_scipy_away_from_nothing_but_its_own_border, (1.3,), "data.impostors", [
        ("-0.5 * (place / sigma)", "-1.0 * (place / sigma)"),
        ('mode="reflect"', 'mode="replicate"'),
        ("F.conv2d(across, kernel.mT", "F.conv2d(across, kernel.mT * 0.9"),
        ("weight / weight.sum()", "weight / weight.max()"),
    ]),
    (test_noise_has_its_strength_comes_from_its_seed_and_is_clipped, (), "data.impostors", [
        ("x + strength * noise", "x + strength**2 * noise"),
        ("device=x.device)).clamp(-1, 1)", "device=x.device))"),
    ]),
    (test_a_collapsed_set_has_as_many_different_pictures_as_was_asked_for, (), "data.impostors", [
        ("chosen[turn]", "turn"),
        ("x[chosen[turn]", "x[torch.arange(len(x))"),
    ]),
    (test_a_copier_hands_out_training_pictures_each_at_most_once, (), "data.impostors", [
        ("torch.randperm(len(train), generator", "torch.randint(9, (n,), generator"),
    ]),
    (test_wrong_colours_are_right_again_when_exchanged_twice, (), "data.impostors", [
        ("x.flip(1)", "x.roll(1, 1)"),
        ("x.flip(1)", "-x"),
    ]),
    (test_a_stitched_picture_is_one_above_and_the_other_below, (), "data.impostors", [
        ("[x[..., :middle, :]", "[x[..., middle:, :]"),
    ]),
]  # fmt: skip
