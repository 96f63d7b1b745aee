"""`score` gives real pictures the floor, catches a copier, and answers damage in one sentence."""

import re

import pytest
import torch

from course_lib.__main__ import main
from course_lib.commands.score import _apart
from course_lib.data import load
from course_lib.data.catalog import SPLITS, catalog_split
from course_lib.data.npz import save_images
from course_lib.metrics import usual_features
from course_lib.runtime import noise


@pytest.fixture(scope="module")
def digits():
    return load("digits", "cpu")


def score(path, data, capsys):
    """Return {number: (value, floor)}, and all that was printed."""
    assert main(["score", str(path), "--data", data]) == 0
    said = capsys.readouterr().out
    row = r"^(\w+) +(\S+) \[.*?\] +(\S+) \["
    found = re.findall(row, said, re.MULTILINE)
    return {name: (float(value), float(floor)) for name, value, floor in found}, said


def test_real_test_pictures_are_given_the_floor_and_not_a_distance_of_0(digits, tmp_path, capsys):
    path = save_images(digits.test.x, tmp_path / "x.npz")
    found, said = score(path, "digits", capsys)
    assert "they meet other test pictures" in said and "16 principal components" in said
    assert 0.1 < found["frechet"][0] < 3 * found["frechet"][1]
    assert found["precision"][0] > 0.9 and found["copies"][0] < 0.1


def test_a_copier_is_caught_by_novelty(digits, tmp_path, capsys):
    path = save_images(digits.train.x[:300], tmp_path / "x.npz")
    found, said = score(path, "digits", capsys)
    assert found["copies"] == (1, pytest.approx(0, abs=0.05)) and found["novelty"][0] < 0.1
    assert found["precision"][0] > 0.9 and "they meet" not in said


def test_noise_is_far_from_everything(tmp_path, capsys):
    path = save_images(noise(100, 1, 8, 8, seed=0, device="cpu").clamp(-1, 1), tmp_path / "x.npz")
    found, said = score(path, "digits", capsys)
    assert found["sharpness"][0] > 2 and found["auc"][0] > 0.95 and found["novelty"][0] > 1.5
    assert "Note: 100 samples are few for 16 features" in said


def test_the_catalog_is_also_read_by_the_recogniser(tmp_path, capsys, monkeypatch):
    few = {split: (200, seed) for split, (_, seed) in SPLITS.items()}
    monkeypatch.setattr("course_lib.data.catalog.SPLITS", few)
    path = save_images(catalog_split("held_out").x, tmp_path / "x.npz")
    found, said = score(path, "catalog", capsys)
    ours, floor = re.findall(r"valid (\S+) .* novel combinations (\S+)", said)
    assert float(ours[0]) > 0.98 and ours[1] == "1" and floor[1] == "0"
    assert "12 of 12 kinds" in said and "the recogniser's 128 features" in said


def test_samples_and_test_pictures_are_kept_apart(digits):
    test = digits.test.x
    x, others, n_known = _apart(digits.train.x[:200], test)
    assert n_known == 0 and torch.equal(others, test) and len(x) == 200
    x, others, n_known = _apart(test[:100], test)
    assert n_known == 100 and torch.equal(others, test[100:]) and len(x) == 100
    x, others, n_known = _apart(test, test)
    half = len(test) // 2
    assert torch.equal(x, test[:half]) and torch.equal(others, test[half:])


def test_a_damaged_file_is_one_sentence(tmp_path, capsys):
    path = tmp_path / "x.npz"
    path.write_bytes(b"PK\x03\x04 and then nothing")
    assert main(["score", str(path), "--data", "digits"]) == 1
    error = capsys.readouterr().err
    assert "damaged or not an npz file" in error and error.count("\n") == 1


def test_the_usual_features_are_named_and_are_those_of_the_judge(digits):
    tiny = digits._replace(name="catalog")
    features = usual_features(tiny)
    assert features.name == "the recogniser's 128 features" and features.dim == 128
    x = catalog_split("test", 40).x
    seen = features.embed(x)
    assert seen.shape == (40, 128) and seen.dtype == torch.float64
    assert 0.8 < seen.square().mean() < 1.25
    assert usual_features(digits).name == "16 principal components"
