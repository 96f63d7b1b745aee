"""The judges answer, know how sure they are, and the shipped ones are as good as their cards."""

import math

import pytest
import torch
import torch.nn.functional as F
from scipy.optimize import minimize_scalar
from torch import nn

from course_lib.checkpoints import read_card
from course_lib.data import load
from course_lib.data.catalog import catalog_split, split_factors
from course_lib.data.catalog_spoiled import WAYS, spoil
from course_lib.judges import (
    WEIGHTS,
    answers,
    calibrate,
    calibration_error,
    read_pictures,
    shipped_judge,
    tame_features,
)
from course_lib.models import Judge, count_parameters
from course_lib.recipes.judges import fresh_products, judge_job, judge_step
from course_lib.runtime import generator, noise

N = 1000  # pictures of each test of a shipped judge


def small_judge(**others):
    torch.manual_seed(0)
    return Judge(3, (4, 2), width=4, n_features=8, **others).eval()


def test_a_judge_has_as_many_parameters_as_its_layers_say():
    looks = 1 * 32 * 9 + 32 * 64 * 9 + 64 * 128 * 9 + 2 * (32 + 64 + 128)
    linear = (2048 + 1) * 128 + (128 + 1) * 10
    assert count_parameters(Judge(1, (10,))) == looks + linear


def test_a_judge_answers_each_question_from_its_features():
    judge, x = small_judge(), noise(5, 3, 32, 32, seed=0, device="cpu")
    features = judge.features(x)
    assert features.shape == (5, 8) and features.min() >= 0
    kinds, valid = judge(x)
    joined = features @ judge.head.weight.T + judge.head.bias
    torch.testing.assert_close(torch.cat([kinds, valid], dim=1), joined)
    assert kinds.shape == (5, 4) and valid.shape == (5, 2)


def test_a_side_that_cannot_be_halved_three_times_is_refused():
    with pytest.raises(ValueError, match="multiple of 8, got 28"):
        Judge(1, (10,), size=28)


class Talker(nn.Module):
    """A stand-in for a judge whose logits are its input: x holds them."""

    def __init__(self, n_answers, scale):
        super().__init__()
        self.answers, self.scale = (n_answers,), scale
        self.head = nn.Linear(1, n_answers)

    def forward(self, x):
        return (self.scale * x[:, 0, 0] * 1.0,)


def talk(scale):
    """Return logits in [-1, 1] whose labels are drawn from softmax(8 * logits / scale)."""
    x = torch.rand(20_000, 1, 1, 4, generator=generator(0)) * 2 - 1
    label = (8 * x[:, 0, 0] / scale).softmax(1).multinomial(1, generator=generator(1))
    return x, label


@pytest.mark.parametrize("scale", [0.5, 1.0, 3.0])
def test_calibration_finds_the_temperature_that_scipy_finds(scale):
    x, label = talk(scale)
    judge = Talker(4, 8.0)
    before = judge.head.weight.clone()

    def loss(log_t):
        return F.cross_entropy(8 * x[:, 0, 0] / math.exp(log_t), label[:, 0]).item()

    expected = math.exp(minimize_scalar(loss, (-2, 2)).x)
    (found,) = calibrate(judge, x, label)
    assert found == pytest.approx(expected, rel=0.02) == pytest.approx(scale, rel=0.1)
    torch.testing.assert_close(judge.head.weight, before / found)


def test_a_question_that_was_not_asked_does_not_count_in_calibration():
    x, label = talk(1.0)
    lies = (label + 1) % 4
    mixed = torch.cat([label, torch.full_like(lies, -1)])
    found = calibrate(Talker(4, 8.0), torch.cat([x, x]), mixed)
    assert found == calibrate(Talker(4, 8.0), x, label)


def test_tame_features_have_mean_square_1_and_leave_every_answer_as_it_was():
    judge, x = small_judge(), noise(50, 3, 32, 32, seed=1, device="cpu").clamp(-1, 1)
    before = answers(judge, x)
    size = judge.features(x).square().mean().sqrt().item()
    assert tame_features(judge, x) == pytest.approx(size, rel=1e-4)
    assert judge.features(x).square().mean().item() == pytest.approx(1, rel=1e-4)
    for share, old in zip(answers(judge, x), before, strict=True):
        torch.testing.assert_close(share, old)


