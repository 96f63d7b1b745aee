"""Strings as rows of numbers: every kind of token has one, and 0 fills up what is short.

Letters: N strings, L tokens in the longest, V kinds of token, the empty one included.
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor


class Alphabet(NamedTuple):
    """The kinds of token that occur, and how long a string may be."""

    kinds: tuple[str, ...]  # V of them; the first is the empty string, which fills up
    length: int  # L

    def tokens(self, strings: Sequence[Sequence[str]]) -> Tensor:
        """Return strings, each a list of tokens, as numbers: (N, L) int64.

        Raises:
            ValueError: if a string is too long, or a token unknown.
        """
        number = {kind: i for i, kind in enumerate(self.kinds)}
        unknown = {token for string in strings for token in string} - set(self.kinds)
        longest = max(map(len, strings))
        if unknown or longest > self.length:
            raise ValueError(
                f"strings may have {self.length} of {len(self.kinds)} kinds of token, "
                f"got one of {longest}, and unknown: {sorted(unknown) or 'none'}"
            )
        rows = [[number[t] for t in s] + [0] * (self.length - len(s)) for s in strings]
        return torch.tensor(rows)

    def text(self, tokens: Tensor) -> list[str]:
        """Return rows of numbers (N, L) as N strings, written without gaps."""
        return ["".join(self.kinds[i] for i in row) for row in tokens.tolist()]


def alphabet(strings: Sequence[Sequence[str]]) -> Alphabet:
    """Return the alphabet in which all the strings, each a list of tokens, can be written."""
    kinds = sorted({token for string in strings for token in string})
    return Alphabet(("", *kinds), max(map(len, strings)))
