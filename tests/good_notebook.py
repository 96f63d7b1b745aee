"""A small notebook that keeps to every habit: tests spoil it, run it and build pages from it."""

from badges import repository
from execution import NOTEBOOKS, canonical
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

PATH = NOTEBOOKS / "01_good.ipynb"
REPO = repository()
BADGE = "https://colab.research.google.com/assets/colab-badge.svg"
CHECKED = {"tags": ["nbval-check-output"]}

HEADER = f"""\
[![Open In Colab]({BADGE})](https://colab.research.google.com/github/{REPO}/blob/main/notebooks/01_good.ipynb)

# 1 · A good notebook

It squares a number. Then it stops.

**Minutes:** 1. **Before this:** nothing; see the [overview](../README.md)."""

SETUP = f"""\
# @title Set up {{ display-mode: "form" }}
SOURCE = "https://github.com/{REPO}/archive/refs/heads/main.zip\""""

CHECKS = """\
class checks:
    def square(f):
        print("○ Not tried yet.")"""

PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNwAAAAQgBBKTf07wAAAABJRU5ErkJggg=="
)
FIGURE = f"""\
from IPython.display import display

pixel = "{PIXEL[:62]}"
pixel += "{PIXEL[62:]}"
alt = {{"image/png": {{"alt": "One <dark> pixel"}}}}
display({{"image/png": pixel}}, raw=True, metadata=alt)"""

EXERCISE = """\
def square(x):
    raise NotImplementedError


checks.square(square)"""

SOLUTION = """\
<details><summary>Solution</summary>

```python
def square(x):
    return x * x
```

</details>"""

FORMULAS = r"""## 1 · The loss

### A detail

Where $i < j$ we have $x_t = \sqrt{\bar\alpha_t}\,x_0$; a price of `$5` is no formula.

$$
\begin{aligned}
\log p(x) &\ge \mathbb{E}_{q}[\log p(x \mid z)] \\
&\quad - \mathrm{KL}(q \,\|\, p)
\end{aligned}
$$"""


def code(source, text=None, metadata=None, outputs=()):
    printed = [new_output("stream", name="stdout", text=text)] if text else list(outputs)
    return new_code_cell(source, outputs=printed, metadata=metadata or {})


def good_notebook():
    """Return a fresh copy, as `make outputs` would store it."""
    alt = {"image/png": {"alt": "One <dark> pixel"}}
    figure = new_output("display_data", data={"image/png": PIXEL}, metadata=alt)
    cells = [
        new_markdown_cell(HEADER),
        code(SETUP, metadata={"tags": ["setup"]}),
        code(CHECKS, metadata={"tags": ["setup"]}),
        new_markdown_cell(FORMULAS),
        code("print(6 * 7)", "42\n", CHECKED),
        code(FIGURE, outputs=[figure]),
        new_markdown_cell("### Aside\n\nThe pixel is dark."),
        code("print((64, 1, 8, 8))", "(64, 1, 8, 8)\n", CHECKED),
        new_markdown_cell("## 2 · Try it\n\nWrite the square."),
        code(EXERCISE, "○ Not tried yet.\n", {"tags": ["exercise", "nbval-check-output"]}),
        new_markdown_cell(SOLUTION, metadata={"tags": ["solution"]}),
        new_markdown_cell("## 3 · What comes next\n\nThe end."),
    ]
    for name, cell in enumerate(cells):
        cell.id = f"cell-{name}"
    return canonical(new_notebook(cells=cells))
