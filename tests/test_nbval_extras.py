"""A notebook whose libraries are missing is skipped, and says which."""

import importlib.util
from pathlib import Path
from types import SimpleNamespace

import pytest

CONFTEST = Path(__file__).parents[1] / "notebooks" / "conftest.py"


@pytest.fixture
def conftest():
    spec = importlib.util.spec_from_file_location("notebooks_conftest", CONFTEST)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("name", "found", "reasons"),
    [
        ("04d_vae_molecules.ipynb", None, ["needs rdkit and selfies: [molecules]"]),
        ("04d_vae_molecules.ipynb", object(), []),
        ("03_vae.ipynb", None, []),
    ],
)
def test_only_what_is_missing_is_skipped(conftest, monkeypatch, name, found, reasons):
    monkeypatch.setattr(conftest, "find_spec", lambda _: found)
    marks = []
    item = SimpleNamespace(cell_num=1, path=Path(name), add_marker=marks.append)
    conftest.pytest_itemcollected(item)
    assert [mark.kwargs["reason"] for mark in marks] == reasons


def test_every_notebook_with_needs_exists(conftest):
    assert all((CONFTEST.parent / name).exists() for name in conftest.NEEDS)
