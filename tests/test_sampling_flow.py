"""Flows and the way back into noise, where the answer is known: Gaussian data need no network.

For data N(m, s^2) mixed with noise the best guess of a velocity is linear in what is seen, and the
whole flow is a stretched copy of the noise: it ends at m + s eps.
"""

from itertools import pairwise

import pytest
import torch
from scipy.integrate import solve_ivp
from torch import nn

from course_lib.data import Batch
from course_lib.recipes.flow import flow_step, student_step
from course_lib.runtime import noise
from course_lib.sampling import ddim, detour, flow, flow_path, invert
from course_lib.schedules import cosine_alpha_bar, linear_alpha_bar
from course_lib.training import EMA

MEAN, SPREAD = 0.3, 0.4


class ExactFlow(nn.Module):
    """Predict noise minus data exactly, when the data are N(MEAN, SPREAD^2); keep the times."""

    def __init__(self):
        super().__init__()
        self.times, self.modes = [], []

    def forward(self, x_t, clock):
        self.times.append(clock[0].item())
        self.modes.append(self.training)
        t = (clock.double() / 1000).reshape(-1, 1, 1, 1)
        variance = (1 - t) ** 2 * SPREAD**2 + t**2
        return (t - (1 - t) * SPREAD**2) / variance * (x_t - (1 - t) * MEAN) - MEAN


class ExactNoise(nn.Module):
    """Predict the noise in x_t exactly, when the data are N(MEAN, SPREAD^2)."""

    def __init__(self, alpha_bar):
        super().__init__()
        self.alpha_bar, self.modes = alpha_bar, []

    def forward(self, x_t, t):
        self.modes.append(self.training)
        a = self.alpha_bar[t].reshape(-1, 1, 1, 1)
        return (1 - a).sqrt() * (x_t - a.sqrt() * MEAN) / (a * SPREAD**2 + 1 - a)


def start():
    return noise(20, 1, 4, 4, seed=0, device="cpu").double()


def flow_error(n_steps):
    eps = start()
    return (flow(ExactFlow(), eps, n_steps) - (MEAN + SPREAD * eps)).abs().max().item()


def test_the_flow_of_gaussian_data_ends_where_it_should():
    few, more, most = (flow_error(n) for n in (50, 100, 200))
    assert 1.8 < few / more < 2.2 and 1.8 < more / most < 2.2  # Euler's method is of first order
    assert most < 0.015


def test_the_flow_is_the_one_scipy_finds():
    model, eps = ExactFlow(), start()[:1]

    def slope(t, x):
        x_t = torch.from_numpy(x).reshape(eps.shape)
        return model(x_t, torch.full((1,), 1000 * t)).flatten().numpy()

    end = solve_ivp(slope, (1, 0), eps.flatten().numpy(), rtol=1e-8).y[:, -1]
    torch.testing.assert_close(
        flow(model, eps, 2000).flatten(), torch.from_numpy(end), atol=2e-3, rtol=0
    )


def test_one_step_lands_on_the_mean_of_the_data():
    found = flow(ExactFlow(), start(), 1)  # all that can be said of a picture from noise alone
    torch.testing.assert_close(found, torch.full_like(found, MEAN))


def test_a_flow_asks_at_the_beginning_of_each_step_on_a_stretched_clock():
    model = ExactFlow().train()
    states = list(flow_path(model, start(), 4))
    assert model.times == [1000, 750, 500, 250] and len(states) == 5
    assert model.modes == [False] * 4 and model.training
    torch.testing.assert_close(states[0], start())


def test_a_flow_without_steps_is_refused():
    with pytest.raises(ValueError, match="at least 1 step, got 0"):
        flow(ExactFlow(), start(), 0)


def true_noise(x, a):
    return (x - MEAN) / SPREAD * (a * SPREAD**2 + 1 - a).sqrt() + a.sqrt() * MEAN


@pytest.mark.parametrize("schedule", [linear_alpha_bar, cosine_alpha_bar])
def test_a_picture_goes_back_to_the_noise_it_came_from(schedule):
    alpha_bar, x = schedule(1000).double(), MEAN + SPREAD * start()
    errors = [
        (invert(ExactNoise(alpha_bar), x, alpha_bar, n) - true_noise(x, alpha_bar[-1])).abs().max()
        for n in (50, 100, 200)
    ]
    assert all(1.6 < a / b < 2.4 for a, b in pairwise(errors)), errors
    assert errors[-1] < 0.04


def test_there_and_back_again_misses_by_less_with_more_steps():
    alpha_bar, x_T = cosine_alpha_bar(1000).double(), start()
    model = ExactNoise(alpha_bar)

    def missed(n):
        x = ddim(model, x_T, alpha_bar, n, clip=False)
        return (invert(model, x, alpha_bar, n) - x_T).abs().max().item()

    assert missed(400) < missed(100) / 3 < 0.05


def test_the_way_back_asks_at_the_noisier_end_of_each_step():
    class Guess(nn.Module):
        def forward(self, x_t, t):
            asked.append(t[0].item())
            return 0.5 * x_t + 0.1

    alpha_bar, asked = linear_alpha_bar(30).double(), []
    found = invert(Guess(), start(), alpha_bar, 3)
    assert asked == [9, 19, 29]
    x_t, a = start(), torch.tensor(1.0).double()
    for t in asked[:3]:
        eps, b = 0.5 * x_t + 0.1, alpha_bar[t]
        x_t = b.sqrt() * (x_t - (1 - a).sqrt() * eps) / a.sqrt() + (1 - b).sqrt() * eps
        a = b
    torch.testing.assert_close(found, x_t)


