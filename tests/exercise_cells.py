"""The contract of an exercise, and how one is run with its solution in place.

A code cell tagged `exercise` defines a stub that raises NotImplementedError and ends with lines
that start with `checks.`. The next cell is markdown tagged `solution`: a folded box with one
python fence. What both need stands above, in cells tagged `setup`.
"""

import re
from typing import NamedTuple

BOX = "<details><summary>Solution</summary>"
FENCE = re.compile(r"^```python\n(.*?)^```", re.M | re.S)


class Exercise(NamedTuple):
    name: str
    setup: str  # what the notebook's setup cells above it define
    stub: str  # the whole cell, as the learner gets it
    solution: str
    checks: str


def tags(cell) -> set[str]:
    return set(cell.metadata.get("tags", []))


def split_checks(source: str) -> tuple[str, str]:
    """Part an exercise cell into its definition and the `checks.` lines at its end."""
    at = re.search(r"^checks\.", source, re.M)
    return (source[: at.start()], source[at.start() :]) if at else (source, "")


def exercise_problems(notebook):
    """Name what is wrong with a notebook's exercises."""
    cells = list(notebook.cells)
    for cell, following in zip(cells, [*cells[1:], None], strict=True):
        first = cell.source.splitlines()[0] if cell.source else "an empty cell"
        if "exercise" in tags(cell):
            stub, checks = split_checks(cell.source)
            lines = [line for line in checks.splitlines() if line and not line.startswith("#")]
            if "raise NotImplementedError" not in stub:
                yield f"an exercise has no stub that raises NotImplementedError: {first}"
            if not lines or not all(line.startswith("checks.") for line in lines):
                yield f"an exercise does not end with lines that start with checks.: {first}"
            if following is None or "solution" not in tags(following):
                yield f"an exercise is not followed by its solution: {first}"
        if "solution" in tags(cell):
            whole = BOX in cell.source and "</details>" in cell.source
            if cell.cell_type != "markdown" or not whole or len(FENCE.findall(cell.source)) != 1:
                yield f"a solution is not a folded box with one python fence: {first}"
    exercises = sum("exercise" in tags(cell) for cell in cells)
    if exercises != sum("solution" in tags(cell) for cell in cells):
        yield "there are not as many solutions as exercises"


def exercises(notebook) -> list[Exercise]:
    """Return the exercises of a notebook that keeps to the contract."""
    found, setup = [], []
    for cell, following in zip(notebook.cells[:-1], notebook.cells[1:], strict=True):
        if cell.cell_type == "code" and "setup" in tags(cell):
            setup.append(cell.source)
        if "exercise" in tags(cell):
            stub, checks = split_checks(cell.source)
            name = re.search(r"\w+", checks.removeprefix("checks."))[0]
            solution = FENCE.search(following.source)[1]
            found.append(Exercise(name, "\n\n".join(setup), cell.source, solution, checks))
    return found


def run(exercise: Exercise, solved: bool) -> None:
    """Run an exercise as a learner would leave it: as shipped, or with the solution in place."""
    space = {"__name__": "__main__"}
    work = f"{exercise.solution}\n{exercise.checks}" if solved else exercise.stub
    for part, source in (("setup", exercise.setup), ("exercise", work)):
        exec(compile(source, f"<{part} of {exercise.name}>", "exec"), space)
