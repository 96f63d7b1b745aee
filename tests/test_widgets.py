"""The quiz is marked right and says how much luck there may be; sliders show what they move."""

import io
import math
import sys

import ipywidgets
import PIL.Image
import pytest
import scipy.stats
import torch
from clouds import pictures

from course_lib import widgets
from course_lib.metrics import wilson
from course_lib.widgets import (
    Quiz,
    easel,
    luck,
    mark,
    mixed,
    panel,
    show_easel,
    show_explorer,
    show_quiz,
    sliders,
)


def quiz(n=20):
    """Every second picture is made up: 2, 4, 6, ..."""
    return Quiz(pictures(n, 8, 0), torch.arange(n) % 2 == 1)


def kinds(box, kind):
    """Return all widgets of a kind inside another."""
    found = [box] if isinstance(box, kind) else []
    return found + [w for child in getattr(box, "children", ()) for w in kinds(child, kind)]


def test_mixing_loses_no_picture_and_remembers_who_is_who():
    real, made_up = pictures(6, 4, 0), pictures(4, 4, 1)
    both = mixed(real, made_up, seed=3)
    assert both.made_up.sum() == 4 and len(both.x) == 10
    for x, is_made_up in zip(both.x, both.made_up, strict=True):
        source = made_up if is_made_up else real
        assert (source == x).flatten(1).all(dim=1).any()
    again = mixed(real, made_up, seed=3)
    assert torch.equal(both.x, again.x) and torch.equal(both.made_up, again.made_up)
    assert not torch.equal(both.x, torch.cat([real, made_up]))
    assert not torch.equal(both.x, mixed(real, made_up, seed=4).x)


@pytest.mark.parametrize("n", [1, 7, 20])
def test_luck_is_that_of_the_binomial_distribution(n):
    for right in range(n + 1):
        assert luck(right, n) == pytest.approx(scipy.stats.binom.sf(right - 1, n, 0.5))


def test_the_mark_says_how_many_are_right_and_how_sure_that_is():
    said = mark(quiz(), [2, 4, 6, 8, 1, 3])  # 4 found and 2 called wrongly: 10 - 2 + 4 right
    assert said.startswith("12 of 20 right, 60%; the share behind it lies between 39% and 78%.")
    assert "better in 25 of 100 games: it could be luck" in said
    assert said.endswith("Made up were 2, 4, 6, 8, 10, 12, 14, 16, 18, 20.")
    share = wilson(12 / 20, 20)
    assert (round(100 * share.low), round(100 * share.high)) == (39, 78)


@pytest.mark.parametrize(("right", "verdict"), [(14, "it could be luck"), (15, "hardly luck")])
def test_14_of_20_may_be_luck_and_15_hardly(right, verdict):
    missing = 20 - right
    said = mark(quiz(), range(2 + 2 * missing, 21, 2))
    assert said.startswith(f"{right} of 20") and verdict in said


def test_calling_all_or_none_gets_half():
    assert mark(quiz(), range(1, 21)).startswith("10 of 20")
    assert mark(quiz(), []).startswith("10 of 20")


@pytest.mark.parametrize("number", [0, 21, -1])
def test_a_picture_that_is_not_there_is_named(number):
    with pytest.raises(ValueError, match=f"from 1 to 20, got {number}"):
        mark(quiz(), [number])


def test_ticking_boxes_and_pressing_the_button_marks_the_answer():
    box = panel(quiz())
    ticks, (button,), (said,) = (
        kinds(box, kind) for kind in (ipywidgets.Checkbox, ipywidgets.Button, ipywidgets.HTML)
    )
    assert [tick.description for tick in ticks] == [f"{i}" for i in range(1, 21)]
    assert not any(tick.value for tick in ticks) and "Tick" in said.value
    for tick in ticks[1::2]:
        tick.value = True
    button.click()
    assert said.value == mark(quiz(), range(2, 21, 2)) and said.value.startswith("20 of 20")
    ticks[0].value = True
    button.click()
    assert said.value.startswith("19 of 20")


@pytest.fixture
def shown(monkeypatch):
    """Collect the figure (its alt text) and the widget."""
    found = []
    monkeypatch.setattr(widgets, "show_images", lambda x, title, alt, *_, **__: found.append(alt))
    monkeypatch.setattr(widgets, "display", found.append)
    return found


def test_the_still_comes_first_and_the_boxes_below(shown, capsys):
    show_quiz(quiz(), "Which are made up?")
    still, boxes = shown
    assert still.startswith("Which are made up? (20 pictures")
    assert len(kinds(boxes, ipywidgets.Checkbox)) == 20 and not capsys.readouterr().out


