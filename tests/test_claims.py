"""A claim's verdict follows from its rule and from stored numbers, and from nothing else."""

import json

import pytest
import scipy.stats

from course_lib.claims import Claim, Verdict, cells, compare, decide, ledger, read_claims
from course_lib.claims.comparisons import Comparison, read_comparison
from course_lib.claims.ledger import check_claim
from course_lib.claims.rules import asserted, compared
from course_lib.results import Result

VALUES = {
    "vae": {"recall": [0.7, 0.8, 0.9, 0.8, 0.8], "all at once": {"x": 3}},
    "gan": {"recall": [0.8, 0.9, 1.0, 0.9, 0.9]},
    "diffusion": {"recall": [0.9, 0.7, 1.0, 0.7, 0.7]},
    "spoken": ["high", "low", "high", "low", "low"],
    "short": [0.1, 0.2],
}
SEEDS = [0, 1, 2, 3, 4]


def shelf(values=VALUES):
    kept = Result("", SEEDS, "", {}, "", values)
    return {"digits": kept}.__getitem__


def said(line, values=VALUES):
    return compare(line, shelf(values))[:2]


def claim(rule, number=1, **more):
    return Claim(number, "It is said.", ["A1"], "One looks.", rule, **more)


def entry(number=1, **changed):
    return claim({"pending": "12_text"}, number)._asdict() | changed


def test_both_signs_compare_seed_by_seed():
    assert said("digits: vae/recall < gan/recall") == (True, False)
    assert said("digits: vae/recall > gan/recall") == (False, True)
    assert said("digits: gan/recall > vae/recall") == (True, False)
    assert said("digits: diffusion/recall < gan/recall") == (False, False)  # 3 of 5, one equal
    assert said("digits: vae/recall > vae/recall") == (False, False)


def test_level_will_do_where_the_rule_says_at_least():
    assert said("digits: vae/recall >= vae/recall") == (True, False)
    assert said("digits: vae/recall <= vae/recall") == (True, False)
    most = "digits: diffusion/recall {} gan/recall, in 4 of 5 seeds"  # below in 3, level in 1
    assert said(most.format("<=")) == (True, False) != said(most.format("<"))
    assert said("digits: vae/recall >= gan/recall") == (False, True)
    assert said("digits: vae/recall >= vae/recall by 0.01") == (False, False)


def test_sides_may_be_numbers_paths_and_paths_times_a_number():
    assert said("digits: vae/recall > 0.69") == (True, False)
    assert said("digits: 0.7 < gan/recall") == (True, False)
    assert said("digits: gan/recall < vae/recall * 1.2") == (True, False)
    assert said("digits: gan/recall > vae/recall * 1.2") == (False, True)
    assert said("digits: vae/all at once/x > 2.9") == (True, False)  # one number for all seeds
    assert said("digits: vae/recall > 0.5 * 1.5") == (False, False)  # 0.7 is not, the others are
    assert said("digits: gan/recall < vae/recall + 0.2") == (True, False)
    assert said("digits: gan/recall < vae/recall + 0.05") == (False, True)
    assert said("digits: vae/recall > 0.5 + 0.25") == (False, False)


def test_a_difference_up_to_the_margin_is_none():
    assert said("digits: vae/recall < gan/recall by 0.09") == (True, False)
    assert said("digits: vae/recall < gan/recall by 0.1") == (False, False)
    assert said("digits: vae/recall > gan/recall by 0.09") == (False, True)
    assert said("digits: vae/recall > gan/recall by 0.1") == (False, False)
    dust = {"a": [0.8] * 5, "b": [0.7] * 5}  # to a computer their difference is above 0.1
    assert (
        said("digits: a > b by 0.1", dust) == said("digits: a < b by 0.1", dust) == (False, False)
    )


def test_a_majority_of_seeds_can_be_asked_for():
    line = "digits: diffusion/recall < gan/recall, in {} of 5 seeds"
    assert said(line.format(3)) == (True, False)
    assert said(line.format(4)) == (False, False)
    assert said(line.replace("<", ">").format(3)) == (False, True)


