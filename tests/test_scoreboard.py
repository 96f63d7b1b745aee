"""Columns are the stored numbers, untouched; what is not stored is said, not guessed."""

from statistics import mean

import pytest

from course_lib.bench.code import code_lines
from course_lib.experiments.gan_cures import share_reaching
from course_lib.recipes import vae_step
from course_lib.results import Result, stored
from course_lib.scoreboard import TASKS, columns, described, effort, headline, missing, task
from course_lib.scoreboard.boards import NAMES, RUNGS
from course_lib.scoreboard.effort import READ

FAMILIES = {"VAE", "GAN", "diffusion"}


def made_up(values):
    """Return a result that holds these values."""
    return Result("", [0, 1], "", {}, "", values)


def numbers(start):
    """Return a family's numbers on pictures: two runs each, all different."""
    names = ("kernel", "recall", "copies", "ms alone", "train_mb", "asked")
    return {name: [start + i, start + i + 0.5] for i, name in enumerate(names)}


def shelf(**changed):
    """Return a function like `stored` that knows made-up pictures, and what is stored of points."""
    found = {"vae": numbers(0), "gan": numbers(10), "diffusion": numbers(20)}
    del found["vae"]["asked"]
    both = {"catalog": found, "fashion": found}
    known = {"shipped": both, "hardware": both, "equal_time": both} | changed

    def result(name):
        if known.get(name, "") is None:
            raise FileNotFoundError(name)
        return made_up(known[name]) if name in known else stored(name)

    return result


@pytest.mark.parametrize("rung", ["catalog", "fashion"])
def test_each_column_holds_the_runs_of_the_families_it_names(rung):
    board = columns(rung, shelf())
    assert list(board) == list(RUNGS[rung]) and not missing(rung, shelf())
    assert board["quality"].runs == {"VAE": [0, 0.5], "GAN": [10, 10.5], "diffusion": [20, 20.5]}
    assert board["speed"].runs["GAN"] == [13, 13.5] and board["memory"].runs["GAN"] == [14, 14.5]
    assert all(column.runs.keys() == FAMILIES for column in board.values())
    better = {name for name, column in board.items() if column.better == "higher"}
    assert better == {"diversity", "control", "stability"}


def test_who_cannot_be_asked_cannot_obey():
    board = columns("catalog", shelf())
    assert board["control"].runs == {"VAE": [0, 0], "GAN": [15, 15.5], "diffusion": [25, 25.5]}


def test_what_is_not_stored_is_left_out_and_said():
    result = shelf(equal_time=None)
    assert "training budget" not in columns("catalog", result)
    assert missing("catalog", result) == {
        "training budget": "waits for `python -m course_lib results equal_time`"
    }


def test_stability_is_a_1_for_each_run_on_the_ring_that_reaches_the_target():
    cures = stored("gan_cures").values
    for cure in ("plain", "R1"):
        runs = columns("digits", cure=cure)["stability"].runs
        assert all(len(found) == 30 and {*found} <= {0, 1} for found in runs.values())
        assert mean(runs["GAN"]) == pytest.approx(share_reaching(cures[cure]))
        assert mean(runs["VAE"]) == pytest.approx(share_reaching(cures["VAE"]))


def test_the_digits_board_reads_what_is_stored():
    board = columns("digits")
    assert board["quality"].runs["GAN"] == stored("digits").values["gan"]["kernel"]
    assert (
        board["speed"].runs["diffusion"] == stored("running_costs").values["diffusion"]["alone_ms"]
    )


def test_a_board_can_be_read_as_a_table():
    rows = described(columns("catalog", shelf()), "catalog")
    assert rows["quality"]["GAN"] == "10.2 (10 to 10.5)"
    assert rows["quality"]["measured as"] == "kernel distance, lower is better"


def test_unknown_names_are_one_clear_sentence():
    with pytest.raises(ValueError, match="no rung 'faces': choose one of digits, catalog, fashion"):
        columns("faces")
    with pytest.raises(ValueError, match="no GAN 'magic' was measured: choose one of plain"):
        columns("digits", cure="magic")
    with pytest.raises(ValueError, match="no task 'cooking'"):
        task("cooking")


