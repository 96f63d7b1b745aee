"""Stored results are whole, honest, and made by runs that can be cut off."""

import json
import math
import os
import signal
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

from course_lib import experiments, results
from course_lib.__main__ import main
from course_lib.commands import results as command
from course_lib.results import agrees, once, side_by_side, store, stored

ROOT = Path(__file__).parents[1]
VALUES = {"vae": {"kernel": [0.1, 1 / 3]}, "steps": 2800}


@pytest.fixture(autouse=True)
def shelf(tmp_path, monkeypatch):
    monkeypatch.setattr(results, "STORED", tmp_path / "stored")
    return tmp_path / "stored"


def test_what_is_stored_comes_back_with_how_it_came_about(shelf):
    assert store("digits", VALUES, (0, 1)) == shelf / "digits.json"
    found = stored("digits")
    assert found.values == VALUES and found.seeds == [0, 1]
    assert found.command == "python -m course_lib results digits"
    assert found.versions["torch"] == metadata.version("torch")
    assert "PyTorch" in found.device and len(found.date) == len("2026-11-22")
    assert [path.name for path in shelf.iterdir()] == ["digits.json"]


def test_numbers_as_names_become_strings_before_the_digest_is_taken():
    store("digits", {2: 1.0, 10: 2.0}, [0])  # 2 < 10, but "10" < "2"
    assert stored("digits").values == {"2": 1.0, "10": 2.0}


@pytest.mark.parametrize("old_new", [("0.1", "0.01"), ("2800", "2801"), ("digits", "Digits")])
def test_a_file_that_was_changed_by_hand_is_refused(old_new):
    path = store("digits", VALUES, [0, 1])
    text = path.read_text()
    assert text.count(old_new[0]) >= 1
    path.write_text(text.replace(*old_new, 1))
    with pytest.raises(ValueError, match=r"digits.json was changed after it was measured"):
        stored("digits")


def test_another_layout_of_the_same_numbers_is_the_same_result():
    path = store("digits", VALUES, [0, 1])
    path.write_text(json.dumps(json.loads(path.read_text()), sort_keys=True))
    assert stored("digits").values == VALUES


@pytest.mark.parametrize("text", ["", "{", "[1, 2]", "3", '{"values": {}}', "\ufffd"])
def test_a_damaged_file_is_one_sentence(text):
    path = store("digits", VALUES, [0, 1])
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=r"digits.json is damaged") as found:
        stored("digits")
    assert "\n" not in str(found.value)


def test_a_file_that_is_not_even_text_is_damaged():
    store("digits", VALUES, [0, 1]).write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ValueError, match="is damaged"):
        stored("digits")


def test_a_record_of_something_else_is_not_a_result(shelf):
    results.write_record(shelf / "digits.json", {"values": {}})
    with pytest.raises(ValueError, match="is not a stored result"):
        stored("digits")


def test_a_missing_result_says_how_to_measure_it():
    with pytest.raises(FileNotFoundError, match="python -m course_lib results digits"):
        stored("digits")


@pytest.mark.parametrize("value", [math.nan, math.inf, torch.tensor(1.0), {1}])
def test_what_is_no_plain_number_is_refused_and_the_old_file_stays(value, shelf):
    store("digits", VALUES, [0])
    with pytest.raises(ValueError, match="plain, finite numbers"):
        store("digits", {"x": value}, [0])
    assert stored("digits").values == VALUES
    assert [path.name for path in shelf.iterdir()] == ["digits.json"]


def test_a_write_that_fails_leaves_the_old_file(shelf, monkeypatch):
    store("digits", VALUES, [0])

    def full(*_):
        raise OSError("no space left")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="no space left"):
        store("digits", {}, [0])
    assert stored("digits").values == VALUES and len(list(shelf.iterdir())) == 1


@pytest.mark.parametrize("name", ["", "../x", "Digits", "a b", "x.json"])
def test_a_name_cannot_lead_elsewhere(name):
    with pytest.raises(ValueError, match="names of results"):
        stored(name)


@pytest.mark.parametrize(
    ("live", "answer"),
    [(2.0, True), (0.0, True), (-0.01, False), (6.0, True), (6.01, False), (math.nan, False)],
)
def test_agreement_is_the_range_widened_by_itself(live, answer):
    assert agrees(live, [2.0, 4.0, 3.0]) is answer


def test_equal_seeds_still_leave_room_for_rounding():
    assert agrees(-101.0, [-100.0, -100.0]) and not agrees(-101.1, [-100.0, -100.0])


def test_names_are_compared_one_by_one():
    kept = {"vae": {"kernel": [1.0, 2.0], "recall": [0.5, 0.6]}, "gan": {"kernel": [9.0]}}
    assert agrees({"vae": {"kernel": 1.5}}, kept)
    assert not agrees({"vae": {"kernel": 1.5, "recall": 0.9}}, kept)
    with pytest.raises(KeyError):
        agrees({"flow": 1.0}, kept)


def test_of_five_gaussian_seeds_the_rule_misses_about_one_live_run_in_thirty():
    draw = torch.randn(40_000, 6, generator=torch.Generator().manual_seed(0)) + 1000
    missed = sum(not agrees(row[0], row[1:]) for row in (draw - 1000).tolist()) / len(draw)
    assert 0.025 < missed < 0.035


