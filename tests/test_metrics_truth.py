"""Words and modes are counted as plain loops count them, on sets whose truth is known."""

import math

import pytest
import scipy.stats
import torch
from clouds import cloud

from course_lib.data.catalog_factors import combinations, sample_factors
from course_lib.data.catalog_words import VOCABULARY, Words
from course_lib.data.points import grid, moons, ring
from course_lib.metrics import caption_accuracy, catalog_truth, count_modes, wilson

ALL_VALID = torch.ones(300, dtype=torch.bool)


def words(n=300, seed=0, triples=None):
    return Words(*sample_factors(n, seed, triples)[:5])


def test_catalog_truth_equals_plain_loops():
    found, valid = words(), torch.rand(300, generator=torch.Generator().manual_seed(0)) < 0.7
    truth = catalog_truth(found, valid)
    assert truth.valid == pytest.approx(wilson(valid.sum().item() / 300, 300))
    rows = [tuple(row) for row in torch.stack(found, dim=1)[valid].tolist()]
    for answer, position in ((truth.kinds, 0), (truth.colours, 1), (truth.patterns, 2)):
        names = range(len(VOCABULARY[position]))
        counts = [sum(row[position] == name for row in rows) for name in names]
        assert (answer.found, answer.possible) == (sum(c > 0 for c in counts), len(names))
        bits = scipy.stats.entropy(counts, base=2)
        assert answer.evenness == pytest.approx(bits / math.log2(len(names)))
    held_out = {tuple(triple) for triple in combinations(held_out=True).tolist()}
    novel = sum(row[:3] in held_out for row in rows)
    assert truth.novel == pytest.approx(wilson(novel / len(rows), len(rows)))


@pytest.mark.parametrize(("held_out", "share"), [(True, 1), (False, 0)])
def test_only_held_out_combinations_are_novel(held_out, share):
    made = words(triples=combinations(held_out=held_out))
    assert catalog_truth(made, ALL_VALID).novel.value == share


def test_a_model_that_combines_freely_makes_one_novel_picture_in_ten():
    truth = catalog_truth(words(20_000), torch.ones(20_000, dtype=torch.bool))
    assert truth.novel.value == pytest.approx(0.1, abs=0.01)
    assert truth.kinds == (12, 12, pytest.approx(1, abs=1e-3))


def test_one_kind_only_is_no_variety_and_invalid_pictures_do_not_count():
    made = words()._replace(kind=torch.full((300,), 7))
    assert catalog_truth(made, ALL_VALID).kinds == (1, 12, 0)
    two = made._replace(kind=torch.arange(300) % 2)
    assert catalog_truth(two, ALL_VALID).kinds == (2, 12, pytest.approx(1 / math.log2(12)))
    assert catalog_truth(two, two.kind == 1).kinds.found == 1


def test_of_no_valid_picture_nothing_is_known():
    truth = catalog_truth(words(), ~ALL_VALID)
    assert truth.valid.value == 0 and truth.kinds == (0, 12, 0)
    assert math.isnan(truth.novel.value) and truth.novel[1:] == (0, 1)


def test_caption_accuracy_equals_plain_loops():
    wanted, found = words(), words(seed=1)
    found = found._replace(kind=wanted.kind, size=wanted.size)
    accuracy = caption_accuracy(found, wanted)
    made, asked = (torch.stack(some, dim=1).tolist() for some in (found, wanted))
    for i, measured in enumerate(accuracy[:5]):
        right = sum(made[row][i] == asked[row][i] for row in range(300))
        assert measured == pytest.approx(wilson(right / 300, 300))
    all_right = sum(made[row] == asked[row] for row in range(300))
    assert accuracy.all_five == pytest.approx(wilson(all_right / 300, 300))
    assert 0 < accuracy.all_five.value < accuracy.pattern.value < accuracy.kind.value == 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kind": torch.zeros(9).long()}, "five int64 tensors"),
        ({"size": torch.zeros(300)}, r"but size is torch.float32 \(300,\)"),
        ({"tilt": torch.full((300,), 3)}, "tilt must lie between 0 and 2"),
        ({"kind": torch.full((300,), -1)}, "kind must lie between 0 and 11"),
    ],
)
def test_words_outside_the_vocabulary_are_refused(change, message):
    odd = words()._replace(**change)
    with pytest.raises(ValueError, match=message):
        catalog_truth(odd, ALL_VALID)
    with pytest.raises(ValueError, match=message):
        caption_accuracy(words(), odd)


def test_unequal_numbers_are_refused():
    with pytest.raises(ValueError, match=r"valid must be bool \(300,\), got torch.int64"):
        catalog_truth(words(), ALL_VALID.long())
    with pytest.raises(ValueError, match="300 pictures, but 200 captions"):
        caption_accuracy(words(), words(200))


