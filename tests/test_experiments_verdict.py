"""The experiments behind the verdict: known cheats get the marks that they have earned."""

import pytest
import torch

from course_lib.data import load
from course_lib.data.catalog import split_factors
from course_lib.experiments import equal_time, few_digits, midway, shipped
from course_lib.painters import Painter, load_painter, noise_shape
from course_lib.runtime import noise


@pytest.fixture(autouse=True)
def on_the_cpu(monkeypatch):
    monkeypatch.setenv("COURSE_DEVICE", "cpu")


def test_some_digits_are_different_digits_of_the_training_set_and_follow_the_seed():
    train = load("digits").train
    few, same, others = (few_digits.some_digits(train, 20, seed) for seed in (0, 0, 1))
    assert torch.equal(few.x, same.x) and not torch.equal(few.x, others.x)
    place = torch.cdist(few.x.flatten(1), train.x.flatten(1)).argmin(dim=1)
    assert len(place.unique()) == 20
    assert torch.equal(train.x[place], few.x) and torch.equal(train.label[place], few.label)


@pytest.mark.parametrize("cheat", [True, False])
def test_a_copier_copies_and_real_digits_do_not(monkeypatch, cheat):
    real = load("digits").validation.x
    copier = lambda _, train, seed, n: train.x.repeat(n, 1, 1, 1)[:n] if cheat else real[:n]  # noqa: E731
    monkeypatch.setattr(few_digits, "draw_after", copier)
    for families in few_digits.measure(seed=0).values():
        for found in families.values():
            assert found["copies"] == 1 if cheat else found["copies"] < 0.05
            assert found["novelty"] < 1e-3 if cheat else 0.8 < found["novelty"] < 1.2


@pytest.mark.parametrize("size", [20, 200])
def test_few_digits_fill_a_batch_and_each_is_seen_equally_often(monkeypatch, size):
    given = []

    def look(step, batches, n_steps, **players):
        given.extend(next(batches).x for _ in range(80 // 20))

    monkeypatch.setattr(few_digits, "fit", look)
    few = few_digits.some_digits(load("digits").train, size, seed=0)
    made = few_digits.draw_after("vae", few, seed=0, n=3)
    assert made.shape == (3, 1, 8, 8) and all(len(x) == few_digits.BATCH for x in given)
    seen = torch.cdist(torch.cat(given).flatten(1), few.x.flatten(1)).argmin(dim=1).bincount()
    assert size == 200 or (len(seen) == 20 and seen.min() >= 9)


def test_who_paints_what_was_asked_is_seen_to_do_so(monkeypatch):
    painted = {"catalog": load("catalog", "cpu").test.x[:60], "fashion": None}
    ask = Painter("gan", "catalog", None, (12, 8, 5, 2, 3))
    wanted = shipped.wishes("catalog", 60, seed=0)
    assert torch.equal(wanted, torch.stack(split_factors("test")[:5], dim=1)[:60])
    found = shipped._judged(ask, painted["catalog"], wanted)
    assert found["asked"] > 0.9 and found["valid"] > 0.9
    turned = shipped._judged(ask, painted["catalog"], wanted.flip(0))
    assert turned["asked"] < 0.1
    assert "asked" not in shipped._judged(ask._replace(answers=()), painted["catalog"], wanted)


def test_noise_is_not_valid():
    noise = torch.rand(60, 3, 32, 32) * 2 - 1
    painter = Painter("vae", "catalog", None, ())
    found = shipped._judged(painter, noise, shipped.wishes("catalog", 60, seed=0))
    assert found == {"valid": pytest.approx(0, abs=0.1)}


def test_every_class_of_photograph_is_asked_for_equally_often():
    wanted = shipped.wishes("fashion", 100, seed=3)
    assert wanted.shape == (100, 1) and wanted[:, 0].bincount().tolist() == [10] * 10


@pytest.mark.filterwarnings("ignore:60 samples are few")
def test_equal_time_trains_each_family_and_measures_what_it_paints():
    found = equal_time._on("catalog", 0, {"gan": 2, "diffusion": 1}, n=60)  # a VAE's prior is slow
    assert found.keys() == {"real", "gan", "diffusion"}
    for family in ("gan", "diffusion"):
        assert found["real"]["frechet"] < found[family]["frechet"]
        assert found[family]["seconds"] > 0 and 0 <= found[family]["recall"] <= 1


@pytest.mark.parametrize("family", ["gan", "diffusion"])
def test_noise_turns_on_an_arc_from_one_draw_to_another(family):
    painter = load_painter(family, "catalog")
    place, _ = midway._ways(painter, torch.zeros(3, 5, dtype=torch.int64), seed=4)
    start, end = (noise(3, *noise_shape(painter), seed=s) for s in (1004, 2004))
    torch.testing.assert_close(place(0.0), start, atol=1e-5, rtol=0)
    torch.testing.assert_close(place(1.0), end, atol=1e-5, rtol=0)
    lengths = [x.flatten(1).norm(dim=1) for x in (place(0.5), start, end)]
    assert (lengths[0] > 0.9 * torch.minimum(*lengths[1:])).all()


def test_a_vae_walks_straight_between_codes_and_draws_what_lies_there():
    painter = load_painter("vae", "catalog")
    place, draw = midway._ways(painter, torch.zeros(3, 5, dtype=torch.int64), seed=4)
    torch.testing.assert_close(place(0.5), (place(0.0) + place(1.0)) / 2)
    x = draw(place(0.5), None)
    assert x.shape == (3, 3, 32, 32) and x.abs().max() <= 1


def test_half_way_between_two_products_nothing_is_promised_but_ends_are_products(monkeypatch):
    monkeypatch.setattr(midway, "FAMILIES", ("gan",))
    found = midway.measure(0, ("catalog",), n=20)["catalog"]["gan"]
    assert found["ends"] > 0.8 and found["valid_ends"] > 0.6
    assert 0 <= found["valid_halfway"] <= 1 <= found["longest"] < midway.STOPS - 1
