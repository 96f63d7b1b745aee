"""Muon: an optimizer for the matrices inside a network. All directions of a step count alike.

A gradient step mostly moves a layer along a few strong directions. Muon keeps the directions of the
step, and gives each the same length: of U S V^T it takes U V^T. With smaller batches and noise
levels well placed, diffusion learns the photographs in a third of the time; no other change
brought as much (docs/decisions/0013). Biases, norms, embeddings, and the first and last layer are
left to AdamW.
Source: Jordan et al. 2024, kellerjordan.github.io/posts/muon; `torch.optim.Muon`, from PyTorch
2.9 on, is the same for plain matrices, and knows no convolutions.
"""

from collections.abc import Iterable, Sequence

import torch
from torch import Tensor, nn

BEND = (3.4445, -4.7750, 2.0315)  # of the polynomial that pulls lengths towards 1; from the source
ROUNDS = 5  # of it


class Muon(torch.optim.Optimizer):
    """Momentum, made orthogonal, for weights of two dimensions or more.

    A convolution (O, I, K, K) counts as a matrix (O, I K K).

    Args:
        weights: the matrices.
        lr: learning rate, the length of each direction in a step; tall matrices take longer ones.
        momentum: how much of the average gradient survives one step.
        weight_decay: share of the weights, times lr, that is lost in a step.

    Raises:
        ValueError: if a weight has fewer than two dimensions.
    """

    def __init__(
        self,
        weights: Iterable[nn.Parameter],
        lr: float = 0.02,
        momentum: float = 0.95,
        weight_decay: float = 0.01,
    ):
        super().__init__(weights, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay})
        if any(weight.ndim < 2 for group in self.param_groups for weight in group["params"]):
            raise ValueError("Muon moves matrices: give weights of one dimension to AdamW")

    @torch.no_grad()
    def step(self) -> None:
        """Move every weight that has a gradient."""
        for group in self.param_groups:
            lr, keep, decay = group["lr"], group["momentum"], group["weight_decay"]
            for weight in group["params"]:
                if weight.grad is None:
                    continue
                state = self.state[weight]
                if not state:
                    state["mean"] = torch.zeros_like(weight)
                state["mean"].lerp_(weight.grad, 1 - keep)
                ahead = weight.grad.lerp(state["mean"], keep).flatten(1)  # Nesterov's look ahead
                rows, columns = ahead.shape
                longer = max(1.0, rows / columns) ** 0.5
                move = orthogonal(ahead).reshape(weight.shape)
                weight.mul_(1 - lr * decay).add_(move, alpha=-lr * longer)


def orthogonal(matrix: Tensor) -> Tensor:
    """Return about U V^T of a matrix U S V^T (M, N): its directions, each of a length of about 1.

    Five rounds of a polynomial of fifth degree (Newton and Schulz) take every length between 0.01
    and 1 of the largest to one between 0.6 and 1.3, without decomposing anything. What the rounds
    do to a matrix follows from its products of row with row, (M, M): so they are done on these,
    which are smaller, and the matrix is multiplied once. At the sizes of this course full precision
    is no slower than half, so autocast is switched off.
    """
    tall = matrix.shape[0] > matrix.shape[1]
    a, b, c = BEND
    with torch.autocast(matrix.device.type, enabled=False):
        x = matrix.mT if tall else matrix
        x = x / (x.norm() + 1e-7)
        gram, same = x @ x.mT, torch.eye(len(x), dtype=x.dtype, device=x.device)
        whole = same
        for _ in range(ROUNDS):
            bend = a * same + b * gram + c * gram @ gram
            whole, gram = bend @ whole, bend @ gram @ bend
        x = whole @ x
    return x.mT if tall else x


def inner_and_other(
    network: nn.Module, outer: Sequence[str]
) -> tuple[list[nn.Parameter], list[nn.Parameter]]:
    """Part a network's weights into the matrices inside, for Muon, and all others, for AdamW.

    Args:
        network: whose weights.
        outer: names of its parts at the border, whose matrices are not meant for Muon.
    """
    inner, other = [], []
    for name, weight in network.named_parameters():
        inside = weight.ndim >= 2 and name.split(".")[0] not in outer
        (inner if inside else other).append(weight)
    return inner, other
