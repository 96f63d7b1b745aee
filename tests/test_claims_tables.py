"""Claims that follow others, and the articles' tables that are filled with them."""

import pytest

from course_lib.claims import Claim, Verdict, article_table, decide, ledger
from course_lib.claims.ledger import made_in
from course_lib.claims.page import claims_page
from course_lib.claims.rules import followed
from course_lib.claims.tables import FAMILIES, ROWS, cell_claims

YES, NO, SO_SO = (Verdict(word, "") for word in ("confirmed", "refuted", "depends"))
OUTSIDE, PENDING = (Verdict(word, "") for word in ("outside", "pending"))


def claim(number, lines, rule):
    return Claim(number, f"Thing {number}.", lines, "One looks.", rule)


def held(word):
    return {"asserts": {"for" if word == "confirmed" else "against": {"03_vae#a": "so"}}}


@pytest.mark.parametrize(
    ("verdicts", "word"),
    [
        ([YES, YES], "confirmed"),
        ([NO, NO], "refuted"),
        ([YES, NO], "depends"),
        ([YES, SO_SO], "depends"),
        ([YES, OUTSIDE], "confirmed"),
        ([OUTSIDE], "depends"),
        ([YES, PENDING], "pending"),
    ],
)
def test_what_follows_is_as_sure_as_all_of_them(verdicts, word):
    assert followed(dict(enumerate(verdicts, start=1))).word == word


def test_what_follows_says_from_which():
    found = followed({17: YES, 54: NO, 86: YES})
    assert found.evidence == "2 confirmed (17, 86); 1 refuted (54)"


def test_a_claim_follows_those_made_in_its_lines_and_not_itself():
    claims = [
        claim(1, ["A1"], held("confirmed")),
        claim(2, ["A2", "B9"], held("refuted")),
        claim(3, ["A1", "A2"], {"follows": ["A1", "A2"]}),
    ]
    assert decide(claims[2], claims=claims) == Verdict("depends", "1 confirmed (1); 1 refuted (2)")
    only = claims[2]._replace(rule={"follows": ["A1"]})
    assert decide(only, claims=[*claims[:2], only]).word == "confirmed"
    assert made_in(["B9"], claims) == [claims[1]]


@pytest.mark.parametrize("content", [[], "A1", [1], ["C1"], ["A0"]])
def test_lines_that_cannot_be_read_are_one_sentence(content):
    with pytest.raises(ValueError, match="claim 1: follows is a list of lines"):
        decide(claim(1, ["A1"], {"follows": content}))


@pytest.mark.parametrize(("article", "cells"), [("A", 24), ("B", 12)])
def test_every_cell_of_the_articles_tables_makes_a_claim(article, cells):
    columns = list(FAMILIES) if article == "A" else ["GAN", "VAE"]
    found = [cell_claims(line, f, ledger()) for line in ROWS[article].values() for f in columns]
    assert len(found) == cells and all(found)


def test_a_table_shows_what_became_of_the_claims_of_each_cell():
    claims = ledger()
    verdicts = {one.number: Verdict("confirmed", "") for one in claims}
    rows = article_table("A", claims, verdicts | {22: NO})
    assert rows["training stability"] == {
        "GAN": "confirmed (21); refuted (22)",
        "VAE": "confirmed (48)",
        "diffusion": "confirmed (88)",
    }
    assert list(article_table("B", claims, verdicts)["output quality"]) == ["GAN", "VAE"]


def test_the_page_shows_both_tables():
    page = claims_page(list(ledger()), str)
    for article in ROWS:
        assert f"## The table of article {article}, cell by cell" in page
    assert "| training stability | confirmed (21, 22) |" in page


GUARDS = [
    (test_what_follows_is_as_sure_as_all_of_them, ([YES, OUTSIDE], "confirmed"), "claims.rules", [
        ('told = len(others) - counts["outside"]', "told = len(others)"),
    ]),
    (test_what_follows_is_as_sure_as_all_of_them, ([YES, PENDING], "pending"), "claims.rules", [
        ('"pending" if counts["pending"] else word', "word"),
    ]),
    (test_a_table_shows_what_became_of_the_claims_of_each_cell, (), "claims.tables", [
        ('["GAN", "VAE"]', "list(FAMILIES)"),
        ("verdicts[claim.number].word", "verdicts[11].word"),
    ]),
]  # fmt: skip
