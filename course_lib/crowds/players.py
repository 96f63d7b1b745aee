"""Players that stand for K: to a training step they look like one.

Source: stacked weights and vmap, https://docs.pytorch.org/tutorials/intermediate/ensembling.html.
Letters: K members of the crowd, B items in the batch of each.
"""

from collections.abc import Iterator, Sequence
from copy import deepcopy

import torch
from torch import Tensor, nn
from torch.func import functional_call, vmap
from torch.nn.utils.parametrize import is_parametrized

from course_lib.training import EMA

SINGLY = (torch.optim.SGD, torch.optim.Adam, torch.optim.AdamW)  # each weight by itself


class Crowd(nn.Module):
    """K networks that pass for one: K batches laid end to end, (K * B, ...), go in and come out.

    Its parameters have the names of a single network's and one more axis in front, K.

    Args:
        networks: K of one kind; they stay as they are until `hand_back`.

    Raises:
        ValueError: if a pass through them changes their own weights, as with a spectral norm.
    """

    def __init__(self, networks: Sequence[nn.Module]):
        super().__init__()
        self.members, self.one = tuple(networks), deepcopy(networks[0])
        if any(is_parametrized(part) for part in self.one.modules()):
            kind = type(self.one).__name__
            raise ValueError(f"{kind} has a spectral norm or the like: train it alone, with fit")
        self.latent_dim = getattr(self.one, "latent_dim", None)  # steps ask for it
        for stack, *own in self._weights():
            stack.data = torch.stack([weight.detach() for weight in own])

    def forward(self, *args: Tensor):
        """Send each network its B items of every argument (K * B, ...)."""
        weights = {**dict(self.one.named_parameters()), **dict(self.one.named_buffers())}
        shared = [arg.unflatten(0, (len(self.members), -1)) for arg in args]  # (K, B, ...)
        each = vmap(lambda own, *own_args: functional_call(self.one, own, own_args))
        out = each(weights, *shared)
        if isinstance(out, Tensor):
            return out.flatten(0, 1)
        return type(out)(*(part.flatten(0, 1) for part in out))  # several, by name

    @torch.no_grad()
    def hand_back(self) -> None:
        """Copy each network's share of the weights back to it."""
        for stack, *own in self._weights():
            for weight, share in zip(own, stack, strict=True):
                weight.copy_(share)

    def _weights(self) -> Iterator[tuple[Tensor, ...]]:
        """Return each weight and buffer of the crowd with the K it stands for."""
        everyone = ([*each.parameters(), *each.buffers()] for each in (self.one, *self.members))
        return zip(*everyone, strict=True)


class CrowdOptimizer:
    """K optimizers that pass for one, each with its own learning rate.

    Right for those that treat every weight by itself and go as far as the learning rate says, such
    as SGD, Adam and AdamW, and for losses that are means over the items of a batch.

    Args:
        optimizers: K of one kind, each with one group of weights.
        stacks: from each weight of the first one to that of the crowd.

    Raises:
        ValueError: if they differ in more than the learning rate, or one is of another sort.
    """

    def __init__(self, optimizers: Sequence[torch.optim.Optimizer], stacks: dict[Tensor, Tensor]):
        for each in optimizers:
            if not isinstance(each, SINGLY):
                name = type(each).__name__
                raise ValueError(f"{name} cannot train a crowd: take SGD, Adam or AdamW")
        self.members = optimizers
        groups = [group for each in optimizers for group in each.param_groups]
        self.stacks = [stacks[weight] for weight in groups[0]["params"]]
        rates = self.stacks[0].new_tensor([group["lr"] for group in groups])
        self.rates = [rates.reshape(-1, *[1] * (stack.ndim - 1)) for stack in self.stacks]
        knobs = groups[0].keys() - {"params", "lr", "initial_lr"}
        shared = {knob: agreed([group[knob] for group in groups], knob) for knob in knobs}
        self.whole = type(optimizers[0])([{**shared, "params": self.stacks, "lr": 1.0}])
        for stack, states in self._states():
            for key in agreed([state.keys() for state in states], "steps taken"):
                values = [state[key] for state in states]
                is_count = key == "step"  # all else has the shape of its weight
                value = agreed(values, "steps taken") if is_count else torch.stack(values)
                self.whole.state[stack][key] = value.clone()

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget all gradients."""
        self.whole.zero_grad(set_to_none)

    @torch.no_grad()
    def step(self) -> None:
        """Take a step of learning rate 1, then keep of it as much as each member's rate says."""
        before = [stack.clone() for stack in self.stacks]
        for stack in self.stacks:
            stack.grad *= len(self.members)  # the loss was a mean over K batches
        self.whole.step()
        for stack, old, rate in zip(self.stacks, before, self.rates, strict=True):
            stack.copy_(torch.lerp(old, stack, rate))

    def hand_back(self) -> None:
        """Copy each optimizer's share of the moments back to it."""
        for stack, states in self._states():
            for k, state in enumerate(states):
                for key, value in self.whole.state[stack].items():
                    state[key] = (value if key == "step" else value[k]).clone()

    def _states(self) -> Iterator[tuple[Tensor, list[dict]]]:
        """Return each weight of the crowd with what the K optimizers remember of theirs."""
        weights = zip(*(each.param_groups[0]["params"] for each in self.members), strict=True)
        for stack, own in zip(self.stacks, weights, strict=True):
            yield stack, [each.state[w] for each, w in zip(self.members, own, strict=True)]


class CrowdEMA(EMA):
    """K slow copies that pass for one.

    Raises:
        ValueError: if they differ in their decay, or in how often they were updated.
    """

    def __init__(self, slow_copies: Sequence[EMA]):
        self.members, self.model = slow_copies, Crowd([each.model for each in slow_copies])
        self.decay = agreed([each.decay for each in slow_copies], "decay")
        self.n_updates = agreed([each.n_updates for each in slow_copies], "steps taken")

    def hand_back(self) -> None:
        """Copy each slow copy's share of the weights back to it."""
        self.model.hand_back()
        for each in self.members:
            each.n_updates = self.n_updates


def agreed(values: Sequence, what: str) -> object:
    """Return the value that all K share, or raise ValueError in one sentence."""
    first, *others = values
    for other in others:
        tensors = isinstance(first, Tensor) and isinstance(other, Tensor)
        if not (torch.equal(first, other) if tensors else first == other):
            raise ValueError(f"the members of a crowd differ in {what!r}: make two crowds of them")
    return first
