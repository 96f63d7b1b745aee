"""The questions that always come are answered, and each answer leads to a section that exists."""

import json
import re
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[1] / "docs"
FAQ = (DOCS / "faq.md").read_text(encoding="utf-8")
LINK = re.compile(r"\[(\w+), section (\d+): ([^\]]+)\]\(([^)]+)\)")
LINKS = LINK.findall(FAQ.replace("\n", " "))


def headings(path):
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    text = "\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "markdown")
    return re.findall(r"^## (\d+ · .+)$", text, re.M)


@pytest.mark.parametrize(("number", "section", "title", "target"), LINKS)
def test_an_answer_leads_to_a_section_that_exists(number, section, title, target):
    path = DOCS / target
    assert path.stem.startswith(f"{number:0>{2 + number[-1].isalpha()}}_")
    assert f"{section} · {title}" in headings(path)


def test_every_question_has_its_place_and_there_are_a_dozen_or_more():
    answers = FAQ.split("## False alarms")[0].split("\n**")[1:]
    assert len(answers) >= 12
    assert all(len(LINK.findall(answer.replace("\n", " "))) == 1 for answer in answers)
