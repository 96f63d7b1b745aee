"""The tools that mend digits do what their names say, on cases whose answer is known."""

import pytest
import torch
from torch import nn

from course_lib.data import Batch
from course_lib.experiments import gaps
from course_lib.experiments.gaps import gap_error, with_gaps
from course_lib.experiments.grain import by_median, clean_guess, dae_step, searched
from course_lib.models import VAE
from course_lib.runtime import generator
from course_lib.schedules import cosine_alpha_bar


def pictures(n, seed=0):
    return torch.rand(n, 1, 8, 8, generator=generator(seed)) * 2 - 1


def test_gaps_have_the_share_asked_for_and_only_they_count():
    known = with_gaps(torch.zeros(500, 1, 8, 8), 0.3, seed=1)
    assert (~known).float().mean().item() == pytest.approx(0.3, abs=0.01)
    x = pictures(500)
    wrong = torch.where(known, x + 9, x + 0.5)
    assert gap_error(wrong, x, known) == pytest.approx(0.5, abs=1e-5)


def test_the_nearest_neighbour_in_the_known_pixels_gives_its_own():
    train, x = pictures(30), pictures(4, seed=1)
    known = with_gaps(x, 0.5, seed=0)
    filled = gaps.by_neighbours(train, 1, x, known)
    for one, seen, found in zip(x, known, filled, strict=True):
        far = ((train - one).square() * seen).flatten(1).sum(1)
        torch.testing.assert_close(found[~seen], train[far.argmin()][~seen])
        assert torch.equal(found[seen], one[seen])


def test_ridge_finds_what_the_other_pixels_decide():
    hidden = torch.randn(150, 3, generator=generator(2))
    mixed = hidden @ torch.randn(3, 64, generator=generator(3))
    x = mixed + 0.3 * torch.randn(mixed.shape, generator=generator(4))
    x = (x / x.abs().max()).reshape(-1, 1, 8, 8)
    known = with_gaps(x[120:], 0.3, seed=0)
    filled = gaps.by_ridge(x[:120], 2, x[120:], known)
    by_mean = gaps.by_mean(x[:120], x[120:], known)
    assert torch.equal(filled[known], x[120:][known])
    assert gap_error(filled, x[120:], known) < 0.4 * gap_error(by_mean, x[120:], known)


def test_draws_from_the_truths_own_distribution_hold_it_80_times_of_100():
    draws = 0.3 * torch.randn(400, 100, 1, 8, 8, generator=generator(4))
    x = 0.3 * torch.randn(100, 1, 8, 8, generator=generator(5))
    known = with_gaps(x, 0.5, seed=0)
    assert gaps.inside(draws, x.clamp(-1, 1), known) == pytest.approx(0.8, abs=0.03)
    assert gaps.inside(0.3 * draws, x.clamp(-1, 1), known) < 0.4  # too sure
    assert gaps.inside(3 * draws, x.clamp(-1, 1), known) > 0.98  # not sure enough


class KnowsTheNoise(nn.Module):
    """A diffusion model that was told the clean pictures."""

    def __init__(self, x):
        super().__init__()
        self.x = x

    def forward(self, x_t, t):
        a = cosine_alpha_bar(1000)[t].reshape(-1, 1, 1, 1)
        return (x_t - a.sqrt() * self.x) / (1 - a).sqrt()


@pytest.mark.parametrize("strength", [0.25, 1.0])
def test_one_diffusion_step_that_knows_the_noise_returns_the_clean_picture(strength):
    x = pictures(5)
    noisy = x + strength * torch.randn(x.shape, generator=generator(6))
    torch.testing.assert_close(clean_guess(KnowsTheNoise(x), noisy, strength), x, atol=1e-4, rtol=0)


class Watch(nn.Module):
    def forward(self, x_t, t):
        self.level = cosine_alpha_bar(1000)[t[0]]
        self.x_t = x_t
        return torch.zeros_like(x_t)


def test_the_step_is_taken_at_the_timestep_whose_noise_is_as_strong():
    watch, noisy = Watch(), torch.randn(4, 1, 8, 8, generator=generator(7))
    clean_guess(watch, noisy, 0.5)
    assert ((1 - watch.level) / watch.level).item() == pytest.approx(0.25, rel=0.02)
    torch.testing.assert_close(watch.x_t, watch.level.sqrt() * noisy)


class Linear(nn.Module):
    latent_dim = 2

    def __init__(self):
        super().__init__()
        self.W = torch.randn(2, 64, generator=generator(8)) / 4

    def decode(self, z):
        return (z @ self.W).reshape(-1, 1, 8, 8)


def test_searching_finds_the_mean_of_the_exact_posterior_of_a_linear_decoder():
    model, noisy = Linear(), torch.randn(6, 1, 8, 8, generator=generator(9))
    variance = 0.5**2 + 0.2**2
    precision = torch.eye(2) + model.W @ model.W.T / variance
    z = torch.linalg.solve(precision, (noisy.flatten(1) @ model.W.T / variance).T).T
    found = searched(model, noisy, 0.5, n_steps=300)
    torch.testing.assert_close(found, model.decode(z), atol=0.01, rtol=0)


def test_the_median_removes_a_lonely_pixel_and_one_by_one_changes_nothing():
    x = torch.full((1, 1, 8, 8), -0.5)
    x[0, 0, 4, 4] = 1.0
    assert (by_median(x, 3) == -0.5).all()
    assert torch.equal(by_median(x, 1), x)


def test_the_denoising_step_compares_with_the_clean_picture():
    torch.manual_seed(0)
    dae, x = VAE(latent_dim=4), pictures(16)
    redrawn = dae.decode(dae.encode(x)[0])
    by_hand = (redrawn - x).square().sum() / 16
    opt = torch.optim.SGD(dae.parameters(), lr=0.0)
    said = dae_step(Batch(x, torch.zeros(16)), dae, opt, strength=0.0)
    torch.testing.assert_close(said["loss"], by_hand)


GUARDS = [
    (test_gaps_have_the_share_asked_for_and_only_they_count, (), "experiments.gaps", [
        (">= share", "< share"),
        ("[~known].square()", "[known].square()"),
        (".mean().sqrt().item()", ".mean().item()"),
    ]),
    (test_the_step_is_taken_at_the_timestep_whose_noise_is_as_strong, (), "experiments.grain", [
        ("- strength**2)", "- strength)"),
        ("x_t = a.sqrt() * noisy", "x_t = noisy"),
    ]),
    (test_one_diffusion_step_that_knows_the_noise_returns_the_clean_picture, (0.25,),
     "experiments.grain", [
        ("(1 - a).sqrt() * eps_hat", "(1 - a) * eps_hat"),
    ]),
    (test_searching_finds_the_mean_of_the_exact_posterior_of_a_linear_decoder, (),
     "experiments.grain", [
        ("/ (2 * (strength**2 + 0.2**2))", "/ (strength**2 + 0.2**2)"),
        ("z.square().sum(dim=1) / 2", "z.square().sum(dim=1)"),
    ]),
    (test_the_denoising_step_compares_with_the_clean_picture, (), "experiments.grain", [
        ("squared_error(dae.decode(mu), batch.x).mean()",
         "squared_error(dae.decode(mu), batch.x).sum()"),
    ]),
]  # fmt: skip
