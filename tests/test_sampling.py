"""The samplers are those of Ho et al. and Song et al., written a second time here in float64."""

import pytest
import torch
from torch import nn

from course_lib.models import VAE, Generator
from course_lib.sampling import ddim, ddim_path, ddpm, decode, evaluating
from course_lib.schedules import cosine_alpha_bar, linear_alpha_bar


class Guess(nn.Module):
    """A network that answers something smooth, knows the time, and counts its passes."""

    def __init__(self):
        super().__init__()
        self.scale = nn.Parameter(torch.tensor(0.9, dtype=torch.float64))
        self.times, self.modes = [], []

    def forward(self, x_t, t):
        assert t.shape == (len(x_t),) and t.dtype == torch.int64
        self.times.append(t[0].item())
        self.modes.append(self.training)
        return self.scale * x_t + 0.1 * torch.sin(t.double())[:, None, None, None]


class ExactGaussian(nn.Module):
    """The best possible noise predictor for pixels drawn from N(mean, std**2), in closed form."""

    def __init__(self, alpha_bar, mean, std):
        super().__init__()
        self.alpha_bar, self.mean, self.std = alpha_bar, mean, std

    def forward(self, x_t, t):
        a = self.alpha_bar[t].reshape(-1, 1, 1, 1)
        return (1 - a).sqrt() * (x_t - a.sqrt() * self.mean) / (a * self.std**2 + 1 - a)


def start(n=3, seed=0):
    return torch.randn(n, 1, 4, 4, dtype=torch.float64, generator=torch.manual_seed(seed))


def ho_et_al(model, x_t, alpha_bar, seed, mean_of):
    """Algorithm 2 of Ho et al. 2020: walk from T-1 to 0, adding noise of the posterior variance."""
    fresh = torch.Generator().manual_seed(seed)
    for t in reversed(range(len(alpha_bar))):
        a, before = alpha_bar[t], alpha_bar[t - 1] if t else torch.tensor(1.0).double()
        beta = 1 - a / before
        eps_hat = model(x_t, torch.full((len(x_t),), t)).detach()
        x_t = mean_of(x_t, eps_hat, a, before, beta)
        if t > 0:
            variance = beta * (1 - before) / (1 - a)
            x_t = x_t + variance.sqrt() * torch.randn(x_t.shape, generator=fresh)
    return x_t


def posterior_mean(x_t, eps_hat, a, before, beta):
    """Return eq. 7, with the clean image clipped as in the authors' code."""
    x_0 = ((x_t - (1 - a).sqrt() * eps_hat) / a.sqrt()).clamp(-1, 1)
    shrink = (1 - beta).sqrt() * (1 - before) / (1 - a)
    return before.sqrt() * beta / (1 - a) * x_0 + shrink * x_t


def mean_of_equation_11(x_t, eps_hat, a, before, beta):
    return (x_t - beta / (1 - a).sqrt() * eps_hat) / (1 - beta).sqrt()


@pytest.mark.parametrize("schedule", [linear_alpha_bar, cosine_alpha_bar])
def test_ddpm_is_algorithm_2_of_ho_et_al(schedule):
    alpha_bar = schedule(40).double()
    reference = ho_et_al(Guess(), start(), alpha_bar, 5, posterior_mean)
    torch.testing.assert_close(ddpm(Guess(), start(), alpha_bar, seed=5), reference)


def test_without_clipping_it_is_algorithm_2_as_printed():
    alpha_bar = linear_alpha_bar(40).double()
    reference = ho_et_al(Guess(), start(), alpha_bar, 5, mean_of_equation_11)
    *_, final = ddim_path(Guess(), start(), alpha_bar, 40, eta=1.0, seed=5, clip=False)
    torch.testing.assert_close(final.x_t, reference)


def test_ddpm_draws_from_a_gaussian_whose_noise_is_known_exactly():
    alpha_bar = linear_alpha_bar(1000).double()
    x = ddpm(ExactGaussian(alpha_bar, mean=0.3, std=0.2), start(1000), alpha_bar)
    assert x.mean().item() == pytest.approx(0.3, abs=0.006)
    assert x.std().item() == pytest.approx(0.2, abs=0.006)  # a little low: the steps are finite


def distance_from_the_exact_flow(n_steps):
    """Compare DDIM with the map of the probability-flow ODE, which for a Gaussian is linear."""
    alpha_bar, mean, std = linear_alpha_bar(1000).double(), 0.2, 0.5
    model, a = ExactGaussian(alpha_bar, mean, std), alpha_bar[-1]
    exact = mean + std * (start() - a.sqrt() * mean) / (a * std**2 + 1 - a).sqrt()
    *_, final = ddim_path(model, start(), alpha_bar, n_steps, clip=False)
    return (final.x_t - exact).abs().max()


def test_with_exact_noise_ddim_follows_the_probability_flow():
    few, more, most = (distance_from_the_exact_flow(n) for n in (10, 100, 1000))
    assert most < more / 4 < few / 16 and most < 0.005


