"""Statistics of style, and the marks of translated pictures, on cases whose answer is known."""

import math

import pytest
import torch

from course_lib.data.catalog import split_factors
from course_lib.data.catalog_factors import select
from course_lib.data.catalog_paint import MAIN, render
from course_lib.data.catalog_pairs import outline, pencil_outline
from course_lib.experiments import translation, unpaired
from course_lib.experiments.styles import looks, repainted
from course_lib.judges import shipped_judge
from course_lib.losses import gram
from course_lib.runtime import generator


@pytest.fixture(autouse=True)
def on_the_cpu(monkeypatch):
    monkeypatch.setenv("COURSE_DEVICE", "cpu")


def test_gram_is_the_mean_over_places_of_each_product_and_knows_no_places():
    seen = torch.randn(2, 5, 3, 4, generator=generator(0), dtype=torch.float64)
    expected = torch.einsum("bkij,blij->bkl", seen, seen) / 12
    torch.testing.assert_close(gram(seen), expected)
    shuffled = seen.flatten(2)[:, :, torch.randperm(12, generator=generator(1))]
    torch.testing.assert_close(gram(shuffled.unflatten(2, (3, 4))), expected)


def test_a_pencil_outline_is_an_outline_in_the_colour_of_the_product():
    factors = split_factors("test", 60)
    drawn, plain = pencil_outline(factors), outline(factors)
    colour = 2 * torch.tensor(MAIN)[factors.colour] - 1
    assert drawn.shape == (60, 3, 32, 32)
    assert (drawn[(plain == 1).expand_as(drawn)] == 1).all()
    for picture, line, wanted in zip(drawn, plain, colour, strict=True):
        inked = picture[:, line[0] < -0.999]  # (3, pixels)
        torch.testing.assert_close(inked, wanted[:, None].expand_as(inked), atol=2e-3, rtol=0)


def test_what_a_judge_looks_at_is_what_its_features_are_made_of():
    judge, x = shipped_judge("recogniser"), unpaired.both_ways("test", 2)[0]
    with torch.no_grad():
        bare, first, second, third = looks(judge, x)
        rest = judge.trunk[11:](third)
        torch.testing.assert_close(rest, judge.features(x))
    torch.testing.assert_close(bare[:, 4::9], x)  # the middle of each neighbourhood
    torch.testing.assert_close(bare[:, 3::9, :, 1:], x[..., :-1])  # its left
    assert [s.shape[1:] for s in (first, second, third)] == [
        (32, 32, 32), (64, 16, 16), (128, 8, 8)
    ]  # fmt: skip


def test_repainting_comes_closer_to_the_style_and_leaves_the_judge_alone():
    judge = shipped_judge("recogniser")
    judge.zero_grad(set_to_none=True)
    plain, striped, _ = unpaired.both_ways("test", 4)
    before = [p.detach().clone() for p in judge.parameters()]

    def gap(x):
        with torch.no_grad():
            pairs = zip(looks(judge, x), looks(judge, striped), strict=True)
            return sum((gram(a) - gram(b)).square().sum() for a, b in pairs)

    painted = repainted(plain, striped, content=plain, n_steps=10)
    assert gap(painted) < 0.6 * gap(plain) and painted.abs().max() <= 1
    assert all(torch.equal(p, q) for p, q in zip(judge.parameters(), before, strict=True))
    assert all(p.grad is None for p in judge.parameters())


def test_without_steps_nothing_is_repainted_and_content_alone_changes_little():
    plain, striped, _ = unpaired.both_ways("test", 3)
    torch.testing.assert_close(repainted(plain, striped, n_steps=0), 0.97 * plain)
    kept = repainted(plain, striped, content=plain, style_weight=0.0, n_steps=5)
    assert (kept - plain).abs().mean() < 0.1