def test_means_can_be_compared():
    line = "digits: diffusion/recall {} vae/recall by {}, on average"
    found = [said(line.format(sign, 0.1)) for sign in "<>"]
    assert found == [(False, False), (False, False)]
    assert said("digits: gan/recall > diffusion/recall by 0.09, on average") == (True, False)
    assert said("digits: gan/recall < diffusion/recall by 0.09, on average") == (False, True)
    assert said("digits: gan/recall > diffusion/recall by 0.11, on average") == (False, False)


def test_sure_is_students_interval_of_the_differences():
    difference = [1.0, 2.0, 1.5, 0.5, 1.0]
    low, high = scipy.stats.t.interval(0.95, 4, 1.2, scipy.stats.sem(difference))
    values = {"a": difference, "b": [0.0] * 5}
    for margin in (low - 0.01, low + 0.01):
        enough = margin < low
        assert said(f"digits: a > b by {margin:.4f}, 95 % sure", values) == (enough, False)
        assert said(f"digits: a < b by {margin:.4f}, 95 % sure", values) == (False, enough)
    assert f"{low:.3g} to {high:.3g}" in compare("digits: a > b, 95 % sure", shelf(values)).evidence


def test_the_evidence_shows_the_numbers_and_their_range():
    evidence = compare("digits: vae/recall > 0.75 by 0.01", shelf()).evidence
    assert evidence == "digits: vae/recall 0.8 (0.7 to 0.9) > 0.75 by 0.01 (4 of 5 seeds)"


def test_a_line_is_taken_apart():
    expected = Comparison("x_1", "at 2 bits/a", "<", "b * 2", 0.5, "on average")
    assert read_comparison("x_1: at 2 bits/a < b * 2 by 0.5, on average") == expected


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("digits vae/recall < 1", 'write "NAME: PATH < PATH"'),
        ("digits: vae/recall = 1", 'write "NAME: PATH < PATH"'),
        ("digits: vae/recall<1", 'write "NAME: PATH < PATH"'),
        (7, 'write "NAME: PATH < PATH"'),
        ("digits: vae/recall < 1, mostly", "cannot read 'mostly'"),
        ("digits: vae/recall < 1, in 2 of 5 seeds", "no majority"),
        ("digits: vae/recall < 1, in 6 of 5 seeds", "no majority"),
        ("digits: vae/recall < 1, in 4 of 6 seeds", "digits has 5 seeds"),
        ("digits: vae/precision < 1", "nothing is stored at 'vae/precision'"),
        ("digits: vae/recall/x < 1", "nothing is stored at 'vae/recall/x'"),
        ("digits: vae < 1", "'vae' is not one number a seed"),
        ("digits: spoken < 1", "'spoken' is not one number a seed"),
        ("digits: short < 1", "'short' is not one number a seed"),
        ("digits: vae/recall * much < 1", "a path times a number"),
        ("digits: vae/recall + more < 1", "a path times a number, or plus one"),
    ],
)
def test_what_cannot_be_compared_is_one_sentence_that_names_the_claim(line, complaint):
    with pytest.raises(ValueError, match="^claim 1: ") as error:
        decide(claim({"compares": [line]}), shelf())
    assert complaint in str(error.value) and "\n" not in str(error.value)


def test_a_missing_result_says_how_to_measure_it():
    with pytest.raises(ValueError, match="claim 1: .*python -m course_lib results no_such_result"):
        decide(claim({"compares": ["no_such_result: a < b"]}))


def test_all_lines_confirm_none_refute_and_else_it_depends():
    less, more = "digits: vae/recall < gan/recall", "digits: vae/recall > gan/recall"
    mixed = "digits: diffusion/recall < gan/recall"

    def word(*lines):
        return compared(list(lines), shelf()).word

    assert (word(less), word(more), word(mixed)) == ("confirmed", "refuted", "depends")
    assert word(less, less) == "confirmed" and word(more, more) == "refuted"
    assert word(less, more) == word(less, mixed) == word(more, mixed) == "depends"


def test_a_rule_may_say_by_other_lines_what_refutes_it():
    def word(value):
        lines = {"confirmed": ["digits: x > 0.5"], "refuted": ["digits: x < 0.2"]}
        return compared(lines, shelf({"x": value})).word

    assert [word(x) for x in (0.6, 0.3, 0.1)] == ["confirmed", "depends", "refuted"]


