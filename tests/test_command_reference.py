"""The weights of the course are trained, measured and put in their place by one command."""

import json

import pytest
import torch

from course_lib.__main__ import main
from course_lib.commands import reference, train
from course_lib.data.catalog import SPLITS
from course_lib.judges import WEIGHTS
from course_lib.painters import NETWORKS, load_painter, paint

pytestmark = pytest.mark.filterwarnings("ignore:.* samples are few:UserWarning")


@pytest.fixture
def small_world(tmp_path, monkeypatch):
    """Two steps of training, few pictures, and a place of one's own for the weights."""
    few = {split: (128, seed) for split, (_, seed) in SPLITS.items()}
    monkeypatch.setattr("course_lib.data.catalog.SPLITS", few)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(reference, "WEIGHTS", tmp_path / "weights")
    whole = train.picture_job
    short = lambda *words: whole(*words)._replace(n_steps=2)  # noqa: E731
    monkeypatch.setattr(train, "picture_job", short)
    return tmp_path


def test_a_job_is_trained_measured_and_placed_with_all_that_its_card_should_say(small_world):
    assert main(["reference", "gan-catalog"]) == 0
    card = json.loads((small_world / "weights" / "gan_catalog.json").read_text())
    wanted = {"made by", "data", "seed", "config", "steps", "seconds", "machine", "scores"}
    assert (wanted | {"sha256", "data hash"}) <= card.keys()
    scores = card["scores"]
    assert scores["n"] == 128 and scores["features"] == "the recogniser's 128 features"
    value, low, high = scores["frechet"]["value, low, high"]
    assert low <= value <= high and scores["frechet"]["floor"] < value
    assert 0 <= scores["valid"]["value, low, high"][0] <= 1 and "of 12" in scores["kinds"]
    painter = load_painter("gan", "catalog", small_world / "weights" / "gan_catalog.safetensors")
    assert paint(painter, 2).shape == (2, 3, 32, 32)


def test_scores_are_those_of_pictures_in_a_file_and_guided_ones_stand_beside(
    small_world, monkeypatch
):
    how = {"n_steps": 2, "guidance": 5.0, "between": (-1.0, 2.0), "contrast": 1.1}
    monkeypatch.setattr(reference, "GUIDED", {"diffusion-catalog": how})
    seen = []
    whole = reference.measure
    monkeypatch.setattr(reference, "measure", lambda x, ruler: seen.append(x) or whole(x, ruler))
    assert main(["reference", "diffusion-catalog"]) == 0
    card = json.loads((small_world / "weights" / "diffusion_catalog.json").read_text())
    plain, guided = seen
    levels = (plain + 1) * 127.5
    torch.testing.assert_close(levels, levels.round(), atol=1e-3, rtol=0)
    assert card["scores guided"]["guidance"] == 5 and card["scores guided"]["between"] == [-1, 2]
    assert not torch.equal(plain, guided)
    assert card["scores guided"]["contrast"] == 1.1
    weights = small_world / "runs" / "reference" / "diffusion-catalog" / "weights.safetensors"
    asked = paint(load_painter("diffusion", "catalog", weights), 128, seed=1, **how)
    torch.testing.assert_close(guided, asked, atol=1.01 / 255, rtol=0)  # to a level
    assert card["scores guided"]["frechet"] != card["scores"]["frechet"]


def test_what_is_trained_is_not_trained_again(small_world, monkeypatch):
    assert main(["reference", "gan-catalog"]) == 0

    def never(given):
        raise AssertionError("trained again")

    monkeypatch.setattr(reference, "train_command", never)
    assert main(["reference", "gan-catalog"]) == 0


def test_an_unknown_job_is_answered_with_the_known_ones(capsys):
    assert main(["reference", "vae-ring"]) == 1
    assert "vae-fashion, gan-fashion, diffusion-fashion" in capsys.readouterr().err


def test_the_hash_of_the_data_changes_with_the_data(monkeypatch):
    few = {split: (128, seed) for split, (_, seed) in SPLITS.items()}
    monkeypatch.setattr("course_lib.data.catalog.SPLITS", few)
    first = reference.data_hash("catalog")
    assert first == reference.data_hash("catalog") != reference.data_hash("digits")
    monkeypatch.setattr("course_lib.data.catalog.SPLITS", {**few, "train": (128, 9)})
    assert reference.data_hash("catalog") != first


def test_all_weights_of_the_course_together_are_small_and_load():
    files = sorted(WEIGHTS.glob("*.safetensors"))
    assert sum(file.stat().st_size for file in files) < 16 * 2**20
    for file in files:
        family, _, data = file.stem.partition("_")
        if family in NETWORKS:
            assert load_painter(family, data).data == data