@pytest.mark.parametrize("name", TASKS)
def test_the_columns_of_a_task_are_about_the_same_ones(name):
    board = task(name)
    assert len({frozenset(column.runs) for column in board.values()}) == 1
    assert all(len(found) == 5 for column in board.values() for found in column.runs.values())


def test_tasks_read_what_is_stored():
    assert (
        task("anomalies")["stain"].runs["PCA"]
        == stored("inspection").values["faults"]["PCA"]["stain"]
    )
    assert (
        task("variation")["half-way"].runs["VAE"]
        == stored("halfway").values["VAE drawn"]["halfway"]
    )
    assert task("editing")["pixels"].better == "lower"
    few = task("augmentation")["20 a class"].runs
    assert few["diffusion"] == stored("synthetic").values["20"]["diffusion"]
    assert few["nothing made up"] == stored("augment").values["20"]["none"]


def test_without_its_result_a_task_says_what_is_missing():
    with pytest.raises(FileNotFoundError):
        task("editing", shelf(edits=None))


def test_effort_is_counted_and_measured():
    found = effort()
    assert all(column.runs.keys() == FAMILIES for column in found.values())
    assert found["lines of code"].runs["VAE"][0] == sum(code_lines(thing) for thing in READ["vae"])
    assert vae_step in READ["vae"] and set(READ) == set(NAMES)
    assert found["first runs that work"].better == "higher"
    assert (
        found["seconds to a sample"].runs["GAN"] == stored("running_costs").values["gan"]["seconds"]
    )


def test_the_headline_quotes_the_stored_numbers_and_leaves_out_who_cannot_be_asked():
    found = {"vae": {}, "gan": {}, "diffusion": {}, "real": {}}
    for i, who in enumerate(found):
        found[who] = {"frechet": [10 + i, 20 + i], "recall": [0.5, 0.6], "auc": [0.9, 0.94]}
        found[who] |= {"copies": [0.001 * i, 0.003 * i], "valid": [0.1 * i, 0.1 * i]}
        found[who] |= {"ms of 64": [0.5, 0.25]}
    found["gan"]["asked"] = [0.7, 0.8]
    table = headline(shelf(shipped={"catalog": found, "fashion": found}))
    rows = {row.split(":")[-1].split(" (")[0].strip(): cells for row, cells in table.items()}
    assert list(rows["Fréchet distance"].values()) == ["15", "16", "17", "18"]
    assert rows["all five words heeded"] == {
        "VAE": "", "GAN": "75%", "diffusion": "", "real pictures": ""
    }  # fmt: skip
    assert rows["valid products"]["diffusion"] == "20%"
    assert rows["runs that learn the ring"]["VAE"] == "30 of 30"
    assert rows["milliseconds a photograph, 64 at a time"]["GAN"] == "0.25"
    assert table["suspiciously near to a training photograph"]["real pictures"] == "0.6%"


GUARDS = [
    (test_each_column_holds_the_runs_of_the_families_it_names, ("catalog",), "scoreboard.boards", [
        ('at(name, "*", "ms alone")', 'at(name, "*", "train_mb")'),
        ('"diversity": Source("higher", "shipped"', '"diversity": Source("lower", "shipped"'),
    ]),
    (test_who_cannot_be_asked_cannot_obey, (), "scoreboard.boards", [
        ("[0.0] * seeds", "[1.0] * seeds"),
    ]),
    (test_the_headline_quotes_the_stored_numbers_and_leaves_out_who_cannot_be_asked, (),
     "scoreboard.headline", [
        ('row("catalog", "asked"', 'row("catalog", "valid"'),
        ("show(mean(v[number]))", "show(max(v[number]))"),
    ]),
    (test_stability_is_a_1_for_each_run_on_the_ring_that_reaches_the_target, (),
     "scoreboard.boards", [
        ("distance <= TARGET", "distance > TARGET"),
        ('"gan": cure,', '"gan": "plain",'),
    ]),
]  # fmt: skip