def test_each_ddim_step_is_equation_12_of_song_et_al():
    alpha_bar, eta = linear_alpha_bar(30).double(), 0.6
    steps = list(ddim_path(Guess(), start(), alpha_bar, 7, eta, seed=2, clip=False))
    fresh, x_t = torch.Generator().manual_seed(2), start()
    for now, following in zip(steps, steps[1:], strict=False):
        a, b = alpha_bar[now.t], alpha_bar[following.t]
        eps_hat = Guess()(x_t, torch.full((3,), now.t)).detach()
        x_0 = (x_t - (1 - a).sqrt() * eps_hat) / a.sqrt()
        sigma = eta * ((1 - b) / (1 - a)).sqrt() * (1 - a / b).sqrt()  # eq. 16
        z = torch.randn(x_t.shape, generator=fresh)
        x_t = b.sqrt() * x_0 + (1 - b - sigma**2).sqrt() * eps_hat + sigma * z
        torch.testing.assert_close(now.x_t, x_t)


@pytest.mark.parametrize("eta", [0.0, 1.0])
def test_the_last_step_returns_the_clean_image_itself(eta):
    *_, final = ddim_path(Guess(), start(), linear_alpha_bar(50), 10, eta)
    torch.testing.assert_close(final.x_t, final.x0_hat, rtol=0, atol=0)


@pytest.mark.parametrize("n_steps", [1, 2, 7, 29, 30])
def test_the_path_runs_from_noise_to_clean_with_one_pass_a_step(n_steps):
    model = Guess()
    times = [step.t for step in ddim_path(model, start(), linear_alpha_bar(30), n_steps)]
    assert model.times == times and len(times) == n_steps
    gaps = [before - after for before, after in zip(times, [*times[1:], -1], strict=True)]
    assert times[0] == 29  # where training saw the most noise
    assert min(gaps) >= 1 and max(gaps) - min(gaps) <= 1  # down to -1: clean, evenly


@pytest.mark.parametrize("n_steps", range(1, 31))
def test_the_timesteps_are_the_trailing_ones_of_lin_et_al(n_steps):
    times = [step.t for step in ddim_path(Guess(), start(), linear_alpha_bar(30), n_steps)]
    exact = [30 - i * 30 / n_steps - 1 for i in range(n_steps)]  # table 2, before rounding
    assert all(abs(t - e) <= 0.5 for t, e in zip(times, exact, strict=True))


def test_clipping_keeps_the_guess_in_range_and_fits_the_noise_to_it():
    alpha_bar = linear_alpha_bar(30).double()
    x_t = 3 * start()
    steps = list(ddim_path(Guess(), x_t, alpha_bar, 30))
    for now, following in zip(steps, steps[1:], strict=False):
        assert now.x0_hat.abs().max() <= 1
        a, b = alpha_bar[now.t], alpha_bar[following.t]
        fitting = (x_t - a.sqrt() * now.x0_hat) / (1 - a).sqrt()
        expected = b.sqrt() * now.x0_hat + (1 - b).sqrt() * fitting
        torch.testing.assert_close(now.x_t, expected)
        x_t = now.x_t
    assert any((step.x0_hat.abs() == 1).any() for step in steps)  # something was clipped


def test_the_seed_decides_the_noise_on_the_way_and_nothing_else_does():
    alpha_bar = linear_alpha_bar(30)
    first, again, other = (ddim(Guess(), start(), alpha_bar, 9, 1.0, seed=s) for s in (1, 1, 2))
    torch.testing.assert_close(first, again, rtol=0, atol=0)
    assert not torch.allclose(first, other)
    still = [ddim(Guess(), start(), alpha_bar, 9, 0.0, seed=s) for s in (1, 2)]
    torch.testing.assert_close(*still, rtol=0, atol=0)


@pytest.mark.parametrize("training", [True, False])
def test_a_sampler_uses_eval_mode_and_gives_the_mode_back(training):
    model = Guess().train(training)
    images = ddim(model, start(), linear_alpha_bar(30), 5)
    assert model.modes == [False] * 5 and model.training is training
    assert not images.requires_grad and model.scale.requires_grad


def test_the_mode_is_given_back_after_an_error_and_between_steps():
    model = Guess().train()
    with pytest.raises(ZeroDivisionError), evaluating(model):
        raise ZeroDivisionError
    assert model.training and torch.is_grad_enabled()
    next(ddim_path(model, start(), linear_alpha_bar(30), 5))
    assert model.training and torch.is_grad_enabled()


def test_a_lent_model_is_in_eval_mode_and_comes_back_as_it_was():
    model = Guess().train()
    with evaluating(model) as lent:
        assert not lent.training and not torch.is_grad_enabled()
    assert model.training and torch.is_grad_enabled()


@pytest.mark.parametrize("n_steps", [0, -1, 31])
def test_more_steps_than_the_schedule_has_are_refused(n_steps):
    with pytest.raises(ValueError, match=f"between 1 and 30, the length .* got {n_steps}$"):
        ddim(Guess(), start(), linear_alpha_bar(30), n_steps)


@pytest.mark.parametrize("eta", [-0.1, 1.5, float("nan")])
def test_an_eta_outside_0_to_1_is_refused(eta):
    with pytest.raises(ValueError, match=rf"eta must lie in \[0, 1\], got {eta}"):
        ddim(Guess(), start(), linear_alpha_bar(30), eta=eta, n_steps=5)


@pytest.mark.parametrize("family", [VAE, Generator])
def test_decode_turns_latents_into_pictures_with_either_family(family):
    model, z = family().train(), torch.randn(3, 16)
    images = decode(model, z)
    reference = model.decode(z) if family is VAE else model(z)
    torch.testing.assert_close(images, reference.detach())
    assert model.training and not images.requires_grad