@pytest.mark.parametrize("task", translation.TASKS)
def test_the_truth_itself_gets_full_marks(task):
    _, truth, factors = translation.pictures(task, "test", 40)
    found = translation.marks(truth, truth, factors)
    assert math.isinf(found["psnr"]) and found["sharpness"] == 1 and found["off"] == 0
    if task != "night":  # the recogniser has learned by day
        assert found["kind"] > 0.9 and found["colour"] > 0.9
    if task == "outlines":
        assert found["striped"] > 0.9


def test_bicubic_enlarging_keeps_a_plain_picture_and_the_size_of_what_was_shrunk():
    flat = torch.full((2, 3, 8, 8), 0.3)
    torch.testing.assert_close(translation.bicubic(flat), torch.full((2, 3, 32, 32), 0.3))
    x, truth, _ = translation.pictures("enlarging", "test", 5)
    assert x.shape == truth.shape == (5, 3, 32, 32)
    torch.testing.assert_close(x.mean((2, 3)), truth.mean((2, 3)), atol=0.02, rtol=0)


def test_at_night_the_same_product_is_darker_and_its_lit_side_less_so():
    day, dark, factors = translation.pictures("night", "test", 60)
    ratio = ((dark + 1) / (day + 1).clamp(min=1e-3)).mean(dim=1)
    assert (dark <= day + 1e-6).all() and day.shape == dark.shape
    left, right = ratio[..., :8].mean((1, 2)), ratio[..., -8:].mean((1, 2))
    assert ((right > left) == (factors.light[:, 0] > 0)).double().mean() > 0.9


def test_no_product_lies_on_both_heaps():
    heaps = unpaired.two_heaps(20)
    factors = split_factors("train", 40)
    as_drawn = render(select(factors, slice(20)))
    plain = factors.pattern[:20] == 0
    assert len(heaps.x) == len(heaps.label) == 20
    torch.testing.assert_close(heaps.x[plain], as_drawn[plain])
    twins = unpaired.both_ways("train", 20)[1]  # the same products in stripes
    assert (heaps.label - twins).abs().flatten(1).amax(1).min() > 0.05


def test_nobody_is_repainted_with_the_statistics_of_its_own_stripes(monkeypatch):
    seen = {}
    monkeypatch.setattr(
        unpaired, "repainted", lambda start, style, *_, **__: seen.update(style=style) or start
    )
    plain, striped, _ = unpaired.both_ways("test", 9)
    unpaired.by_statistics(plain, striped, seed=3)
    assert (seen["style"] - striped).abs().flatten(1).amax(1).min() > 0.05
    order = lambda x: x.flatten(1).sum(1).sort().values  # noqa: E731
    torch.testing.assert_close(order(seen["style"]), order(striped))


def test_marks_of_the_hidden_truth_and_of_doing_nothing():
    plain, striped, factors = unpaired.both_ways("test", 40)
    truth, nothing = (unpaired.marks(x, plain, factors) for x in (striped, plain))
    assert truth["both"] > 0.9 and truth["colour"] > 0.9 and truth["around"] == 0
    assert nothing["striped"] < 0.1 < 0.9 < nothing["kind"] and nothing["around"] == 0
    darker = (plain - 0.01).clamp(min=-1)
    assert unpaired.marks(darker, plain, factors)["around"] == pytest.approx(0.01, abs=1e-4)


GUARDS = [
    (test_gram_is_the_mean_over_places_of_each_product_and_knows_no_places, (), "losses", [
        ("flat @ flat.mT / flat.shape[2]", "flat @ flat.mT / flat.shape[1]"),
        ("flat @ flat.mT / flat.shape[2]", "flat @ flat.mT"),
    ]),
    (test_a_pencil_outline_is_an_outline_in_the_colour_of_the_product, (), "data.catalog_pairs", [
        ("1 - line * (1 - colour[:, :, None, None])", "1 - line * colour[:, :, None, None]"),
    ]),
    (test_repainting_comes_closer_to_the_style_and_leaves_the_judge_alone, (),
     "experiments.styles", [
        ("loss.backward(inputs=[pencil])", "loss.backward()"),
    ]),
]  # fmt: skip
