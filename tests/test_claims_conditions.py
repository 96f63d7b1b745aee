"""A condition made of conditions holds when as many of them do as its word asks for."""

import itertools

import pytest

from course_lib.claims.conditions import judge, read_condition
from course_lib.results import Result

YES, NO, ALSO = "digits: x > 1", "digits: x > 3", "digits: x > 0"
TOLD = "digits: x 2 > {} ({} of 2 seeds)"


def shelf(name):
    return {"digits": Result("", [0, 1], "", {}, "", {"x": 2})}[name]


def holds(condition):
    return judge(condition, shelf).holds


def told(condition):
    return [line.split(" > ")[1][0] for line in judge(condition, shelf).evidence]


def test_each_word_counts_what_holds():
    truth = {"all": lambda w: w == 3, "any": lambda w: w > 0, "none": lambda w: w == 0}
    truth |= {f"{n} of": lambda w, n=n: w >= n for n in (1, 2, 3)}
    for word, parts in itertools.product(truth, itertools.product((YES, NO), repeat=3)):
        assert holds({word: list(parts)}) == truth[word](parts.count(YES)), (word, parts)


def test_conditions_stand_within_conditions():
    both = {"all": [YES, ALSO]}
    assert holds({"none": [{"all": [YES, NO]}, {"none": [both]}]})
    assert not holds({"all": [YES, {"any": [NO, {"none": [both]}]}]})


def test_the_evidence_is_what_decided():
    assert judge(YES, shelf).evidence == [TOLD.format(1, 2)]
    assert told({"all": [YES, ALSO]}) == ["1", "0"] and told({"all": [YES, NO, NO]}) == ["3"]
    assert told({"any": [NO, YES, ALSO]}) == ["1"] and told({"any": [NO, NO]}) == ["3", "3"]
    assert told({"none": [NO, ALSO, YES]}) == ["0"] and told({"none": [NO, NO]}) == ["3", "3"]
    assert told({"2 of": [YES, NO, ALSO]}) == ["1", "3", "0"]


@pytest.mark.parametrize(
    ("condition", "complaint"),
    [
        ({}, "write one of all, any, none"),
        ({"all": [YES], "any": [YES]}, "write one of all, any, none"),
        ({"some": [YES]}, "write one of all, any, none"),
        ({"0 of": [YES]}, "write one of all, any, none"),
        ({"any": []}, "a list that is long enough"),
        ({"any": YES}, "a list that is long enough"),
        ({"2 of": [YES]}, "a list that is long enough"),
        ({"all": [YES, {"none": ["x"]}]}, "NAME: PATH < PATH"),
        (7, "NAME: PATH < PATH"),
    ],
)
def test_what_cannot_be_read_is_one_sentence(condition, complaint):
    with pytest.raises(ValueError, match=complaint) as error:
        read_condition(condition)
    assert "\n" not in str(error.value)


GUARDS = [
    (test_each_word_counts_what_holds, (), "claims.conditions", [
        ("won == len(found)", "won > 0"),
        ('"any": won > 0', '"any": won > 1'),
        ('"none": won == 0', '"none": won < 2'),
        ("won >= int(", "won > int("),
    ]),
    (test_the_evidence_is_what_decided, (), "claims.conditions", [
        ("[:1]\n", "\n"),
        ('part.holds != (word == "all")', 'part.holds == (word == "all")'),
        ("if word in enough and 0", "if 0"),
    ]),
]  # fmt: skip
