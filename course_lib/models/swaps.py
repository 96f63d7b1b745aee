"""Change one kind of part in a network and leave the rest: the way to see what a part is for."""

from collections.abc import Callable
from copy import deepcopy

from torch import nn
from torch.nn.utils.parametrize import is_parametrized


def swapped(network: nn.Module, kind: type[nn.Module], make: Callable[[], nn.Module]) -> nn.Module:
    """Return a copy of a network in which every part of one kind gives way to a fresh make().

    All other parts keep their weights: two copies differ in nothing but the part in question.

    Args:
        network: it stays as it is.
        kind: such as nn.Tanh.
        make: makes what comes instead, such as nn.Sigmoid; nn.Identity takes the part out.

    Raises:
        ValueError: if the network has no part of that kind.
    """
    copy, n_swapped = deepcopy(network), 0
    for parent in list(copy.modules()):
        for name, part in list(parent.named_children()):
            if type(part) is kind:
                setattr(parent, name, make())
                n_swapped += 1
    if not n_swapped:
        raise ValueError(f"{type(network).__name__} has no {kind.__name__} to swap")
    return copy


def without_spectral_norm(network: nn.Module) -> nn.Module:
    """Return a copy whose weights are free to grow; at first they are what they were.

    Raises:
        ValueError: if no weight of the network is held by a spectral norm.
    """
    copy = deepcopy(network)
    held = [part for part in copy.modules() if is_parametrized(part, "weight")]
    if not held:
        raise ValueError(f"{type(network).__name__} has no spectral norm to take off")
    for part in held:  # remove_parametrizations would also change the network this was copied from
        part.parametrizations.weight.original.data = part.weight.detach().clone()
        part.parametrizations.weight[0] = nn.Identity()
    return copy
