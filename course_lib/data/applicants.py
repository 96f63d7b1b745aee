"""Made-up people who apply for a loan: numbers and words in one table, with a known risk.

Nobody real is in it. Three numbers (age, income, debt) and three words (job, home, late) depend on
each other by the formulas below, and two things never happen: nobody is younger than 18, and no
student owns a home. Letters: N people, D numbers in an encoded row.
"""

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from course_lib.runtime import generator

NUMBERS = ("age", "income", "debt")
WORDS = {
    "job": ("office", "trade", "care", "student"),
    "home": ("rents", "owns", "with family"),
    "late": ("on time", "late"),
}
BLOCKS = (len(NUMBERS), *map(len, WORDS.values()))  # an encoded row: 3 numbers, then 4 + 3 + 2
YOUNGEST, STUDENT, OWNS = 18.0, 3, 1
MIDDLE, SPREAD = torch.tensor([39.0, 7.6, 0.3]), torch.tensor([14.0, 0.6, 0.2])


class Table(NamedTuple):
    """People as columns, each (N,): numbers as they are, words as their place in WORDS."""

    age: Tensor  # years
    income: Tensor  # log of what comes in each month
    debt: Tensor  # the share of it that goes to older loans
    job: Tensor  # int64
    home: Tensor
    late: Tensor  # 1 for who did not pay in time

    def rows(self) -> Tensor:
        """Encode for a network: numbers with middle 0 and spread 1, words as blocks of 0 and 1."""
        numbers = (torch.stack(self[:3], dim=1) - MIDDLE) / SPREAD
        sizes = BLOCKS[1:]
        words = [F.one_hot(w, n) for w, n in zip(self[3:], sizes, strict=True)]
        return torch.cat([numbers, *words], dim=1).float()  # (N, D)


def applicants(n: int, seed: int) -> Table:
    """Draw n people."""
    draw = generator(seed)
    job = torch.multinomial(torch.tensor([0.4, 0.25, 0.2, 0.15]), n, True, generator=draw)
    student = job == STUDENT
    stretch = torch.where(student, 10.0, 52.0)
    age = YOUNGEST + stretch * torch.rand(n, generator=draw) ** torch.where(student, 2.0, 1.0)
    earns = torch.tensor([8.0, 7.8, 7.6, 6.7])[job]  # by job, and rising towards 50
    income = earns - ((age - 50) / 50) ** 2 + 0.25 * torch.randn(n, generator=draw)
    wants = torch.stack([torch.zeros(n), (age - 45) / 10 + income - 7.5, (28 - age) / 5], dim=1)
    wants[student, OWNS] = -torch.inf
    home = torch.multinomial(wants.softmax(dim=1), 1, generator=draw)[:, 0]
    burden = torch.tensor([-1.2, -0.2, -2.0])[home] + 0.7 * torch.randn(n, generator=draw)
    debt = burden.sigmoid()
    late = torch.rand(n, generator=draw) < risk(age, income, debt, job)
    return Table(age, income, debt, job, home, late.long())


def risk(age: Tensor, income: Tensor, debt: Tensor, job: Tensor) -> Tensor:
    """Return the true probability (N,) of paying late: debt weighs most where little comes in."""
    pressure = 6 * (debt - 0.3) * (8.6 - income) - 1.2 * (income - 7.5) - 0.03 * (age - 40)
    return (pressure - 1.5 + 0.5 * (job == 1)).sigmoid()


def table(rows: Tensor) -> Table:
    """Decode rows (N, D); in each block of a word the largest number wins.

    Raises:
        ValueError: if the rows have another width.
    """
    if rows.ndim != 2 or rows.shape[1] != sum(BLOCKS):
        raise ValueError(f"rows must have shape (N, {sum(BLOCKS)}), got {(*rows.shape,)}")
    numbers, *words = rows.cpu().split(BLOCKS, dim=1)
    numbers = numbers * SPREAD + MIDDLE
    return Table(*numbers.unbind(dim=1), *(word.argmax(dim=1) for word in words))


def impossible(people: Table) -> Tensor:
    """Return who cannot be, (N,) bool: too young, a share outside 0 to 1, or a student who owns."""
    outside = (people.debt < 0) | (people.debt > 1)
    too_young = people.age < YOUNGEST - 1e-3  # what encoding rounds off is no offence
    return too_young | outside | ((people.job == STUDENT) & (people.home == OWNS))
