"""Directions are counted as a closed form counts them; dead units are those that are dead."""

import math

import pytest
import scipy.stats
import torch
from torch import nn

from course_lib.metrics.gradients import dead_share, effective_rank


@pytest.mark.parametrize("k", [1, 2, 5])
def test_k_equal_directions_count_as_k_and_length_does_not_matter(k):
    torch.manual_seed(0)
    axes = torch.linalg.qr(torch.randn(7, 7, dtype=torch.float64))[0][:k]
    rows = axes.repeat(3, 1)  # each direction three times
    assert effective_rank(rows) == pytest.approx(k)
    assert effective_rank(1e-4 * rows) == pytest.approx(k)


def test_uneven_directions_count_as_the_entropy_of_their_shares_says():
    values = torch.tensor([8.0, 4.0, 2.0, 1.0, 1.0])
    truth = math.exp(scipy.stats.entropy(values.numpy()))
    assert effective_rank(torch.diag(values)) == pytest.approx(truth)
    assert truth == pytest.approx(2 ** (15 / 8))


def test_random_rows_fill_nearly_as_many_directions_as_there_are():
    torch.manual_seed(0)
    assert 60 < effective_rank(torch.randn(4000, 64)) <= 64


@pytest.mark.parametrize(
    "rows", [torch.zeros(3, 4), torch.full((3, 4), math.nan), torch.ones(3)]
)  # fmt: skip
def test_what_has_no_direction_is_refused(rows):
    with pytest.raises(ValueError, match=r"finite, \(B, P\) and not all 0, got shape \("):
        effective_rank(rows)


def network(biases):
    """ReLU units that see x - b, for each of the given b."""
    layer = nn.Linear(1, len(biases))
    with torch.no_grad():
        layer.weight.fill_(1.0)
        layer.bias.copy_(-torch.tensor(biases))
    return nn.Sequential(layer, nn.ReLU())


def test_a_unit_is_dead_if_it_is_silent_on_every_input():
    x = torch.tensor([[0.0], [1.0], [2.0]])
    assert dead_share(network([-1.0, 0.5, 1.5, 3.0]), x) == 0.25  # only the last never speaks
    deeper = nn.Sequential(network([-1.0, 3.0]), nn.Linear(2, 2), nn.ReLU())
    with torch.no_grad():
        deeper[1].weight.fill_(-1.0)
        deeper[1].bias.zero_()
    assert dead_share(deeper, x) == 0.75


def test_counting_leaves_no_hook_and_no_mode_behind():
    net = network([0.0]).train()
    dead_share(net, torch.ones(2, 1))
    assert net.training and not net[1]._forward_hooks


def test_a_network_that_has_no_relu_has_no_dead_units():
    with pytest.raises(ValueError, match="Linear has no ReLU"):
        dead_share(nn.Linear(1, 1), torch.ones(2, 1))


GUARDS = [
    (test_uneven_directions_count_as_the_entropy_of_their_shares_says, (), "metrics.gradients", [
        (".entropy().exp()", ".entropy()"),
        ("Categorical(values)", "Categorical(values.square())"),
    ]),
    (test_a_unit_is_dead_if_it_is_silent_on_every_input, (), "metrics.gradients", [
        ("(out == 0).all(dim=0)", "(out == 0).any(dim=0)"),
        ("(out == 0).all(dim=0)", "(out < 0).all(dim=0)"),
    ]),
]  # fmt: skip
