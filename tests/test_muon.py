"""Muon against torch's own on matrices, and against the singular value decomposition."""

import pytest
import torch
from torch import nn

from course_lib.muon import Muon, inner_and_other, orthogonal


def matrix(rows, columns, seed=0):
    return torch.randn(rows, columns, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("shape", [(8, 32), (32, 8), (16, 16)])
def test_orthogonal_keeps_directions_and_evens_out_lengths(shape):
    u, s, vh = torch.linalg.svd(matrix(*shape, seed=1).double(), full_matrices=False)
    steep = u @ torch.diag(torch.logspace(0, -2, len(s)).double()) @ vh
    found = u.mT @ orthogonal(steep) @ vh.mT  # in the matrix's own directions
    lengths = found.diagonal()
    assert lengths.min() > 0.6 and lengths.max() < 1.3
    torch.testing.assert_close(found, torch.diag(lengths), atol=1e-6, rtol=0)


def test_orthogonal_does_not_ask_how_long_the_gradient_is():
    a = matrix(6, 20)
    torch.testing.assert_close(orthogonal(1000 * a), orthogonal(a), atol=1e-5, rtol=1e-4)
    assert orthogonal(torch.zeros(3, 5)).eq(0).all()


def test_orthogonal_stays_exact_where_training_computes_in_halves():
    exact = orthogonal(matrix(6, 20).double()).float()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        torch.testing.assert_close(orthogonal(matrix(6, 20)), exact, atol=1e-4, rtol=0)


@pytest.mark.skipif(not hasattr(torch.optim, "Muon"), reason="PyTorch has it from 2.9 on")
@pytest.mark.parametrize("shape", [(12, 40), (40, 12)])
def test_steps_on_a_matrix_are_those_of_torch(shape):
    ours, theirs = (nn.Parameter(matrix(*shape)) for _ in range(2))
    settings = {"lr": 0.05, "momentum": 0.9, "weight_decay": 0.1}
    optimizers = Muon([ours], **settings), torch.optim.Muon([theirs], **settings)
    for seed in range(3):
        for weight, optimizer in zip((ours, theirs), optimizers, strict=True):
            weight.grad = matrix(*shape, seed=10 + seed)
            optimizer.step()
    apart = (ours - theirs).norm() / (ours - matrix(*shape)).norm()
    assert apart < 0.02  # theirs computes in bfloat16


def test_a_convolution_is_moved_like_its_matrix():
    kernel, flat = (nn.Parameter(matrix(8, 27).reshape(s)) for s in ((8, 3, 3, 3), (8, 27)))
    for weight in (kernel, flat):
        weight.grad = matrix(8, 27, seed=2).reshape(weight.shape)
        Muon([weight]).step()
    torch.testing.assert_close(kernel.flatten(1), flat)


def test_a_convolution_laid_out_channels_last_is_moved_alike():
    kernels = [nn.Parameter(matrix(8, 27).reshape(8, 3, 3, 3)) for _ in range(2)]
    kernels[1].data = kernels[1].data.to(memory_format=torch.channels_last)
    for weight in kernels:
        weight.grad = matrix(8, 27, seed=2).reshape(weight.shape)
        Muon([weight]).step()
    torch.testing.assert_close(*kernels)


def test_every_direction_moves_by_the_learning_rate():
    weight = nn.Parameter(torch.zeros(10, 10))
    weight.grad = matrix(10, 10, seed=3)
    Muon([weight], lr=0.1, weight_decay=0.0).step()
    lengths = torch.linalg.svdvals(weight.detach())
    assert lengths.max() < 0.13 and lengths[5] > 0.05
    assert (weight * weight.grad).sum() < 0  # downhill


def test_weights_without_a_gradient_stay_where_they_are():
    weight = nn.Parameter(matrix(3, 4))
    Muon([weight]).step()
    torch.testing.assert_close(weight.detach(), matrix(3, 4))


def test_a_bias_is_turned_away():
    with pytest.raises(ValueError, match="AdamW"):
        Muon([nn.Parameter(torch.zeros(5))])


def test_every_weight_is_either_inner_or_other():
    network = nn.ModuleDict({"enter": nn.Linear(3, 4), "middle": nn.Linear(4, 4)})
    inner, other = inner_and_other(network, outer=("enter",))
    assert [weight is network["middle"].weight for weight in inner] == [True]
    assert {id(w) for w in inner + other} == {id(w) for w in network.parameters()}
    assert len(inner) + len(other) == 4


GUARDS = [
    (test_orthogonal_keeps_directions_and_evens_out_lengths, ((8, 32),), "muon", [
        ("c * gram @ gram", "c * gram"),
        ("range(ROUNDS)", "range(2)"),
        ("3.4445", "2.4445"),
    ]),
    (test_orthogonal_stays_exact_where_training_computes_in_halves, (), "muon", [
        ("enabled=False", "enabled=True"),
    ]),
    (test_steps_on_a_matrix_are_those_of_torch, ((40, 12),), "muon", [
        ("max(1.0, rows / columns) ** 0.5", "1.0"),
        ("1 - lr * decay", "1 - decay"),
        ('lerp_(weight.grad, 1 - keep)', 'lerp_(weight.grad, keep)'),
        ('weight.grad.lerp(state["mean"], keep)', 'state["mean"]'),
        ("alpha=-lr", "alpha=lr"),
    ]),
    (test_a_convolution_is_moved_like_its_matrix, (), "muon", [
        ("keep).flatten(1)", "keep).flatten(0, -2)"),
    ]),
]  # fmt: skip