def test_two_lists_show_what_decided():
    def evidence(value):
        lines = {"confirmed": [{"any": ["digits: x > 0.5"]}], "refuted": ["digits: x < 0.2"]}
        return compared(lines, shelf({"x": value})).evidence

    assert evidence(0.6) == "digits: x 0.6 > 0.5 (5 of 5 seeds)"
    assert evidence(0.1) == "digits: x 0.1 < 0.2 (5 of 5 seeds)"
    assert evidence(0.3).split("; ") == [
        "digits: x 0.3 > 0.5 (0 of 5 seeds)",
        "digits: x 0.3 < 0.2 (0 of 5 seeds)",
    ]


def test_a_changed_result_changes_the_verdict():
    rule = claim({"compares": ["digits: vae/recall < gan/recall"]})
    changed = json.loads(json.dumps(VALUES))
    assert decide(rule, shelf()).word == "confirmed"
    changed["vae"]["recall"][3] = 0.95
    assert decide(rule, shelf(changed)).word == "depends"
    changed["vae"]["recall"] = [1.1] * 5
    assert decide(rule, shelf(changed)).word == "refuted"


def test_asserting_cells_speak_for_and_against():
    yes, no = {"03_vae#a": "it does"}, {"05_gan#b": "it does not"}
    found = [asserted(sides) for sides in ({"for": yes}, {"against": no})]
    assert found == [Verdict("confirmed", "it does"), Verdict("refuted", "it does not")]
    both = claim({"asserts": {"for": yes, "against": no}}, shown="08_diffusion#c")
    assert decide(both) == Verdict("depends", "it does; it does not")
    assert cells(both) == (["03_vae#a", "05_gan#b"], ["08_diffusion#c"])


def test_what_is_outside_or_pending_says_so_with_its_reason():
    assert decide(claim({"outside": "no faces here"})) == Verdict("outside", "no faces here")
    assert decide(claim({"pending": "12_text"})) == Verdict("pending", "12_text")


@pytest.mark.parametrize("word", ["verdict", "result", "evidence"])
def test_a_verdict_cannot_be_typed(word):
    with pytest.raises(ValueError, match=f"claim 1: .*{word}"):
        read_claims([entry(**{word: "confirmed"})])
    with pytest.raises(ValueError, match="a rule is one of"):
        decide(claim({"confirmed": "I am sure"}))


@pytest.mark.parametrize(
    ("changed", "complaint"),
    [
        ({"says": " "}, "are sentences"),
        ({"experiment": 5}, "are sentences"),
        ({"source": []}, "a source is a list"),
        ({"source": "A12"}, "a source is a list"),
        ({"source": ["C12"]}, "a source is a list"),
        ({"source": ["A0"]}, "a source is a list"),
        ({"shown": "03_vae"}, "shown is a cell"),
        ({"contradicts": [2]}, "contradicts maps"),
        ({"contradicts": {9: "they clash"}}, "contradicts 9, and there is none"),
        ({"rule": "pending"}, "a rule is one of"),
        ({"rule": {}}, "a rule is one of"),
        ({"rule": {"outside": "x", "pending": "12_text"}}, "a rule is one of"),
        ({"rule": {"outside": ""}}, "a reason in words"),
        ({"rule": {"pending": "later"}}, "notebook like 12_text"),
        ({"rule": {"compares": []}}, "a list of lines"),
        ({"rule": {"compares": {"confirmed": ["a: b < c"]}}}, "two lists"),
        ({"rule": {"compares": {"confirmed": ["a: b < c"], "refuted": []}}}, "a list of lines"),
        (
            {"rule": {"compares": {"confirmed": [{"some": []}], "refuted": ["a: b < c"]}}},
            "any, none",
        ),
        ({"rule": {"compares": [{"any": ["a: b < c"]}]}}, "cannot read"),
        ({"rule": {"asserts": {}}}, "for the claim, against it"),
        ({"rule": {"asserts": {"perhaps": {"03_vae#a": "x"}}}}, "for the claim, against it"),
        ({"rule": {"asserts": {"for": {}}}}, "each with what it shows"),
        ({"rule": {"asserts": {"for": {"03_vae": "x"}}}}, "each with what it shows"),
        ({"rule": {"asserts": {"for": {"03_vae#a": ""}}}}, "each with what it shows"),
    ],
)
def test_a_claim_that_cannot_be_read_is_one_sentence(changed, complaint):
    with pytest.raises(ValueError, match="^claim 1") as error:
        read_claims([entry(**changed)])
    assert complaint in str(error.value) and "\n" not in str(error.value)


