"""Noise, clean picture and velocity are three answers to one question, and samplers take any."""

import pytest
import torch
from torch import nn

from course_lib.runtime import noise
from course_lib.sampling import TARGETS, AsNoise, as_noise, asked_for, ddim
from course_lib.schedules import cosine_alpha_bar, noised

SHARES = torch.tensor([0.999, 0.7, 0.5, 0.1, 1e-3], dtype=torch.float64)


def a_noised_picture():
    x, eps = (noise(5, 1, 4, 4, seed=s, device="cpu").double() for s in (2, 3))
    return x, eps, noised(x, eps, SHARES)


@pytest.mark.parametrize("target", TARGETS)
def test_the_right_answer_gives_back_the_noise_whatever_was_asked(target):
    x, eps, x_t = a_noised_picture()
    answer = asked_for(target, x, eps, SHARES)
    torch.testing.assert_close(as_noise(target, answer, x_t, SHARES), eps)


def test_the_three_questions_differ_in_their_answers():
    x, eps, _ = a_noised_picture()
    a = SHARES[:, None, None, None]
    torch.testing.assert_close(asked_for("noise", x, eps, SHARES), eps)
    torch.testing.assert_close(asked_for("clean", x, eps, SHARES), x)
    by_hand = a.sqrt() * eps - (1 - a).sqrt() * x  # Salimans & Ho 2022, appendix D
    torch.testing.assert_close(asked_for("velocity", x, eps, SHARES), by_hand)


class KnowsThePicture(nn.Module):
    """Answer any of the three questions about a picture of 0.3 everywhere."""

    def __init__(self, alpha_bar, target):
        super().__init__()
        self.alpha_bar, self.target = alpha_bar, target

    def forward(self, x_t, t):
        a = self.alpha_bar[t][:, None, None, None]
        x = torch.full_like(x_t, 0.3)
        return asked_for(self.target, x, (x_t - a.sqrt() * x) / (1 - a).sqrt(), self.alpha_bar[t])


@pytest.mark.parametrize("target", TARGETS)
def test_a_sampler_finds_the_picture_through_any_of_the_three(target):
    alpha_bar = cosine_alpha_bar(50)
    model = AsNoise(KnowsThePicture(alpha_bar, target), alpha_bar, target)
    drawn = ddim(model, noise(2, 1, 4, 4, seed=0, device="cpu"), alpha_bar, 10)
    torch.testing.assert_close(drawn, torch.full_like(drawn, 0.3), atol=1e-3, rtol=0)


@pytest.mark.parametrize("call", [
    lambda: asked_for("score", *torch.zeros(2, 1, 1, 2, 2), torch.ones(1)),
    lambda: as_noise("score", *torch.zeros(2, 1, 1, 2, 2), torch.ones(1)),
    lambda: AsNoise(nn.Identity(), torch.ones(1), "score"),
])  # fmt: skip
def test_an_unknown_target_is_answered_with_the_known_ones(call):
    with pytest.raises(ValueError, match="'score': choose one of noise, clean, velocity"):
        call()


GUARDS = [
    (test_the_right_answer_gives_back_the_noise_whatever_was_asked, ("clean",),
     "sampling.targets", [
        ("(x_t - a.sqrt() * answer) / (1 - a).sqrt()", "(x_t - a.sqrt() * answer) / (1 - a)"),
        ("(x_t - a.sqrt() * answer)", "(x_t - a * answer)"),
    ]),
    (test_the_right_answer_gives_back_the_noise_whatever_was_asked, ("velocity",),
     "sampling.targets", [
        ("(1 - a).sqrt() * x_t + a.sqrt() * answer", "(1 - a).sqrt() * x_t - a.sqrt() * answer"),
        ("(1 - a).sqrt() * x_t + a.sqrt() * answer", "a.sqrt() * x_t + (1 - a).sqrt() * answer"),
    ]),
    (test_the_three_questions_differ_in_their_answers, (), "sampling.targets", [
        ('"clean": x,', '"clean": eps,'),
    ]),
]  # fmt: skip
