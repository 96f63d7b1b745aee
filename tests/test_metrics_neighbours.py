"""Neighbours are those that scikit-learn and plain loops find, in whatever blocks."""

import numpy as np
import pytest
import torch
from clouds import cloud
from sklearn.neighbors import NearestNeighbors

from course_lib.metrics import (
    density_coverage,
    inputs,
    nearest_training_image,
    neighbours,
    precision_recall,
)
from course_lib.metrics.neighbours import LOOK


def share_inside(points, centres, k):
    """Return the share of points in a ball around a centre that reaches its k-th neighbour."""
    found = NearestNeighbors(n_neighbors=k + 1).fit(centres)  # the first is the point itself
    radius = found.kneighbors(centres)[0][:, k]
    distance = np.linalg.norm(points[:, None] - centres[None], axis=2)
    return (distance <= radius).any(axis=1).mean()


@pytest.mark.parametrize("k", [1, 3, 5])
def test_precision_and_recall_equal_scikit_learn_neighbours(k):
    fake, real = cloud(150, 4, 0, scale=1.3), cloud(150, 4, 1)
    precision, recall = precision_recall(fake, real, k)
    assert precision == pytest.approx(share_inside(fake.numpy(), real.numpy(), k))
    assert recall == pytest.approx(share_inside(real.numpy(), fake.numpy(), k))
    assert 0 < precision < recall < 1  # the fakes are spread too wide, and an exchange would show


def test_precision_and_recall_tell_the_classic_cases_apart():
    left, right = cloud(60, 2, 0), cloud(60, 2, 1, shift=100.0)
    both = torch.cat([left[:30], right[:30]])
    assert precision_recall(left, left) == (1, 1)
    assert precision_recall(left, right) == (0, 0)
    half = precision_recall(left, both)  # one of two groups is never made
    assert half.precision > 0.8 and half.recall <= 0.5
    collapsed = precision_recall(left[:1].expand(60, 2), left)
    assert collapsed.precision == 1 and collapsed.recall <= 1 / 60


def density_coverage_by_loops(fake, real, k):
    """Count balls one by one, as Naeem et al. write it."""
    fake, real = fake.tolist(), real.tolist()

    def distance(u, v):
        return sum((p - q) ** 2 for p, q in zip(u, v, strict=True)) ** 0.5

    hits, covered = 0, 0
    for i, centre in enumerate(real):
        others = sorted(distance(centre, other) for j, other in enumerate(real) if j != i)
        inside = sum(distance(centre, point) <= others[k - 1] for point in fake)
        hits += inside
        covered += inside > 0
    return hits / (k * len(fake)), covered / len(real)


@pytest.mark.parametrize("k", [1, 5])
def test_density_and_coverage_equal_plain_loops(k):
    fake, real = cloud(80, 3, 0, shift=0.7), cloud(80, 3, 1)
    found = density_coverage(fake, real, k)
    assert found == pytest.approx(density_coverage_by_loops(fake, real, k))
    assert abs(found.density - found.coverage) > 0.02  # an exchange would show


def test_real_against_real_has_the_density_and_the_coverage_of_the_paper():
    found = [density_coverage(cloud(400, 3, 2 * s), cloud(400, 3, 2 * s + 1)) for s in range(20)]
    density, coverage = np.mean(found, axis=0)
    assert density == pytest.approx(1, abs=0.02) and coverage == pytest.approx(
        1 - 1 / 2**5, abs=0.005
    )


def test_one_odd_fake_raises_the_recall_and_not_the_coverage():
    """The balls of a few scattered fakes are huge. This is why coverage was invented."""
    real = cloud(200, 2, 0)
    few = torch.cat([cloud(194, 2, 1, shift=50.0), cloud(6, 2, 2, scale=9.0)])
    assert precision_recall(few, real).recall > 0.9
    assert density_coverage(few, real).coverage < 0.1


def test_no_block_of_distances_is_large_and_the_numbers_stay_the_same(monkeypatch):
    fake, real = cloud(301, 4, 0, scale=1.3), cloud(301, 4, 1)
    at_once = precision_recall(fake, real), density_coverage(fake, real)
    sizes, cdist = [], torch.cdist

    def watched(a, b):
        sizes.append(len(a) * len(b))
        return cdist(a, b)

    monkeypatch.setattr(inputs, "BLOCK", 2000)  # 6 rows at a time, and 1 at the end
    monkeypatch.setattr(torch, "cdist", watched)
    assert (precision_recall(fake, real), density_coverage(fake, real)) == at_once
    assert len(sizes) == 5 * 51 and max(sizes) <= 2000


