"""Code is counted as a reader would, by hand."""

from course_lib.bench.code import code_lines, numbers_chosen
from course_lib.recipes import digits
from course_lib.recipes.steps import gan_step, vae_step


def small(x, scale=2.0, name="a", turn=False):
    """Say what it does.

    At length.
    """
    # a comment

    y = x * scale  # another
    return [
        y,
        name,
    ]


class Pair:
    """Two things."""

    def first(self):
        """Return the first."""
        return 1


def recipe():
    """Choose."""
    first = small(16, scale=0.5)[3]

    def draw():
        return small(99)

    return first, small((0.0, 0.99), name="b"), 2800, lambda n: small(n, 77)


def test_docstrings_comments_and_line_breaks_do_not_count():
    assert code_lines(small) == 3
    assert code_lines(Pair) == 3
    assert code_lines(small, Pair) == 6


def test_numbers_chosen_are_those_of_the_recipe_and_the_defaults_of_its_step():
    assert numbers_chosen(recipe, small) == [16, 0.5, 0.0, 0.99, 2800, 2.0]


def test_the_recipes_of_the_course():
    assert numbers_chosen(digits._vae, vae_step) == [16, 1e-3, 2800, 1, 1.0, 0.4]
    assert numbers_chosen(digits._gan, gan_step) == [16, 1e-3, 0.0, 0.99, 0.995, 850, 1]


GUARDS = [
    (test_docstrings_comments_and_line_breaks_do_not_count, (), "bench.code", [
        ("_without_docstrings(_tree(thing))", "_tree(thing)"),
    ]),
    (test_numbers_chosen_are_those_of_the_recipe_and_the_defaults_of_its_step, (), "bench.code", [
        ("if isinstance(node, ast.Lambda):", "if not node:"),
        ("node = node.value", "pass"),
        ("if not isinstance(node, ast.FunctionDef)", "if node"),
        ("type(number) in (int, float)", "type(number) is int"),
    ]),
]  # fmt: skip
