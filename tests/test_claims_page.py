"""The ledger is whole, its cells exist, and the page and the package's copy say what it says."""

import json
import re
import sys
import tomllib

import pytest

from course_lib.__main__ import main
from course_lib.claims import Claim, Verdict, decide, ledger
from course_lib.claims.ledger import COPY
from course_lib.claims.page import claims_page, count
from course_lib.commands import claims as command
from course_lib.commands.claims import (
    as_json,
    asserts,
    check_cells,
    find_cell,
    link,
    written_claims,
)
from course_lib.results import Result, stored

PLANNED = {  # notebooks that settle the rest
    "05b_inside_the_gan",
    "06_gan_stability",
    "07_gan_at_work",
    "08_diffusion",
    "09_faster_diffusion",
    "10_diffusion_at_work",
    "11_hybrids",
    "12_text",
    "13_comparison",
}
CELL = "03_vae#e5a0d291"


def claim(rule, number=1, **more):
    return Claim(number, "It is said.", ["A1", "B2"], "One looks.", rule, **more)


def test_all_114_claims_are_there_once():
    assert [one.number for one in written_claims()] == list(range(1, 115))


def test_at_most_15_are_outside_and_the_rest_waits_for_planned_notebooks():
    rules = [next(iter(one.rule.items())) for one in written_claims()]
    assert sum(kind == "outside" for kind, _ in rules) <= 15
    assert {content for kind, content in rules if kind == "pending"} <= PLANNED


def test_what_a_pending_claim_needs_is_said_before():
    for one in written_claims():
        if "pending" in one.rule:
            assert re.search(r"\b[Cc]onfirmed\b", one.experiment), one.number


def test_every_cell_exists_and_asserts_what_is_said():
    check_cells(written_claims())


def test_the_package_and_the_page_are_what_the_command_writes():
    claims, hint = written_claims(), "run `python -m course_lib claims`"
    assert COPY.read_text(encoding="utf-8") == as_json(claims), hint
    assert command.PAGE.read_text(encoding="utf-8") == claims_page(claims, link), hint
    assert list(ledger()) == claims


