"""Strings become numbers and come back."""

import pytest
import torch

from course_lib.data.strings import alphabet

WORDS = [list("CCO"), list("C"), ["[C]", "O", "N", "C"]]


def test_strings_come_back_as_they_were():
    letters = alphabet(WORDS)
    tokens = letters.tokens(WORDS)
    assert tokens.shape == (3, 4) and tokens.dtype == torch.int64
    assert letters.text(tokens) == ["CCO", "C", "[C]ONC"]
    assert letters.kinds == ("", "C", "N", "O", "[C]")
    assert tokens[1].tolist() == [1, 0, 0, 0]  # 0 fills up


def test_a_hole_closes_when_written():
    assert alphabet(WORDS).text(torch.tensor([[0, 1, 0, 3]])) == ["CO"]


@pytest.mark.parametrize("string", [list("CCCCC"), ["Br"]])
def test_what_the_alphabet_cannot_write_is_refused(string):
    with pytest.raises(ValueError, match="strings may have 4 of 5 kinds of token, got one of"):
        alphabet(WORDS).tokens([string])


GUARDS = [
    (test_strings_come_back_as_they_were, (), "data.strings", [
        ("+ [0] *", "+ [1] *"),
    ]),
]  # fmt: skip
