"""How much of a slope arrives, and in how many directions: the small parts of `gan_parts`."""

from collections.abc import Callable
from copy import deepcopy

import torch
from torch import Tensor, nn

from course_lib.data import Dataset, stream
from course_lib.losses import bce
from course_lib.metrics.gradients import effective_rank
from course_lib.models.swaps import without_spectral_norm
from course_lib.runtime import noise
from course_lib.training import descend

N_LAYERS, WIDTH = 10, 64  # of the deep chain
N_ALONE = 100  # moves of a detective whose forger stands still


def reach(D: nn.Module, fake: Tensor) -> dict[str, float]:
    """Return the mean length and the effective rank of the slopes that D sends to its pictures."""
    fake = fake.detach().requires_grad_()
    (slopes,) = torch.autograd.grad(nn.functional.softplus(-D(fake)).sum(), fake)
    rows = slopes.flatten(1)
    return {"length": rows.norm(dim=1).mean().item(), "rank": effective_rank(rows)}


def depth(make: Callable[[], nn.Module], x: Tensor, seed: int) -> float:
    """Return how long the first layer's slope is beside the last hidden one's, in powers of ten."""
    torch.manual_seed(seed)
    chain = [nn.Flatten(), nn.Linear(x[0].numel(), WIDTH), make()]
    for _ in range(N_LAYERS - 1):
        chain += [nn.Linear(WIDTH, WIDTH), make()]
    network = nn.Sequential(*chain, nn.Linear(WIDTH, 1)).to(x.device)
    bce(network(x), 1.0).backward()
    lengths = [p.weight.grad.norm() for p in network if isinstance(p, nn.Linear)]
    return (lengths[0] / lengths[-2]).log10().item()


def alone(D: nn.Module, G: nn.Module, data: Dataset, seed: int) -> dict[str, float]:
    """Train D, freed from its spectral norm, against a forger who stands still.

    Returns:
        {steep, flat: the length of the forger's slope at the end, under -log D(fake) and under
        log(1 - D(fake)), as a share of what it was in the beginning}.
    """
    G, D = deepcopy(G), without_spectral_norm(D)
    opt_D = torch.optim.Adam(D.parameters(), lr=1e-3, betas=(0.0, 0.99))
    batches, before = stream(data.train, 32, seed), _slopes(D, G, seed)
    torch.manual_seed(seed)
    for _ in range(N_ALONE):
        x = next(batches).x
        with torch.no_grad():
            fake = G(torch.randn(len(x), G.latent_dim, device=x.device))
        descend(bce(D(x), 1.0) + bce(D(fake), 0.0), opt_D)
    return {name: after / before[name] for name, after in _slopes(D, G, seed).items()}


def _slopes(D: nn.Module, G: nn.Module, seed: int) -> dict[str, float]:
    """Return the length of the slope over all of the forger's weights, for both losses."""
    found, weights = {}, list(G.parameters())
    for name, loss in (("steep", lambda s: bce(s, 1.0)), ("flat", lambda s: -bce(s, 0.0))):
        slopes = torch.autograd.grad(loss(D(G(noise(64, G.latent_dim, seed=seed)))), weights)
        found[name] = torch.cat([s.flatten() for s in slopes]).norm().item()
    return found