def test_the_copy_travels_with_the_package():
    settings = tomllib.loads((command.ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    packed = settings["tool"]["setuptools"]["package-data"]["course_lib"]
    assert COPY.relative_to(command.ROOT / "course_lib").as_posix() in packed


def test_a_cell_is_found_with_its_section():
    source, section = find_cell(CELL)
    assert "kl_end" in source and section >= 1
    assert link(CELL) == f"[3, section {section}](../notebooks/03_vae.ipynb)"
    assert find_cell("03_vae#none") is find_cell("99_none#none") is None


def test_only_a_statement_asserts():
    assert asserts("x = 1\nif x:\n    assert x")
    assert not asserts("print('assert')  # assert")


def book(monkeypatch, tmp_path):
    cells = [
        {"cell_type": "markdown", "id": "m", "source": ["# 3b · Title\n", "\n", "## 1 · One"]},
        {"cell_type": "code", "id": "a", "source": ["x = 1\n", "assert x"]},
        {"cell_type": "markdown", "id": "n", "source": ["## 2 · Two\n", "## 3 · Three"]},
        {"cell_type": "code", "id": "b", "source": ["print('assert')"]},
    ]
    (tmp_path / "03b_x.ipynb").write_text(json.dumps({"cells": cells}), encoding="utf-8")
    monkeypatch.setattr(command, "NOTEBOOKS", tmp_path)


def test_a_cell_must_be_code_and_assert_if_it_is_said_to(monkeypatch, tmp_path):
    book(monkeypatch, tmp_path)
    assert link("03b_x#a").startswith("[3b, section 1]")
    assert link("03b_x#b").startswith("[3b, section 3]")
    rules = {c: {"asserts": {"for": {f"03b_x#{c}": "so"}}} for c in "abmz"}
    check_cells([claim(rules["a"], shown="03b_x#b")])
    with pytest.raises(ValueError, match="claim 1: 03b_x#b asserts nothing"):
        check_cells([claim(rules["b"])])
    for cell in "mz":
        with pytest.raises(ValueError, match=f"claim 1: there is no code cell 03b_x#{cell}"):
            check_cells([claim(rules[cell])])
        with pytest.raises(ValueError, match=f"claim 1: there is no code cell 03b_x#{cell}"):
            check_cells([claim(rules["a"], shown=f"03b_x#{cell}")])


def some_claims():
    return [
        claim({"compares": ["digits: a < b"]}, 1, note="Mind | the bar.", contradicts={2: "Both?"}),
        claim({"asserts": {"for": {CELL: "it holds"}}}, 2, shown="05_gan#x"),
        claim({"pending": "12_text"}, 3),
        *(claim({"outside": "not here"}, n) for n in range(4, 12)),
    ]


def shelf(a):
    return lambda name: Result("", [0, 1], "", {}, "", {"a": a, "b": 2})


def test_the_page_shows_each_claim_with_its_verdict_and_evidence():
    page = claims_page(some_claims(), lambda cell: f"<{cell}>", shelf([1, 1.5]))
    rows = {line.split(" | ")[0]: line for line in page.splitlines() if line.startswith("| ")}
    assert "It is said. (A1, B2) | **confirmed** | digits: a 1.25 (1 to 1.5) < b 2" in page
    assert "<br>*Mind \\| the bar.*" in page
    assert "**confirmed** | it holds | <03_vae#e5a0d291>, <05_gan#x> |" in rows["| 2"]
    assert "**pending** | Notebook 12_text: One looks." in rows["| 3"]
    assert "| 2 | 0 | 0 | 8 | 1 | 11 |" in page  # how many of each
    assert page.count("## ") == 5 and "## The GAN" in page  # topics, tables, contradictions
    assert page.endswith("| 2 | It is said. (A1, B2) | **confirmed** | Both? |\n")


def test_another_result_is_another_page():
    pages = [claims_page(some_claims(), str, shelf(a)) for a in ([1, 1], [1, 3], [3, 3])]
    words = [re.search(r"B2\) \| \*\*(\w+)", page)[1] for page in pages]
    assert words == ["confirmed", "depends", "refuted"]


def test_tampering_with_the_digits_would_turn_a_verdict_of_the_course():
    kept = stored("digits")
    values = kept.values | {"vae": kept.values["gan"], "gan": kept.values["vae"]}
    by_number = {one.number: one for one in ledger()}
    found = [decide(by_number[n], lambda name: kept._replace(values=values)).word for n in (57, 58)]
    assert found == ["refuted", "confirmed"]


def test_tampering_with_the_faults_would_turn_another():
    kept = stored("inspection")
    faults = kept.values["faults"]
    poor = {fault: [0.5] * 5 for fault in faults["VAE"]}
    found = []
    for changed in (faults["VAE"] | {"missing part": [0.95] * 5}, faults["VAE"], poor):
        tampered = kept._replace(values={"faults": faults | {"VAE": changed}})
        found.append(decide(ledger()[50], lambda name, one=tampered: one).word)
    assert found == ["confirmed", "depends", "refuted"]


def test_verdicts_are_counted_in_their_order():
    words = ("pending", "refuted", "pending")
    counts = count([Verdict(word, "") for word in words])
    assert counts == {"confirmed": 0, "refuted": 1, "depends": 0, "outside": 0, "pending": 2}


def test_the_command_writes_page_and_copy(monkeypatch, tmp_path, capsys):
    for name, file in {"PAGE": "claims.md", "COPY": "claims.json", "LEDGER": "claims.yaml"}.items():
        if name == "LEDGER":
            text = command.LEDGER.read_text(encoding="utf-8")
            (tmp_path / file).write_text(text, encoding="utf-8")
        monkeypatch.setattr(command, name, tmp_path / file)
    assert main(["claims"]) == 0
    assert (tmp_path / "claims.json").read_bytes() == COPY.read_bytes()
    assert "114 claims: " in capsys.readouterr().out and (tmp_path / "claims.md").is_file()


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("- number: 1\n  says: a: b: c\n", "claims.yaml is not YAML near line 2"),
        ("number: 1\n", "must be a list of claims"),
        ("- number: 1\n", "claim 1: "),
        (None, "there is no claims.yaml"),
    ],
)
def test_a_ledger_that_cannot_be_read_is_one_sentence(
    text, complaint, monkeypatch, tmp_path, capsys
):
    monkeypatch.setattr(command, "LEDGER", tmp_path / "claims.yaml")
    if text is not None:
        command.LEDGER.write_text(text, encoding="utf-8")
    assert main(["claims"]) == 1
    error = capsys.readouterr().err
    assert complaint in error and error.count("\n") == 1


def test_without_pyyaml_it_says_what_to_install(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "yaml", None)
    assert main(["claims"]) == 1
    assert "pip install PyYAML" in capsys.readouterr().err


GUARDS = [
    (test_the_page_shows_each_claim_with_its_verdict_and_evidence, (), "claims.page", [
        ('replace("|", "\\\\|")', 'replace("|", "|")'),
        ("if start <= c.number < end", "if start < c.number <= end"),
        ("*sides[other], why", "*sides[claim.number], why"),
    ]),
    (test_another_result_is_another_page, (), "claims.page", [
        ("decide(claim, result, claims) for", "decide(claims[-1], result, claims) for"),
    ]),
    (test_a_cell_is_found_with_its_section, (), "commands.claims", [
        ("*SECTION.findall(text)][-1]", "*SECTION.findall(text)][0]"),
        ('found["id"] == wanted and ', ""),
    ]),
    (test_only_a_statement_asserts, (), "commands.claims", [
        ("isinstance(node, ast.Assert) for node", "node for node"),
    ]),
]  # fmt: skip
