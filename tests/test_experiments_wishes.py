"""Captions and edits are what their experiments say: twins differ by one word, marks count them."""

import pytest
import torch
from scipy.spatial.distance import pdist

from course_lib.data.catalog_factors import combinations, sample_factors
from course_lib.data.catalog_paint import render
from course_lib.data.catalog_pairs import object_mask
from course_lib.data.catalog_words import VOCABULARY
from course_lib.experiments import captions, edits
from course_lib.experiments.captions import (
    N_EACH,
    backdrops,
    best_guidance,
    painted,
    seen_twins,
    some,
    told,
    variety,
    with_other_chances,
)
from course_lib.models.pictures import PictureUNet
from course_lib.painters import Painter
from course_lib.runtime import noise

HELD_OUT = {tuple(triple) for triple in combinations(held_out=True).tolist()}


@pytest.fixture(autouse=True)
def on_the_cpu(monkeypatch):
    monkeypatch.setenv("COURSE_DEVICE", "cpu")


def untrained():
    torch.manual_seed(0)
    answers = tuple(map(len, VOCABULARY))
    return Painter("diffusion", "catalog", PictureUNet(3, 32, 2, 8, 1, answers).eval(), answers)


def test_twins_differ_in_one_of_three_words_and_were_seen():
    factors = some("held_out", 300, seed=1)
    twins = seen_twins(factors, seed=1)
    differ = told(factors) != told(twins)
    assert (differ.sum(dim=1) == 1).all() and not differ[:, 3:].any()
    assert all(share > 0.2 for share in differ[:, :3].double().mean(dim=0))
    assert all(tuple(row) in HELD_OUT for row in told(factors)[:, :3].tolist())
    assert not any(tuple(row) in HELD_OUT for row in told(twins)[:, :3].tolist())
    assert (told(twins) >= 0).all() and (told(twins) < torch.tensor([12, 8, 5, 2, 3])).all()


def test_other_chances_leave_the_words_alone():
    factors = sample_factors(20, seed=0)
    others = with_other_chances(factors, 3)
    assert torch.equal(told(factors), told(others))
    assert not torch.equal(factors.background, others.background)


def test_variety_is_the_mean_distance_of_pictures_of_one_caption():
    x = noise(3 * N_EACH, 3, 8, 8, seed=0, device="cpu")
    each = [pdist(group.flatten(1).numpy()).mean() for group in x.split(N_EACH)]
    assert variety(x) == pytest.approx(sum(each) / 3, rel=1e-4)
    assert variety(x[:1].expand(N_EACH, -1, -1, -1)) == pytest.approx(0, abs=1e-2)


def test_backdrops_are_read_in_the_upper_corners_alone():
    x = torch.zeros(4, 3, 32, 32)
    x[:, :, 10:20, 10:20] = noise(4, 3, 10, 10, seed=0, device="cpu")
    assert backdrops(x) == 0
    x[:2, :, :4, :4] = x[:2, :, :4, -4:] = 0.5
    assert backdrops(x) == pytest.approx(torch.tensor([0.5, 0.5, 0, 0]).std().item())


def test_of_equally_good_guidances_the_smallest_is_chosen():
    shares = {"0": 0.1, "1": 0.8, "2": 0.95, "4": 0.95, "8": 0.9}
    assert best_guidance({w: {"all_five": share} for w, share in shares.items()}) == 2


def test_real_pictures_get_full_marks_and_others_not():
    factors = some("test", 60, seed=0)
    x = render(factors)
    assert min(captions.marks(x, factors).values()) > 0.95
    wrong = captions.marks(x.roll(1, 0), factors)
    assert wrong["all_five"] < 0.1 and wrong["valid"] > 0.95


def test_an_order_changes_one_word_and_knows_the_perfect_edit():
    orders = edits.ordered("test", 60, seed=2)
    differ = told(orders.factors) != told(orders.wanted)
    assert torch.equal(differ.int().argmax(dim=1), orders.question)
    assert (differ.sum(dim=1) == 1).all() and orders.question.bincount().tolist() == [12] * 5
    assert not any(tuple(row) in HELD_OUT for row in told(orders.wanted)[:, :3].tolist())
    torch.testing.assert_close(orders.perfect, render(orders.wanted))
    assert torch.equal(orders.wanted.background, orders.factors.background)


def test_the_marks_of_the_perfect_edit_and_of_none():
    orders = edits.ordered("test", 60, seed=2)
    best, idle = edits.marks(orders.perfect, orders), edits.marks(orders.x, orders)
    assert best["error"] == 0 and best["success"] > 0.95 and min(best["each"].values()) > 0.9
    assert (idle["success"], idle["wished"], idle["moved"]) == (0, 0, 0) and idle["rest"] > 0.95
    far = (orders.x - orders.perfect).flatten(1).norm(dim=1).mean() / 3072**0.5
    assert idle["error"] == pytest.approx(best["moved"]) == pytest.approx(far.item(), rel=1e-4)


def test_the_nearest_training_picture_has_the_wished_words():
    orders = edits.ordered("test", 20, seed=2)
    assert edits.marks(edits.nearest(orders), orders)["success"] > 0.9


def test_the_mask_holds_the_thing_and_not_the_backdrop():
    factors = some("test", 20, seed=0)
    mask, thing = edits.mask_of(factors), object_mask(factors)
    assert set(mask.unique().tolist()) == {0, 1}
    assert (mask[thing > 0.5] == 1).all() and mask[..., :2, :2].sum() == 0


def test_edits_keep_what_they_are_told_to_keep():
    orders, painter = edits.ordered("test", 6, seed=0), untrained()
    assert torch.equal(edits.edited(painter, orders, 0.0, seed=0), orders.x)
    mask = edits.mask_of(orders.factors)
    found = edits.edited(painter, orders, 0.5, 0, mask)
    kept = (mask == 0).expand_as(found)
    torch.testing.assert_close(found[kept], orders.x[kept], atol=1e-4, rtol=0)
    assert not torch.allclose(found[~kept], orders.x[~kept], atol=0.1)


def test_what_is_painted_depends_on_seed_and_guidance():
    factors, painter = some("test", 3, seed=0), untrained()
    one = painted(painter, factors, 0, 1.0)
    assert torch.equal(one, painted(painter, factors, 0, 1.0))
    assert not torch.equal(one, painted(painter, factors, 1, 1.0))


GUARDS = [
    (test_variety_is_the_mean_distance_of_pictures_of_one_caption, (), "experiments.captions", [
        ("(N_EACH * (N_EACH - 1))", "N_EACH**2"),
    ]),
    (test_backdrops_are_read_in_the_upper_corners_alone, (), "experiments.captions", [
        ("x[:, :, :4, -4:]], dim=3", "x[:, :, 10:14, -16:]], dim=3"),
        (".std(dim=0)", ".var(dim=0)"),
    ]),
    (test_of_equally_good_guidances_the_smallest_is_chosen, (), "experiments.captions", [
        ('["all_five"], w)', '["all_five"], -w)'),
    ]),
]  # fmt: skip
