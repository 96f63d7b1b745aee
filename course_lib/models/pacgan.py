"""The networks of the PacGAN paper for points of the plane, as its authors' code builds them.

Source: Lin et al. 2018, arXiv:1712.04086, and its code, synthetic_data_experiments.
Letters: B points, Z = 2 latent numbers.
"""

import torch
from torch import Tensor, nn

WIDTH_G, WIDTH_D, N_PIECES, FIRST_WEIGHTS = 400, 200, 5, 0.02


class PacGenerator(nn.Module):
    """Four hidden layers of 400, each with batch norm and ReLU: (B, 2) -> (B, 2)."""

    def __init__(self):
        super().__init__()
        self.latent_dim, n_in, hidden = 2, 2, []
        for _ in range(4):
            hidden += [nn.Linear(n_in, WIDTH_G, bias=False), nn.BatchNorm1d(WIDTH_G), nn.ReLU()]
            n_in = WIDTH_G
        self.net = start_small(nn.Sequential(*hidden, nn.Linear(n_in, 2)))

    def forward(self, z: Tensor) -> Tensor:
        """Turn latents (B, 2) into points (B, 2)."""
        return self.net(z)


class Maxout(nn.Module):
    """A layer whose every output is the largest of five linear ones: (B, n_in) -> (B, n_out)."""

    def __init__(self, n_in: int, n_out: int):
        super().__init__()
        self.pieces = nn.Linear(n_in, N_PIECES * n_out)

    def forward(self, x: Tensor) -> Tensor:
        """Turn (B, n_in) into (B, n_out)."""
        return self.pieces(x).unflatten(1, (-1, N_PIECES)).amax(dim=2)


class PacDiscriminator(nn.Module):
    """Three maxout layers of 200: packs of points (B, 2 * pack) -> one raw score each (B, 1)."""

    def __init__(self, pack: int = 1):
        super().__init__()
        sizes = (2 * pack, WIDTH_D, WIDTH_D, WIDTH_D)
        hidden = [Maxout(n_in, n_out) for n_in, n_out in zip(sizes, sizes[1:], strict=False)]
        self.net = start_small(nn.Sequential(*hidden, nn.Linear(WIDTH_D, 1)))

    def forward(self, x: Tensor) -> Tensor:
        """Score packs of points (B, 2 * pack): raw logits (B, 1)."""
        return self.net(x)


@torch.no_grad()
def start_small(network: nn.Sequential) -> nn.Sequential:
    """Draw all weights from a Gaussian of width 0.02, and set all biases to 0."""
    for part in network.modules():
        if isinstance(part, nn.Linear):
            part.weight.normal_(0.0, FIRST_WEIGHTS)
            if part.bias is not None:
                part.bias.zero_()
    return network
