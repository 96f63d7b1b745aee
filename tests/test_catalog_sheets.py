"""The contact sheets in docs/catalog can be drawn again, and each is described for all readers."""

import importlib.util
import re
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "docs" / "catalog"


def test_the_command_draws_every_sheet_that_the_page_shows(tmp_path):
    spec = importlib.util.spec_from_file_location("draw", FOLDER / "draw.py")
    draw = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(draw)
    draw.draw_sheets(tmp_path)
    drawn = {path.name for path in tmp_path.iterdir()}
    page = (FOLDER / "README.md").read_text(encoding="utf-8")
    shown = re.findall(r"!\[([^\]]+)\]\(([^)]+)\)", page)
    assert drawn == {name for _, name in shown} == {path.name for path in FOLDER.glob("*.png")}
    assert all(len(alt) > 40 for alt, _ in shown)
