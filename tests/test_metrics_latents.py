"""What is said of codes is what scikit-learn, counting, and clouds of known shape say."""

import numpy as np
import pytest
import torch
from sklearn.neighbors import NearestNeighbors

from course_lib.metrics import active_units, holes, neighbour_purity
from course_lib.runtime import noise


def test_axes_are_counted_whose_codes_differ_from_picture_to_picture():
    mu = noise(4000, 6, seed=0, device="cpu") * torch.tensor([2.0, 1.0, 0.12, 0.08, 0.01, 0.0]) + 5
    assert active_units(mu) == 3  # variances 4, 1, 0.0144; 0.0064 is below 0.01
    assert active_units(mu) == int((np.var(mu.numpy(), axis=0) > 0.01).sum())


def test_a_collapsed_code_has_no_axis_in_use():
    assert active_units(torch.ones(100, 16)) == 0


@pytest.mark.parametrize("k", [1, 5])
def test_purity_equals_scikit_learns_neighbours(k):
    codes, label = noise(60, 3, seed=0, device="cpu"), torch.arange(60) % 4
    codes[:, 0] += label  # half sorted
    ask = NearestNeighbors(n_neighbors=k + 1).fit(codes.numpy())
    nearest = ask.kneighbors(codes.numpy(), return_distance=False)[:, 1:]
    truth = (label.numpy()[nearest] == label.numpy()[:, None]).mean()
    assert neighbour_purity(codes, label, k) == pytest.approx(truth)


def test_purity_of_separate_clusters_is_1_and_of_chance_the_share_of_a_kind():
    label = torch.arange(1000) % 10
    apart = label[:, None] * 100.0 + noise(1000, 2, seed=0, device="cpu")
    assert neighbour_purity(apart, label) == 1.0
    assert 0.07 < neighbour_purity(noise(1000, 2, seed=1, device="cpu"), label) < 0.13


def test_equal_codes_do_not_count_as_their_own_neighbour():
    codes, label = torch.zeros(4, 2), torch.tensor([0, 1, 2, 3])
    assert neighbour_purity(codes, label, k=3) == 0.0


def test_where_the_codes_are_the_draws_one_in_twenty_falls_into_a_hole():
    draws, codes, held_out = (noise(4000, 2, seed=seed, device="cpu") for seed in range(3))
    assert 0.035 < holes(draws, codes, held_out) < 0.065


def test_draws_around_an_empty_middle_fall_into_the_hole():
    angle = noise(4000, seed=0, device="cpu") * 9
    ring = torch.stack([angle.cos(), angle.sin()], dim=1)
    draws = torch.cat([ring[:1000], torch.zeros(1000, 2)])
    assert holes(draws, ring[1000:3000], ring[3000:]) == pytest.approx(0.525, abs=0.02)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: active_units(torch.zeros(5)), r"the codes \(N, Z\) of two or more"),
        (lambda: active_units(torch.zeros(1, 5)), "two or more"),
        (lambda: neighbour_purity(torch.zeros(5, 2), torch.zeros(4)), "a label each, got 5"),
        (lambda: neighbour_purity(torch.zeros(5, 2), torch.zeros(5)), "more than 5 codes"),
        (lambda: holes(torch.zeros(5, 2), torch.zeros(5, 3), torch.zeros(5, 3)), "of one shape"),
    ],
)
def test_what_cannot_be_measured_is_one_sentence(call, words):
    with pytest.raises(ValueError, match=words):
        call()


GUARDS = [
    (test_axes_are_counted_whose_codes_differ_from_picture_to_picture, (), "metrics.latents", [
        ("var(dim=0) > IN_USE", "std(dim=0) > IN_USE"),
        ("rows(mu).var(dim=0)", "rows(mu).square().mean(dim=0)"),
    ]),
    (test_purity_equals_scikit_learns_neighbours, (5,), "metrics.latents", [
        ("distance.scatter(1, own, torch.inf)", "distance"),
        ("largest=False", "largest=True"),
    ]),
    (test_where_the_codes_are_the_draws_one_in_twenty_falls_into_a_hole, (), "metrics.latents", [
        ("ours > control", "ours < control"),
        ("control.quantile(EDGE)", "control.median()"),
    ]),
]  # fmt: skip
