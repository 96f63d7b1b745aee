"""What a diffusion model must keep to, and what has gone wrong in public courses.

D1 to D9 and S1 to S4 of the course's list of mistakes; most stand in test_schedules.py,
test_sampling.py and test_recipes.py, and the rest here.
"""

import math
from itertools import islice
from unittest.mock import patch

import pytest
import test_recipes
import test_sampling
import torch
from torch import nn
from torch.distributions import MultivariateNormal, Normal, kl_divergence

from course_lib.data import check_range, load, stream
from course_lib.painters import Painter, paint
from course_lib.recipes import digit_recipe
from course_lib.recipes.pictures import picture_job
from course_lib.runtime import noise
from course_lib.sampling import ddim, ddim_path
from course_lib.schedules import (
    bound_weight,
    cosine_alpha_bar,
    linear_alpha_bar,
    min_snr_weight,
    noised,
    signal_to_noise,
)

ROOM = "sampling.ddim"


@pytest.fixture(autouse=True)
def on_the_cpu(monkeypatch):
    monkeypatch.setenv("COURSE_DEVICE", "cpu")


def test_a_chain_of_any_length_ends_in_noise():  # D2, D3
    for schedule in (linear_alpha_bar, cosine_alpha_bar):
        for n in (25, 50, 300, 1000):
            alpha_bar = schedule(n)
            assert alpha_bar.shape == (n,) and alpha_bar[0] < 1 and alpha_bar[-1] < 1e-3


def test_the_division_by_the_last_root_is_large_but_finite():  # D3, D4
    for schedule in (linear_alpha_bar, cosine_alpha_bar):
        largest = (1 / schedule(1000).sqrt()).max()
        assert largest.isfinite() and 100 < largest < 1e5


def test_what_meets_the_loss_lies_in_minus_1_to_1_and_fills_it():  # D7
    data = load("digits")
    x = torch.cat([batch.x for batch in islice(stream(data.train, 64, 0), 17)])
    check_range(x)
    assert x.min() == -1 and x.max() == 1  # neither [0, 1] nor scaled twice


def test_training_and_drawing_hold_one_schedule():  # D8
    recipe = digit_recipe("diffusion", 0)
    before = recipe.draw(noise(2, 64, seed=0))
    recipe.players["alpha_bar"].copy_(linear_alpha_bar(1000))  # the one that training sees
    assert not torch.allclose(recipe.draw(noise(2, 64, seed=0)), before)


class NotesItsSchedule:
    """Stand in for the solver: keep the schedule, and give the noise back."""

    def __call__(self, model, x_T, alpha_bar, n_steps):
        self.alpha_bar = alpha_bar
        torch.testing.assert_close(model.alpha_bar, alpha_bar)
        return x_T


def test_a_painter_draws_with_the_schedule_its_job_was_trained_with():  # D8
    job, note = picture_job("diffusion", "digits", 0), NotesItsSchedule()
    with patch.dict(paint.__globals__, {"second_order": note}):
        paint(Painter("diffusion", "digits", job.model, (10,)), 1)
    torch.testing.assert_close(note.alpha_bar, job.players["alpha_bar"].cpu())


def test_the_signal_to_noise_ratio_is_a_ratio_of_variances():
    x, eps = (noise(1, 200_000, seed=s, device="cpu") for s in (0, 1))
    a = torch.tensor([0.7])
    signal, rest = noised(x, 0 * eps, a).var(), noised(0 * x, eps, a).var()
    assert (signal / rest).item() == pytest.approx(signal_to_noise(a).item(), rel=0.02)


@pytest.mark.parametrize("schedule", [linear_alpha_bar, cosine_alpha_bar])
def test_the_weights_of_the_bound_are_those_of_gaussian_kls(schedule):
    """Compare with the KL between true and guessed step back, its mean as Ho et al. print it."""
    alpha_bar = schedule(30).double()
    beta = 1 - alpha_bar / torch.cat([alpha_bar.new_ones(1), alpha_bar[:-1]])
    x, eps, eps_hat = (noise(1, 6, seed=s, device="cpu").double() for s in range(3))
    for t in range(1, 30):
        a, before, b = alpha_bar[t], alpha_bar[t - 1], beta[t]
        x_t = noised(x, eps, a[None])
        spread = (b * (1 - before) / (1 - a)).sqrt()  # S1: a standard deviation, of eq. 7
        truth = before.sqrt() * b / (1 - a) * x + (1 - b).sqrt() * (1 - before) / (1 - a) * x_t
        guess = (x_t - b / (1 - a).sqrt() * eps_hat) / (1 - b).sqrt()  # eq. 11
        kl = kl_divergence(Normal(truth, spread), Normal(guess, spread)).sum()
        ours = bound_weight(alpha_bar)[t - 1] * (eps - eps_hat).square().sum()
        torch.testing.assert_close(ours, kl)


def test_min_snr_weights_are_one_weighting_in_three_currencies():  # D9
    """A wrong clean guess is a wrong noise and a wrong velocity; each must be paid for alike."""
    alpha_bar = cosine_alpha_bar(100)[:-1].double()
    snr, wrong = alpha_bar / (1 - alpha_bar), 0.1  # on the clean picture, at the same x_t
    noise_off = alpha_bar.sqrt() * wrong / (1 - alpha_bar).sqrt()
    velocity_off = alpha_bar.sqrt() * noise_off + (1 - alpha_bar).sqrt() * wrong
    paid = {
        "clean": min_snr_weight("clean", alpha_bar) * wrong**2,
        "noise": min_snr_weight("noise", alpha_bar) * noise_off**2,
        "velocity": min_snr_weight("velocity", alpha_bar) * velocity_off**2,
    }
    for price in paid.values():
        torch.testing.assert_close(price, snr.clamp(max=5) * wrong**2)


