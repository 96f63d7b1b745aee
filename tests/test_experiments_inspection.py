"""Inspectors and coders on cases whose answer is known; the shipped VAE is not needed."""

import math

import pytest
import torch
from sklearn.decomposition import PCA
from torch import nn
from torch.distributions import Normal, kl_divergence

from course_lib.experiments import compression, inspection
from course_lib.experiments.compression import bits_back
from course_lib.experiments.inspection import marks
from course_lib.metrics.coding import psnr
from course_lib.runtime import generator

X = torch.rand(6, 3, 32, 32, generator=generator(0)) * 2 - 1


class Known(nn.Module):
    """A VAE of two numbers a picture, whose clouds and drawings are known."""

    latent_dim = 2

    def encode(self, x):
        mu = torch.stack([x.mean((1, 2, 3)), x[:, 0].mean((1, 2))], dim=1)
        return mu, torch.full_like(mu, -1.0)

    def decode(self, z):
        return z[:, :1, None, None].clamp(-1, 1).expand(-1, 3, 32, 32)


def test_the_marks_are_those_of_torch_distributions():
    found = marks(Known(), X, seed=3)
    mu, logvar = Known().encode(X)
    width = (0.5 * logvar).exp()
    z = mu + width * torch.randn(mu.shape, generator=generator(3))
    kl = kl_divergence(Normal(mu, width), Normal(0.0, 1.0)).sum(1)
    x_hat = Known().decode(z)
    density = Normal(x_hat, inspection.PIXEL_SIGMA).log_prob(X).sum((1, 2, 3))
    constant = X[0].numel() * math.log(inspection.PIXEL_SIGMA * math.sqrt(2 * math.pi))
    torch.testing.assert_close(found["KL"], kl)
    torch.testing.assert_close(found["error"], -density - constant, rtol=1e-3, atol=1e-2)
    torch.testing.assert_close(found["-ELBO"] - found["error"], kl, rtol=0, atol=0.05)


def test_the_neighbours_redraw_what_they_know_and_average_what_they_do_not(monkeypatch):
    monkeypatch.setattr(inspection, "learned_from", lambda: X[:5])
    inspection.nearest.cache_clear()
    assert torch.equal(inspection.by_neighbours(1, X[2:4]), X[2:4])
    torch.testing.assert_close(inspection.by_neighbours(5, X[5:]), X[:5].mean(0, keepdim=True))


def test_components_redraw_by_projection(monkeypatch):
    axes = torch.linalg.qr(torch.randn(3072, 4, generator=generator(1))).Q
    mean = X.flatten(1).mean(0)
    monkeypatch.setattr(inspection, "components", lambda: (mean, axes))
    inside = (mean + torch.tensor([[1.0, -2.0, 0.5, 3.0]]) @ axes.T).reshape(1, 3, 32, 32)
    torch.testing.assert_close(inspection.by_components(4, inside), inside, atol=1e-4, rtol=1e-4)
    lost = (inspection.by_components(3, inside) - inside).square().sum().item()
    assert lost == pytest.approx(9.0, rel=1e-3)


def test_the_components_are_those_of_scikit_learn(monkeypatch):
    x = torch.randn(50, 3, 2, 2, generator=generator(2)) * torch.arange(1.0, 13).reshape(3, 2, 2)
    monkeypatch.setattr(inspection, "learned_from", lambda: x)
    monkeypatch.setattr(inspection, "KEPT", (4,))
    inspection.components.cache_clear()
    mean, axes = inspection.components()
    inspection.components.cache_clear()
    theirs = PCA(4).fit(x.flatten(1).numpy())
    torch.testing.assert_close(mean, torch.from_numpy(theirs.mean_), atol=1e-4, rtol=0)
    same = torch.from_numpy(theirs.components_) @ axes
    torch.testing.assert_close(same.abs(), torch.eye(4), atol=1e-3, rtol=0)  # up to their signs


def test_suspicion_of_the_whole_is_the_mean_and_of_a_spot_the_largest():
    maps = torch.zeros(1, 32, 32)
    maps[0, 4:7, 4:7] = 1.0
    assert inspection.suspicion(maps, 32).item() == pytest.approx(9 / 1024)
    assert inspection.suspicion(maps, 3).item() == pytest.approx(1.0)


def test_good_and_faulty_pictures_are_of_different_products():
    good, other = inspection._drawn("validation", seed=1, n=40)
    assert not (good.lean[:, None] == other.lean).any()
    again, _ = inspection._drawn("validation", seed=1, n=40)
    assert torch.equal(good.lean, again.lean)


def test_the_tuning_takes_the_setting_that_finds_faults(monkeypatch):
    monkeypatch.setattr(inspection, "N_TUNING", 20)
    grey = {1: lambda x: x, 2: lambda x: x.mean((2, 3), keepdim=True).expand_as(x)}
    setting, spot = inspection.tuned(grey, seed=0)
    assert setting == 2 and spot in inspection.SPOTS  # the first redraws everything, faults too


def test_bits_back_pays_the_kl_in_bits():
    found = bits_back(Known(), X, seed=0)
    mu, logvar = Known().encode(X)
    kl = kl_divergence(Normal(mu, (0.5 * logvar).exp()), Normal(0.0, 1.0)).sum(1).mean().item()
    assert found["bits"] == pytest.approx(kl / math.log(2), rel=1e-4)
    z = mu + (0.5 * logvar).exp() * torch.randn(mu.shape, generator=generator(0))
    assert found["psnr"] == pytest.approx(psnr(Known().decode(z), X))


def test_between_two_settings_there_is_a_straight_line():
    curve = {"a": {"bits": 100.0, "psnr": 20.0}, "b": {"bits": 50.0, "psnr": 10.0}}
    assert compression.psnr_at(75.0, curve) == pytest.approx(15.0)
    assert compression.psnr_at(10.0, curve) == 10.0 and compression.psnr_at(999.0, curve) == 20.0


def test_more_bits_buy_a_better_jpeg():
    curve = compression.jpeg_curve(X[:2])
    points = [curve[f"{quality}"] for quality in compression.QUALITIES]
    for name in ("bits", "psnr"):
        values = [point[name] for point in points]
        assert values == sorted(values)


GUARDS = [
    (test_the_marks_are_those_of_torch_distributions, (), "experiments.inspection", [
        ("/ (2 * PIXEL_SIGMA**2)", "/ PIXEL_SIGMA**2"),
        ('"-ELBO": error + kl', '"-ELBO": error - kl'),
        ("(0.5 * logvar).exp() * eps", "logvar.exp() * eps"),
    ]),
    (test_bits_back_pays_the_kl_in_bits, (), "experiments.compression", [
        ("/ math.log(2), x_hat", ", x_hat"),
        ("(0.5 * logvar).exp() * eps", "0 * eps"),
    ]),
]  # fmt: skip
