"""The second-order solver is one of second order, and guidance is the formula it claims to be.

For Gaussian data N(0, s^2) the exact noise prediction is known, and so is where each noise ends:
at s times itself (Song et al. 2021, arXiv:2011.13456, section D.1). No network is needed.
"""

import math

import pytest
import torch
from torch import nn

from course_lib.models.pictures import PictureUNet
from course_lib.runtime import noise
from course_lib.sampling import Guided, ddim, second_order
from course_lib.sampling.second_order import half_log_snr
from course_lib.schedules import cosine_alpha_bar, noised, velocity

SPREAD = 0.3  # standard deviation of the data


class KnowsGaussian(nn.Module):
    """Predict the noise in x_t exactly, when the data are normal with that spread."""

    def __init__(self, alpha_bar):
        super().__init__()
        self.alpha_bar = alpha_bar

    def forward(self, x_t, t):
        a = self.alpha_bar[t][:, None, None, None]
        return (1 - a).sqrt() / (a * SPREAD**2 + 1 - a) * x_t


def error(sampler, n_steps, T=4000):
    """Return how far a sampler ends from the true end of the same noise."""
    alpha_bar = cosine_alpha_bar(T).double()
    a = alpha_bar[-1]
    x_T = noise(2, 1, 8, 8, seed=0, device="cpu").double() * (a * SPREAD**2 + 1 - a).sqrt()
    found = sampler(KnowsGaussian(alpha_bar), x_T, alpha_bar, n_steps, clip=False)
    truth = SPREAD * x_T / (a * SPREAD**2 + 1 - a).sqrt()
    return ((found - truth).norm() / truth.norm()).item()


def test_twice_the_steps_leave_a_quarter_of_the_error():
    errors = [error(second_order, n) for n in (40, 80, 160)]
    assert all(3 < a / b < 5.5 for a, b in zip(errors, errors[1:], strict=False)), errors


def test_it_needs_fewer_steps_than_ddim():
    assert error(second_order, 20) < 0.3 * error(ddim, 20)
    assert 1.6 < error(ddim, 40) / error(ddim, 80) < 2.4  # which is of first order


def test_one_step_is_the_clean_guess_itself():
    alpha_bar = cosine_alpha_bar(100)
    x_T = noise(3, 1, 8, 8, seed=1, device="cpu")
    for clip in (True, False):
        expected = ddim(KnowsGaussian(alpha_bar), x_T, alpha_bar, 1, clip=clip)
        found = second_order(KnowsGaussian(alpha_bar), x_T, alpha_bar, 1, clip=clip)
        torch.testing.assert_close(found, expected)


def test_clipping_keeps_pixels_in_range():
    alpha_bar = cosine_alpha_bar(100)
    found = second_order(lambda_model(), noise(3, 1, 8, 8, seed=1, device="cpu"), alpha_bar, 10)
    assert found.abs().max() <= 1


def lambda_model():
    class Wild(nn.Module):
        def forward(self, x_t, t):
            return -3 * x_t

    return Wild()


def test_too_many_steps_are_refused():
    with pytest.raises(ValueError, match="between 1 and 10"):
        second_order(lambda_model(), torch.zeros(1, 1, 8, 8), cosine_alpha_bar(10), 11)


def test_velocity_noise_and_picture_are_three_views_of_one_thing():
    x, eps = noise(5, 1, 4, 4, seed=2, device="cpu"), noise(5, 1, 4, 4, seed=3, device="cpu")
    a = torch.tensor([0.999, 0.7, 0.5, 0.1, 1e-4])
    x_t, v = noised(x, eps, a), velocity(x, eps, a)
    b = a[:, None, None, None]
    torch.testing.assert_close(b.sqrt() * x_t - (1 - b).sqrt() * v, x)
    torch.testing.assert_close((1 - b).sqrt() * x_t + b.sqrt() * v, eps)


def test_velocity_is_the_speed_of_the_picture_as_it_turns_into_noise():
    x, eps = torch.tensor([[0.3]]), torch.tensor([[-1.2]])
    angle, step = torch.tensor([0.7], dtype=torch.float64), 1e-6

    def at(angle):
        return noised(x.double(), eps.double(), angle.cos() ** 2)

    slope = (at(angle + step) - at(angle - step)) / (2 * step)
    torch.testing.assert_close(velocity(x, eps, angle.cos() ** 2).double(), slope)


class Speaks(nn.Module):
    """Predict as velocity what is wanted; nothing said counts as 10. Count the pictures seen."""

    def __init__(self):
        super().__init__()
        self.seen = 0

    def forward(self, x_t, t, wanted):
        self.seen += len(x_t)
        answer = torch.where(wanted[:, 0] < 0, 10, wanted[:, 0]).float()
        return answer[:, None, None, None].expand_as(x_t)