def test_seeds_stand_side_by_side():
    runs = [{"a": {"x": 1, "y": 2}, "b": 3}, {"a": {"x": 4, "y": 5}, "b": 6}]
    assert side_by_side(runs) == {"a": {"x": [1, 4], "y": [2, 5]}, "b": [3, 6]}
    with pytest.raises(ValueError, match="different things"):
        side_by_side([{"a": 1}, {"b": 1}])


def test_once_measures_again_only_what_is_damaged_or_from_another_machine(tmp_path, monkeypatch):
    path, calls = tmp_path / "seed.json", []

    def measure():
        calls.append(1)
        return {"n": len(calls)}

    assert once(path, measure) == once(path, measure) == {"n": 1}
    path.write_text(path.read_text().replace('"n": 1', '"n": 0'))
    assert once(path, measure) == once(path, measure) == {"n": 2}
    monkeypatch.setattr(results, "describe_machine", lambda: "another")
    assert once(path, measure) == {"n": 3}


SLOW = """
import sys, time
from course_lib import results
from course_lib.__main__ import main
from course_lib import experiments
from pathlib import Path

def slow(seed):
    with open("measured.txt", "a") as file:
        print(seed, file=file)
    if sys.argv[1] == "hang" and seed == 2:
        print("hanging", flush=True)
        time.sleep(600)
    return {"score": seed / 3}

experiments.EXPERIMENTS["slow"] = slow
results.STORED = Path("stored")
sys.exit(main(["results", "slow"]))
"""


def test_a_killed_run_goes_on_with_the_seed_it_was_killed_in(tmp_path, monkeypatch, shelf):
    here = {"cwd": tmp_path, "env": os.environ | {"PYTHONPATH": str(ROOT)}, "text": True}
    run = [sys.executable, "-c", SLOW]
    process = subprocess.Popen([*run, "hang"], stdout=subprocess.PIPE, **here)
    while process.stdout.readline() != "hanging\n":
        assert process.poll() is None
    process.send_signal(getattr(signal, "SIGKILL", signal.SIGTERM))
    process.communicate()
    assert not shelf.exists()
    subprocess.run([*run, "go on"], check=True, capture_output=True, **here)
    assert (tmp_path / "measured.txt").read_text().split() == ["0", "1", "2", "2", "3", "4"]
    assert stored("slow").values == {"score": [0.0, 0.33333, 0.66667, 1.0, 1.33333]}
    assert not (tmp_path / "runs" / "results" / "slow").exists()  # the next run measures anew


def test_the_digits_are_measured_and_stored(tmp_path, monkeypatch, shelf):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(command, "SEEDS", (0, 1))
    monkeypatch.setattr(experiments.digits, "fit", lambda *words, **players: None)
    assert main(["results", "digits"]) == 0
    found = stored("digits").values
    assert found.keys() == {"real", "vae", "gan", "diffusion"}
    for numbers in found.values():
        assert {"kernel", "frechet", "precision", "recall", "copies", "auc"} < numbers.keys()
        assert all(len(seeds) == 2 for seeds in numbers.values())


def test_what_is_dear_is_measured_with_fewer_seeds(tmp_path, monkeypatch, shelf):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(experiments.EXPERIMENTS, "dear", lambda seed: {"score": float(seed)})
    monkeypatch.setitem(experiments.FEWER, "dear", (0, 2))
    assert main(["results", "dear"]) == 0
    assert stored("dear").seeds == [0, 2] and stored("dear").values == {"score": [0.0, 2.0]}
    assert experiments.FEWER.keys() < {"dear"} | experiments.EXPERIMENTS.keys()


def test_a_crowds_experiment_is_stored_part_by_part_and_resumed(tmp_path, monkeypatch, shelf):
    monkeypatch.chdir(tmp_path)
    measured, dark = [], ["two words"]  # the light goes out there, once

    def measure(part):
        if part in dark:
            dark.remove(part)
            raise ValueError("the light went out")
        measured.append(part)
        return {"score": [len(part) / 3] * 2}

    tiny = SimpleNamespace(PARTS=("one", "two words"), SEEDS=range(2), measure=measure)
    monkeypatch.setitem(experiments.CROWDS, "tiny", tiny)
    assert main(["results", "tiny"]) == 1
    assert main(["results", "tiny"]) == 0
    assert measured == ["one", "two words"]
    found = stored("tiny")
    assert found.seeds == [0, 1] and found.values["two words"] == {"score": [3.0, 3.0]}


def test_an_unknown_experiment_is_one_sentence(capsys):
    assert main(["results", "flowers"]) == 1
    assert "choose among digits, attributes" in capsys.readouterr().err


def test_results_travel_with_the_package():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert "stored/*.json" in settings["tool"]["setuptools"]["package-data"]["course_lib"]


def test_every_result_that_comes_with_the_course_is_whole(monkeypatch):
    monkeypatch.setattr(results, "STORED", ROOT / "course_lib" / "stored")
    for path in results.STORED.glob("*.json"):
        assert stored(path.stem).values


def test_the_page_and_the_package_hold_the_same_files():
    page, package = (
        {path.name: path.read_bytes() for path in (ROOT / folder).glob("*.json")}
        for folder in ("docs/results", "course_lib/stored")
    )
    assert page == package and page


def test_in_a_checkout_a_result_is_written_to_both_places(tmp_path, monkeypatch):
    page = tmp_path / "docs" / "results"
    page.mkdir(parents=True)
    monkeypatch.setattr(results, "DOCS", page)
    path = store("both", {"a": 1}, seeds=[0])
    assert (page / "both.json").read_bytes() == path.read_bytes()
