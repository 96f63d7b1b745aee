"""The world of dots shows what its factors say, and its VAEs are trained as if alone."""

import numpy as np
import pytest
import torch

from course_lib.crowds.dots import BATCH_SIZE, DotRun, dot_vae, fit_dots
from course_lib.data.dots import FACTORS, SIDE, SQUARE, WIDE, draw_dots, sample_dots
from course_lib.experiments import axes
from course_lib.experiments import neighbours as neighbours_room
from course_lib.experiments.axes import drawn, places, turn
from course_lib.experiments.neighbours import neighbours, same_share


def one(right=0.0, up=0.0, size=0.0, brightness=0.0, reach=SQUARE):
    return draw_dots(torch.tensor([[right, up, size, brightness]]), reach)[0, 0].double()


def moments(picture):
    """Return light, middle (right, up) and squared width of one picture (S, S), in pixels."""
    light = picture + 0.9
    place = torch.arange(SIDE) - (SIDE - 1) / 2
    total = light.sum()
    right, up = (light.sum(0) * place).sum() / total, -(light.sum(1) * place).sum() / total
    wide = (light.sum(0) * (place - right) ** 2).sum() / total
    return total.item(), right.item(), up.item(), wide.item()


def test_each_factor_does_what_its_name_says():
    small = -1.0  # a dot that lies wholly inside its picture
    total, right, up, wide = moments(one(size=small))
    assert (right, up) == pytest.approx((0, 0), abs=1e-3) and wide == pytest.approx(1, abs=0.01)
    assert moments(one(right=0.8, size=small))[1:3] == pytest.approx((2, 0), abs=0.02)
    assert moments(one(up=0.8, size=small))[1:3] == pytest.approx((0, 2), abs=0.02)
    assert moments(one(0.4, 0.4, small, reach=WIDE))[1:3] == pytest.approx((1.4, 0.5), abs=0.02)
    ratio = moments(one(brightness=1.0))[0] / moments(one(brightness=-1.0))[0]
    assert ratio == pytest.approx(3, abs=1e-3)
    assert one(size=0.5).max() <= one(size=0.5, brightness=1.0).max()
    assert moments(one(size=0.0))[3] == pytest.approx(1.6**2, rel=0.03)


def test_dots_are_even_independent_and_the_same_for_any_number():
    dots = sample_dots(4000, 1)
    assert dots.x.shape == (4000, 1, SIDE, SIDE) and dots.factors.shape == (4000, len(FACTORS))
    assert dots.x.min() >= -1 and dots.x.max() <= 1
    assert np.abs(np.corrcoef(dots.factors.T.numpy()) - np.eye(4)).max() < 0.06
    torch.testing.assert_close(dots.factors.var(dim=0), torch.full((4,), 1 / 3), atol=0.02, rtol=0)
    torch.testing.assert_close(sample_dots(5, 1).x, dots.x[:5])
    assert not torch.equal(sample_dots(5, 2).x, dots.x[:5])


def test_factors_that_cannot_be_drawn_are_one_sentence():
    with pytest.raises(ValueError, match=r"shape \(N, 4\), got \(2, 3\)"):
        draw_dots(torch.zeros(2, 3))
    with pytest.raises(ValueError, match=r"must lie in \[-1, 1\]"):
        draw_dots(torch.full((1, 4), 1.1))


def test_a_dot_vae_is_a_vae():
    vae, x = dot_vae(), sample_dots(3, 0).x
    x_hat, mu, logvar = vae(x, torch.zeros(3, 6))
    assert x_hat.shape == x.shape and mu.shape == logvar.shape == (3, 6)
    torch.testing.assert_close(vae.decode(mu), x_hat)


def test_every_run_of_a_crowd_has_its_own_weight_and_world(monkeypatch):
    seen = []

    def spy(recipes, streams, n):
        seen.append((recipes[0].players["kl_weight"], [next(s).x for s in streams], n))

    monkeypatch.setattr("course_lib.crowds.dots.fit_crowd", spy)
    runs = [DotRun(0, 0.25), DotRun(0, 16.0, WIDE), DotRun(1, 4.0)]
    assert len(fit_dots(runs)) == 3
    (warm, _, n_warm), (weights, pictures, n) = seen
    assert (n_warm, n) == (500, 2000)
    assert weights.reshape(3, BATCH_SIZE).unique(dim=1).flatten().tolist() == [0.25, 16, 4]
    torch.testing.assert_close(warm, weights / 10)
    assert not torch.equal(pictures[0], pictures[1]) and not torch.equal(pictures[0], pictures[2])


