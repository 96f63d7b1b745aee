"""One kind of part is changed, everything else stays, and the original is left alone."""

import pytest
import torch
from torch import nn

from course_lib.models import Discriminator, Generator
from course_lib.models.swaps import swapped, without_spectral_norm


def kinds(network):
    return [type(part) for part in network.net]


def test_only_the_parts_of_one_kind_change_and_the_weights_are_the_same():
    torch.manual_seed(0)
    G = Generator()
    other = swapped(G, nn.ReLU, nn.Tanh)
    assert kinds(other) == [nn.Tanh if k is nn.ReLU else k for k in kinds(G)] != kinds(G)
    torch.testing.assert_close(other.state_dict(), G.state_dict())
    with torch.no_grad():
        other.net[0].weight.zero_()
    assert G.net[0].weight.any()  # a copy, not the same weights under another name


def test_a_generator_without_its_tanh_paints_what_tanh_would_squash():
    torch.manual_seed(0)
    G, z = Generator(), torch.randn(3, 16)
    torch.testing.assert_close(swapped(G, nn.Tanh, nn.Identity)(z).tanh(), G(z))


def test_a_part_that_is_not_there_cannot_be_swapped():
    with pytest.raises(ValueError, match="Generator has no Sigmoid to swap"):
        swapped(Generator(), nn.Sigmoid, nn.Tanh)


def test_without_its_spectral_norm_a_detective_scores_the_same_until_its_weights_grow():
    torch.manual_seed(0)
    D, x = Discriminator().eval(), torch.randn(4, 1, 8, 8)
    free = without_spectral_norm(D)
    torch.testing.assert_close(free(x), D(x))
    before = D(x)
    with torch.no_grad():
        for weight in free.parameters():
            weight.mul_(3)
    assert free(x).abs().mean() > 20 * before.abs().mean()  # 3 to the power of 4 layers
    torch.testing.assert_close(D(x), before)  # the original is as it was
    assert len(list(free.parameters())) == len(list(D.parameters()))


def test_a_network_without_spectral_norm_has_none_to_take_off():
    with pytest.raises(ValueError, match="Generator has no spectral norm to take off"):
        without_spectral_norm(Generator())


GUARDS = [
    (test_only_the_parts_of_one_kind_change_and_the_weights_are_the_same, (), "models.swaps", [
        ("copy, n_swapped = deepcopy(network), 0", "copy, n_swapped = network, 0"),
        ("if type(part) is kind:", "if type(part) is kind and not n_swapped:"),
    ]),
    (test_without_its_spectral_norm_a_detective_scores_the_same_until_its_weights_grow, (),
     "models.swaps", [
        ("original.data = part.weight.detach().clone()", "original.data.zero_()"),
        ("        part.parametrizations.weight[0] = nn.Identity()\n", ""),
    ]),
]  # fmt: skip
