"""What a notebook writes out by hand and what the library keeps on the shelf are the same."""

import ast
import inspect

import nbformat
import pytest
from execution import NOTEBOOKS

from course_lib import recipes

STEPS = [
    ("03_vae", "vae_step"),
    ("04c_vae_beyond_pictures", "taste_step"),
    ("04c_vae_beyond_pictures", "table_step"),
    ("04d_vae_molecules", "token_step"),
    ("05_gan", "gan_step"),
    ("07_gan_at_work", "told_gan_step"),
    ("08_diffusion", "ddpm_step"),
    ("09_faster_diffusion", "flow_step"),
    ("09_faster_diffusion", "student_step"),
]


def function(source, name):
    """Return a function's arguments and statements, without its docstring."""
    trees = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef))
    found = next(node for node in trees if node.name == name)
    body = found.body[1:] if ast.get_docstring(found) else found.body
    return ast.dump(found.args), [ast.dump(statement) for statement in body]


@pytest.mark.parametrize(("notebook", "name"), STEPS)
def test_a_step_is_the_same_in_its_notebook_and_in_the_library(notebook, name):
    cells = nbformat.read(NOTEBOOKS / f"{notebook}.ipynb", as_version=4).cells
    by_hand = next(c.source for c in cells if c.cell_type == "code" and f"def {name}(" in c.source)
    assert function(by_hand, name) == function(inspect.getsource(getattr(recipes, name)), name)


def test_the_comparison_notices_a_changed_statement():
    assert function("def f(x):\n    return x", "f") != function("def f(x):\n    return -x", "f")
    assert function("def f(x):\n    'Doc.'\n    return x", "f") == function(
        "def f(x): return x", "f"
    )
