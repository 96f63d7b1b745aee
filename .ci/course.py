"""Run every notebook top to bottom and write it as a page: `make course` fills build/course.

The notebooks themselves are only read.
"""

import re
import sys
from html import escape
from pathlib import Path

from badges import repository
from execution import ROOT, NotebookFailedError, Run, canonical, chosen, execute
from pages import notebook_body, page

TARGET = ROOT / "build" / "course"
TITLE = "From Noise to Novelty"
OPENING = "Each page is a notebook, run top to bottom when these pages were made. Start at the top."


def heading_and_sentence(notebook) -> tuple[str, str]:
    """Return a notebook's first heading and the first sentence of its text."""
    text = "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    heading = re.search(r"^# (.+)$", text, re.MULTILINE)
    below = text[heading.end() :] if heading else text
    paragraphs = (" ".join(part.split()) for part in below.split("\n\n"))
    prose = next((part for part in paragraphs if part and part[0] not in "#!<|>[-$"), "")
    sentence = re.match(r".+?[.!?](?= |$)|.+", prose)
    return heading[1].strip() if heading else "Untitled", sentence[0] if sentence else ""


def navigation(names: list[str], name: str) -> str:
    """Link to the page before, the list, and the page after."""
    at = names.index(name)
    before = f'<a href="{names[at - 1]}.html">Before</a>' if at > 0 else "<span></span>"
    after = f'<a href="{names[at + 1]}.html">Next</a>' if at + 1 < len(names) else "<span></span>"
    return f'{before}<a href="index.html">{TITLE}</a>{after}'


def index(runs: dict[str, Run]) -> str:
    """Write the list of pages: heading, first sentence, measured seconds."""
    rows = []
    for name, run in runs.items():
        heading, sentence = (escape(part) for part in heading_and_sentence(run.notebook))
        plain = re.sub(r"[*_`]", "", sentence)
        rows.append(
            f'<tr><td><a href="{name}.html">{heading}</a><br>{plain}</td>'
            f'<td class="seconds">{run.seconds:.0f} s</td></tr>'
        )
    total = sum(run.seconds for run in runs.values())
    rows.append(f'<tr><td>All of them</td><td class="seconds">{total:.0f} s</td></tr>')
    head = '<tr><th>Notebook</th><th class="seconds">measured here</th></tr>'
    return f"<h1>{TITLE}</h1>\n<p>{OPENING}</p>\n<table>{head}{''.join(rows)}</table>"


def write_course(paths: list[Path], target: Path = TARGET) -> int:
    """Write one page for each notebook, and the index; return 1 if a notebook failed."""
    target.mkdir(parents=True, exist_ok=True)
    for old in target.glob("*.html"):
        old.unlink()
    names, runs = [path.stem for path in paths], {}
    address = f"https://github.com/{repository()}"
    for path in paths:
        print(f"{path.stem} ...", end=" ", flush=True)
        try:
            run = execute(path)
        except NotebookFailedError as error:
            print(f"failed, and has no page\n  {error}")
            continue
        runs[path.stem] = run
        heading, _ = heading_and_sentence(run.notebook)
        body = notebook_body(canonical(run.notebook), set(names), address)
        html = page(f"{heading} · {TITLE}", body, navigation(names, path.stem))
        (target / f"{path.stem}.html").write_text(html, encoding="utf-8")
        print(run.summary())
    (target / "index.html").write_text(page(TITLE, index(runs)), encoding="utf-8")
    print(f"Open {(target / 'index.html')}")
    return int(len(runs) < len(paths))


if __name__ == "__main__":
    sys.exit(write_course(chosen(sys.argv[1:])))