def test_the_turn_of_an_axis_is_its_angle():
    factors = sample_dots(3000, 5).factors
    for angle in (0, 10, 30, 45):
        c, s = np.cos(np.radians(angle)), np.sin(np.radians(angle))
        light = 0.01 * factors[:, 2]
        z = torch.stack([light, -5 * (c * factors[:, 0] - s * factors[:, 1]) + 2], dim=1)
        assert turn(z, factors) == pytest.approx(angle, abs=1.5)
        flipped = factors[:, [1, 0, 2, 3]]
        assert turn(z, flipped) == pytest.approx(angle, abs=1.5)


def test_drawn_places_have_the_middle_and_the_width_that_the_encoder_says():
    vae, x = dot_vae(), sample_dots(1, 0).x.expand(20_000, -1, -1, -1)
    with torch.no_grad():
        vae.encoder[1][-1].bias[6:] = torch.linspace(-3, 1, 6)  # clouds of many widths
        mu, logvar = vae.encode(x)
    z = drawn(vae, x, seed=1)
    torch.testing.assert_close(z.mean(dim=0), mu[0], atol=0.03, rtol=0)
    torch.testing.assert_close(z.std(dim=0), (0.5 * logvar[0]).exp(), atol=0, rtol=0.03)
    torch.testing.assert_close(places(vae, x[:2]), mu[:2])


def test_neighbours_are_counted_as_by_hand():
    z, others = torch.tensor([[0.0], [10.0]]), torch.tensor([[9.0], [1.0], [-0.5], [30.0]])
    near = neighbours(z, others, k=2)
    assert near.tolist() == [[2, 1], [0, 1]]
    kind = torch.tensor([7, 4, 4, 7])
    assert same_share(torch.tensor([7, 7]), kind[near]) == 0.25


def test_the_experiments_return_what_the_notebook_reads(monkeypatch):
    monkeypatch.setattr(axes, "fit_dots", lambda runs: [dot_vae() for _ in runs])
    monkeypatch.setattr(axes, "N", 300)
    found = axes.measure(0)
    assert found.keys() == {"square", "wide", "labels"}
    assert list(found["square"]) == ["0.25", "1", "4", "16"] and list(found["wide"]) == ["1", "4"]
    assert found["labels"].keys() == {"10", "50", "200"}
    monkeypatch.setattr(neighbours_room, "fit", lambda *words, **players: None)
    shares = neighbours_room.measure(0)
    assert shares.keys() == {"pixels", "components", "with KL", "without KL"}
    assert shares["pixels"] > 0.9


GUARDS = [
    (test_each_factor_does_what_its_name_says, (), "data.dots", [
        ("reach[0] * right", "reach[1] * right"),
        ("+ reach[1] * up", "- reach[1] * up"),
        ("2 * width.square()", "width.square()"),
        ("(2 + brightness) / 3", "(3 + brightness) / 4"),
    ]),
    (test_dots_are_even_independent_and_the_same_for_any_number, (), "data.dots", [
        ("2 * u - 1", "u"),
    ]),
    (test_the_turn_of_an_axis_is_its_angle, (), "experiments.axes", [
        ("known.argmax()] - z", "0] - z"),
        ("min(right, up), max(right, up)", "right, up"),
    ]),
    (test_drawn_places_have_the_middle_and_the_width_that_the_encoder_says, (),
     "experiments.axes", [
        ("mu + (0.5 * logvar).exp()", "mu + (2.0 * logvar).exp()"),
    ]),
    (test_neighbours_are_counted_as_by_hand, (), "experiments.neighbours", [
        ("largest=False", "largest=True"),
        ("near == name[:, None]", "near == near[:, :1]"),
    ]),
]  # fmt: skip