def test_claims_are_numbered_one_by_one():
    assert [c.number for c in read_claims([entry(1), entry(2)])] == [1, 2]
    for numbers in ([1, 3], [1, 1], [2]):
        with pytest.raises(ValueError, match="numbered 1, 2, 3"):
            read_claims([entry(n) for n in numbers])
    with pytest.raises(ValueError, match="claim 1: .*says"):
        read_claims([{"number": 1}])


def test_the_ledger_of_the_course_is_read_and_decided_without_a_checkout():
    claims = list(ledger())
    for one in claims:
        check_claim(one)
        assert decide(one).evidence
    settled = {c.number: decide(c).word for c in claims}
    assert settled[57] == "confirmed" and settled[58] == "refuted"  # they say the opposite


GUARDS = [
    (test_both_signs_compare_seed_by_seed, (), "claims.comparisons", [
        ('1 if asked.sign[0] == ">" else -1', "1"),
        ("sum(d > margin for d", "sum(d >= margin for d"),
        ("sum(d < -margin for d in ahead) >= enough", "sum(d < -margin for d in ahead) >= 1"),
        ('in {n} of {n} seeds"', 'in {n - 2} of {n} seeds"'),
    ]),
    (test_level_will_do_where_the_rule_says_at_least, (), "claims.comparisons", [
        ('10**-PLACES if "=" in asked.sign', '10**-PLACES if "!" in asked.sign'),
        ('10**-PLACES if "=" in', '-(10**-PLACES) if "=" in'),
        ('asked.sign[0] == ">"', 'asked.sign == ">"'),
    ]),
    (test_sides_may_be_numbers_paths_and_paths_times_a_number, (), "claims.comparisons", [
        ("times * number + plus for number", "number + plus for number"),
        ("times * number + plus for number", "times * number for number"),
        ("[constant * times + plus]", "[constant + plus]"),
        ("[constant * times + plus]", "[constant * times]"),
    ]),
    (test_a_difference_up_to_the_margin_is_none, (), "claims.comparisons", [
        ("round(sign * (a - b), PLACES)", "sign * (a - b)"),
        ("sum(d < -margin for d", "sum(d < margin for d"),
    ]),
    (test_a_majority_of_seeds_can_be_asked_for, (), "claims.comparisons", [
        ("won >= enough", "won >= n"),
    ]),
    (test_means_can_be_compared, (), "claims.comparisons", [
        ("return mean(ahead) > margin, mean(ahead) < -margin",
         "return max(ahead) > margin, mean(ahead) < -margin"),
        ("return mean(ahead) > margin, mean(ahead) < -margin",
         "return mean(ahead) > margin, mean(ahead) < margin"),
    ]),
    (test_sure_is_students_interval_of_the_differences, (), "claims.comparisons", [
        ("low > margin, high < -margin", "high > margin, high < -margin"),
        ("low > margin, high < -margin", "low > margin, low < -margin"),
    ]),
    (test_all_lines_confirm_none_refute_and_else_it_depends, (), "claims.rules", [
        ("for side in (0, 1))", "for side in (1, 0))"),
        ("(all(one[side]", "(any(one[side]"),
        ('"depends" if confirmed == refuted', '"depends" if confirmed and refuted'),
    ]),
    (test_a_rule_may_say_by_other_lines_what_refutes_it, (), "claims.rules", [
        ("for found in both)", "for found in both[::-1])"),
    ]),
    (test_two_lists_show_what_decided, (), "claims.rules", [
        ("[both[1]] if refuted > confirmed", "both if refuted > confirmed"),
        ("both[:1] if confirmed > refuted", "both if confirmed > refuted"),
    ]),
    (test_asserting_cells_speak_for_and_against, (), "claims.rules", [
        ('for side in ("for", "against")]', 'for side in ("against", "for")]'),
    ]),
]  # fmt: skip
