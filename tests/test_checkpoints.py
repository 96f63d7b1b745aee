"""A checkpoint is whole or it is refused in one sentence, and a failing load changes nothing."""

import hashlib
import json
import os

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import nn

from course_lib import checkpoints
from course_lib.checkpoints import load, save

CARD = {"data": "digits", "seed": 0, "steps": 5}


def small_model(value=1.0, width=3):
    model = nn.Sequential(nn.Linear(2, width), nn.BatchNorm1d(width))
    with torch.no_grad():
        for tensor in model.state_dict().values():
            tensor.fill_(value)
    return model


@pytest.fixture
def path(tmp_path):
    return save(small_model(), tmp_path / "runs" / "small.safetensors", CARD)


def refused(path, error, words, model=None):
    """Loading must fail in one sentence that has these words, and leave the model as it was."""
    model = model or small_model(7.0)
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    with pytest.raises(error, match=words) as caught:
        load(model, path)
    assert "\n" not in str(caught.value) and "small" in str(caught.value)
    torch.testing.assert_close(dict(model.state_dict()), before)


def rewrite_card(path, text):
    path.with_suffix(".json").write_text(text)


def test_what_was_saved_is_what_is_loaded(path):
    model = small_model(0.0)
    card = load(model, path)
    torch.testing.assert_close(dict(model.state_dict()), dict(small_model().state_dict()))
    assert {name: card[name] for name in CARD} == CARD


def test_the_file_holds_tensors_and_the_card_its_fingerprint(path):
    assert set(load_file(path)) == set(small_model().state_dict())
    card = json.loads(path.with_suffix(".json").read_text())
    assert card["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert card["model"] == "Sequential"


def test_loading_works_while_training_goes_on(path):
    model = small_model(0.0).train()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    load(model, path)
    assert model.training and model[0].weight.requires_grad
    assert optimizer.param_groups[0]["params"][0] is model[0].weight  # the same tensor, refilled


def test_missing_weights_are_named(path):
    refused(path.with_name("small2.safetensors"), FileNotFoundError, r"no file .*small2\.safe")


def test_a_missing_card_is_named(path):
    path.with_suffix(".json").unlink()
    refused(path, FileNotFoundError, r"no file .*small\.json: train the model first")


@pytest.mark.parametrize("length", [0, 4, 100, -1])
def test_a_truncated_file_is_refused(path, length):
    path.write_bytes(path.read_bytes()[:length])
    refused(path, ValueError, r"small\.safetensors is damaged or not a safetensors file")


def test_a_file_of_another_kind_is_refused(path):
    path.write_bytes(b"<html>404: not found</html>")
    refused(path, ValueError, "is damaged or not a safetensors file")


def test_changed_bytes_are_noticed(path):
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    refused(path, ValueError, r"small\.safetensors is not the file its card describes \(SHA-256")


def test_a_foreign_safetensors_file_does_not_match_the_card(path):
    save_file({"other": torch.zeros(3)}, path)
    refused(path, ValueError, "is not the file its card describes")


def test_the_weights_of_another_model_are_refused(path):
    save(nn.Conv2d(1, 1, 3), path, CARD)
    refused(path, ValueError, r"holds another model than Sequential: they differ in '0\.bias'")


def test_weights_of_another_shape_are_refused(path):
    words = r"other settings: '0\.weight' has shape \(3, 2\), not \(4, 2\)"
    refused(path, ValueError, words, small_model(7.0, width=4))


@pytest.mark.parametrize("text", ["", "not json", "[1, 2]", "3", "null", '{"seed": 0}', "\udcff"])
def test_a_card_that_is_not_ours_is_refused(path, text):
    path.with_suffix(".json").write_bytes(text.encode("utf-8", "surrogateescape"))
    refused(path, ValueError, r"small\.json is not a card of this course: save the model again")


@pytest.mark.parametrize("act", [lambda path: save(small_model(), path, CARD), None])
def test_another_file_format_is_refused(tmp_path, act):
    act = act or (lambda path: load(small_model(), path))
    with pytest.raises(ValueError, match=r"stored as \.safetensors, got 'small\.pt'"):
        act(tmp_path / "small.pt")
    assert not list(tmp_path.iterdir())


def disk_full(*_, **__):
    raise OSError(28, "No space left on device")


def interrupt(monkeypatch, where):
    """Let the next save break at the given moment."""
    if where == "while writing the weights":

        def half_written(_, target):
            target.write_bytes(b"half")
            disk_full()

        monkeypatch.setattr(checkpoints, "save_file", half_written)
    elif where == "while writing the card":
        monkeypatch.setattr("pathlib.Path.write_text", disk_full)
    else:
        monkeypatch.setattr(os, "replace", disk_full)


@pytest.mark.parametrize(
    "where", ["while writing the weights", "while writing the card", "before the renaming"]
)
def test_an_interrupted_save_leaves_the_old_checkpoint_whole(path, monkeypatch, where):
    with monkeypatch.context() as patch:
        interrupt(patch, where)
        with pytest.raises(OSError, match="No space left"):
            save(small_model(9.0), path, CARD)
    assert sorted(f.name for f in path.parent.iterdir()) == ["small.json", "small.safetensors"]
    model = small_model(0.0)
    load(model, path)
    torch.testing.assert_close(dict(model.state_dict()), dict(small_model().state_dict()))


def test_a_card_that_json_cannot_hold_spoils_nothing(path):
    with pytest.raises(TypeError):
        save(small_model(9.0), path, {"score": torch.zeros(1)})
    assert sorted(f.name for f in path.parent.iterdir()) == ["small.json", "small.safetensors"]
    load(small_model(), path)


def test_a_save_cut_off_between_its_two_files_is_finished_by_the_next_load(path, monkeypatch):
    rename, seen = os.replace, []

    def only_once(source, target):
        seen.append(target)
        return rename(source, target) if len(seen) == 1 else disk_full()

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", only_once)
        with pytest.raises(OSError, match="No space left"):
            save(small_model(9.0), path, {"steps": 6})
    model = small_model(0.0)
    assert load(model, path)["steps"] == 6
    torch.testing.assert_close(dict(model.state_dict()), dict(small_model(9.0).state_dict()))
    assert sorted(f.name for f in path.parent.iterdir()) == ["small.json", "small.safetensors"]


def test_a_waiting_card_of_other_weights_is_not_taken(path):
    path.with_suffix(".json.partial").write_text(json.dumps({"sha256": "0" * 64, "steps": 7}))
    assert load(small_model(), path)["steps"] == CARD["steps"]


def test_a_failing_save_names_its_file(path, monkeypatch):
    interrupt(monkeypatch, "while writing the weights")
    with pytest.raises(OSError, match="could not write .*small.safetensors.*unchanged"):
        save(small_model(9.0), path, CARD)


def test_saving_again_replaces_both_files(path):
    save(small_model(2.0), path, {"steps": 6})
    model = small_model(0.0)
    assert load(model, path)["steps"] == 6
    torch.testing.assert_close(model[0].weight, torch.full((3, 2), 2.0))
