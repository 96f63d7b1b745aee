"""The schedules are those of their papers, and the jump is many small steps in one."""

import math

import pytest
import torch

from course_lib.schedules import (
    bell_shares,
    cosine_alpha_bar,
    linear_alpha_bar,
    noised,
    signal_to_noise,
    spread,
    timesteps_at,
)

SCHEDULES = (linear_alpha_bar, cosine_alpha_bar)
EVERY_SCHEDULE = pytest.mark.parametrize("schedule", SCHEDULES)


def signal_left(betas):
    """Multiply out the share of variance that each step keeps, one step at a time."""
    left, kept = [], 1.0
    for beta in betas:
        kept *= 1 - beta
        left.append(kept)
    return left


def paper_betas(n):
    """Ho et al. 2020, section 4: from 1e-4 to 0.02, whatever the number of steps."""
    return [1e-4 + (0.02 - 1e-4) * i / (n - 1) for i in range(n)]


@pytest.mark.parametrize("n", [25, 100, 1000])
def test_the_linear_schedule_is_that_of_ho_et_al_scaled_to_its_length(n):
    reference = signal_left(beta * 1000 / n for beta in paper_betas(n))
    torch.testing.assert_close(linear_alpha_bar(n), torch.tensor(reference))


@pytest.mark.parametrize("n", [1, 10, 200, 1000])
def test_the_cosine_schedule_is_that_of_nichol_and_dhariwal(n):
    def f(step):
        return math.cos((step / n + 0.008) / (1 + 0.008) * math.pi / 2) ** 2

    betas = [min(1 - f(i + 1) / f(i), 0.999) for i in range(n)]  # eq. 17 and the cap below it
    torch.testing.assert_close(cosine_alpha_bar(n), torch.tensor(signal_left(betas)))


def test_the_cosine_schedule_follows_its_closed_form_before_the_cap():
    grid = (torch.arange(1, 900, dtype=torch.float64) / 1000 + 0.008) / 1.008
    closed = torch.cos(grid * torch.pi / 2) ** 2 / math.cos(0.008 / 1.008 * math.pi / 2) ** 2
    torch.testing.assert_close(cosine_alpha_bar(1000)[:899], closed.float())


@pytest.mark.parametrize(
    ("n", "known"), [(100, 0.364), (200, 0.132), (300, 0.048), (500, 0.0064), (1000, 4.0e-5)]
)
def test_a_short_chain_reaches_noise_only_because_its_betas_are_scaled(n, known):
    assert signal_left(paper_betas(n))[-1] == pytest.approx(known, rel=0.02)
    assert 1e-5 < linear_alpha_bar(n)[-1] < 1e-4


@EVERY_SCHEDULE
@pytest.mark.parametrize("n", [21, 50, 400, 1000])
def test_every_schedule_falls_from_almost_1_to_almost_0(schedule, n):
    alpha_bar = schedule(n)
    assert alpha_bar.shape == (n,) and alpha_bar.dtype == torch.float32
    assert (alpha_bar.diff() < 0).all()
    assert 0.95 < alpha_bar[0] < 1 and 0 < alpha_bar[-1] < 1e-3


@EVERY_SCHEDULE
def test_dividing_by_either_end_of_a_schedule_stays_finite(schedule):
    alpha_bar = schedule(1000)
    assert (1 / alpha_bar.sqrt()).isfinite().all() and (1 / (1 - alpha_bar)).isfinite().all()
    beta = 1 - alpha_bar[1:] / alpha_bar[:-1]
    assert (beta > 0).all() and beta.max() <= 0.999 + 1e-6


@pytest.mark.parametrize("n", [20, 1, 0])
def test_a_linear_schedule_that_is_too_short_is_refused(n):
    with pytest.raises(ValueError, match=f"more than 20 timesteps, got {n}"):
        linear_alpha_bar(n)


def test_a_cosine_schedule_without_steps_is_refused():
    with pytest.raises(ValueError, match="at least 1 timestep, got 0"):
        cosine_alpha_bar(0)


@EVERY_SCHEDULE
def test_pictures_of_variance_1_keep_variance_1_at_every_timestep(schedule):
    torch.manual_seed(0)
    alpha_bar = schedule(50)
    x, eps = torch.randn(2, 50, 1, 200, 200)
    variance = noised(x, eps, alpha_bar).var(dim=(1, 2, 3))
    torch.testing.assert_close(variance, torch.ones(50), atol=0.03, rtol=0)


