"""How much code is it, and how many numbers does one have to choose? Counted from the source."""

import ast
import inspect
import textwrap
from collections.abc import Callable


def code_lines(*things: object) -> int:
    """Return the lines of code of functions and classes, without docstrings, comments, blanks.

    The code is spelled anew before it is counted, so that long lines broken in two count once.
    """
    spelled = [ast.unparse(_without_docstrings(_tree(thing))) for thing in things]
    return sum(bool(line.strip()) for text in spelled for line in text.splitlines())


def numbers_chosen(recipe: Callable, step: Callable) -> list[float]:
    """Return the numbers that someone had to choose: a recipe's, and the defaults of its step.

    Counted are numbers given to what the recipe calls; those in functions inside it only say again
    what stands outside.
    """
    body = [node for node in _tree(recipe).body if not isinstance(node, ast.FunctionDef)]
    found = []
    for node in body:
        _collect(node, found)
    defaults = [p.default for p in inspect.signature(step).parameters.values()]
    return found + [number for number in defaults if type(number) in (int, float)]


def _collect(node: ast.AST, found: list[float]) -> None:
    if isinstance(node, ast.Lambda):
        return
    if isinstance(node, ast.Subscript):
        node = node.value  # a place in a tensor is not chosen
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        found.append(node.value)
    for child in ast.iter_child_nodes(node):
        _collect(child, found)


def _tree(thing: object) -> ast.FunctionDef | ast.ClassDef:
    return ast.parse(textwrap.dedent(inspect.getsource(thing))).body[0]


def _without_docstrings(tree: ast.AST) -> ast.AST:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node) is not None:
            node.body = node.body[1:] or [ast.Pass()]
    return tree