@pytest.mark.parametrize(("guidance", "v"), [(0, 10), (1, 3), (2, -4), (0.5, 6.5)])
def test_guidance_goes_from_what_is_free_to_what_is_told_and_beyond(guidance, v):
    alpha_bar, model = cosine_alpha_bar(50), Speaks()
    guided = Guided(model, alpha_bar, torch.tensor([[3], [3]]), guidance)
    x_t, t = noise(2, 1, 4, 4, seed=0, device="cpu"), torch.tensor([7, 40])
    a = alpha_bar[t][:, None, None, None]
    torch.testing.assert_close(guided(x_t, t), (1 - a).sqrt() * x_t + a.sqrt() * v)
    assert model.seen == (2 if guidance in (0, 1) else 4)


def test_guidance_holds_only_between_the_noise_levels_it_is_given():
    alpha_bar, model = cosine_alpha_bar(50), Speaks()
    x_t, t = noise(3, 1, 4, 4, seed=0, device="cpu"), torch.tensor([5, 25, 45])
    low, high = (torch.logit(alpha_bar[i].double()).item() for i in (30, 20))
    guided = Guided(model, alpha_bar, torch.tensor([[3], [3], [3]]), 2, (low, high))
    a = alpha_bar[t][:, None, None, None]
    v = torch.tensor([3.0, -4.0, 3.0])[:, None, None, None]  # in the middle 10 + 2 (3 - 10)
    torch.testing.assert_close(guided(x_t, t), (1 - a).sqrt() * x_t + a.sqrt() * v)
    model.seen = 0
    guided(x_t, torch.tensor([2, 3, 48]))  # none in between: one pass is enough
    assert model.seen == 3
    with pytest.raises(ValueError, match="a lower log SNR and a higher one"):
        Guided(model, alpha_bar, t, 2, (high, low))


def test_guiding_a_network_equals_asking_it_twice():
    torch.manual_seed(0)
    model, alpha_bar = PictureUNet(1, 8, 1, 8, 1, answers=(4, 3)).eval(), cosine_alpha_bar(50)
    x_t, t = noise(3, 1, 8, 8, seed=0, device="cpu"), torch.tensor([0, 20, 49])
    wanted = torch.tensor([[0, 2], [3, -1], [1, 1]])
    free, told = (Guided(model, alpha_bar, wanted, w)(x_t, t) for w in (0, 1))
    torch.testing.assert_close(
        Guided(model, alpha_bar, wanted, 3.0)(x_t, t), free + 3 * (told - free)
    )
    assert not torch.allclose(free, told)


def test_half_the_signal_is_the_middle_of_the_clock():

    assert half_log_snr(0.5) == 0
    assert half_log_snr(0.9) == pytest.approx(math.log(math.sqrt(0.9) / math.sqrt(0.1)))


GUARDS = [
    (test_twice_the_steps_leave_a_quarter_of_the_error, (), "sampling.second_order", [
        ("/ 2 * (x0_hat - last_x0)", "* (x0_hat - last_x0)"),
        ("(there - here) / (here - last_place)", "(here - last_place) / (there - here)"),
        ("- fade * a**0.5)", "- fade * a)"),
    ]),
    (test_half_the_signal_is_the_middle_of_the_clock, (), "sampling.second_order", [
        ("0.5 * math.log(", "math.log("),
    ]),
    (test_velocity_noise_and_picture_are_three_views_of_one_thing, (), "schedules", [
        ("a.sqrt() * eps - (1 - a).sqrt() * x", "a.sqrt() * eps + (1 - a).sqrt() * x"),
    ]),
    (test_guidance_holds_only_between_the_noise_levels_it_is_given, (), "sampling.guidance", [
        ("(low < place)", "(low > place)"),
        ("(place < high)", "(place > high)"),
        ("signal_to_noise(alpha_bar).log()", "alpha_bar.log()"),
    ]),
    (test_guidance_goes_from_what_is_free_to_what_is_told_and_beyond, (2, -4),
     "sampling.guidance", [
        ("free + self.guidance * (told - free)", "told + self.guidance * (told - free)"),
        ("a.sqrt() * v.float()", "a * v.float()"),
        ("torch.cat([nothing, self.wanted])", "torch.cat([self.wanted, self.wanted])"),
        (".chunk(2)\n", ".chunk(2)[::-1]\n"),
        ("| (between == EVERYWHERE)", "& (between != EVERYWHERE)"),
    ]),
    (test_guidance_goes_from_what_is_free_to_what_is_told_and_beyond, (0, 10),
     "sampling.guidance", [
        ("v = self.model(x_t, t, nothing)", "v = self.model(x_t, t, self.wanted)"),
    ]),
    (test_guidance_goes_from_what_is_free_to_what_is_told_and_beyond, (1, 3),
     "sampling.guidance", [
        ("if self.guidance == 1 or", "if self.guidance == 9 or"),
    ]),
]  # fmt: skip
