"""What the diffusion experiments compare differs in one thing, and what they measure is known."""

import pytest
import torch
from torch import nn

from course_lib.data import Batch, load
from course_lib.experiments import sculptor_choices
from course_lib.experiments.sculptor_choices import RUNGS, NoTime
from course_lib.experiments.sculptors import (
    Untold,
    apprentice,
    asked,
    digit_distance,
    share_step,
    static,
    target_step,
    walk,
)
from course_lib.models import UNet
from course_lib.recipes import ddpm_step
from course_lib.results import stored
from course_lib.runtime import noise
from course_lib.schedules import cosine_alpha_bar
from course_lib.training import EMA


@pytest.fixture(autouse=True)
def on_the_cpu(monkeypatch):
    monkeypatch.setenv("COURSE_DEVICE", "cpu")


def one_step(step, **constants):
    torch.manual_seed(0)
    model, batch = UNet(width=8), Batch(noise(6, 1, 8, 8, seed=0, device="cpu").tanh(), None)
    opt = torch.optim.SGD(model.parameters(), 0.1)
    torch.manual_seed(1)
    return step(batch, model, opt, ema=EMA(model), alpha_bar=cosine_alpha_bar(100), **constants)


def test_asking_for_the_noise_is_the_step_of_the_notebook():
    torch.testing.assert_close(one_step(target_step, target="noise"), one_step(ddpm_step))
    other = one_step(target_step, target="clean")
    assert not torch.allclose(other["loss"], one_step(ddpm_step)["loss"])


class Constant(nn.Module):
    """Guess that the picture is 0.5 everywhere, and count the looks."""

    def __init__(self):
        super().__init__()
        self.weight, self.seen = nn.Parameter(torch.tensor(0.5)), []

    def forward(self, x):
        self.seen.append(x)
        return self.weight.expand_as(x)


def test_a_walk_goes_straight_to_a_guess_that_never_changes():
    model, start = Constant(), static(3, seed=0)
    end = walk(model, start, 4)
    torch.testing.assert_close(end, torch.full_like(end, 0.5))
    for i, x in enumerate(model.seen):
        torch.testing.assert_close(x, start + i / 4 * (0.5 - start))


def test_the_first_step_mixes_by_shares():
    """With static in place of the picture, a mix would be static; with 0s, it shrinks."""
    model, zeros = Constant(), Batch(torch.zeros(4000, 1, 2, 2), None)
    share_step(zeros, model, torch.optim.SGD(model.parameters(), 0.0), EMA(model))
    (mix,) = model.seen
    assert mix.abs().max() <= 1 and abs(mix.mean()) < 0.02
    assert mix.square().mean().item() == pytest.approx(1 / 9, abs=0.01)  # E s^2 E u^2


def test_static_is_even():
    x = static(2000, seed=3)
    counts = x.flatten().histc(10, -1, 1) / x.numel()
    torch.testing.assert_close(counts, torch.full((10,), 0.1), atol=0.01, rtol=0)


def test_a_network_that_is_not_told_the_time_cannot_use_it():
    torch.manual_seed(0)
    model, x = Untold(UNet(width=8)).eval(), noise(2, 1, 8, 8, seed=0, device="cpu")
    torch.testing.assert_close(model(x, torch.tensor([5, 900])), model(x, torch.tensor([0, 0])))
    assert NoTime()(x).shape == x.shape


def test_an_apprentice_is_decided_by_the_seed():
    (a, slow), (b, _), (c, _) = (
        apprentice(seed, share_step, Constant, n_steps=2) for seed in (0, 0, 1)
    )
    assert torch.equal(a.weight, b.weight) and not torch.equal(a.weight, c.weight)
    assert not torch.equal(slow.weight, a.weight)


def test_real_digits_are_near_to_real_digits():
    assert abs(digit_distance(load("digits", "cpu").validation.x)) < 0.03


def test_the_errors_of_an_untrained_network_are_those_of_a_clipped_guess():
    latest, _ = asked(0, "clean", n_steps=1)
    found = sculptor_choices.errors(latest, seed=0)
    assert list(found) == [f"t {t}" for t in sculptor_choices.MOMENTS]
    assert all(0 < error < 2 for error in found.values())


def test_every_rung_is_stored():
    assert tuple(stored("sculptor_choices").values["ladder"]) == RUNGS


GUARDS = [
    (test_a_walk_goes_straight_to_a_guess_that_never_changes, (), "experiments.sculptors", [
        ("/ (n_looks - i)", "/ n_looks"),
    ]),
    (test_the_first_step_mixes_by_shares, (), "experiments.sculptors", [
        ("2 * torch.rand_like(batch.x) - 1", "torch.rand_like(batch.x)"),
        ("share * static + (1 - share) * batch.x", "static + (1 - share) * batch.x"),
    ]),
    (test_asking_for_the_noise_is_the_step_of_the_notebook, (), "experiments.sculptors", [
        ("torch.randint(len(alpha_bar),", "torch.randint(1,"),
    ]),
]  # fmt: skip
