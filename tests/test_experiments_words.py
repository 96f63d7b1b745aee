"""Orders in words: what is counted is right where the truth is known."""

from types import SimpleNamespace

import pytest
import torch
from scipy.spatial.distance import pdist

from course_lib.data import load
from course_lib.data.catalog_factors import combinations, sample_factors
from course_lib.data.catalog_paint import render
from course_lib.data.catalog_words import VOCABULARY
from course_lib.experiments import gan_captions, gan_clothes
from course_lib.experiments.captions import told
from course_lib.experiments.gan_captions import (
    between,
    corners,
    next_kind,
    one_caption,
    one_word,
    walks,
)
from course_lib.experiments.gan_clothes import along, clothes, drawn, named, photographs, within
from course_lib.models.pictures import PictureGenerator
from course_lib.runtime import noise


@pytest.fixture(autouse=True)
def on_the_cpu(monkeypatch):
    monkeypatch.setenv("COURSE_DEVICE", "cpu")


def untrained():
    torch.manual_seed(0)
    return PictureGenerator(3, 32, 2, 8, 6, (*map(len, VOCABULARY),)).eval()


class Perfect(torch.nn.Module):
    """A forger that draws what is asked for with the program itself; noise decides the rest."""

    latent_dim = 3

    def forward(self, z, wanted):
        pictures = []
        for row, words in zip(z, wanted, strict=True):
            chance = sample_factors(1, int(1000 * row[0].abs()))
            pictures.append(render(chance._replace(**name_by_name(words))))
        return torch.cat(pictures)


def name_by_name(words):
    names = ("kind", "colour", "pattern", "size", "tilt")
    return {name: word[None] for name, word in zip(names, words, strict=True)}


def test_between_two_wishes_lie_the_wishes_themselves_at_the_ends():
    G, z = untrained(), noise(4, 6, seed=0, device="cpu")
    one, other = told(sample_factors(4, seed=0)), told(sample_factors(4, seed=1))
    torch.testing.assert_close(between(G, z, one, other, 0.0), drawn(G, z, one))
    torch.testing.assert_close(between(G, z, one, other, 1.0), drawn(G, z, other))
    with torch.no_grad():
        mixed = 0.25 * G.conditions(other) + 0.75 * G.conditions(one)
        torch.testing.assert_close(between(G, z, one, other, 0.25), G.draw(z, mixed))


def test_within_is_the_mean_distance_of_scipy():
    x = noise(12, 5, seed=0, device="cpu").double()
    truth = sum(pdist(group).mean() for group in x.reshape(3, 4, 5).numpy()) / 3
    assert within(x) == pytest.approx(truth)


def test_corners_see_the_colour_behind_and_nothing_below():
    x = torch.full((2, 3, 32, 32), -1.0)
    x[:, :, :4, :4], x[:, :, :4, -4:] = 0.5, 0.1
    x[1, :, 4:] = 1
    torch.testing.assert_close(corners(x), torch.full((2, 3), 0.3))


def test_the_next_kind_is_another_one_and_nothing_else_changes():
    factors = sample_factors(300, seed=0)
    after = next_kind(factors)
    assert sorted(after.kind.unique().tolist()) == list(range(12))
    assert (after.kind != factors.kind).all()
    assert torch.equal(told(after)[:, 1:], told(factors)[:, 1:])
    assert combinations(held_out=True).shape[1] == 3


def test_a_way_has_as_many_stops_as_said_and_begins_and_ends_at_its_ends():
    shares = [float(x) for x in along(torch.tensor)]
    assert shares[0] == 0 and shares[-1] == 1 and len(shares) == gan_clothes.N_STOPS
    assert shares[gan_clothes.N_STOPS // 2] == 0.5


@pytest.fixture
def few(monkeypatch):
    for name in ("N_WORDS", "N_CAPTIONS", "N_WALKS"):
        monkeypatch.setattr(gan_captions, name, 10)


def test_a_perfect_forger_gets_full_marks_and_real_variety(few):
    found = one_word(Perfect(), seed=0)
    assert found["success"] == found["wished"] == found["rest"] == 1
    assert found["backdrop"]["word"] < 0.02  # the noise is kept, and so is the colour behind
    assert 0.5 < found["backdrop"]["noise"] / found["backdrop"]["real"] < 2
    noises, real = one_caption(Perfect(), seed=0)
    assert noises["1"]["all_five"] == real["all_five"] == 1
    assert 0.7 < noises["1"]["variety"] < 1.4 and 0.6 < real["backdrops"] < 1.6
    assert noises["0"]["variety"] == noises["0"]["backdrops"] == 0


def test_walks_of_an_untrained_forger_are_even_and_refused(few):
    found = walks(untrained(), seed=0)
    assert 1 <= found["noise"]["jerk"] < 1.5 and 1 <= found["kind"]["jerk"] < 1.5
    assert found["noise"]["ends"] < 0.3 and found["fade"]["middle"] < 0.5


def test_photographs_of_a_class_are_named_as_such_and_others_are_not():
    x = photographs(20, seed=0)
    test = load("fashion", "cpu").test
    known = {
        tuple(p.flatten().tolist()): k for p, k in zip(test.x, test.label.tolist(), strict=True)
    }
    for k, row in enumerate(x):
        assert all(known[tuple(p.flatten().tolist())] == k for p in row)
    assert sum(named(x).values()) > 8.5
    assert sum(named(x.roll(1, 0)).values()) < 1


def test_a_tailor_who_hangs_out_one_real_picture_of_each_class(monkeypatch):
    rack = photographs(5, seed=0)

    class Tailor(torch.nn.Module):
        """Hangs out real photographs of what is asked for: which, the noise decides."""

        latent_dim = 2

        def forward(self, z, wanted):
            return rack[wanted[:, 0], (100 * z[:, 0].abs()).long() % 5]

    monkeypatch.setattr(gan_clothes, "load_painter", lambda *_: SimpleNamespace(model=Tailor()))
    found = clothes(0, n=200)
    assert found["noise"]["0"]["variety"] == 0 and 0.5 < found["variety"] < 1.1
    assert found["asked"] == found["noise"]["1"]["asked"] == sum(found["each"].values()) / 10
    assert found["asked"] > 0.8 and list(found["real"]) == list(found["each"])
    assert found["walk"]["jerk"] > 1.5 and found["walk"]["ends"] > 0.8


GUARDS = [
    (test_between_two_wishes_lie_the_wishes_themselves_at_the_ends, (),
     "experiments.gan_captions", [
        ("torch.lerp(first, second, share)", "torch.lerp(second, first, share)"),
    ]),
    (test_within_is_the_mean_distance_of_scipy, (), "experiments.gan_clothes", [
        ("(n_each * (n_each - 1))", "(n_each * n_each)"),
    ]),
    (test_corners_see_the_colour_behind_and_nothing_below, (), "experiments.gan_captions", [
        ("x[:, :, :4, -4:]], dim=3", "x[:, :, -4:, -4:]], dim=3"),
    ]),
    (test_photographs_of_a_class_are_named_as_such_and_others_are_not, (),
     "experiments.gan_clothes", [
        ("test.label[order] == k", "test.label == k"),
    ]),
]  # fmt: skip