def pacgan(x, mixture):
    """Count points less than 3 sigma from their nearest mode, one by one; one centre a mode."""
    counts = [0] * len(mixture.centres)
    for point in x.tolist():
        distances = [math.dist(point, centre) for centre in mixture.centres.tolist()]
        nearest = min(range(len(distances)), key=distances.__getitem__)
        counts[nearest] += distances[nearest] < 3 * mixture.sigma
    return counts


@pytest.mark.parametrize("mixture", [ring(), grid()], ids=["ring", "grid"])
def test_modes_are_counted_as_pacgan_counts_them(mixture):
    modes = len(mixture.centres)
    few = mixture.sample(60, 0).x.repeat_interleave(3, dim=0)
    x = few + 1.5 * mixture.sigma * cloud(180, 2, 1).float()  # many end near no mode
    counts, found = pacgan(x, mixture), count_modes(x, mixture)
    assert found.histogram.tolist() == counts and 0.2 < sum(counts) / 180 < 0.9
    assert (found.found, found.possible) == (sum(c > 0 for c in counts), modes)
    assert found.near == wilson(sum(counts) / 180, 180)
    uniform = [1 / modes] * modes
    assert found.reverse_kl == pytest.approx(scipy.stats.entropy(counts, uniform))


@pytest.mark.parametrize("mixture", [ring(), grid()], ids=["ring", "grid"])
def test_perfect_points_reach_every_mode_and_98_9_percent_of_them_count(mixture):
    found = count_modes(mixture.sample(20_000, 7).x, mixture)
    assert found.found == found.possible and found.reverse_kl < 0.002
    assert found.near.low < 1 - math.exp(-4.5) < found.near.high


def test_a_collapsed_model_has_one_mode_and_the_largest_divergence():
    one = ring().sample(5000, 0)
    found = count_modes(one.x[one.label == 2], ring())
    assert found.found == 1 and found.reverse_kl == pytest.approx(math.log(8))
    assert found.histogram.nonzero().tolist() == [[2]]


def test_a_mode_is_found_by_one_point_within_3_sigma_of_its_centre():
    east = torch.tensor([[1.0, 0.0], [0.0, 5.0]])
    near, far = (east + torch.tensor([sigmas * 0.01, 0.0]) for sigmas in (2.99, 3.01))
    found = count_modes(near, ring())
    assert found.found == 1 and found.histogram.tolist() == [1] + [0] * 7
    lost = count_modes(far, ring())
    assert lost.found == 0 and lost.near.value == 0 and math.isnan(lost.reverse_kl)


def test_a_mode_of_many_centres_is_one_mode():
    points = moons().sample(4000, 3)
    found = count_modes(points.x[points.label == 1], moons())
    assert found.possible == len(found.histogram) == 2
    assert found.histogram[1] > 0.98 * (points.label == 1).sum()


def test_points_that_cannot_be_counted_are_refused():
    for x in (torch.zeros(0, 2), torch.zeros(9), torch.full((9, 2), torch.nan), torch.ones(9, 3)):
        with pytest.raises(ValueError, match=r"one or more finite points \(N, 2\)"):
            count_modes(x, ring())


GUARDS = [
    (test_catalog_truth_equals_plain_loops, (), "metrics.truth", [
        ("combinations(held_out=True)", "combinations(held_out=False)"),
        ("factor.cpu()[valid.cpu()]", "factor.cpu()"),
        ("/ math.log(possible))", "/ math.log2(possible))"),
        ("(kind * len(VOCABULARY.colour) + colour)", "(kind * len(VOCABULARY.kind) + pattern)"),
        ("_share(valid), *varieties", "_share(~valid), *varieties"),
    ]),
    (test_caption_accuracy_equals_plain_loops, (), "metrics.truth", [
        ("right.all(dim=0)", "right.any(dim=0)"),
        ("a.cpu() == b.cpu()", "a.cpu() != b.cpu()"),
    ]),
    (test_modes_are_counted_as_pacgan_counts_them, (ring(),), "metrics.truth", [
        ("REACH = 3", "REACH = 2"),
        ("math.log(possible) - _entropy", "math.log(possible) + _entropy"),
        ("distance.min(dim=1)", "distance.max(dim=1)"),
        ("xlogy(share, share)", "xlogy(share, 1 - share)"),
    ]),
    (test_a_mode_is_found_by_one_point_within_3_sigma_of_its_centre, (), "metrics.truth", [
        ("(histogram > 0).sum().item()\n    reverse", "(histogram > 1).sum().item()\n    reverse"),
    ]),
]  # fmt: skip
