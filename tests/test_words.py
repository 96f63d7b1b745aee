"""What is written is spelled well, and each thing has one name."""

import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
PAGES = [*ROOT.glob("*.md"), *sorted((ROOT / "docs").rglob("*.md")), *ROOT.glob("data/*.md")]
CODE = sorted((ROOT / "course_lib").rglob("*.py"))
# A word that is wrong unless the same paragraph (None: nothing) says why it is right there.
TERMS = {
    r"\b[Cc]ritics?\b": r"Wasserstein|WGAN",  # else it is a discriminator, or a detective
    r"\bFID\b": r"Inception",  # else it is a Frechet distance, in named features
    r"\bcolor(s|ed|ful)?\b": None,
    r"\bgray\b": None,
    r"\b(photo-realistic|auto-encoder|hyper-parameter)s?\b": None,
    r"(?i)\bminimi[sz]\w+ the ELBO\b": None,  # it is the loss that is minimised
}


def paragraphs(path: Path) -> list[str]:
    """The prose of a page or a notebook, without its code."""
    if path.suffix == ".ipynb":
        cells = nbformat.read(path, as_version=4).cells
        text = "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    else:
        text = path.read_text(encoding="utf-8")
    text = re.sub(r"^```.*?^```", "", text, flags=re.M | re.S)
    return re.split(r"\n\s*\n", re.sub(r"`[^`\n]*`|\]\([^)]*\)|https?://\S+", "", text))


def misnamed(text: str) -> list[str]:
    """The words of a paragraph that are not ours."""
    found = []
    for term, excuse in TERMS.items():
        if not (excuse and re.search(excuse, text)):
            found += [match.group() for match in re.finditer(term, text)]
    return found


@pytest.mark.parametrize("path", [*NOTEBOOKS, *PAGES], ids=lambda path: path.name)
def test_each_thing_has_one_name(path):
    assert [word for text in paragraphs(path) for word in misnamed(text)] == []


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("The critic of a WGAN gives a score.", []),
        ("The critic says real or fake.", ["critic"]),
        ("An FID of 3.", ["FID"]),
        ("The FID needs Inception's features.", []),
        ("a gray color", ["color", "gray"]),
        ("We minimise the ELBO.", ["minimise the ELBO"]),
    ],
)
def test_a_wrong_name_is_noticed(text, wrong):
    assert misnamed(text) == wrong


def test_everything_is_spelled_well(tmp_path):
    for path in NOTEBOOKS:  # their sources only: pictures are full of accidental words
        cells = nbformat.read(path, as_version=4).cells
        text = "\n\n".join(cell.source for cell in cells)
        (tmp_path / f"{path.stem}.txt").write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "codespell_lib", tmp_path, *PAGES, *CODE]
    assert subprocess.run(command, capture_output=True, text=True).stdout == ""


def test_a_spelling_mistake_is_noticed(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("We recieve pictures.")
    command = [sys.executable, "-m", "codespell_lib", page]
    assert "recieve ==> receive" in subprocess.run(command, capture_output=True, text=True).stdout
