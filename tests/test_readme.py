"""The README keeps its promises: its picture is the course's own, and its links lead somewhere."""

import re

import nbformat
import pytest
from execution import NOTEBOOKS, ROOT
from outputs import README_FIGURE, README_PICTURE, figure_called, write_headline

PAGES = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "data/README.md")]


def test_the_picture_is_the_one_that_notebook_0_drew():
    notebook = nbformat.read(NOTEBOOKS / "00_start_here.ipynb", as_version=4)
    assert README_PICTURE.read_bytes() == figure_called(notebook, README_FIGURE), (
        "run `make outputs`"
    )


def test_the_table_is_that_of_the_stored_numbers(tmp_path):
    again = tmp_path / "README.md"
    again.write_bytes((ROOT / "README.md").read_bytes())
    write_headline(again)
    assert again.read_bytes() == (ROOT / "README.md").read_bytes(), "run `make outputs`"
    rows = [line for line in again.read_text(encoding="utf-8").splitlines() if "Fréchet" in line]
    assert len(rows) == 1 and len(re.findall(r"\| [\d.]+ ", rows[0])) == 4


@pytest.mark.parametrize("marks", ["<!-- headline -->\n", "<!-- end of headline -->"])
def test_a_page_without_a_place_for_the_table_is_refused_and_left_alone(tmp_path, marks):
    page = tmp_path / "README.md"
    page.write_text((ROOT / "README.md").read_text(encoding="utf-8").replace(marks, ""), "utf-8")
    before = page.read_bytes()
    with pytest.raises(ValueError, match="README.md has 0 places for the table: put one between"):
        write_headline(page)
    assert page.read_bytes() == before and list(tmp_path.iterdir()) == [page]


def test_links_lead_to_files_that_exist():
    for page in PAGES:
        for target in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
            assert target.startswith("https://") or (page.parent / target).exists(), (page, target)


def test_the_map_names_every_notebook():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    start = nbformat.read(NOTEBOOKS / "00_start_here.ipynb", as_version=4)
    listed = "".join(cell.source for cell in start.cells)
    for path in NOTEBOOKS.glob("*.ipynb"):
        assert f"notebooks/{path.name}" in text
        assert path.stem == "00_start_here" or f"({path.name})" in listed


def test_every_make_command_of_the_readme_exists():
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M)
    named = re.findall(r"make ([a-z]+)", (ROOT / "README.md").read_text(encoding="utf-8"))
    assert set(named) <= set(targets) and {"lab", "test"} <= set(named)
