"""Every exercise can be solved as its notebook says, and leaves a learner who has not in peace."""

from pathlib import Path

import matplotlib
import nbformat
import pytest
from exercise_cells import Exercise, exercises, run

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
ALL = [
    pytest.param(exercise, id=f"{path.stem}-{exercise.name}")
    for path in sorted(NOTEBOOKS.glob("*.ipynb"))
    for exercise in exercises(nbformat.read(path, as_version=4))
]


@pytest.fixture(autouse=True)
def plain_folder(tmp_path, monkeypatch):
    """Run in an empty folder, and draw nothing on a screen."""
    monkeypatch.chdir(tmp_path)
    backend = matplotlib.get_backend()
    matplotlib.use("agg")
    yield
    matplotlib.use(backend)


def test_there_are_exercises():
    assert len(ALL) >= 3


@pytest.mark.parametrize("exercise", ALL)
def test_the_solution_passes_its_checks(exercise, monkeypatch, capsys):
    monkeypatch.setenv("COURSE_STRICT", "1")
    run(exercise, solved=True)
    assert "✓" in capsys.readouterr().out


@pytest.mark.parametrize("exercise", ALL)
def test_the_stub_fails_where_answers_are_demanded(exercise, monkeypatch):
    monkeypatch.setenv("COURSE_STRICT", "1")
    with pytest.raises(AssertionError):
        run(exercise, solved=False)


@pytest.mark.parametrize("exercise", ALL)
def test_the_stub_runs_through_and_says_so(exercise, monkeypatch, capsys):
    monkeypatch.delenv("COURSE_STRICT", raising=False)
    run(exercise, solved=False)
    assert any(line.startswith("○") for line in capsys.readouterr().out.splitlines())


def test_a_wrong_solution_would_be_noticed(monkeypatch):
    checks = "class checks:\n    def one(f):\n        assert f() == 1, '✗'"
    wrong = Exercise("one", checks, "", "def one():\n    return 2", "checks.one(one)")
    with pytest.raises(AssertionError):
        run(wrong, solved=True)
    run(wrong._replace(solution="def one():\n    return 1"), solved=True)
