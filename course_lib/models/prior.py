"""A prior that fits: where a VAE's codes really lie, as a mixture of Gaussian clouds.

A VAE is trained to spread its codes like one standard normal, and never quite does. Drawing from
clouds fitted to the codes instead leaves fewer draws in places that the decoder has never seen.
Source: Ghosh et al. 2020, arXiv:1903.12436, section 4 (ex-post density estimation).
"""

import warnings

import torch
from torch import Tensor, nn


class MixturePrior(nn.Module):
    """Turn standard normal noise (B, Z + 1) into codes (B, Z), spread as a mixture of K clouds.

    Before it is fitted, it is one standard normal, K times.

    Args:
        n_clouds: K.
        latent_dim: Z.
    """

    def __init__(self, n_clouds: int, latent_dim: int):
        super().__init__()
        self.register_buffer("share", torch.full((n_clouds,), 1 / n_clouds))  # (K,), sums to 1
        self.register_buffer("centre", torch.zeros(n_clouds, latent_dim))
        self.register_buffer("shape", torch.eye(latent_dim).repeat(n_clouds, 1, 1))  # (K, Z, Z)

    def forward(self, eps: Tensor) -> Tensor:
        """Place noise (B, Z + 1): the last number chooses the cloud, the others the place in it."""
        chance = torch.special.ndtr(eps[:, -1])  # (B,) even in [0, 1]
        upper = self.share.cumsum(0)[:-1]
        cloud = torch.searchsorted(upper.contiguous(), chance.contiguous())  # (B,)
        return self.centre[cloud] + torch.einsum("bij,bj->bi", self.shape[cloud], eps[:, :-1])

    def fit(self, codes: Tensor, seed: int = 0) -> None:
        """Fit the clouds to codes (N, Z) by expectation maximisation (scikit-learn)."""
        from sklearn.mixture import GaussianMixture  # scikit-learn loads only when used

        found = GaussianMixture(len(self.share), reg_covar=1e-3, max_iter=50, random_state=seed)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # fifty rounds are near enough, converged or not
            found.fit(codes.detach().cpu().double().numpy())
        shapes = torch.linalg.cholesky(torch.from_numpy(found.covariances_))
        fitted = torch.from_numpy(found.weights_), torch.from_numpy(found.means_), shapes
        for old, new in zip((self.share, self.centre, self.shape), fitted, strict=True):
            old.copy_(new)
