"""The package is small, its corridor runs one way, and nothing in it is tied to one machine."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from course_lib.models import VAE, Discriminator, Generator, UNet

LIB = Path(__file__).parents[1] / "course_lib"
FILES = sorted(LIB.rglob("*.py"))
CORRIDOR = [
    "runtime",
    "data",
    "schedules",
    "models",
    "losses",
    "checkpoints",
    "training",
    "muon",
    "sampling",
    "recipes",
    "crowds",
    "runs",
    "judges",
    "painters",
    "metrics",
    "plotting",
    "widgets",
    "checks",
    "results",
    "choosing",
    "advisor",
    "claims",
    "bench",
    "experiments",
    "scoreboard",
    "commands",
    "__main__",
]
EVERY_FILE = pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(LIB)))


def room(path):
    return path.relative_to(LIB).with_suffix("").parts[0]


def nodes(path, kind):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [node for node in ast.walk(tree) if isinstance(node, kind)]


def test_every_file_is_in_a_known_room():
    assert {room(path) for path in FILES} <= {*CORRIDOR, "__init__"}


def test_the_map_in_the_docstring_shows_the_same_corridor():
    lines = ast.get_docstring(
        ast.parse((LIB / "__init__.py").read_text(encoding="utf-8"))
    ).splitlines()
    mapped = [line.split()[0] for line in lines if line.startswith("    ")]
    assert mapped == [name for name in CORRIDOR if name in mapped]
    assert {"runtime", "data", "models", "sampling", "metrics", "checks"} <= set(mapped)


@EVERY_FILE
def test_each_room_imports_only_rooms_before_it(path):
    for node in nodes(path, ast.ImportFrom):
        if (node.module or "").startswith("course_lib."):
            other, own = node.module.split(".")[1], room(path)
            assert other == own or CORRIDOR.index(other) < CORRIDOR.index(own), (own, other)


@EVERY_FILE
def test_imports_name_what_they_take(path):
    for node in nodes(path, ast.ImportFrom):
        assert node.level == 0, f"relative import in line {node.lineno}"
        assert node.module != "course_lib", f"line {node.lineno} imports a whole room"
        assert [name.name for name in node.names] != ["*"], f"star import in line {node.lineno}"
    for node in nodes(path, ast.Import):
        assert not any(name.name.split(".")[0] == "course_lib" for name in node.names)


@EVERY_FILE
def test_a_file_can_be_read_in_one_sitting(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) < 200


@EVERY_FILE
def test_everything_public_has_a_docstring(path):
    module = ast.parse(path.read_text(encoding="utf-8"))
    outer = [module, *(node for node in module.body if isinstance(node, ast.ClassDef))]
    kinds = (ast.FunctionDef, ast.ClassDef)
    for node in [module, *(n for place in outer for n in place.body if isinstance(n, kinds))]:
        name = getattr(node, "name", path.name)
        assert name.startswith("_") or ast.get_docstring(node), name


FORBIDDEN = {
    r"\.cuda\(": (),
    r"device=[\"'](cuda|mps)": (),
    r"torch\.cuda\.": ("runtime",),
    r"torch\.(load|save)\b": (),
    r"\b(pickle|joblib)\b": (),
    r"pretrained=": (),
    r"\.double\(\)(\.detach\(\))?\.cpu\(\)": (),  # MPS has no float64: to the CPU first
}


@pytest.mark.parametrize("pattern", FORBIDDEN)
def test_no_file_ties_the_course_to_one_machine_or_trusts_a_pickle(pattern):
    for path in FILES:
        if room(path) not in FORBIDDEN[pattern]:
            assert not re.search(pattern, path.read_text(encoding="utf-8")), path.name


@EVERY_FILE
def test_noise_that_is_shown_or_scored_comes_from_a_seeded_cpu_generator(path):
    if room(path) in ("training", "recipes", "runs", "results", "experiments", "bench", "commands"):
        return  # noise inside a training step may be drawn on the device
    draws = {"rand", "randn", "randint", "randperm", "normal", "rand_like", "randn_like"}
    for call in nodes(path, ast.Call):
        name = ast.unparse(call.func)
        if name.removeprefix("torch.") in draws and name.startswith("torch."):
            keywords = {keyword.arg for keyword in call.keywords}
            assert "generator" in keywords and "device" not in keywords, ast.unparse(call)


@pytest.mark.parametrize(
    "model", [VAE(), Generator(), Discriminator(), UNet()], ids=lambda m: type(m).__name__
)
def test_models_hold_no_float64_which_some_devices_lack(model):
    for name, tensor in model.state_dict().items():
        assert tensor.dtype != torch.float64, name


FRESH_IMPORT = """
import importlib, sys, torch
before = set(sys.modules)
import course_lib
print(sorted(set(sys.modules) - before))
for room in {rooms!r}:
    importlib.import_module("course_lib." + room)
print(sorted({{"seaborn", "sklearn", "pandas", "scipy"}} & set(sys.modules)))
"""


def test_importing_is_quick_because_it_loads_nothing_heavy():
    rooms = sorted({room(path) for path in FILES} - {"__init__", "__main__"})
    code = FRESH_IMPORT.format(rooms=rooms)
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    by_the_package, by_the_rooms = out.stdout.splitlines()
    assert by_the_package == "['course_lib']"  # not even a standard module: no time at all
    assert by_the_rooms == "[]"
