"""Pictures come back from a file as they went in, and damage is answered in one sentence."""

import os
import random

import numpy as np
import pytest
import torch

from course_lib.data.npz import load_images, save_images
from course_lib.runtime import generator

GREY, COLOUR = (1, 32, 32), (3, 32, 32)


def some(*shape):
    return torch.rand(*shape, generator=generator(0)) * 2 - 1


def written(path, **arrays):
    np.savez(path, **arrays)
    return path


@pytest.mark.parametrize("shape", [GREY, COLOUR, (1, 8, 8)])
def test_pictures_come_back_within_half_a_step_of_256(shape, tmp_path):
    x = some(5, *shape)
    path = save_images(x, tmp_path / "a" / "samples.npz")
    found = load_images(path, shape)
    assert found.shape == x.shape and found.dtype == torch.float32
    assert (found - x).abs().max() <= 0.5 / 127.5 + 1e-6


def test_the_file_holds_what_other_tools_expect(tmp_path):
    x = torch.stack([-torch.ones(COLOUR), torch.ones(COLOUR)])
    x[1, 0, 3, 7] = -1.0  # no red at row 3, column 7
    images = np.load(save_images(x, tmp_path / "x.npz"))["images"]
    assert images.dtype == np.uint8 and images.shape == (2, 32, 32, 3)
    assert (images[0] == 0).all() and images[1, 3, 7].tolist() == [0, 255, 255]


def test_photographs_of_28_pixels_are_set_into_black(tmp_path):
    images = np.full((2, 28, 28, 1), 255, np.uint8)
    x = load_images(written(tmp_path / "x.npz", images=images), GREY)
    assert x.shape == (2, 1, 32, 32)
    assert (x[:, :, 2:30, 2:30] == 1).all() and x.sum() == 2 * (28**2 - (32**2 - 28**2))


WRONG = {
    "names": ({"pictures": np.zeros((2, 32, 32, 1), np.uint8)}, "no array named 'images'"),
    "floats": ({"images": np.zeros((2, 32, 32, 1))}, "need uint8 images .* got float64"),
    "colour": ({"images": np.zeros((2, 32, 32, 3), np.uint8)}, "got uint8"),
    "flat": ({"images": np.zeros((2, 32, 32), np.uint8)}, "got uint8"),
    "oblong": ({"images": np.zeros((2, 32, 28, 1), np.uint8)}, "got"),
    "large": ({"images": np.zeros((2, 64, 64, 1), np.uint8)}, "got"),
    "empty": ({"images": np.zeros((0, 32, 32, 1), np.uint8)}, "got"),
    "object": ({"images": np.array([{}, []], dtype=object)}, "damaged or not an npz file"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_no_picture_file_is_said_in_one_sentence(case, tmp_path):
    arrays, said = WRONG[case]
    with pytest.raises(ValueError, match=said) as raised:
        load_images(written(tmp_path / "x.npz", **arrays), GREY)
    assert "\n" not in str(raised.value)


def test_damage_by_chance_is_always_one_sentence(tmp_path):
    good = save_images(some(3, *GREY), tmp_path / "good.npz").read_bytes()
    chance, path = random.Random(0), tmp_path / "bad.npz"
    for _ in range(200):
        raw = bytearray(good[: chance.randrange(len(good))] if chance.random() < 0.5 else good)
        for _ in range(chance.randint(0, 4)):
            if raw:
                raw[chance.randrange(len(raw))] = chance.randrange(256)
        path.write_bytes(bytes(raw))
        try:
            x = load_images(path, GREY)
        except ValueError as error:
            assert "\n" not in str(error) and str(path) in str(error)
        else:
            assert x.shape == (3, 1, 32, 32)  # the damage hit nothing that matters


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="there is no file"):
        load_images(tmp_path / "none.npz", GREY)


def test_a_full_disk_leaves_nothing_half_written(tmp_path, monkeypatch):
    path = save_images(some(2, *GREY), tmp_path / "x.npz")
    before = path.read_bytes()

    def full(*_):
        raise OSError("no space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="what stood there is unchanged"):
        save_images(some(3, *GREY), path)
    assert path.read_bytes() == before and len(list(tmp_path.iterdir())) == 1
