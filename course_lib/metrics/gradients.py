"""What arrives at the end of a chain of slopes: how many directions, and through how many units."""

import torch
from torch import Tensor, nn

from course_lib.sampling import evaluating


def effective_rank(gradients: Tensor) -> float:
    """Return in how many directions gradients (B, P), one row an item, point: from 1 to B or P.

    It is the exponential of the entropy of the singular values' shares: 1 if all rows lie on one
    line, k if they fill k directions evenly. Their length does not matter.
    Source: Roy & Vetterli 2007, "The effective rank", EUSIPCO.

    Raises:
        ValueError: if it is no table of finite numbers, or all of them are 0.
    """
    if gradients.ndim != 2 or not gradients.isfinite().all() or not gradients.any():
        have = (*gradients.shape,)
        raise ValueError(f"gradients must be finite, (B, P) and not all 0, got shape {have}")
    values = torch.linalg.svdvals(gradients.detach().cpu().double())
    return torch.distributions.Categorical(values).entropy().exp().item()


def dead_share(network: nn.Module, x: Tensor) -> float:
    """Return the share of ReLU units that answer 0 to every input of x (B, ...).

    No gradient passes a dead unit, so nothing it is fed with can learn to wake it.

    Raises:
        ValueError: if the network has no ReLU.
    """
    answers = []
    relus = [part for part in network.modules() if isinstance(part, nn.ReLU)]
    if not relus:
        raise ValueError(f"{type(network).__name__} has no ReLU")
    hooks = [part.register_forward_hook(lambda p, i, out: answers.append(out)) for part in relus]
    try:
        with evaluating(network):
            network(x)
    finally:
        for hook in hooks:
            hook.remove()
    dead = [(out == 0).all(dim=0).flatten() for out in answers]  # one entry a unit
    return torch.cat(dead).cpu().double().mean().item()
