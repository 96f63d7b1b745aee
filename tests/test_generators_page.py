"""The page on the generators is the one that their cards make, and its sheets are there."""

import importlib.util
import re
from pathlib import Path

from PIL import Image

FOLDER = Path(__file__).parents[1] / "docs" / "generators"


def test_the_page_is_made_of_the_cards_and_shows_a_sheet_for_each():
    spec = importlib.util.spec_from_file_location("draw", FOLDER / "draw.py")
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    page = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert page == made.page(), "run python docs/generators/draw.py"
    shown = re.findall(r"!\[Sixty [^\]]+\]\((\w+)\.png\)", page)
    plain = [name for name in shown if not name.endswith("_guided")]
    assert plain == [f"{family}_{data}" for family, data in made.SHEETS]
    assert set(shown) - set(plain) == {"diffusion_fashion_guided"}
    for name in shown:
        with Image.open(FOLDER / f"{name}.png") as sheet:
            assert sheet.width == 2 * 12 * 36
