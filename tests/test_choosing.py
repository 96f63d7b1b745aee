"""Advice follows the measured runs and the reader's weights, and says how sure it is."""

import itertools

import pytest
import torch

from course_lib.choosing import Column, advise, duels, undominated, undominated_share

SPEED = Column("lower", {"a": [1.0, 2.0], "b": [2.0, 3.0], "c": [9.0]})
QUALITY = Column("higher", {"a": [0.1, 0.2], "b": [0.3, 0.4], "c": [0.9]})
COLUMNS = {"speed": SPEED, "quality": QUALITY}


def by_hand(column):
    """Count duels one by one."""
    sign = 1 if column.better == "higher" else -1
    shares = {}
    for one, ours in column.runs.items():
        won = []
        for other, theirs in column.runs.items():
            if other != one:
                ahead = [sign * (x - y) for x, y in itertools.product(ours, theirs)]
                won.append(sum((d > 0) + 0.5 * (d == 0) for d in ahead) / len(ahead))
        shares[one] = sum(won) / len(won)
    return shares


@pytest.mark.parametrize("column", [SPEED, QUALITY, Column("lower", {"a": [1, 1, 2], "b": [1]})])
def test_duels_are_those_counted_by_hand(column):
    assert duels(column) == pytest.approx(by_hand(column))


def test_shares_of_duels_add_up_to_half_the_families():
    assert sum(duels(SPEED).values()) == pytest.approx(1.5)


def test_what_matters_decides():
    assert next(iter(advise(COLUMNS, {"speed": 1}).points)) == "a"
    assert next(iter(advise(COLUMNS, {"quality": 1}).points)) == "c"
    assert next(iter(advise(COLUMNS, {"quality": 1, "speed": 5}).points)) == "a"


def test_points_are_the_weighted_shares():
    found = advise(COLUMNS, {"speed": 3, "quality": 1})
    for family, points in found.points.items():
        right = 0.75 * by_hand(SPEED)[family] + 0.25 * by_hand(QUALITY)[family]
        assert points == pytest.approx(right)
    assert found.reasons["speed"] == pytest.approx(by_hand(SPEED))


def test_a_column_of_no_weight_is_as_good_as_none():
    assert advise(COLUMNS, {"speed": 1, "quality": 0}) == advise(COLUMNS, {"speed": 2})


def test_no_doubt_where_all_runs_agree_and_much_where_they_overlap():
    sure = {"x": Column("lower", {"a": [1.0, 1.1], "b": [2.0, 2.1], "c": [3.0]})}
    assert advise(sure, {"x": 1}).doubt == 0
    coin = {"x": Column("lower", {"a": [1.0, 4.0, 1.0], "b": [2.0, 3.0, 2.0]})}
    assert advise(coin, {"x": 1}).doubt == pytest.approx(1 / 3, abs=0.05)  # a sends its 4


def test_two_that_are_alike_do_not_beat_each_other():
    draw = {"x": Column("higher", {"a": [1.0], "b": [1.0]})}
    found = advise(draw, {"x": 1})
    assert found.points == {"a": 0.5, "b": 0.5} and found.doubt == 0


def test_the_seed_decides_the_races():
    overlap = {"x": Column("lower", {"a": [1.0, 3.0], "b": [2.0, 2.5]})}
    assert advise(overlap, {"x": 1}, seed=1) == advise(overlap, {"x": 1}, seed=1)


@pytest.mark.parametrize(
    ("weights", "word"),
    [({"beauty": 1}, "nothing was measured"), ({"speed": 0}, "nothing matters"),
     ({}, "nothing matters"), ({"speed": -1}, "0 or more")],
)  # fmt: skip
def test_bad_wishes_are_one_clear_sentence(weights, word):
    with pytest.raises(ValueError, match=word):
        advise(COLUMNS, weights)


def test_columns_about_others_cannot_be_added():
    odd = COLUMNS | {"quality": Column("higher", {"a": [1.0], "d": [2.0]})}
    with pytest.raises(ValueError, match="different families"):
        advise(odd, {"speed": 1, "quality": 1})


def test_one_family_alone_cannot_be_compared():
    with pytest.raises(ValueError, match="give at least two"):
        advise({"speed": Column("lower", {"a": [1.0, 2.0]})}, {"speed": 1})


def test_the_order_in_which_families_are_named_changes_nothing():
    turned = Column("higher", dict(reversed(QUALITY.runs.items())))
    weights = {"speed": 3, "quality": 1}
    assert advise({"speed": SPEED, "quality": turned}, weights) == advise(COLUMNS, weights)
    assert undominated_share([SPEED, turned]) == undominated_share([SPEED, QUALITY])


def beaten(name, columns):
    """Whether some other family is nowhere worse and better somewhere, by the means; by loops."""

    def marks(family):
        return [(1 if c.better == "higher" else -1) * sum(c.runs[family]) / len(c.runs[family])
                for c in columns]  # fmt: skip

    mine = marks(name)
    for other in columns[0].runs:
        pairs = list(zip(marks(other), mine, strict=True))
        if all(a >= b for a, b in pairs) and any(a > b for a, b in pairs):
            return True
    return False


def drawn_columns(seed):
    draw = torch.Generator().manual_seed(seed)
    return [
        Column(better, {name: torch.randint(4, (3,), generator=draw).tolist() for name in "abcde"})
        for better in ("lower", "higher")
    ]


@pytest.mark.parametrize("seed", range(20))
def test_the_pareto_set_is_that_found_by_loops(seed):
    columns = drawn_columns(seed)
    assert undominated(columns) == [name for name in "abcde" if not beaten(name, columns)]


def test_twins_do_not_dominate_each_other_and_a_draw_with_a_lead_does():
    one, two = {"a": [1.0], "b": [1.0], "c": [1.0]}, {"a": [2.0], "b": [2.0], "c": [3.0]}
    assert undominated([Column("lower", one), Column("lower", two)]) == ["a", "b"]
    assert undominated([Column("lower", one), Column("higher", two)]) == ["c"]


def test_the_share_of_races_follows_the_runs():
    x = Column("lower", {"a": [1.0, 4.0, 1.0], "b": [2.0]})
    same = Column("lower", {"a": [1.0], "b": [1.0]})
    found = undominated_share([x, same])
    assert found["a"] == pytest.approx(2 / 3, abs=0.05) and found["a"] + found["b"] == 1
    crossed = undominated_share([SPEED, QUALITY])
    assert crossed["c"] == 1 and crossed["a"] == pytest.approx(3 / 4, abs=0.05)  # a draw of speeds


@pytest.mark.parametrize("ask", [undominated, undominated_share])
def test_a_pareto_set_needs_columns_about_the_same_families(ask):
    with pytest.raises(ValueError, match="at least one column"):
        ask([])
    with pytest.raises(ValueError, match="different families"):
        ask([SPEED, Column("lower", {"a": [1.0]})])


GUARDS = [
    (test_the_pareto_set_is_that_found_by_loops, (4,), "choosing", [
        ("(theirs >= ours).all(dim=3) & ", ""),
    ]),
    (test_the_pareto_set_is_that_found_by_loops, (3,), "choosing", [
        ("(theirs > ours).any(dim=3)", "(theirs > ours).all(dim=3)"),
        ("return beaten.any(dim=2)", "return beaten.any(dim=1)"),
    ]),
    (test_the_order_in_which_families_are_named_changes_nothing, (), "choosing", [
        ("{name: _in_order(columns[name], families) for name in weights}", "dict(columns)"),
    ]),
]  # fmt: skip