def test_the_calibration_error_is_that_of_a_liar_counted_by_hand():
    confidence = torch.tensor([0.9, 0.6] * 50)
    right = torch.tensor([True, True] * 30 + [True, False] * 10 + [False, False] * 10)
    assert calibration_error(confidence, right, n_bins=2) == pytest.approx(0.05, abs=1e-6)
    sure = torch.rand(100_000, generator=generator(2))
    honest = torch.rand(100_000, generator=generator(3)) < sure
    assert calibration_error(sure, honest) < 0.01


def test_spoiled_pictures_come_from_their_seed_and_stay_in_range():
    x = catalog_split("validation", 60).x
    spoiled = spoil(x, 1)
    torch.testing.assert_close(spoiled, spoil(x, 1))
    assert not torch.allclose(spoiled, spoil(x, 2))
    assert spoiled.abs().max() <= 1
    change = (spoiled - x).square().mean((1, 2, 3)).sqrt()
    assert change.min() > 0.03  # no picture is left as it was


def test_halves_are_made_of_the_two_pictures_and_blends_lie_between_them():
    a, b = catalog_split("validation", 40).x.split(20)
    halves = WAYS["halves of two"](a, b, generator(0))
    from_a, from_b = (halves == a).all(1), (halves == b).all(1)
    assert (from_a | from_b).all()
    assert (from_a.float().mean((1, 2)) > 0.1).all() and (from_b.float().mean((1, 2)) > 0.1).all()
    blend = WAYS["blend of two"](a, b, generator(0))
    assert (blend <= a.maximum(b) + 1e-6).all() and (blend >= a.minimum(b) - 1e-6).all()


def test_fresh_products_carry_their_truth_and_differ_from_batch_to_batch():
    batches = fresh_products(seed=0, skip=0)
    first, second = next(batches), next(batches)
    assert first.x.shape == (128, 3, 32, 32) and first.label.shape == (128, 6)
    spoiled, hard, fine = first.label.split([44, 20, 64])
    assert (spoiled[:, :5] == -1).all() and (spoiled[:, 5] == 0).all()
    assert (hard[:, :5] >= 0).all() and (hard[:, 5] == -1).all()
    assert (fine[:, :5] >= 0).all() and (fine[:, 5] == 1).all()
    assert not torch.equal(first.x, second.x)
    again = next(fresh_products(seed=0, skip=1))
    assert torch.equal(again.x, second.x) and torch.equal(again.label, second.label)


def test_a_judge_step_asks_only_the_questions_that_make_sense():
    job = judge_job("catalog", 0)
    judge, opt, ema = (job.players[name] for name in ("judge", "opt", "ema"))
    batch = next(job.batches(0, 0))
    judge.train()
    logits = [answer.detach() for answer in judge(batch.x)]
    total = sum(F.cross_entropy(a[44:], batch.label[44:, i]) for i, a in enumerate(logits[:5]))
    asked = [*range(44), *range(64, 128)]
    total = total + F.cross_entropy(logits[5][asked], batch.label[asked, 5])
    torch.testing.assert_close(judge_step(batch, judge, opt, ema)["loss"].detach(), total)


@pytest.mark.parametrize(
    ("x", "match"),
    [
        (torch.zeros(2, 1, 32, 32), r"\(N, 3, 32, 32\), got \(2, 1, 32, 32\)"),
        (torch.zeros(3, 32, 32), "got"),
        (torch.full((2, 3, 32, 32), 2.0), "must lie in"),
    ],
)
def test_what_is_no_picture_of_that_size_is_refused(x, match):
    with pytest.raises(ValueError, match=match):
        read_pictures(x, small_judge())


@pytest.mark.parametrize("name", ["recogniser", "classifier"])
def test_a_shipped_judge_is_what_its_card_says(name):
    judge, card = shipped_judge(name), read_card(WEIGHTS / f"{name}.safetensors")
    assert card["model"] == "Judge" and card["parameters"] == count_parameters(judge)
    assert {"made by", "data", "seed", "steps", "seconds", "machine", "scores"} <= card.keys()
    assert f"train {name}" in card["made by"]
    assert not judge.training


