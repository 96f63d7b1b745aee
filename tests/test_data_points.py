"""The densities and scores of the points are exact, and samples are what the densities say."""

import math

import numpy as np
import pytest
import torch
from scipy.stats import chi2
from sklearn.datasets import make_moons
from torch.distributions import Categorical, Independent, MixtureSameFamily, Normal

from course_lib.data import load
from course_lib.data.points import grid, moons, ring
from course_lib.runtime import noise
from course_lib.schedules import noised

EVERY_MIXTURE = pytest.mark.parametrize("name", ["ring", "grid", "moons"])


def the(name):
    """Return the mixture of that name."""
    return {"ring": ring, "grid": grid, "moons": moons}[name]()


def oracle(mixture):
    """Build the same density from torch.distributions."""
    parts = Independent(Normal(mixture.centres, mixture.sigma), 1)
    return MixtureSameFamily(Categorical(torch.ones(len(mixture.centres))), parts)


def probes(mixture):
    """Return points near the modes, between them and far away, in float64."""
    near = mixture.sample(50, seed=1).x.double()
    return torch.cat([near, 3 * noise(50, 2, seed=2, device="cpu").double()])


@EVERY_MIXTURE
def test_the_log_density_equals_torch_distributions(name):
    mixture = the(name)
    x = probes(mixture)
    torch.testing.assert_close(mixture.log_prob(x), oracle(mixture).log_prob(x))


@EVERY_MIXTURE
def test_the_score_equals_the_gradient_of_the_oracle(name):
    mixture = the(name)
    x = probes(mixture).requires_grad_()
    (reference,) = torch.autograd.grad(oracle(mixture).log_prob(x).sum(), x)
    torch.testing.assert_close(mixture.score(x.detach()), reference)


@EVERY_MIXTURE
def test_the_density_sums_to_1(name):
    mixture = the(name)
    step = mixture.sigma / 2  # so fine that the sum equals the integral to many digits
    if name == "moons":
        middle, reach, share = torch.zeros(2), 2.5, 1.0
    else:  # one mode, far from the others, holds its share of the whole
        middle, reach = mixture.centres[0], 8 * mixture.sigma
        share = 1 / len(mixture.centres)
    axis = torch.arange(-reach, reach + step, step, dtype=torch.float64)
    density = mixture.log_prob(middle + torch.cartesian_prod(axis, axis)).exp()
    assert (density.sum() * step**2).item() == pytest.approx(share, rel=1e-8)


@EVERY_MIXTURE
def test_samples_reach_each_mode_equally_often_and_scatter_by_sigma(name):
    mixture = the(name)
    x, label = mixture.sample(20_000, seed=3)
    assert x.shape == (20_000, 2) and x.dtype == torch.float32 and label.dtype == torch.int64
    distance, nearest = (x[:, None].double() - mixture.centres).square().sum(-1).min(dim=1)
    k = len(mixture.label_names)
    counts = torch.bincount(label, minlength=k).double()
    assert ((counts - 20_000 / k).square() / (20_000 / k)).sum() < chi2.ppf(0.9999, k - 1)
    if name == "moons":  # neighbours overlap; the two moons hardly ever do
        assert (mixture.label[nearest] == label).double().mean() > 0.99
    else:
        assert torch.equal(mixture.label[nearest], label)
        scaled = distance / mixture.sigma**2  # chi-square with 2 degrees of freedom: mean 2
        assert scaled.mean().item() == pytest.approx(2, abs=0.06)
        # PacGAN calls a point within 3 sigma of a mode good; of perfect ones these are 98.9 %
        assert (scaled < 9).double().mean().item() == pytest.approx(1 - math.exp(-4.5), abs=0.003)


@EVERY_MIXTURE
def test_samples_come_from_the_density_itself(name):
    """The mean log density of samples is minus the entropy, here from torch's own samples."""
    mixture = the(name)
    ours = mixture.log_prob(mixture.sample(20_000, seed=4).x.double())
    with torch.random.fork_rng():
        torch.manual_seed(5)
        theirs = mixture.log_prob(oracle(mixture).sample((20_000,)))
    assert ours.mean().item() == pytest.approx(theirs.mean().item(), abs=0.05)
    assert ours.std().item() == pytest.approx(theirs.std().item(), abs=0.05)


