"""`python -m course_lib claims`: decide every claim, and write the page and the package's copy."""

import argparse
import ast
import json
import re
from functools import cache
from pathlib import Path

from course_lib.claims import Claim, cells, decide, read_claims
from course_lib.claims.ledger import COPY
from course_lib.claims.page import claims_page, count
from course_lib.commands.train import say
from course_lib.runtime import whole

ROOT = Path(__file__).parents[2]
LEDGER, PAGE = ROOT / "docs" / "claims.yaml", ROOT / "docs" / "claims.md"
NOTEBOOKS = ROOT / "notebooks"
SECTION = re.compile(r"^## (\d+) · ", re.M)


def claims_command(given: argparse.Namespace) -> int:
    """Read docs/claims.yaml, check that its cells exist, and write both files."""
    claims = written_claims()
    check_cells(claims)
    page = claims_page(claims, link)
    for path, text in ((COPY, as_json(claims)), (PAGE, page)):
        with whole(path) as beside:
            beside.write_text(text, encoding="utf-8", newline="\n")
    counts = count([decide(claim, claims=claims) for claim in claims])
    say(f"{len(claims)} claims: " + ", ".join(f"{n} {word}" for word, n in counts.items()))
    say(f"The page is in {PAGE}")
    return 0


def written_claims(path: Path | None = None) -> list[Claim]:
    """Return the claims of docs/claims.yaml, or of another such file.

    Raises:
        OSError: if it is not there, or PyYAML is not.
        ValueError: if it cannot be read.
    """
    path = path or LEDGER
    try:
        import yaml
    except ImportError as error:
        raise OSError("claims needs PyYAML: python -m pip install PyYAML") from error
    if not path.is_file():
        raise OSError(f"there is no {path.name}: use a checkout of the course")
    try:
        entries = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        where = getattr(error, "problem_mark", None)
        line = f" near line {where.line + 1}" if where else ""
        raise ValueError(f"{path.name} is not YAML{line}") from error
    if not isinstance(entries, list):
        raise ValueError(f"{path.name} must be a list of claims")
    return read_claims(entries)


def as_json(claims: list[Claim]) -> str:
    """Return the package's copy: claims without what is not said."""
    plain = [{k: v for k, v in claim._asdict().items() if v} for claim in claims]
    return json.dumps(plain, indent=1, ensure_ascii=False) + "\n"


def check_cells(claims: list[Claim]) -> None:
    """Check that every cell a claim points at exists, and asserts if it is said to.

    Raises:
        ValueError: naming the claim and the cell.
    """
    for claim in claims:
        asserting, showing = cells(claim)
        for cell in [*asserting, *showing]:
            source, _ = find_cell(cell) or (None, None)
            if source is None:
                raise ValueError(f"claim {claim.number}: there is no code cell {cell}")
            if cell in asserting and not asserts(source):
                raise ValueError(f"claim {claim.number}: {cell} asserts nothing")


def find_cell(cell: str) -> tuple[str, int] | None:
    """Return the source of a code cell "03_vae#e5a0d291", and the section it stands in."""
    notebook, _, wanted = cell.partition("#")
    section = 0
    for found in _cells(notebook):
        text = "".join(found["source"])
        if found["cell_type"] == "markdown":
            section = int([section, *SECTION.findall(text)][-1])
        elif found["id"] == wanted and found["cell_type"] == "code":
            return text, section
    return None


def link(cell: str) -> str:
    """Return a link to the notebook of a cell, with the number of its section."""
    notebook, section = cell.partition("#")[0], find_cell(cell)[1]
    number = notebook.partition("_")[0].lstrip("0") or "0"
    return f"[{number}, section {section}](../notebooks/{notebook}.ipynb)"


def asserts(source: str) -> bool:
    """Return whether a cell would stop the notebook if something were not so."""
    return any(isinstance(node, ast.Assert) for node in ast.walk(ast.parse(source)))


@cache
def _cells(notebook: str) -> list[dict]:
    path = NOTEBOOKS / f"{notebook}.ipynb"
    return json.loads(path.read_text(encoding="utf-8"))["cells"] if path.is_file() else []
