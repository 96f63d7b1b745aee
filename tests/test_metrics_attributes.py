"""Attributes are told apart although they come together, and what changed is counted."""

import pytest
import torch
from sklearn.linear_model import LinearRegression

from course_lib.data.catalog_words import Words
from course_lib.metrics import answer_codes, changed, moved
from course_lib.runtime import generator, noise


def confounded(n=400):
    """Return factors (n, 2) that often come together, of 3 and 4 answers."""
    draw = generator(0)
    first = torch.randint(3, (n,), generator=draw)
    alone = torch.randint(4, (n,), generator=draw)
    second = torch.where(torch.rand(n, generator=draw) < 0.7, first, alone)
    return torch.stack([first, second], dim=1)


def test_parts_of_a_sum_are_found_although_they_come_together():
    factors = confounded()
    truth = [noise(k, 6, seed=k, device="cpu") for k in (3, 4)]
    codes = 5.0 + truth[0][factors[:, 0]] + truth[1][factors[:, 1]]
    for table, wanted in zip(answer_codes(codes, factors), truth, strict=True):
        torch.testing.assert_close(table, wanted - wanted.mean(dim=0), atol=1e-4, rtol=1e-4)
    plain = torch.stack([codes[factors[:, 0] == k].mean(dim=0) for k in range(3)])
    assert (plain[1] - plain[0] - truth[0][1] + truth[0][0]).norm() > 0.5  # plain means mix them


def test_differences_are_those_of_scikit_learns_regression():
    factors = confounded()
    codes = noise(400, 5, seed=9, device="cpu")
    hot = torch.cat([torch.nn.functional.one_hot(f)[:, 1:] for f in factors.T], dim=1)
    found = LinearRegression().fit(hot.numpy(), codes.double().numpy()).coef_  # (5, 2 + 3)
    tables = answer_codes(codes, factors)
    for table, theirs in zip(tables, (found[:, :2], found[:, 2:]), strict=True):
        difference = (table[1:] - table[0]).double()
        torch.testing.assert_close(difference, torch.from_numpy(theirs.T), atol=1e-5, rtol=1e-4)


def test_pictures_are_long_codes_and_are_moved_in_their_own_shape():
    factors, x = confounded(60), noise(60, 3, 4, 4, seed=0, device="cpu")
    table = answer_codes(x, factors)[0]
    old, new = factors[:, 0], (factors[:, 0] + 1) % 3
    there = moved(x, table, old, new)
    assert there.shape == x.shape
    torch.testing.assert_close(moved(there, table, new, old), x)
    twice = moved(x, table, old, new, strength=2.0)
    torch.testing.assert_close(twice - x, 2 * (there - x), atol=1e-5, rtol=1e-4)
    torch.testing.assert_close((there - x)[7].flatten(), table[new[7]] - table[old[7]])


def test_what_reads_differently_is_counted_factor_by_factor():
    before = Words(*(torch.tensor([0, 1, 1, 0]) for _ in range(5)))
    after = before._replace(colour=torch.tensor([1, 0, 1, 0]), tilt=torch.tensor([0, 1, 1, 1]))
    expected = {"kind": 0.0, "colour": 0.5, "pattern": 0.0, "size": 0.0, "tilt": 0.25}
    assert changed(before, after) == expected


def test_bad_input_is_one_sentence():
    with pytest.raises(ValueError, match=r"codes \(N, Z\) and int64 factors"):
        answer_codes(torch.zeros(4, 2), torch.zeros(3, 1, dtype=torch.int64))
    with pytest.raises(ValueError, match="must occur at least once"):
        answer_codes(torch.zeros(2, 2), torch.tensor([[0], [2]]))
    with pytest.raises(ValueError, match="2 pictures before, but 1 after"):
        changed(*(Words(*(torch.zeros(n, dtype=torch.int64) for _ in range(5))) for n in (2, 1)))


GUARDS = [
    (test_parts_of_a_sum_are_found_although_they_come_together, (), "metrics.attributes", [
        ("parts[1:].split", "parts[:-1].split"),
        ("(block - block.mean(dim=0))", "block"),
    ]),
    (test_pictures_are_long_codes_and_are_moved_in_their_own_shape, (), "metrics.attributes", [
        ("table[new] - table[old]", "table[old] - table[new]"),
        ("strength * (table", "(table"),
    ]),
    (test_what_reads_differently_is_counted_factor_by_factor, (), "metrics.attributes", [
        ("(a != b)", "(a == b)"),
    ]),
]  # fmt: skip