def test_the_jump_equals_many_small_steps():
    """Compose x_t = sqrt(1 - beta) x_(t-1) + sqrt(beta) e: its gain, and its noise variance."""
    alpha_bar = cosine_alpha_bar(40).double()
    one, none = torch.ones(1, 1, 1, 1).double(), torch.zeros(1, 1, 1, 1).double()
    gain, variance, before = 1.0, 0.0, 1.0
    for t in range(40):
        beta = 1 - alpha_bar[t].item() / before
        before = alpha_bar[t].item()
        gain, variance = gain * (1 - beta) ** 0.5, (1 - beta) * variance + beta
        torch.testing.assert_close(noised(one, none, alpha_bar[t : t + 1]).item(), gain)
        torch.testing.assert_close(noised(none, one, alpha_bar[t : t + 1]).item(), variance**0.5)


def test_small_steps_taken_with_real_noise_spread_as_far_as_the_jump():
    torch.manual_seed(0)
    alpha_bar, x_t, before = linear_alpha_bar(25), torch.full((100_000,), 0.7), 1.0
    for a in alpha_bar[:12].tolist():
        beta, before = 1 - a / before, a
        x_t = (1 - beta) ** 0.5 * x_t + beta**0.5 * torch.randn_like(x_t)
    jump = noised(torch.full((100_000, 1), 0.7), torch.randn(100_000, 1), alpha_bar[11:12])
    torch.testing.assert_close(x_t.mean(), jump.mean(), atol=0.02, rtol=0)
    torch.testing.assert_close(x_t.std(), jump.std(), atol=0.02, rtol=0)


def test_each_image_is_noised_by_its_own_amount():
    x, eps = torch.full((3, 1, 2, 2), 0.5), torch.full((3, 1, 2, 2), -2.0)
    x_t = noised(x, eps, torch.tensor([1.0, 0.0, 0.36]))
    torch.testing.assert_close(x_t[:, 0, 0, 0], torch.tensor([0.5, -2.0, 0.6 * 0.5 - 0.8 * 2]))


def test_spread_gives_one_value_to_each_image():
    assert spread(torch.zeros(4), torch.zeros(4, 3, 8, 8)).shape == (4, 1, 1, 1)
    assert spread(torch.zeros(4), torch.zeros(4, 2)).shape == (4, 1)


@EVERY_SCHEDULE
@pytest.mark.parametrize(("mean", "std"), [(0.5, 2.2), (-1.0, 1.0)])
def test_the_bell_has_its_mean_its_width_and_its_shape(schedule, mean, std):
    alpha_bar = schedule(1000)
    shares = bell_shares(alpha_bar, mean, std).double()
    log_snr = signal_to_noise(alpha_bar.double()).log()
    assert shares.sum().item() == pytest.approx(1, abs=1e-6) and shares.min() >= 0
    found = (shares * log_snr).sum()
    assert found.item() == pytest.approx(mean, abs=0.01)
    assert (shares * (log_snr - found).square()).sum().sqrt().item() == pytest.approx(std, abs=0.01)
    for quantile, z in ((0.16, -0.9945), (0.84, 0.9945)):  # from a table of the normal distribution
        below = shares[log_snr < mean + z * std].sum().item()
        assert below == pytest.approx(quantile, abs=0.01)


def test_timesteps_are_drawn_as_often_as_their_shares_say():
    torch.manual_seed(0)
    shares = torch.tensor([0.1, 0.0, 0.6, 0.3])
    drawn = torch.stack([timesteps_at(shares, torch.rand(10)) for _ in range(2000)])
    often = torch.bincount(drawn.flatten(), minlength=4) / drawn.numel()
    torch.testing.assert_close(often, shares, atol=0.01, rtol=0)


def test_no_batch_of_timesteps_is_by_chance_all_of_one_kind():
    shares = bell_shares(cosine_alpha_bar(1000))
    median = torch.searchsorted(shares.cumsum(0), torch.tensor(0.5))
    for seed in range(20):
        torch.manual_seed(seed)
        early = (timesteps_at(shares, torch.rand(32)) < median).sum()
        assert 15 <= early <= 17
