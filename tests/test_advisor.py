"""The advice is said in words, in a still and a table; the sliders follow the keyboard."""

import re
import sys

import ipywidgets
import pytest
from test_widgets import kinds

from course_lib import advisor
from course_lib.advisor import said, shares, show_advice, sliders
from course_lib.choosing import Column, advise

BOARD = {
    "speed": Column("lower", {"VAE": [1.0, 2.0], "GAN": [2.0, 3.0], "<b>": [9.0]}),
    "quality": Column("higher", {"VAE": [0.1, 0.2], "GAN": [0.3, 0.4], "<b>": [0.9]}),
}


def test_the_words_name_the_first_what_speaks_for_it_and_the_doubt():
    words = said(advise(BOARD, {"speed": 3, "quality": 1}))
    assert words.startswith("Take: VAE. It wins 70% of the duels, GAN 55%, <b> 25%.\n")
    assert "\nAhead in: speed.\nBehind in: quality.\n" in words
    doubt = advise(BOARD, {"speed": 3, "quality": 1}).doubt
    assert words.endswith(f"Doubt: in {100 * doubt:.0f} of 100 races another one wins.")


def test_the_still_has_the_columns_that_matter_and_the_sum():
    rows = shares(advise(BOARD, {"speed": 3, "quality": 1}))
    assert list(rows) == ["VAE", "GAN", "<b>"]
    assert rows["VAE"] == pytest.approx({"speed": 0.9375, "quality": 0, "together": 0.703125})


def test_sliders_begin_at_the_weights_and_change_the_advice():
    box = sliders(BOARD, {"speed": 2})
    knobs = {knob.description: knob for knob in kinds(box, ipywidgets.IntSlider)}
    (answer,) = kinds(box, ipywidgets.HTML)
    assert {name: knob.value for name, knob in knobs.items()} == {"speed": 2, "quality": 0}
    assert all((knob.min, knob.max, knob.step) == (0, 5, 1) for knob in knobs.values())
    assert "Take: VAE" in answer.value and "<table>" in answer.value
    assert 'scope="col"' in answer.value and 'scope="row"' in answer.value
    knobs["quality"].value = 5
    knobs["speed"].value = 0
    assert "Take: &lt;b&gt;" in answer.value and "<b>" not in answer.value
    plain = re.sub(r"(<t[hd])[^>]*", r"\1", answer.value)
    assert re.search(r"<th>&lt;b&gt;</th><td>100%</td><td>100%</td>", plain)
    knobs["quality"].value = 0
    assert answer.value.startswith("<p>nothing matters")


@pytest.fixture
def shown(monkeypatch):
    """Collect the still's rows and the widget."""
    found = []
    monkeypatch.setattr(advisor, "show_shares", lambda rows, *_: found.append(rows))
    monkeypatch.setattr(advisor, "display", found.append)
    return found


def test_the_still_and_the_words_come_first(shown, capsys):
    show_advice(BOARD, {"speed": 1}, "Title")
    still, box = shown
    assert (
        list(still["VAE"]) == ["speed", "together"] and len(kinds(box, ipywidgets.IntSlider)) == 2
    )
    assert capsys.readouterr().out == f"{said(advise(BOARD, {'speed': 1}))}\n"


def test_without_ipywidgets_there_is_the_still_and_a_sentence(shown, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    show_advice(BOARD, {"speed": 1}, "Title")
    assert len(shown) == 1 and "needs ipywidgets" in capsys.readouterr().out


GUARDS = [
    (test_sliders_begin_at_the_weights_and_change_the_advice, (), "advisor", [
        ('knob.observe(look, names="value")', "pass"),
        ("value=weights.get(name, 0)", "value=0"),
        ("html.escape(said(advice))", "said(advice)"),
    ]),
    (test_the_words_name_the_first_what_speaks_for_it_and_the_doubt, (), "advisor", [
        ("won[first] == max(won.values())", "won[first] == min(won.values())"),
        ("100 * advice.doubt", "advice.doubt"),
    ]),
]  # fmt: skip