@EVERY_MIXTURE
def test_the_same_seed_draws_the_same_points_and_another_seed_others(name):
    a, b, c = (the(name).sample(100, seed) for seed in (1, 1, 2))
    assert torch.equal(a.x, b.x) and torch.equal(a.label, b.label)
    assert not torch.equal(a.x, c.x)


def test_the_ring_and_the_grid_stand_where_pacgan_put_them():
    angles = 2 * np.pi * np.arange(8) / 8
    on_circle = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    torch.testing.assert_close(ring().centres, torch.from_numpy(on_circle))
    places = [(float(a), float(b)) for a in (-4, -2, 0, 2, 4) for b in (-4, -2, 0, 2, 4)]
    assert grid().centres.tolist() == [list(place) for place in places]
    assert (ring().sigma, grid().sigma) == (0.01, 0.05)
    assert ring().label_names[2] == "north" and grid().label_names[1] == "(-4, -2)"


def test_the_moons_are_those_of_scikit_learn_around_the_origin():
    theirs, label = make_moons(80, shuffle=False)
    torch.testing.assert_close(moons().centres, torch.from_numpy(theirs - [0.5, 0.25]))
    assert moons().label.tolist() == label.tolist()


def test_the_moons_are_smooth_although_made_of_pieces():
    angle = torch.linspace(0.25, 0.75, 1001, dtype=torch.float64) * math.pi  # away from the ends
    crest = torch.stack([angle.cos() - 0.5, angle.sin() - 0.25], dim=1)
    pieces = moons()._replace(centres=moons().centres[:40])  # one moon, alone
    density = pieces.log_prob(crest).exp()
    assert (density.max() / density.min() - 1).item() < 1e-9


@EVERY_MIXTURE
def test_a_noised_mixture_is_the_density_of_noised_samples(name):
    mixture = the(name)
    x, eps = mixture.sample(20_000, seed=6).x, noise(20_000, 2, seed=7, device="cpu")
    for alpha_bar in (0.999, 0.3):
        x_t = noised(x, eps, torch.full((20_000,), alpha_bar)).double()
        blurred = mixture.noised(alpha_bar)
        direct = blurred.sample(20_000, seed=8).x.double()
        a, b = blurred.log_prob(x_t), blurred.log_prob(direct)
        assert a.mean().item() == pytest.approx(b.mean().item(), abs=0.05)
        covariances = (points.T.cov() / mixture.centres.var() for points in (x_t, direct))
        torch.testing.assert_close(*covariances, atol=0.06, rtol=0)


@EVERY_MIXTURE
def test_a_data_set_of_points_has_the_same_face_as_pictures(name):
    data = load(name, device="cpu")
    assert data.name == name and data.label_names == the(name).label_names
    assert [len(s.x) for s in (data.train, data.validation, data.test)] == [100_000, 10_000, 10_000]
    for x, label in (data.train, data.validation, data.test):
        assert x.shape == (len(x), 2) and x.dtype == torch.float32
        assert label.shape == (len(x),) and label.dtype == torch.int64
        assert set(label.tolist()) == set(range(len(data.label_names)))
    pairs = torch.cat([data.train.x, data.validation.x, data.test.x])
    assert len(pairs.unique(dim=0)) > 119_990  # no split repeats another
    assert (data.train.x.abs() < {"ring": 1.05, "grid": 4.3, "moons": 1.9}[name]).all()


def test_the_first_points_are_the_same_on_every_machine():
    data = load("ring", device="cpu")
    pinned = torch.tensor([[-0.997852, 0.006413], [-0.712129, -0.706177]])
    torch.testing.assert_close(data.train.x[:2], pinned, atol=1e-5, rtol=0)


@pytest.mark.parametrize("bad", [torch.zeros(4, 3), torch.zeros(4, 1), torch.zeros(4, 2).long()])
def test_what_is_no_point_of_the_plane_is_refused(bad):
    for method in (ring().log_prob, ring().score):
        with pytest.raises(ValueError, match=r"points must be floats \(\.\.\., 2\), got torch\."):
            method(bad)


def test_points_keep_their_precision_and_their_batch_shape():
    x = torch.zeros(3, 5, 2)
    assert ring().log_prob(x).shape == (3, 5) and ring().log_prob(x).dtype == torch.float32
    assert ring().score(x).shape == (3, 5, 2) and ring().score(x).dtype == torch.float32