def test_without_ipywidgets_there_is_the_still_and_one_sentence(shown, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    show_quiz(quiz(), "Which are made up?")
    assert len(shown) == 1 and "needs ipywidgets" in capsys.readouterr().out


def test_a_quiz_of_any_length_is_drawn_with_its_numbers(monkeypatch):
    calls = []
    monkeypatch.setattr(widgets, "display", lambda _: None)
    monkeypatch.setattr(widgets, "show_images", lambda *_, **knobs: calls.append(knobs))
    for n in (3, 10, 13):
        show_quiz(quiz(n), "Which?")
        assert len(calls[-1]["labels"]) == math.ceil(n / 10)
        assert list(calls[-1]["columns"]) == list(range(1, min(n, 10) + 1))
    assert calls[-1]["labels"] == ["1 to 10", "11 to 13"]


def halves(place):
    """Draw pictures (B, 1, 2, 2) whose left and right half are as bright as two sliders say."""
    return (place / 2).reshape(-1, 1, 1, 2).repeat(1, 1, 2, 1)


def spoken(x):
    return f"left {x[0, 0, 0, 0].item():+.2f}, right {x[0, 0, 0, 1].item():+.2f}"


def test_the_explorers_still_has_a_row_a_slider_and_nothing_else_moves_in_it(monkeypatch, shown):
    calls = []
    monkeypatch.setattr(widgets, "show_images", lambda x, *words, **knobs: calls.append((x, knobs)))
    show_explorer(halves, ("left", "right"), "Title", "What it shows", spoken)
    (x, knobs), (box,) = calls[0], shown
    assert knobs["labels"] == ("left", "right") and knobs["columns"] == (-2, -1, 0, 1, 2)
    moved = torch.tensor([-1.0, -0.5, 0.0, 0.5, 1.0])
    torch.testing.assert_close(x[:5, 0, 0, 0], moved)
    torch.testing.assert_close(x[5:, 0, 0, 1], moved)
    assert not x[:5, 0, 0, 1].any() and not x[5:, 0, 0, 0].any()
    assert len(kinds(box, ipywidgets.FloatSlider)) == 2


def test_moving_a_slider_changes_the_picture_and_the_words():
    box = sliders(halves, ("left", "right"), spoken)
    (left, right), (picture,), (said,) = (
        kinds(box, kind) for kind in (ipywidgets.FloatSlider, ipywidgets.Image, ipywidgets.HTML)
    )
    assert (left.description, right.description) == ("left", "right")
    assert said.value == "left +0.00, right +0.00"
    right.value = 2.0
    assert said.value == "left +0.00, right +1.00"
    page = PIL.Image.open(io.BytesIO(picture.value)).convert("L")
    assert page.size == (240, 240)
    assert page.getpixel((30, 120)) == 128 and page.getpixel((200, 120)) == 255
    left.value = -2.0
    assert said.value == "left -1.00, right +1.00"


def test_without_ipywidgets_the_explorer_is_its_still(monkeypatch, shown, capsys):
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    show_explorer(halves, ("left", "right"), "Title", "What it shows")
    assert len(shown) == 1 and "needs ipywidgets" in capsys.readouterr().out


GUARDS = [
    (test_luck_is_that_of_the_binomial_distribution, (7,), "widgets", [
        ("range(right, n + 1)", "range(right + 1, n + 1)"),
        ("range(right, n + 1)", "range(right, n)"),
    ]),
    (test_the_mark_says_how_many_are_right_and_how_sure_that_is, (), "widgets", [
        ("called[number - 1] = True", "called[number - 2] = True"),
        ("called == quiz.made_up", "called & quiz.made_up"),
        ("100 * chance", "chance"),
        ("str(i + 1)", "str(i)"),
    ]),
    (test_14_of_20_may_be_luck_and_15_hardly, (14, "it could be luck"), "widgets", [
        ("BELIEVABLE = 0.05", "BELIEVABLE = 0.06"),
    ]),
    (test_mixing_loses_no_picture_and_remembers_who_is_who, (), "widgets", [
        ("order >= len(real)", "order < len(real)"),
        ("x[order.to(x.device)]", "x"),
    ]),
    (test_ticking_boxes_and_pressing_the_button_marks_the_answer, (), "widgets", [
        ("enumerate(boxes, start=1)", "enumerate(boxes)"),
        ("if box.value]", "if not box.value]"),
    ]),
    (test_moving_a_slider_changes_the_picture_and_the_words, (), "widgets", [
        ('knob.observe(look, names="value")', "pass"),
        ("picture.value = png(x)", "picture.value = png(x / 2)"),
        ("said.value = say(x) if say", "said.value = names[0] if say"),
    ]),
]  # fmt: skip


def easily(wish, seed):
    """Paint a grey that the length of the wish and the seed decide; know no cats."""
    if "cat" in wish:
        raise ValueError("'cat' is <b>not</b> a word")
    return torch.full((1, 3, 8, 8), len(wish) / 100 + seed / 10)


def test_the_easel_paints_what_is_typed_and_another_on_request():
    box = easel(easily, "a mug")
    (line,), (button,), (picture,), (said,) = (
        kinds(box, kind)
        for kind in (ipywidgets.Text, ipywidgets.Button, ipywidgets.Image, ipywidgets.HTML)
    )
    assert not line.continuous_update  # it waits for Enter
    first = grey(picture)
    assert said.value == "Painted: a mug"
    button.click()
    assert grey(picture) > first
    line.value = "a large mug"
    assert said.value == "Painted: a large mug"
    before = picture.value
    line.value = "a cat"
    assert said.value == "Not understood: &#x27;cat&#x27; is &lt;b&gt;not&lt;/b&gt; a word."
    assert picture.value == before


def grey(picture):
    return PIL.Image.open(io.BytesIO(picture.value)).convert("L").getpixel((5, 5))


def test_the_still_of_the_easel_has_a_row_for_each_wish(shown, monkeypatch, capsys):
    show_easel(easily, ["a mug", "a hat, upright"], "Two wishes", "Greys.", n=3)
    assert shown[0] == "Greys." and len(kinds(shown[1], ipywidgets.Text)) == 1
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    show_easel(easily, ["a mug"], "One wish", "Greys.", n=3)
    assert len(shown) == 3 and "needs ipywidgets" in capsys.readouterr().out
