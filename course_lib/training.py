"""The part of training that is the same for every family: nothing here knows a model."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from copy import deepcopy
from itertools import islice

import torch
from torch import Tensor, nn
from tqdm.auto import tqdm


def descend(loss: Tensor, *optimizers: torch.optim.Optimizer) -> None:
    """Take one gradient step down a scalar loss, from fresh gradients.

    Several optimizers share the step, each with weights of its own.
    """
    for optimizer in optimizers:
        optimizer.zero_grad(set_to_none=True)
    loss.backward()
    for optimizer in optimizers:
        optimizer.step()


@torch.no_grad()
def clip_weights(network: nn.Module, limit: float) -> None:
    """Push every weight back into [-limit, limit], as a Wasserstein critic needs after each move.

    Source: Arjovsky et al. 2017, arXiv:1701.07875, algorithm 1.

    Raises:
        ValueError: if the limit is not above 0.
    """
    if not limit > 0:
        raise ValueError(f"limit must be above 0, got {limit}")
    for weight in network.parameters():
        weight.clamp_(-limit, limit)


def fit(step: Callable, batches: Iterator, n_steps: int, **players) -> dict[str, list[float]]:
    """Call step(batch, **players) on the next n_steps batches and keep what it reports.

    Calling fit again goes on where it stopped: to watch training, train in slices.

    Args:
        step: updates the players on one batch, returns {name: scalar tensor}.
        batches: an iterator such as `course_lib.data.stream` gives.
        n_steps: how many batches to take.
        players: the models, optimizers and constants that step asks for by name.

    Returns:
        {name: list of n_steps floats}.
    """
    for player in players.values():
        if isinstance(player, nn.Module):
            player.train()
    history = defaultdict(list)
    bar = tqdm(islice(batches, n_steps), total=n_steps, leave=False, unit="step", mininterval=0.5)
    for batch in bar:
        for name, value in step(batch, **players).items():
            history[name].append(value.detach())
    return {name: torch.stack(values).tolist() for name, values in history.items()}


class EMA:
    """A slow copy of a model: an exponential moving average of its weights.

    Early on the average is short, so that the copy does not remember the random beginning: the
    n-th update keeps min(decay, (1 + n) / (10 + n)) of the old value. Buffers are copied.

    Args:
        model: the model to follow; `ema.model` is the slow copy, always in eval mode.
        decay: how much of the old average survives one update, close to 1.
    """

    def __init__(self, model: nn.Module, decay: float = 0.999):
        self.model = deepcopy(model).eval().requires_grad_(False)
        self.decay = decay
        self.n_updates = 0

    @torch.no_grad()
    def update(self, model: nn.Module) -> None:
        """Move the slow copy a little towards the model. Call it after every optimizer step."""
        keep = min(self.decay, (1 + self.n_updates) / (10 + self.n_updates))
        self.n_updates += 1
        slow, fast = list(self.model.parameters()), list(model.parameters())
        torch._foreach_lerp_(slow, fast, 1 - keep)
        for slow_buffer, buffer in zip(self.model.buffers(), model.buffers(), strict=True):
            slow_buffer.copy_(buffer)
