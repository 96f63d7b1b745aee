"""From noise to pictures along the velocity of a flow, step by step."""

from collections import deque
from collections.abc import Iterator

import torch
from torch import Tensor, nn

from course_lib.sampling.one_pass import evaluating

CLOCK = 1000  # a network for timesteps tells times between 0 and 1 apart only if they are stretched


def flow(model: nn.Module, eps: Tensor, n_steps: int = 10) -> Tensor:
    """Walk noise eps (B, ...) in n_steps to where the flow takes it; see `flow_path`."""
    return deque(flow_path(model, eps, n_steps), maxlen=1).pop()


def flow_path(model: nn.Module, eps: Tensor, n_steps: int = 10) -> Iterator[Tensor]:
    """Return an iterator over the states of the walk, each (B, ...): eps first, then each step.

    Time runs from 1 (noise) to 0 (data) in equal steps, along the velocity at their beginning.
    Source: Euler's method on the flow of Lipman et al. 2023, arXiv:2210.02747, and Liu et al. 2023,
    arXiv:2209.03003.

    Args:
        model: predicts the velocity, noise minus data: model(x_t, 1000 t) has the shape of x_t.
        eps: standard normal noise.
        n_steps: each costs one pass of the network.

    Raises:
        ValueError: if n_steps is not above 0.
    """
    if n_steps < 1:
        raise ValueError(f"a flow needs at least 1 step, got {n_steps}")
    return _walk(model, eps, n_steps)


def _walk(model: nn.Module, x_t: Tensor, n_steps: int) -> Iterator[Tensor]:
    yield x_t
    for i in range(n_steps):
        t = torch.full((len(x_t),), 1 - i / n_steps, device=x_t.device)
        with evaluating(model):
            x_t = x_t - model(x_t, CLOCK * t) / n_steps
        yield x_t
