"""A quiz, sliders for a latent space, a line to type wishes in; each has a still that does without.

All answer to keyboard and mouse. Only what ipywidgets 7.7 and 8 share is used; where neither is
installed, the still is all.
"""

import html
import math
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import torch
from IPython.display import display
from torch import Tensor

from course_lib.metrics import wilson
from course_lib.plotting import show_images
from course_lib.plotting.steps import png
from course_lib.runtime import generator

IN_A_ROW = 10
BELIEVABLE = 0.05  # what a coin does as well more often than this may be luck
STOPS = (-2, -1, 0, 1, 2)  # where the still shows each slider


class Quiz(NamedTuple):
    """Real and made-up pictures, mixed; they are numbered from 1."""

    x: Tensor  # (N, C, S, S) in [-1, 1]
    made_up: Tensor  # (N,) bool


def mixed(real: Tensor, made_up: Tensor, seed: int) -> Quiz:
    """Shuffle real and made-up pictures (N, C, S, S), in the order that the seed decides."""
    x = torch.cat([real, made_up])
    order = torch.randperm(len(x), generator=generator(seed))
    return Quiz(x[order.to(x.device)], order >= len(real))


def luck(right: int, n: int) -> float:
    """Return how likely a coin that answers n questions gets so many right, or more."""
    return sum(math.comb(n, k) for k in range(right, n + 1)) / 2**n


def mark(quiz: Quiz, called_made_up: Iterable[int]) -> str:
    """Mark an answer: how many are right, how sure that number is, and the solution.

    Args:
        quiz: what was asked.
        called_made_up: the numbers, from 1, of the pictures said to be made up.

    Raises:
        ValueError: if there is no picture of such a number.
    """
    n, called = len(quiz.x), torch.zeros(len(quiz.x), dtype=torch.bool)
    for number in called_made_up:
        if not 1 <= number <= n:
            raise ValueError(f"the pictures have numbers from 1 to {n}, got {number}")
        called[number - 1] = True
    right = int((called == quiz.made_up).sum())
    share, low, high = wilson(right / n, n)
    chance = luck(right, n)
    verdict = "it could be luck" if chance > BELIEVABLE else "that is hardly luck"
    numbers = ", ".join(str(i + 1) for i in quiz.made_up.nonzero().flatten().tolist())
    return (
        f"{right} of {n} right, {share:.0%}; the share behind it lies between {low:.0%} and "
        f"{high:.0%}. A coin does as well or better in {100 * chance:.2g} of 100 games: {verdict}. "
        f"Made up were {numbers}."
    )


def show_quiz(quiz: Quiz, title: str) -> None:
    """Show the pictures, numbered, and below them boxes to tick, where ipywidgets is there."""
    n = len(quiz.x)
    starts = range(1, n + 1, IN_A_ROW)
    rows = [f"{start} to {min(start + IN_A_ROW - 1, n)}" for start in starts]
    columns = range(1, min(n, IN_A_ROW) + 1)
    alt = f"{title} ({n} pictures, some real, some made up, numbered row by row from 1.)"
    show_images(quiz.x, title, alt, n_columns=IN_A_ROW, labels=rows, columns=columns)
    try:
        display(panel(quiz))
    except ImportError:
        print("To tick boxes here, the quiz needs ipywidgets; on paper it works as well.")


def panel(quiz: Quiz):
    """Return the boxes to tick and the button that marks them, as one widget."""
    import ipywidgets  # only here, because it may be missing

    boxes = [
        ipywidgets.Checkbox(description=f"{i}", indent=False, layout={"width": "4.5em"})
        for i in range(1, len(quiz.x) + 1)
    ]
    button = ipywidgets.Button(description="Mark my answers")
    said = ipywidgets.HTML("Tick the pictures that you think are made up.")

    def mark_them(_) -> None:
        said.value = mark(quiz, [i for i, box in enumerate(boxes, start=1) if box.value])

    button.on_click(mark_them)
    rows = [ipywidgets.HBox(boxes[i : i + IN_A_ROW]) for i in range(0, len(boxes), IN_A_ROW)]
    return ipywidgets.VBox([*rows, button, said])


def show_explorer(
    draw: Callable[[Tensor], Tensor],
    names: Sequence[str],
    title: str,
    alt: str,
    say: Callable[[Tensor], str] | None = None,
) -> None:
    """Show what K sliders do to a picture: first a still, then the sliders, where ipywidgets is.

    Args:
        draw: turns positions (B, K), from -2 to 2 and 0 at first, into images (B, C, S, S).
        names: what each of the K sliders moves; the still has a row for each.
        title: what the reader should see in the still.
        alt: the still in words.
        say: puts a picture (1, C, S, S) into words, for those who cannot see it.
    """
    stops = torch.tensor(STOPS).float()
    places = torch.einsum("ij,s->isj", torch.eye(len(names)), stops).reshape(-1, len(names))
    show_images(draw(places), title, alt, len(STOPS), labels=names, columns=STOPS)
    try:
        display(sliders(draw, names, say))
    except ImportError:
        print("To move sliders here, the explorer needs ipywidgets; the rows show where they lead.")


def sliders(draw: Callable, names: Sequence[str], say: Callable | None = None):
    """Return a picture, what it is called, and the sliders that change it, as one widget."""
    import ipywidgets  # only here, because it may be missing

    knobs = [
        ipywidgets.FloatSlider(
            min=STOPS[0], max=STOPS[-1], step=0.25, description=name, continuous_update=False
        )
        for name in names
    ]
    picture, said = ipywidgets.Image(format="png"), ipywidgets.HTML()

    def look(_=None) -> None:
        x = draw(torch.tensor([[knob.value for knob in knobs]]))
        picture.value = png(x)
        said.value = say(x) if say else ""

    for knob in knobs:
        knob.observe(look, names="value")
    look()
    return ipywidgets.HBox([picture, ipywidgets.VBox([*knobs, said])])


def show_easel(
    draw: Callable[[str, int], Tensor], wishes: Sequence[str], title: str, alt: str, n: int = 8
) -> None:
    """Show n pictures of each wish, a row each, then a line to type other wishes in.

    `draw` turns a wish and a seed into one image (1, C, S, S), or says in a ValueError what it does
    not understand. The title says what to see in the still, `alt` what is in it.
    """
    x = torch.cat([draw(wish, seed) for wish in wishes for seed in range(n)])
    show_images(x, title, alt, n, labels=wishes)
    try:
        display(easel(draw, wishes[0]))
    except ImportError:
        print("To type wishes here, the easel needs ipywidgets; call the function with any wish.")


def easel(draw: Callable[[str, int], Tensor], wish: str):
    """Return a line to type in, a button for one more, and the picture with a sentence below."""
    import ipywidgets  # only here, because it may be missing

    line = ipywidgets.Text(wish, description="Paint", continuous_update=False)
    button, picture = ipywidgets.Button(description="Another"), ipywidgets.Image(format="png")
    said, seeds = ipywidgets.HTML(), iter(range(10**6))

    def paint_it(_=None) -> None:
        try:
            picture.value = png(draw(line.value, next(seeds)))
            said.value = f"Painted: {html.escape(line.value)}"
        except ValueError as error:
            said.value = f"Not understood: {html.escape(str(error))}."

    line.observe(paint_it, names="value")  # Enter, or leaving the line
    button.on_click(paint_it)
    paint_it()
    return ipywidgets.VBox([line, button, picture, said])
