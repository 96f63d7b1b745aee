"""Latents roll on their sphere, downhill, and nobody pays for more passes than is said."""

import math

import pytest
import torch
from torch import nn

from course_lib.runtime import noise
from course_lib.sampling.steering import roll, steer


def test_a_step_turns_by_the_angle_that_geometry_gives():
    z = noise(50, 7, seed=0, device="cpu").double()
    across = noise(50, 7, seed=1, device="cpu").double()
    across -= (across * z).sum(1, keepdim=True) / z.square().sum(1, keepdim=True) * z
    there = roll(z, 3 * across, 0.4)
    length = z.norm(dim=1)
    torch.testing.assert_close(there.norm(dim=1), length)
    angle = torch.cosine_similarity(z, there, dim=1).acos()
    torch.testing.assert_close(angle, torch.atan(0.4 / length))
    assert ((there * across).sum(dim=1) < 0).all()  # downhill


def test_where_there_is_no_slope_one_stays():
    z = noise(3, 4, seed=0, device="cpu")
    torch.testing.assert_close(roll(z, torch.zeros(3, 4), 0.5), z)


class Counting(nn.Module):
    """A generator that draws its latent, and counts how often it was asked."""

    def __init__(self):
        super().__init__()
        self.weight, self.passes = nn.Parameter(torch.eye(5)), 0

    def forward(self, z):
        self.passes += 1
        return z @ self.weight


def far_from(target):
    return lambda x: (x - target).square().sum(dim=1)


def test_steering_arrives_and_reports_the_best_so_far():
    z, target = noise(20, 5, seed=0, device="cpu"), noise(20, 5, seed=1, device="cpu")
    target = target / target.norm(dim=1, keepdim=True) * z.norm(dim=1, keepdim=True)
    draw, miss = Counting(), far_from(target)
    found = steer(draw, z, miss, (0, 2, 200), size=0.1)
    torch.testing.assert_close(found[0].z, z)
    for early, late in zip(found, found[1:], strict=False):
        assert (late.miss <= early.miss).all()
    for one in found:
        torch.testing.assert_close(miss(one.z), one.miss)
        torch.testing.assert_close(one.z.norm(dim=1), z.norm(dim=1))
    assert found[-1].miss.mean() < 0.1 * found[0].miss.mean()
    assert not any(one.z.requires_grad for one in found)


def test_each_step_is_one_pass_and_the_generator_is_left_alone():
    draw = Counting()
    steer(draw, noise(2, 5, seed=0, device="cpu"), far_from(torch.zeros(2, 5)), (3, 9))
    assert draw.passes == 10 and draw.weight.grad is None


@pytest.mark.parametrize("size", [0.1, math.pi])
def test_a_long_step_never_makes_the_report_worse(size):
    z = noise(30, 5, seed=0, device="cpu")
    found = steer(Counting(), z, far_from(torch.ones(30, 5)), tuple(range(21)), size)
    for early, late in zip(found, found[1:], strict=False):
        assert (late.miss <= early.miss).all()


GUARDS = [
    (test_a_step_turns_by_the_angle_that_geometry_gives, (), "sampling.steering", [
        ("z - size * slope", "z + size * slope"),
        (" / slope.norm(dim=1, keepdim=True).clamp(min=1e-12)", ""),
        (" * z.norm(dim=1, keepdim=True) / there", " / there"),
    ]),
    (test_steering_arrives_and_reports_the_best_so_far, (), "sampling.steering", [
        ("torch.where(better[:, None], z.detach(), best)", "z.detach()"),
    ]),
    (test_a_long_step_never_makes_the_report_worse, (math.pi,), "sampling.steering", [
        ("better = lacking.detach() < lowest", "better = lacking.detach() > -1"),
    ]),
    (test_each_step_is_one_pass_and_the_generator_is_left_alone, (), "sampling.steering", [
        ("torch.autograd.grad(lacking.sum(), z)[0]",
         "(lacking.sum().backward(), z.grad)[1]"),
    ]),
]  # fmt: skip
