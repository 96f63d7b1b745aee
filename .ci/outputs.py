"""Run notebooks and store their outputs: `make outputs`, or `make outputs NAMES="03_vae 05_gan"`.

This is the only way in which outputs get into the repository. A notebook that fails keeps its old
file, and so does one that is interrupted.
"""

import re
import sys
from base64 import b64decode
from pathlib import Path

from execution import ROOT, NotebookFailedError, as_text, canonical, chosen, execute
from nbformat import NotebookNode

from course_lib.plotting import as_table
from course_lib.runtime import whole
from course_lib.scoreboard import headline

README_FIGURE = "Noise turns into pictures"  # how its alt text begins
README_PICTURE = ROOT / "docs" / "noise_to_novelty.png"  # from notebook 0
TABLE = re.compile(r"(?<=<!-- headline -->\n).*?(?=<!-- end of headline -->)", re.S)


def store(path: Path) -> str:
    """Run one notebook, write the result beside it, then rename; return a line to print."""
    run = execute(path)
    with whole(path) as beside:
        beside.write_text(as_text(canonical(run.notebook)), encoding="utf-8", newline="\n")
    if path.stem == "00_start_here":
        with whole(README_PICTURE) as beside:
            beside.write_bytes(figure_called(run.notebook, README_FIGURE))
        write_headline(ROOT / "README.md")
    return run.summary()


def write_headline(page: Path) -> None:
    """Put the course's headline table, as it is today, between the two marks of a page.

    Raises:
        ValueError: if the page does not have both marks, once each.
    """
    text, n = TABLE.subn(
        lambda _: f"\n{as_table(headline())}\n\n", page.read_text(encoding="utf-8")
    )
    if n != 1:
        marks = "<!-- headline --> and <!-- end of headline -->"
        raise ValueError(f"{page.name} has {n} places for the table: put one between {marks}")
    with whole(page) as beside:
        beside.write_text(text, encoding="utf-8", newline="\n")


def figure_called(notebook: NotebookNode, words: str) -> bytes:
    """Return the figure whose alt text begins with the given words, as PNG."""
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    figures = [output for output in outputs if "image/png" in output.get("data", {})]
    wanted = [f for f in figures if f.metadata["image/png"]["alt"].startswith(words)]
    return b64decode(wanted[0].data["image/png"])


def main(names: list[str]) -> int:
    """Store the outputs of the named notebooks, or of all; return 1 if one failed."""
    failed = 0
    for path in chosen(names):
        print(f"{path.stem} ...", end=" ", flush=True)
        try:
            print(store(path))
        except NotebookFailedError as error:
            failed = 1
            print(f"failed, and its file is left as it was\n  {error}")
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