@pytest.mark.parametrize("n_train", [50, LOOK, 2 * LOOK + 9])  # up to three blocks
def test_the_nearest_training_image_is_the_one_that_a_full_search_finds(n_train, monkeypatch):
    x, train = (cloud(n, 4, s).reshape(n, 1, 2, 2) for n, s in ((30, 0), (n_train, 1)))
    full = np.linalg.norm(x.flatten(1).numpy()[:, None] - train.flatten(1).numpy(), axis=2)
    for look in (LOOK, 7):
        monkeypatch.setattr(neighbours, "LOOK", look)
        distance, index = nearest_training_image(x, train)
        np.testing.assert_array_equal(index.numpy(), full.argmin(axis=1))
        torch.testing.assert_close(distance, torch.from_numpy(full.min(axis=1)))


def test_a_training_image_is_found_at_its_own_place():
    train = cloud(2 * LOOK + 9, 4, 1).reshape(-1, 1, 2, 2)
    places = torch.tensor([0, LOOK - 1, LOOK, 2 * LOOK - 1, 2 * LOOK, 2 * LOOK + 8])
    distance, index = nearest_training_image(train[places], train)
    torch.testing.assert_close(index, places)
    assert (distance == 0).all()


def test_points_that_crowd_are_told_apart():
    train = 0.01 * torch.randn(50_000, 2, generator=torch.Generator().manual_seed(0)) + 1
    copies = train[:300] + 1e-5
    distance, index = nearest_training_image(copies, train)
    full = torch.cdist(copies.double(), train.double(), compute_mode="donot_use_mm_for_euclid_dist")
    torch.testing.assert_close(distance, full.min(dim=1).values, rtol=1e-6, atol=1e-9)
    assert (index == torch.arange(300)).float().mean() > 0.8


def test_pictures_far_from_grey_keep_their_digits():
    """All nearly white: without care, float32 would see only differences of the rounding."""
    train = 1 - 1e-4 * cloud(500, 3072, 0).abs().reshape(-1, 3, 32, 32)
    x = 1 - 1e-4 * cloud(20, 3072, 1).abs().reshape(-1, 3, 32, 32)
    distance, _ = nearest_training_image(x.float(), train.float())
    full = torch.cdist(x.float().flatten(1).double(), train.float().flatten(1).double())
    torch.testing.assert_close(distance, full.min(dim=1).values, rtol=1e-3, atol=0)


@pytest.mark.parametrize("metric", [precision_recall, density_coverage])
def test_more_neighbours_than_samples_or_unequal_samples_are_refused(metric):
    with pytest.raises(ValueError, match="need more than 5 samples, got 5"):
        metric(torch.zeros(5, 2), torch.zeros(5, 2), k=5)
    with pytest.raises(ValueError, match="equally many samples, 2 or more, got 40 and 50"):
        metric(cloud(40, 2, 0), cloud(50, 2, 1))
    with pytest.raises(ValueError, match="only finite numbers"):
        metric(cloud(40, 2, 0), cloud(40, 2, 1) / 0)


@pytest.mark.parametrize(
    ("x", "train", "words"),
    [
        (torch.zeros(2, 1, 8, 8), torch.zeros(2, 1, 8, 9), "of one shape"),
        (torch.zeros(0, 1, 8, 8), torch.zeros(2, 1, 8, 8), "none empty"),
        (torch.zeros(2, 1, 8, 8), torch.full((2, 1, 8, 8), torch.nan), "finite"),
    ],
)
def test_pictures_that_do_not_match_are_refused(x, train, words):
    with pytest.raises(ValueError, match=words):
        nearest_training_image(x, train)


GUARDS = [
    (test_precision_and_recall_equal_scikit_learn_neighbours, (3,), "metrics.neighbours", [
        ("[:, k]  # the first", "[:, k - 1]  # the first"),
        ("for u in (real, fake)", "for u in (fake, real)"),
        ("PrecisionRecall(precise.double().mean().item(), reached",
         "PrecisionRecall(reached.double().mean().item(), precise"),
    ]),
    (test_density_and_coverage_equal_plain_loops, (5,), "metrics.neighbours", [
        ("hits / (k * n)", "hits / n"),
        ("ball = _ball_radii(real, k)", "ball = _ball_radii(fake, k)"),
        ("inside.any(dim=0)", "inside.any(dim=1)"),
    ]),
    (test_a_training_image_is_found_at_its_own_place, (), "metrics.neighbours", [
        ("place + start", "place"),
        ("(rows(images) - rows(train[near])).norm(dim=1)", "rows(images).norm(dim=1)"),
    ]),
    (test_pictures_far_from_grey_keep_their_digits, (), "metrics.neighbours", [
        (".mean(dim=0)  # near 0", ".mean(dim=0) * 0  # near 0"),
    ]),
]  # fmt: skip
