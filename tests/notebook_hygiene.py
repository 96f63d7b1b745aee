"""What every notebook of the course must keep to; `problems` names each thing that is not so.

How cells are counted: the set-up cell, the same everywhere, counts for nothing. Import cells and
exercises count as code. A folded solution parts code cells, but is no markdown cell in the ratio.
"""

import ast
import re
from pathlib import Path
from statistics import median
from urllib.parse import unquote

import nbformat
from badges import repository
from execution import ROOT, WIDGET, as_text, canonical
from exercise_cells import exercise_problems, tags

TAGS = {"setup", "exercise", "solution", "nbval-check-output"}
MEGABYTE, LARGEST_OUTPUT = 1_000_000, 200_000
LONGEST_CELL, MEDIAN_CELL, MOST_WORDS = 25, 8, 2500
FEWEST_CHECKED = 3
SHELL = re.compile(r"^\s*(?:!|%%(?:bash|sh|script|cmd|system)|%(?:pip|conda|system|sx)\b)", re.M)
DEVICE = re.compile(r"\.cuda\(|torch\.cuda\.|device\s*=\s*[\"']cuda|\.to\([\"']cuda")
MACHINE = re.compile(
    r"(?<![\w.~])/(?:home|root|Users|tmp|mnt|opt|var|usr)/\w|\b[A-Z]:\\(?:Users|Windows|Program)"
    rf"|{re.escape(str(ROOT))}"
)
RESTLESS = re.compile(r"\b0x[0-9a-f]{6,}\b|\d%\||\bit/s\b|Warning: ")
FENCE = re.compile(r"^```.*?^```", re.M | re.S)
LINK = re.compile(r"\]\(([^)\s]+)\)|(?:href|src)=\"([^\"]+)\"")


def problems(notebook, path: Path) -> list[str]:
    """Name everything that is wrong with a notebook that stands, or will stand, at path."""
    return [problem for check in CHECKS for problem in check(notebook, path)]


