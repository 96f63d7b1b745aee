"""Plays Google Colab: an empty folder, one notebook, course_lib missing and ipywidgets 7.7.1.

A second environment sees the packages of this one, but not its editable course_lib, and has
Colab's old widgets on top. The network is not used: `make` has fetched the wheels.
"""

import json
import os
import re
import subprocess
import sysconfig
import venv
import zipfile
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest

ROOT = Path(__file__).parents[1]
NOTEBOOK = ROOT / "notebooks" / "00_start_here.ipynb"
WHEELS = ROOT / ".venv" / "wheels"
MINE = re.compile(r"noise[-_]to[-_]novelty", re.IGNORECASE)
VERSIONS = """\
import json, importlib.util, ipywidgets, numpy, torch
missing = importlib.util.find_spec("course_lib") is None
print(json.dumps([missing, ipywidgets.__version__, numpy.__version__, torch.__version__]))"""
RUN = """\
import nbformat, sys
from nbclient import NotebookClient
notebook = nbformat.read(sys.argv[1], as_version=4)
NotebookClient(notebook, timeout=300, kernel_name="python3").execute()"""

pytestmark = pytest.mark.skipif(
    not WHEELS.is_dir(), reason="the wheels for playing Colab are not there: run `make env`"
)


def zipped_checkout(folder: Path) -> Path:
    """Zip what is installed, laid out as GitHub does: everything in one top folder."""
    files = [ROOT / "pyproject.toml", ROOT / "README.md", *ROOT.glob("LICENSE*")]
    files += [f for f in (ROOT / "course_lib").rglob("*") if f.is_file() and f.suffix != ".pyc"]
    target = folder / "main.zip"
    with zipfile.ZipFile(target, "w") as archive:
        for file in files:
            archive.write(file, f"noise-to-novelty-main/{file.relative_to(ROOT).as_posix()}")
    return target


class Colab:
    """An environment like Colab's, with an empty folder to work in."""

    def __init__(self, folder: Path):
        self.empty = folder / "content"
        self.empty.mkdir()
        home = folder / "environment"
        venv.create(home, symlinks=os.name != "nt")
        self.python = home / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
        drop = ("PYTHONPATH", "COURSE_DATA_DIR", "COURSE_STRICT")
        self.env = {key: value for key, value in os.environ.items() if key not in drop} | {
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": WHEELS.as_uri(),
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "JUPYTER_DATA_DIR": str(folder / "jupyter"),
        }
        own = self.run("-c", "import sysconfig; print(sysconfig.get_path('purelib'))").stdout
        self.packages = Path(own.strip())
        shared = {sysconfig.get_path(kind) for kind in ("purelib", "platlib")}
        lines = "\n".join(sorted(shared)) + "\n"
        (self.packages / "shared.pth").write_text(lines, encoding="utf-8")
        widgets = ["ipywidgets==7.7.1", "widgetsnbextension<4", "jupyterlab_widgets"]
        self.run("-m", "pip", "install", "--no-deps", *widgets, "ipython_genutils")

    def run(self, *arguments, check=True, **env):
        """Run this environment's Python in the empty folder."""
        done = subprocess.run(
            [self.python, *arguments],
            cwd=self.empty,
            env=self.env | env,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=400,
        )
        assert done.returncode == 0 or not check, done.stdout + done.stderr
        return done

    def installed(self) -> set[str]:
        """List what stands in this environment itself."""
        return {path.name for path in self.packages.glob("*.dist-info")}

    def visible(self) -> set[str]:
        """List all packages that it sees, without the course."""
        lines = self.run("-m", "pip", "list", "--format=freeze").stdout.splitlines()
        return {line for line in lines if not MINE.search(line)}

    def versions(self) -> list:
        """Return whether course_lib is missing, and three versions that must not change."""
        return json.loads(self.run("-c", VERSIONS).stdout)


@pytest.fixture(scope="module")
def play(tmp_path_factory):
    """Run the notebook once, and remember what was there before and after."""
    folder = tmp_path_factory.mktemp("colab")
    colab, source = Colab(folder), str(zipped_checkout(folder))
    cells = nbformat.read(NOTEBOOK, as_version=4).cells
    set_up = next(cell.source for cell in cells if cell.cell_type == "code")
    lost = colab.run("-c", set_up, check=False, COURSE_SOURCE=str(folder / "lost.zip"))
    before = (colab.installed(), colab.visible(), colab.versions())
    alone = colab.empty / NOTEBOOK.name
    alone.write_bytes(NOTEBOOK.read_bytes())
    colab.run("-c", RUN, alone.name, COURSE_SOURCE=source)
    after = (colab.installed(), colab.visible(), colab.versions())
    again = colab.run("-c", set_up, COURSE_SOURCE=str(folder / "lost.zip"))
    return SimpleNamespace(lost=lost, before=before, after=after, again=again, colab=colab)


def test_the_environment_is_like_colab(play):
    missing, ipywidgets, _, _ = play.before[2]
    assert missing
    assert ipywidgets == "7.7.1"


def test_without_a_source_the_set_up_cell_says_one_clear_sentence(play):
    assert play.lost.returncode == 1
    assert "Could not install the course from" in play.lost.stderr.splitlines()[-1]


def test_the_notebook_installs_course_lib_alone_and_runs_to_its_end(play):
    (new,) = play.after[0] - play.before[0]
    assert MINE.match(new)
    assert play.before[0] <= play.after[0]
    assert play.after[1] == play.before[1]
    assert play.after[2] == [False, *play.before[2][1:]]


def test_a_second_run_of_the_set_up_cell_installs_nothing_and_is_silent(play):
    assert play.again.stdout == play.again.stderr == ""
    assert play.colab.installed() == play.after[0]
