"""The made-up table keeps its rules, its risk is the true one, and rows can be read back."""

import pytest
import torch

from course_lib.data.applicants import (
    BLOCKS,
    STUDENT,
    YOUNGEST,
    applicants,
    impossible,
    risk,
    table,
)


def test_what_never_happens_never_happens():
    people = applicants(20_000, 0)
    assert people.age.min() >= YOUNGEST and not impossible(people).any()
    assert not ((people.job == STUDENT) & (people.home == 1)).any()
    assert ((people.debt > 0) & (people.debt < 1)).all()


def test_each_kind_of_impossible_person_is_found():
    someone = applicants(5, 1)
    assert impossible(someone._replace(age=torch.full((5,), 17.9))).all()
    assert impossible(someone._replace(debt=torch.full((5,), -0.01))).all()
    assert impossible(someone._replace(debt=torch.full((5,), 1.01))).all()
    owning_student = {"job": torch.full((5,), STUDENT), "home": torch.ones(5, dtype=torch.int64)}
    assert impossible(someone._replace(**owning_student)).all()


def test_people_pay_late_as_often_as_their_risk_says():
    people = applicants(60_000, 2)
    said = risk(people.age, people.income, people.debt, people.job)
    for low, high in ((0, 0.1), (0.1, 0.3), (0.3, 0.6), (0.6, 1)):
        there = (said >= low) & (said < high)
        late = people.late[there].float().mean().item()
        assert late == pytest.approx(said[there].mean().item(), abs=0.03)


def test_rows_read_back_as_the_people_they_were():
    people = applicants(500, 3)
    rows = people.rows()
    assert rows.shape == (500, sum(BLOCKS)) and rows.dtype == torch.float32
    for column, again in zip(people, table(rows), strict=True):
        torch.testing.assert_close(again, column, atol=1e-5, rtol=1e-5)
    assert rows[:, 3:].sum(dim=1).eq(3).all()  # three words a person
    assert not impossible(table(rows)).any()  # rounding makes nobody too young


def test_rows_of_another_width_are_refused():
    with pytest.raises(ValueError, match=r"shape \(N, 12\), got \(4, 11\)"):
        table(torch.zeros(4, 11))


GUARDS = [
    (test_what_never_happens_never_happens, (), "data.applicants", [
        ("wants[student, OWNS] = -torch.inf", "pass"),
        ("YOUNGEST + stretch", "15 + stretch"),
    ]),
    (test_each_kind_of_impossible_person_is_found, (), "data.applicants", [
        ("too_young | outside |", "outside |"),
        ("too_young | outside |", "too_young |"),
        (" | ((people.job == STUDENT) & (people.home == OWNS))", ""),
    ]),
    (test_people_pay_late_as_often_as_their_risk_says, (), "data.applicants", [
        ("< risk(age, income, debt, job)", "< risk(age, income, 0 * debt, job)"),
    ]),
    (test_rows_read_back_as_the_people_they_were, (), "data.applicants", [
        ("numbers * SPREAD + MIDDLE", "numbers * SPREAD"),
    ]),
]  # fmt: skip