def test_the_way_back_borrows_the_model_in_eval_mode():
    alpha_bar = linear_alpha_bar(30).double()
    model = ExactNoise(alpha_bar).train()
    invert(model, start(), alpha_bar, 2)
    assert model.modes == [False, False] and model.training


def test_a_detour_is_1_for_a_straight_way_and_known_for_an_arc():
    ends = start(), 3 * start()[[1, 0, *range(2, 20)]] + 1
    straight = [ends[0] + share * (ends[1] - ends[0]) for share in (0, 0.3, 0.7, 1)]
    torch.testing.assert_close(detour(straight), torch.ones(20).double())
    angles = torch.linspace(0, torch.pi / 2, 1001, dtype=torch.float64)
    quarter = [torch.stack([a.cos(), a.sin()])[None] for a in angles]
    torch.testing.assert_close(detour(quarter).item(), torch.pi / 8**0.5, rtol=1e-5, atol=0)


def test_a_way_of_one_state_is_refused():
    with pytest.raises(ValueError, match="two states or more, got 1"):
        detour([start()])


class Listens(nn.Module):
    """Keep what the step asks, and answer with a weight of its own."""

    def __init__(self, level=0.0):
        super().__init__()
        self.level = nn.Parameter(torch.tensor(level))
        self.asked = []

    def forward(self, x, t):
        self.asked.append((x.detach(), t))
        return self.level + 0 * x


def still(model):
    return torch.optim.SGD(model.parameters(), lr=0.0)


def test_a_flow_step_mixes_in_proportion_on_a_stretched_clock():
    model, batch = Listens(0.5), Batch(torch.full((4000, 1, 4, 4), 0.8), torch.zeros(4000).long())
    ema = EMA(model)
    torch.manual_seed(0)
    loss = flow_step(batch, model, still(model), ema)["loss"]
    assert loss.item() == pytest.approx(1 + 1.3**2, abs=0.05)  # noise minus picture, less 0.5
    assert ema.n_updates == 1
    ((x_t, clock),) = model.asked
    assert 0 <= clock.min() < 5 and 995 < clock.max() <= 1000
    t = (clock / 1000)[:, None, None, None]
    eps = (x_t - (1 - t) * 0.8) / t
    late = t.flatten() > 0.05
    assert eps[late].mean().abs() < 0.02 and eps[late].std().item() == pytest.approx(1, abs=0.02)


def test_a_student_is_asked_at_the_last_timestep_and_held_against_the_teacher():
    model = Listens()
    ema = EMA(model)
    teacher, z = torch.full((6, 1, 4, 4), 0.5), noise(6, 1, 4, 4, seed=3, device="cpu")
    loss = student_step(Batch(teacher, z), model, still(model), ema)["loss"]
    ((asked, t),) = model.asked
    assert loss.item() == pytest.approx(0.25) and ema.n_updates == 1
    assert (t == 999).all() and t.dtype == torch.int64 and torch.equal(asked, z)


GUARDS = [
    (test_the_flow_of_gaussian_data_ends_where_it_should, (), "sampling.flow", [
        ("x_t = x_t - model(", "x_t = x_t + model("),
        ("CLOCK * t)", "t)"),
    ]),
    (test_a_flow_asks_at_the_beginning_of_each_step_on_a_stretched_clock, (), "sampling.flow", [
        ("1 - i / n_steps, device", "1 - (i + 1) / n_steps, device"),
    ]),
    (test_a_picture_goes_back_to_the_noise_it_came_from, (linear_alpha_bar,),
     "sampling.inversion", [
        ("reversed(timesteps(n_steps, len(alpha_bar)))", "timesteps(n_steps, len(alpha_bar))"),
        ("(1 - a_noisier) ** 0.5 * eps_hat", "(1 - a_noisier) * eps_hat"),
        ("a_noisier**0.5 * x0_hat", "a**0.5 * x0_hat"),
        ("eps_hat, a_noisier\n", "eps_hat, a\n"),
    ]),
    (test_a_detour_is_1_for_a_straight_way_and_known_for_an_arc, (), "sampling.paths", [
        ("path[-1] - path[0]", "path[-1] - path[1]"),
        ("_strides(path).sum(dim=0)", "_strides(path).mean(dim=0)"),
    ]),
    (test_a_flow_step_mixes_in_proportion_on_a_stretched_clock, (), "recipes.flow", [
        ("eps - batch.x)", "batch.x + eps)"),
        ("(1 - share) * batch.x + share * eps", "share * batch.x + (1 - share) * eps"),
        ("model(x_t, CLOCK * t)", "model(x_t, t)"),
        ("    ema.update(model)\n", ""),
    ]),
    (test_a_student_is_asked_at_the_last_timestep_and_held_against_the_teacher, (),
     "recipes.flow", [
        ("student(batch.label, last)", "student(batch.x, last)"),
        ("(len(batch.x),), 999", "(len(batch.x),), 0"),
    ]),
]  # fmt: skip