@pytest.mark.parametrize("split", ["test", "held_out"])
def test_the_recogniser_reads_pictures_as_well_as_was_asked_of_it(split):
    reading = read_pictures(catalog_split(split, N).x)
    truth = split_factors(split, N)
    right = {
        name: (seen == getattr(truth, name)).float().mean().item()
        for name, seen in reading.words._asdict().items()
    }
    assert min(right[name] for name in ("kind", "colour", "pattern")) >= 0.995, right
    assert min(right[name] for name in ("size", "tilt")) >= 0.97, right
    assert reading.valid.float().mean() >= 0.99
    scores = read_card(WEIGHTS / "recogniser.safetensors")["scores"][split]
    assert all(scores[name] == pytest.approx(share, abs=0.01) for name, share in right.items())


@pytest.mark.parametrize("way", WAYS)
def test_the_recogniser_says_no_to_what_was_spoiled(way):
    x, other = catalog_split("test", 600).x.split(300)
    spoiled = WAYS[way](x, other, generator(0)).clamp(-1, 1)
    limit = 0.1 if way == "halves of two" else 0.05  # halves of two like things may pass
    assert read_pictures(spoiled).valid.float().mean() < limit


def strangers():
    """Return pictures of sorts that the recogniser never met."""
    digits = load("digits", "cpu").test.x[:300]
    x = catalog_split("test", 300).x
    tiles = x.unfold(2, 8, 8).unfold(3, 8, 8).flatten(2, 3)  # (N, 3, 16, 8, 8)
    shuffled = tiles[:, :, torch.randperm(16, generator=generator(0))].unflatten(2, (4, 4))
    return {
        "digits": F.interpolate(digits, size=32, mode="bicubic").clamp(-1, 1).expand(-1, 3, -1, -1),
        "tiles shuffled": shuffled.permute(0, 1, 2, 4, 3, 5).reshape(x.shape),
        "colours inverted": -x,
        "the mean picture": x.mean(0, keepdim=True).expand(300, -1, -1, -1),
    }


@pytest.mark.parametrize("name", strangers())
def test_the_recogniser_says_no_to_strangers(name):
    assert read_pictures(strangers()[name]).valid.float().mean() < 0.05


def test_both_judges_on_photographs():
    try:
        data = load("fashion", "cpu")
    except (ValueError, ConnectionError):
        pytest.skip("the photographs are not here")
    x, label = data.test.x[:N], data.test.label[:N]
    share = answers(shipped_judge("classifier"), x)[0]
    assert (share.argmax(1) == label).float().mean() >= 0.915  # 92.5 % on all 10,000, +- 2.5 sigma
    assert read_pictures(x.expand(-1, 3, -1, -1)).valid.float().mean() < 0.05


GUARDS = [
    (test_calibration_finds_the_temperature_that_scipy_finds, (3.0,), "judges", [
        ("cross_entropy(logits / t, truth)", "cross_entropy(logits * t, truth)"),
        ("judge.head.weight /= temperature[:, None]", "pass"),
    ]),
    (test_the_calibration_error_is_that_of_a_liar_counted_by_hand, (), "judges", [
        ("right[part].float().mean()).abs() * len(part)", "right[part].float().mean()).abs()"),
        ("order = confidence.argsort()", "order = torch.arange(len(confidence))"),
    ]),
    (test_tame_features_have_mean_square_1_and_leave_every_answer_as_it_was, (), "judges", [
        ("judge.head.weight *= size", "pass"),
        ("last.bias /= size", "pass"),
        ("square().mean() for block", "abs().mean() for block"),
    ]),
    (test_a_question_that_was_not_asked_does_not_count_in_calibration, (), "judges", [
        ("asked = label[:, i] >= 0", "asked = label[:, i] >= -1; label = label.abs()"),
    ]),
    (test_a_judge_step_asks_only_the_questions_that_make_sense, (), "recipes.judges", [
        ("torch.stack(losses).sum()", "torch.stack(losses).mean()"),
    ]),
]  # fmt: skip
