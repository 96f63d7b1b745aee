"""A VAE that is told listens, and its step is the ELBO's."""

import pytest
import torch
from torch.distributions import Normal, kl_divergence

from course_lib.data import Batch
from course_lib.models.conditional import ConditionalVAE
from course_lib.recipes.conditional import conditional_players, conditional_step
from course_lib.runtime import noise


def small():
    torch.manual_seed(0)
    return ConditionalVAE(channels=3, size=16, patch=2, width=4, latent_dim=5, answers=(4, 2))


def told(n):
    return torch.stack([torch.arange(n) % 4, torch.arange(n) % 2], dim=1)


def test_shapes_go_round():
    vae, x = small(), noise(6, 3, 16, 16, seed=0, device="cpu").tanh()
    out = vae(x, noise(6, 5, seed=1, device="cpu"), told(6))
    assert out.x_hat.shape == x.shape and out.mu.shape == out.logvar.shape == (6, 5)
    assert out.x_hat.abs().max() <= 1


def test_the_decoder_hears_each_question():
    vae, z = small(), noise(1, 5, seed=0, device="cpu")
    base = vae.decode(z, torch.tensor([[0, 0]]))
    for other in ([1, 0], [0, 1], [-1, 0]):
        assert not torch.allclose(base, vae.decode(z, torch.tensor([other])))


def test_the_code_still_matters_and_is_placed_by_the_cloud():
    vae, x = small(), noise(2, 3, 16, 16, seed=0, device="cpu").tanh()
    mu, logvar = vae.encode(x)
    eps = noise(2, 5, seed=3, device="cpu")
    by_hand = vae.decode(mu + logvar.exp().sqrt() * eps, told(2))
    torch.testing.assert_close(vae(x, eps, told(2)).x_hat, by_hand)
    assert not torch.allclose(by_hand, vae.decode(mu, told(2)))


def test_a_size_that_does_not_fit_is_named():
    with pytest.raises(ValueError, match="multiple of 8, got 12"):
        ConditionalVAE(3, 12, 2, 4, 5, (4,))


def test_the_step_reports_the_terms_of_the_elbo():
    players = conditional_players("digits", (10,), seed=0)
    x = noise(9, 1, 8, 8, seed=0, device="cpu").tanh()
    batch = Batch(x, (torch.arange(9) % 10)[:, None])
    vae, before = players["vae"], [p.clone() for p in players["ema"].model.parameters()]
    torch.manual_seed(5)
    out = vae(x, torch.randn(9, 16), batch.label)
    error = -Normal(out.x_hat, 0.4).log_prob(x) + Normal(0.0, 0.4).log_prob(torch.tensor(0.0))
    kl = kl_divergence(Normal(out.mu, (out.logvar / 2).exp()), Normal(0.0, 1.0))
    torch.manual_seed(5)
    report = conditional_step(batch, **players)
    torch.testing.assert_close(report["error"], error.flatten(1).sum(dim=1).mean())
    torch.testing.assert_close(report["kl"], kl.sum(dim=1).mean())
    after = players["ema"].model.parameters()
    assert any(not torch.equal(a, b) for a, b in zip(before, after, strict=True))


def test_the_seed_decides_the_weights_and_unknown_data_is_named():
    first, again = (conditional_players("digits", (10,), seed=s)["vae"] for s in (1, 1))
    for a, b in zip(first.parameters(), again.parameters(), strict=True):
        assert torch.equal(a, b)
    with pytest.raises(ValueError, match="no settings for 'faces'"):
        conditional_players("faces", (2,), seed=0)


GUARDS = [
    (test_the_code_still_matters_and_is_placed_by_the_cloud, (), "models.conditional", [
        ("(0.5 * logvar).exp() * eps", "logvar.exp() * eps"),
    ]),
    (test_the_decoder_hears_each_question, (), "models.conditional", [
        ("[z, self.conditions(told)]", "[z, 0 * self.conditions(told)]"),
        ("[z, self.conditions(told)]", "[z, self.conditions(0 * told)]"),
    ]),
    (test_the_step_reports_the_terms_of_the_elbo, (), "recipes.conditional", [
        ("(2 * pixel_sigma**2)", "pixel_sigma**2"),
        ("    ema.update(vae)\n", ""),
        ("vae(batch.x, eps, batch.label)", "vae(batch.x, 0 * eps, batch.label)"),
    ]),
]  # fmt: skip