class Overshoots(nn.Module):
    """Guess noise so badly that the clean picture it implies leaves [-1, 1]."""

    def forward(self, x_t, t):
        return 0.1 * x_t


def test_without_clipping_the_guess_is_left_alone_and_with_it_never_outside():  # S3
    alpha_bar, x_T = cosine_alpha_bar(40), noise(2, 1, 4, 4, seed=0, device="cpu")
    free = list(ddim_path(Overshoots(), x_T, alpha_bar, 10, clip=False))
    kept = list(ddim_path(Overshoots(), x_T, alpha_bar, 10, clip=True))
    assert max(step.x0_hat.abs().max() for step in free) > 100
    assert max(step.x0_hat.abs().max() for step in kept) <= 1


def test_drawing_from_a_known_gaussian_gives_its_mean_and_its_spread_with_and_without_noise():
    """Exact noise for pictures of N(0.2, 0.3^2): DDPM and DDIM must both end there."""
    alpha_bar = cosine_alpha_bar(400)
    exact = test_sampling.ExactGaussian(alpha_bar, 0.2, 0.3)
    x_T = noise(4000, 1, 2, 2, seed=1, device="cpu")
    for eta in (0.0, 1.0):
        drawn = ddim(exact, x_T, alpha_bar, 400, eta, clip=False)
        assert drawn.mean().item() == pytest.approx(0.2, abs=0.02)
        assert drawn.std().item() == pytest.approx(0.3, abs=0.02)


def test_what_is_left_at_the_end_is_the_kl_to_pure_noise():
    """D2 in nats: a careless schedule leaves bits of the picture in the last state."""
    x = noise(1, 6, seed=0, device="cpu").double()
    for a in (0.364, 4e-5):
        mean, cov = a**0.5 * x[0], (1 - a) * torch.eye(6).double()
        kl = kl_divergence(
            MultivariateNormal(mean, cov), MultivariateNormal(0 * mean, torch.eye(6).double())
        )
        by_hand = 0.5 * (a * x.square().sum() + 6 * (-a - math.log(1 - a)))
        torch.testing.assert_close(kl, by_hand)
        assert (kl > 0.5) == (a > 0.1)


GUARDS = [
    (test_a_chain_of_any_length_ends_in_noise, (), "schedules", [  # D2, D3
        ("scale = 1000 / n_timesteps", "scale = 1.0"),
        ("beta = (1 - f[1:] / f[:-1]).clamp(0, 0.999)", "beta = 1 - f / f[0]"),
    ]),
    (test_the_division_by_the_last_root_is_large_but_finite, (), "schedules", [  # D3, D4
        ("clamp(0, 0.999)", "clamp(0, 1)"),
    ]),
    (test_recipes.test_the_diffusion_step_asks_for_the_noise_that_was_added, (1.0, 0.0),
     "recipes.steps", [  # D5, D6
        ("torch.randint(len(alpha_bar),", "torch.randint(1, len(alpha_bar),"),
        ("model(x_t, t), eps", "model(x_t, t), x_t - batch.x"),
    ]),
    (test_what_meets_the_loss_lies_in_minus_1_to_1_and_fills_it, (), "data.batches", [  # D7
        ("yield Batch(split.x[index],", "yield Batch((split.x[index] + 1) / 2,"),
    ]),
    (test_training_and_drawing_hold_one_schedule, (), "recipes.digits", [  # D8
        ("reshape(-1, 1, 8, 8), alpha_bar,", "reshape(-1, 1, 8, 8), cosine_alpha_bar(1000),"),
    ]),
    (test_a_painter_draws_with_the_schedule_its_job_was_trained_with, (), "painters", [  # D8
        ("cosine_alpha_bar(1000)", "cosine_alpha_bar(900)"),
    ]),
    (test_min_snr_weights_are_one_weighting_in_three_currencies, (), "schedules", [  # D9
        ('"velocity": snr + 1', '"velocity": snr'),
        ('"noise": snr,', '"noise": 1 / snr,'),
        ("snr.clamp(max=cap)", "snr.clamp(min=cap)"),
    ]),
    (test_the_weights_of_the_bound_are_those_of_gaussian_kls, (cosine_alpha_bar,), "schedules", [
        ("- 1) / 2)", "- 1))"),
        ("snr[:-1] / snr[1:]", "snr[1:] / snr[:-1]"),
    ]),
    (test_the_signal_to_noise_ratio_is_a_ratio_of_variances, (), "schedules", [
        ("return alpha_bar / (1 - alpha_bar)", "return (alpha_bar / (1 - alpha_bar)).sqrt()"),
    ]),
    (test_sampling.test_ddpm_is_algorithm_2_of_ho_et_al, (cosine_alpha_bar,), ROOM, [  # S1
        ("(1 - a_next) / (1 - a) * (1 -", "(1 - a_next) * (1 -"),
        ("if variance > 0:", "if variance > 1:"),
    ]),
    (test_sampling.test_without_clipping_it_is_algorithm_2_as_printed, (), ROOM, [  # S2, S3
        ("    if clip:\n", "    if True:\n"),
        ("a_next**0.5 * x0_hat +", "a**0.5 * x0_hat +"),
    ]),
    (test_without_clipping_the_guess_is_left_alone_and_with_it_never_outside, (), ROOM, [  # S3
        ("    if clip:\n", "    if False:\n"),
        ("    if clip:\n", "    if True:\n"),
    ]),
]  # fmt: skip