def code_cells(notebook) -> list:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def prose(notebook) -> str:
    """All markdown, without the code in it."""
    cells = (cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    return FENCE.sub("", "\n\n".join(cells))


def is_setup(cell) -> bool:
    return cell.cell_type == "code" and cell.source.startswith("# @title Set up")


def printed(output) -> str:
    """The text of one output."""
    text = output.get("text", "") or output.get("data", {}).get("text/plain", "")
    return "".join(text)


def stored_form(notebook, path):
    """Outputs come from one run, top to bottom, of `make outputs`."""
    ids = [cell.get("id") for cell in notebook.cells]
    if len(set(ids)) < len(ids) or None in ids:
        yield "cell ids are missing or not unique"
        return
    try:
        nbformat.validate(notebook)
    except nbformat.ValidationError as error:
        yield f"nbformat finds it invalid: {error.message}"
    cells = code_cells(notebook)
    if [cell.execution_count for cell in cells] != list(range(1, len(cells) + 1)):
        yield "execution counts are not 1, 2, 3...: run `make outputs`"
    if "widgets" in notebook.metadata:
        yield "metadata.widgets is stored"
    if notebook.metadata.get("kernelspec", {}).get("name") != "python3":
        yield "the kernelspec is not python3"
    if as_text(notebook) != as_text(canonical(notebook)):
        yield "it is not in the canonical form: run `make outputs`"
    if len(as_text(notebook).encode("utf-8")) >= MEGABYTE:
        yield "the file is 1 MB or more"


def outputs(notebook, path):
    """Stored outputs are small, final and the same on the next machine."""
    for number, cell in enumerate(code_cells(notebook), start=1):
        for output in cell.outputs:
            data = output.get("data", {})
            if output.output_type == "error":
                yield f"cell {number} stores an error"
            if output.get("name") == "stderr" or WIDGET in data or RESTLESS.search(printed(output)):
                yield f"cell {number} stores a progress bar, a warning or an address"
            if len(repr(output)) > LARGEST_OUTPUT:
                yield f"cell {number} stores an output of more than 200 kB"
            if "<script" in "".join(data.get("text/html", "")):
                yield f"cell {number} stores a script"
            if "image/png" in data and not output.metadata.get("image/png", {}).get("alt"):
                yield f"cell {number} shows a figure without alt text"
            if MACHINE.search(printed(output)):
                yield f"cell {number} prints a path of one machine"
    checked = [cell for cell in code_cells(notebook) if "nbval-check-output" in tags(cell)]
    if len(checked) < FEWEST_CHECKED:
        yield f"only {len(checked)} cells are tagged nbval-check-output"
    for cell in checked:
        if not any(printed(output).strip() for output in cell.outputs):
            yield f"a checked cell stores no text: {cell.source.splitlines()[0]}"


def code(notebook, path):
    """Code is plain Python that runs on every system and device."""
    for number, cell in enumerate(code_cells(notebook), start=1):
        if SHELL.search(cell.source):
            yield f"cell {number} calls a shell or installs something"
        else:
            try:
                tree = ast.parse(cell.source)
            except SyntaxError:
                yield f"cell {number} is not plain Python"
            else:
                froms = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
                if any(alias.name == "*" for node in froms for alias in node.names):
                    yield f"cell {number} imports *"
        if DEVICE.search(cell.source):
            yield f"cell {number} names a device"
        if MACHINE.search(cell.source):
            yield f"cell {number} names a path of one machine"
        if "NBVAL_" in cell.source or (unknown := tags(cell) - TAGS):
            yield f"cell {number} has an unknown tag or an nbval comment: {unknown or 'NBVAL_'}"


def lengths(notebook, path):
    """The guide's numbers: short cells, and text between them."""
    counted = [cell for cell in notebook.cells if not is_setup(cell)]
    sizes = [
        sum(bool(line.strip()) for line in cell.source.splitlines())
        for cell in counted
        if cell.cell_type == "code"
    ]
    if not sizes:
        yield "it has no code"
        return
    if max(sizes) > LONGEST_CELL:
        yield f"a code cell has {max(sizes)} lines, more than {LONGEST_CELL}"
    if median(sizes) > MEDIAN_CELL:
        yield f"the median code cell has {median(sizes)} lines, more than {MEDIAN_CELL}"
    texts = [c for c in counted if c.cell_type == "markdown" and "solution" not in tags(c)]
    if not 0.8 <= len(texts) / len(sizes) <= 1.6:
        yield f"{len(texts)} markdown cells for {len(sizes)} code cells: outside 0.8 to 1.6"
    if "ccc" in "".join(cell.cell_type[0] for cell in counted):
        yield "three code cells stand in a row without text between"
    formulas_as_words = re.sub(r"\$\$.+?\$\$|\$[^$]+\$", " formula ", prose(notebook), flags=re.S)
    words = len(re.sub(r"<[^>]+>|\]\([^)]*\)", " ", formulas_as_words).split())
    if words > MOST_WORDS:
        yield f"{words} words, more than {MOST_WORDS}"


def head(notebook, path):
    """The first cells say what this is, what it costs, and make it run on Colab."""
    first = next((i for i, c in enumerate(notebook.cells) if c.cell_type == "code"), 0)
    header = "\n\n".join(cell.source for cell in notebook.cells[:first])
    for wanted in ("Minutes", "Before this"):
        if wanted not in header:
            yield f"the header does not say '{wanted}'"
    badge = f"https://colab.research.google.com/github/{repository()}/blob/main/notebooks/"
    if f"{badge}{path.name})" not in header:
        yield f"no Colab badge on top for {path.name} in {repository()}"
    cells = code_cells(notebook)
    if not cells or not is_setup(cells[0]) or "setup" not in tags(cells[0]):
        yield "the first code cell is not the set-up cell, tagged setup"
    elif f"https://github.com/{repository()}/archive/" not in cells[0].source:
        yield f"the set-up cell does not install from {repository()}"


def text(notebook, path):
    """Headings lead through the notebook, and links lead somewhere."""
    headings = re.findall(r"^(#+) (.+)$", prose(notebook), re.M)
    if [level for level, _ in headings].count("#") != 1:
        yield "it has not exactly one title"
    if len(set(headings)) < len(headings):
        yield "two headings are the same"
    sections = [title for level, title in headings if level == "##"]
    if [title.split(" · ")[0] for title in sections] != [f"{n + 1}" for n in range(len(sections))]:
        yield "the sections are not numbered '## 1 · ...', '## 2 · ...'"
    for target in ("".join(pair) for pair in LINK.findall(prose(notebook))):
        file = unquote(target.split("#")[0])
        if file and not re.match(r"[a-z]+:", file) and not (path.parent / file).exists():
            yield f"a link leads nowhere: {target}"
    if MACHINE.search(prose(notebook)):
        yield "the text names a path of one machine"


def exercises(notebook, path):
    """Exercises have a stub, checks and a folded solution."""
    yield from exercise_problems(notebook)


CHECKS = (stored_form, outputs, code, lengths, head, text, exercises)
