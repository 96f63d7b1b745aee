"""Structural formulas are drawn in range, and different molecules look different."""

import importlib.util

import pytest
import torch

from course_lib.plotting.molecules import SIDE, drawings, show_molecules

pytestmark = pytest.mark.skipif(
    not importlib.util.find_spec("rdkit"), reason="needs the extra [molecules]"
)


def test_a_drawing_is_a_picture_on_white_and_another_molecule_another_picture():
    x = drawings(["CCO", "CCO", "c1ccccc1"])
    assert x.shape == (3, 3, SIDE, SIDE) and -1 <= x.min() < 0 and x.max() == 1
    assert torch.equal(x[0], x[1]) and not torch.equal(x[0], x[2])
    assert (x == 1).float().mean() > 0.8


def test_what_is_no_molecule_is_one_sentence():
    for name in ("CC(", ""):
        with pytest.raises(ValueError, match="no molecule is called"):
            drawings([name])


def test_the_alt_text_names_the_molecules(monkeypatch):
    said = []
    monkeypatch.setattr(
        "course_lib.plotting.molecules.show_images", lambda *words, **_: said.append(words[2])
    )
    show_molecules(["CCO", "C"], "Two")
    assert said == ["Two. (Structural formulas of: CCO, C.)"]
