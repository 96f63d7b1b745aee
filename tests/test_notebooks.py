"""Every notebook keeps to the course's habits, and the checks of those habits are shown to bite."""

import nbformat
import pytest
from execution import NOTEBOOKS, as_text, canonical
from good_notebook import PATH, good_notebook
from notebook_hygiene import code_cells, problems

ALL = sorted(NOTEBOOKS.glob("*.ipynb"))


def test_there_are_notebooks():
    assert ALL


@pytest.mark.parametrize("path", ALL, ids=lambda path: path.stem)
def test_a_notebook_keeps_to_the_habits(path):
    notebook = nbformat.read(path, as_version=4)
    assert not problems(notebook, path)
    assert path.read_text(encoding="utf-8") == as_text(notebook)


def test_the_set_up_cell_is_the_same_everywhere():
    first = {code_cells(nbformat.read(path, as_version=4))[0].source for path in ALL}
    assert len(first) == 1


def test_the_good_notebook_has_no_problem():
    assert problems(good_notebook(), PATH) == []


def printed(text):
    return nbformat.v4.new_output("stream", name="stdout", text=text)


def add_code(source, **metadata):
    def spoil(nb):
        nb.cells.append(nbformat.v4.new_code_cell(source, metadata=metadata))
        nb.cells = canonical(nb).cells

    return spoil


def store(output):
    return lambda nb: code_cells(nb)[1].outputs.append(output)


def replace(old, new):
    def spoil(nb):
        assert any(old in cell.source for cell in nb.cells)
        for cell in nb.cells:
            cell.source = cell.source.replace(old, new)

    return spoil


def set_number(nb):
    code_cells(nb)[1].execution_count = 7


def empty_checked(nb):
    code_cells(nb)[2].outputs = []


def without_alt(nb):
    for cell in code_cells(nb):
        for output in cell.outputs:
            output.get("metadata", {}).pop("image/png", None)


def drop_tag(tag):
    def spoil(nb):
        for cell in nb.cells:
            cell.metadata["tags"] = [t for t in cell.metadata.get("tags", []) if t != tag]

    return spoil


SPOILED = {
    "not 1, 2, 3": set_number,
    "not unique": lambda nb: nb.cells[1].update(id=nb.cells[0].id),
    "metadata.widgets": lambda nb: nb.metadata.update(widgets={}),
    "kernelspec": lambda nb: nb.metadata.kernelspec.update(name="conda-env"),
    "canonical form": lambda nb: nb.cells[1].metadata.update(collapsed=True),
    "nbformat finds it invalid": lambda nb: nb.metadata.update(title=5),
    "stores an error": store(nbformat.v4.new_output("error", ename="E", evalue="", traceback=[])),
    "stores a progress bar": store(printed("100%|#####| 20/20 [00:01<00:00, 18.9it/s]")),
    "more than 200 kB": store(printed("a" * 200_001)),
    "1 MB or more": store(printed("a" * 1_000_001)),
    "stores a script": store(
        nbformat.v4.new_output("display_data", data={"text/html": "<script>1</script>"})
    ),
    "without alt text": without_alt,
    "prints a path": store(printed("saved to /home/ada/vae.png")),
    "only 2 cells are tagged": lambda nb: code_cells(nb)[2].metadata.pop("tags"),
    "stores no text": empty_checked,
    "calls a shell": add_code("!pip install torch"),
    "not plain Python": add_code("%matplotlib widget"),
    "imports *": add_code("from math import *"),
    "names a device": add_code("x = x.cuda()"),
    "names a path": add_code("open('/home/ada/x')"),
    "unknown tag": add_code("x = 1", tags=["nbval-skip"]),
    "an nbval comment": add_code("# NBVAL_IGNORE_OUTPUT"),
    "more than 25": add_code("\n".join(["x = 1"] * 26)),
    "the median code cell": lambda nb: [add_code("\n".join(["x = 1"] * 9))(nb) for _ in range(12)],
    "outside 0.8 to 1.6": lambda nb: [add_code("x = 1")(nb) for _ in range(9)],
    "three code cells": lambda nb: [add_code("x = 1")(nb) for _ in range(3)],
    "words, more than": replace("The end.", "word " * 2501),
    "'Minutes'": replace("Minutes", "Hours"),
    "'Before this'": replace("Before this", "Earlier"),
    "no Colab badge": replace("01_good.ipynb", "02_other.ipynb"),
    "not the set-up cell": replace("# @title Set up", "# Set up"),
    "does not install from": replace("/archive/", "/elsewhere/"),
    "exactly one title": replace("# 1 · A good", "## 1 · A good"),
    "headings are the same": replace("### Aside", "### A detail"),
    "not numbered": replace("## 2 · ", "## 3 · "),
    "leads nowhere": replace("../README.md", "../READYOU.md"),
    "text names a path": replace("The end.", "See /home/ada/notes."),
    "no stub": replace("raise NotImplementedError", "return 1"),
    "does not end with lines": replace("checks.square(square)", "print(square)"),
    "not followed by its solution": drop_tag("solution"),
    "not a folded box": replace("<details><summary>Solution", "<details open><summary>Answer"),
    "as many solutions": drop_tag("exercise"),
}


@pytest.mark.parametrize("problem", SPOILED)
def test_a_spoiled_notebook_is_named(problem):
    notebook = good_notebook()
    SPOILED[problem](notebook)
    found = problems(notebook, PATH)
    assert any(problem in line for line in found), found
