"""The notebook gate is shown to work: small notebooks that must pass, and ones that must fail."""

import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

ROOT = Path(__file__).parents[1]


def cell(source, printed=None, *tags):
    """A code cell as stored after a run."""
    outputs = [] if printed is None else [new_output("stream", name="stdout", text=printed)]
    return new_code_cell(
        source, execution_count=1, outputs=outputs, metadata={"tags": list(tags)} if tags else {}
    )


CHECK = "nbval-check-output"
STORED_NUMBER = new_code_cell(
    "6 * 7;", execution_count=1, metadata={"tags": [CHECK]}, outputs=[]
)  # the `;` keeps 42 from being shown, so nothing is stored
BAR = """from tqdm.auto import tqdm
for _ in tqdm(range(3)):
    pass
print("three steps")"""
NOTEBOOKS = {
    "unaltered": [cell("print('shape', (64, 1, 8, 8))", "shape (64, 1, 8, 8)\n", CHECK)],
    "altered": [cell("print('shape', (64, 1, 8, 8))", "shape (32, 1, 8, 8)\n", CHECK)],
    "emptied": [cell("print('shape', (64, 1, 8, 8))", None, CHECK)],
    "unchecked": [cell("import time; print(time.time())", "1.0\n")],
    "semicolon": [STORED_NUMBER],
    "stderr": [cell("import sys; print('note', file=sys.stderr); print('a')", "a\n", CHECK)],
    "progress": [cell(BAR, "three steps\n", CHECK)],
    "dies": [cell("x = 1"), cell("import os; os._exit(1)"), cell("x")],
    "fails": [cell("x = 1"), cell("assert x == 2, 'x is one'"), cell("x"), cell("x")],
}


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory):
    """Run all small notebooks as `make test` would: {notebook: [(verdict, message, seconds)]}."""
    folder = tmp_path_factory.mktemp("notebooks")
    for name in ("conftest.py", "pytest.ini"):
        shutil.copy(ROOT / "notebooks" / name, folder)
    for name, cells in NOTEBOOKS.items():
        nbformat.write(new_notebook(cells=cells), folder / f"{name}.ipynb")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    flags = re.search(r"^NBVAL_FLAGS := (.+)$", makefile, re.MULTILINE).group(1).split()
    command = [sys.executable, "-m", "pytest", *flags, "--junitxml=report.xml", "."]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)
    assert done.returncode == 1, done.stdout + done.stderr  # some notebooks must fail
    found = {name: [] for name in NOTEBOOKS}
    for case in ET.parse(folder / "report.xml").iter("testcase"):
        result = next(iter(case), None)
        verdict = "passed" if result is None else result.tag
        message = "" if result is None else f"{result.get('message')}\n{result.text}"
        name = re.search(r"\w+(?=\.ipynb)", f"{case.get('classname')} {case.get('file')}").group()
        found[name].append((verdict, message, float(case.get("time"))))
    return found


@pytest.mark.parametrize("name", ["unaltered", "unchecked", "semicolon", "stderr", "progress"])
def test_a_good_notebook_passes(verdicts, name):
    assert [verdict for verdict, _, _ in verdicts[name]] == ["passed"]


@pytest.mark.parametrize("name", ["altered", "emptied"])
def test_a_changed_checked_output_fails(verdicts, name):
    ((verdict, message, _),) = verdicts[name]
    assert verdict == "failure"
    assert "Cell outputs differ" in message


def test_a_dead_kernel_is_reported_at_once(verdicts):
    first, second, third = verdicts["dies"]
    assert first[0] == "passed"
    assert second[0] == "failure"
    assert "The kernel died while running this cell" in second[1]
    assert "os._exit(1)" in second[1]  # the report shows the cell
    assert second[2] < 10
    assert third[0] == "skipped"


def test_cells_after_a_failed_one_are_skipped(verdicts):
    assert [verdict for verdict, _, _ in verdicts["fails"]] == [
        "passed",
        "failure",
        "skipped",
        "skipped",
    ]
    assert "x is one" in verdicts["fails"][1][1]
    assert "cell 1 of this notebook failed" in verdicts["fails"][2][1]
