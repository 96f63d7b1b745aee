"""The scripts behind `make outputs`, `make course` and `make badges`."""

import re
import subprocess
import warnings
from html import escape

import nbformat
import pytest
from badges import project_files, read, repository, stamp
from execution import NOTEBOOKS, ROOT, NotebookFailedError, as_text, chosen
from good_notebook import good_notebook
from nbformat.v4 import new_code_cell
from outputs import store

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # ziamath asks importlib the old way
    from course import write_course
    from pages import FORMULA, draw, drawn, page_link

# On Windows, the sockets to a kernel need a second thread, and say so.
pytestmark = pytest.mark.filterwarnings("ignore:Proactor event loop:RuntimeWarning")

NOISY = """\
import sys
from tqdm.auto import tqdm
for _ in tqdm(range(3)):
    print("out")
    print("a warning", file=sys.stderr)
"""
BAD_CELLS = {
    "ValueError: got 3": "size = 3\nraise ValueError(f'got {size}')",
    "died": "import os\nos._exit(1)",
}


def write(path, *more_cells):
    notebook = good_notebook()
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.update(outputs=[], execution_count=None)
    notebook.cells += [new_code_cell(source, id=f"more-{n}") for n, source in enumerate(more_cells)]
    path.write_text(as_text(notebook), encoding="utf-8")
    return path


def test_storing_gives_the_one_canonical_form(tmp_path):
    path = write(tmp_path / "01_good.ipynb", NOISY)
    assert "slowest cell" in store(path)
    stored = nbformat.read(path, as_version=4)
    *as_written, noisy = stored.cells
    assert as_written == good_notebook().cells
    assert [(out.name, out.text) for out in noisy.outputs] == [("stdout", "out\n" * 3)]
    assert noisy.execution_count == 7
    assert [file.name for file in tmp_path.iterdir()] == ["01_good.ipynb"]


@pytest.mark.parametrize("message", BAD_CELLS)
def test_a_failing_notebook_keeps_its_file(tmp_path, message):
    path = write(tmp_path / "01_good.ipynb", BAD_CELLS[message])
    before = path.read_bytes()
    with pytest.raises(NotebookFailedError, match=message) as caught:
        store(path)
    assert f"code cell 7 ({BAD_CELLS[message].splitlines()[0]})" in str(caught.value)
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["01_good.ipynb"]


def test_an_unknown_notebook_is_named(tmp_path):
    write(tmp_path / "01_good.ipynb")
    assert (
        chosen([], tmp_path) == chosen(["01_good"], tmp_path) == chosen(["01_good.ipynb"], tmp_path)
    )
    with pytest.raises(SystemExit, match="No notebook called 09_lost .* There are: 01_good"):
        chosen(["09_lost"], tmp_path)


def test_a_page_needs_no_network_and_speaks_its_figures(tmp_path):
    good, bad = write(tmp_path / "01_good.ipynb"), write(tmp_path / "02_bad.ipynb", "1 / 0")
    before = good.read_bytes()
    assert write_course([good, bad], tmp_path / "course") == 1  # 02_bad has no page
    assert good.read_bytes() == before
    html = (tmp_path / "course" / "01_good.html").read_text(encoding="utf-8")
    index = (tmp_path / "course" / "index.html").read_text(encoding="utf-8")
    assert 'alt="One &lt;dark&gt; pixel"' in html
    assert len(re.findall(r'<svg aria-label="', html)) == 3  # every formula is drawn
    assert "$5" in html
    assert not re.search(r"<script|<link|@import|src=\"http|url\(", html)
    assert f"https://github.com/{repository()}/blob/main/README.md" in html
    assert "1 · A good notebook" in index and "It squares a number." in index
    assert "Then it stops." not in index and "02_bad.html" not in index


@pytest.mark.parametrize("path", sorted(NOTEBOOKS.glob("*.ipynb")), ids=lambda path: path.stem)
def test_every_formula_of_a_notebook_can_be_drawn(path):
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "markdown":
            text = re.sub(r"```.*?```|`[^`]*`", "", cell.source, flags=re.DOTALL)
            FORMULA.sub(drawn, escape(text, quote=False))


def test_a_formula_that_cannot_be_drawn_is_named():
    with pytest.raises(SystemExit, match=r"cannot draw this formula: \\nosuch"):
        draw(r"\nosuch{a}", inline=True)


def test_links_between_notebooks_become_links_between_pages():
    def link(href):
        return page_link(href, {"03_vae"}, "https://host/o/n")

    assert link("03_vae.ipynb#loss") == "03_vae.html#loss"
    assert link("04_later.ipynb") == "https://host/o/n/blob/main/notebooks/04_later.ipynb"
    assert link("../docs/a.md") == "https://host/o/n/blob/main/docs/a.md"
    assert link("https://arxiv.org/abs/1312.6114") == "https://arxiv.org/abs/1312.6114"
    assert link("#loss") == "#loss"


def test_stamping_reaches_every_text_file_and_nothing_else(tmp_path):
    files = {
        "pyproject.toml": '[project.urls]\nRepository = "https://github.com/OLD/course"\n',
        "a/n.ipynb": "https://github.com/OLD/course/archive, colab/github/OLD/course/blob\r\n",
        "other.md": "https://github.com/OLD/course-two, https://github.com/VERY-OLD/course",
        "ignored.md": "OLD/course",
        ".gitignore": "ignored.md\n",
    }
    (tmp_path / "a").mkdir()
    for name, content in files.items():
        (tmp_path / name).write_bytes(content.encode())
    (tmp_path / "b.png").write_bytes(b"\xff\xfeOLD/course")
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    assert sorted(stamp("ada/novelty", tmp_path)) == ["a/n.ipynb", "pyproject.toml"]
    assert repository(tmp_path) == "ada/novelty"
    changed = (tmp_path / "a/n.ipynb").read_bytes().decode()
    assert changed == files["a/n.ipynb"].replace("OLD/course", "ada/novelty")
    with pytest.raises(SystemExit, match="REPO=owner/name"):
        stamp("novelty", tmp_path)


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="git lists the files to look into")
def test_every_address_of_the_repository_is_the_one_in_pyproject():
    owner, name = repository().split("/")
    address = re.compile(rf"github(?:\.com)?/([\w.-]+)/{re.escape(name)}(?![\w-])")
    found = {
        (owner, path.relative_to(ROOT).as_posix())
        for path in project_files(ROOT)
        for owner in address.findall(read(path) or "")
    }
    assert {who for who, _ in found} == {owner}, sorted(found)
    assert {"README.md", "CONTRIBUTING.md", "pyproject.toml"} <= {where for _, where in found}
