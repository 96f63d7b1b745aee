"""The command line trains, refuses in one sentence, and stops politely."""

import json
import signal
import subprocess
import sys

import pytest
import torch
from torch import nn

from course_lib.__main__ import main
from course_lib.checkpoints import read_card
from course_lib.commands import judging
from course_lib.commands.train import JUDGES
from course_lib.data.catalog import SPLITS
from course_lib.models.pictures import PictureDiscriminator, PictureGenerator


@pytest.fixture
def few_pictures(monkeypatch):
    small = {split: (90, seed) for split, (_, seed) in SPLITS.items()}
    monkeypatch.setattr("course_lib.data.catalog.SPLITS", small)
    assert judging.SPLITS is SPLITS  # only seeds are taken from there


def train(*words):
    return main(["train", *map(str, words)])


def test_the_help_names_every_command():
    command = [sys.executable, "-m", "course_lib", "--help"]
    shown = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "train" in shown.stdout and not shown.stderr


def test_a_recogniser_is_trained_marked_and_written_with_its_card(tmp_path, capsys, few_pictures):
    assert train("recogniser", "--data", "catalog", "--steps", 5, "--out", tmp_path) == 0
    card = json.loads((tmp_path / "weights.json").read_text())
    assert card["steps"] == 5 and card["seed"] == 0 and card["model"] == "Judge"
    assert card["scores"]["test"]["n"] == 90 and 0 <= card["scores"]["test"]["kind"] <= 1
    assert str(tmp_path) in capsys.readouterr().out


def test_a_run_goes_on_from_the_command_line(tmp_path, capsys, few_pictures):
    words = ("recogniser", "--data", "catalog", "--out", tmp_path)
    assert train(*words, "--steps", 3) == 0
    assert train(*words, "--steps", 5, "--resume") == 0
    assert json.loads((tmp_path / "weights.json").read_text())["steps"] == 5


def test_compiling_fuses_the_networks_and_changes_nothing_else(tmp_path, capsys, monkeypatch):
    compiled = []
    monkeypatch.setattr(torch, "compile", lambda f: f)
    monkeypatch.setattr(nn.Module, "compile", lambda self, **how: compiled.append(type(self)))
    words = ["train", "gan", "--data", "digits", "--steps", "1"]
    for name, more in (("plain", []), ("compiled", ["--compile"])):
        assert main([*words, "--out", str(tmp_path / name), *more]) == 0
    assert compiled == [PictureGenerator, PictureDiscriminator]
    cards = [read_card(tmp_path / name / "weights.safetensors") for name in ("plain", "compiled")]
    assert cards[1]["made by"] == cards[0]["made by"] + " --compile"
    assert cards[1]["sha256"] == cards[0]["sha256"]


def test_no_compiler_is_answered_in_one_sentence(tmp_path, capsys, monkeypatch):
    def without(function):
        raise RuntimeError("no working C++ compiler found")

    monkeypatch.setattr(torch, "compile", without)
    words = ["train", "vae", "--data", "digits", "--steps", "1", "--compile"]
    assert main([*words, "--out", str(tmp_path)]) == 1
    assert "needs a C++ compiler: install one, or go without" in capsys.readouterr().err


def test_ctrl_c_saves_and_says_how_to_go_on(tmp_path):
    command = [sys.executable, "-m", "course_lib", "train", "recogniser", "--data", "catalog"]
    command += ["--seconds", "600", "--out", tmp_path]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert "Ctrl-C stops and saves" in process.stdout.readline()
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=120)
    assert process.returncode == 130 and "--resume goes on" in out
    assert (tmp_path / "resume" / "state.safetensors").is_file()
    assert not (tmp_path / "weights.safetensors").exists()
    again = subprocess.run(command, capture_output=True, text=True)
    assert again.returncode == 1 and "holds a stopped run: go on with --resume" in again.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["train", "recogniser", "--data", "fashion"], "--data catalog"),
        (["train", "classifier", "--data", "catalog"], "--data fashion"),
        (["train", "recogniser", "--data", "catalog", "--resume"], "without --resume"),
    ],
)
def test_what_makes_no_sense_is_answered_in_one_sentence(words, said, tmp_path, capsys):
    assert main([*words, "--out", str(tmp_path)]) == 1
    error = capsys.readouterr().err
    assert said in error and error.count("\n") == 1 and "Traceback" not in error


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "COMMAND"),
        (["train", "recogniser"], "--data"),
        (["train", "painter", "--data", "catalog"], "invalid choice: 'painter'"),
        (["train", "recogniser", "--data", "catalog", "--steps", "0"], "must be above 0, got 0"),
        (["train", "recogniser", "--data", "catalog", "--seconds", "soon"], "invalid number value"),
        (
            ["train", "recogniser", "--data", "catalog", "--steps", "2", "--seconds", "1"],
            "not allowed",
        ),
    ],
)
def test_words_that_cannot_be_read_are_answered_like_any_command_does(words, said, capsys):
    with pytest.raises(SystemExit) as stop:
        main(words)
    assert stop.value.code == 2 and said in capsys.readouterr().err


def test_every_judge_knows_its_data():
    assert {name: data for name, (data, _) in JUDGES.items()} == {
        "recogniser": "catalog",
        "classifier": "fashion",
    }
