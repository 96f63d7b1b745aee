"""Loss terms: tensors in, tensor out. What is done with them is the lesson of each notebook."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor


def squared_error(x_hat: Tensor, x: Tensor) -> Tensor:
    """Return the squared error of each image, summed over its pixels: (B, ...) -> (B,).

    Divided by 2 * pixel_sigma**2 it is, up to a constant, the negative log-likelihood in nats of a
    Gaussian decoder with that standard deviation.
    """
    if x_hat.shape != x.shape:
        raise ValueError(
            f"x_hat and x must have one shape, got {(*x_hat.shape,)} and {(*x.shape,)}"
        )
    return (x_hat - x).square().flatten(1).sum(dim=1)


def gaussian_nll(x_hat: Tensor, x: Tensor, pixel_sigma: float | Tensor) -> Tensor:
    """Return -log N(x; x_hat, pixel_sigma^2) in nats, summed over pixels: (B, ...) -> (B,).

    The whole of it, so that models with different pixel_sigma can be compared, and pixel_sigma can
    be learned: the best one is the root of the mean squared error. It may well be below 0, for a
    density is no probability.

    Args:
        x_hat: the decoder's pictures.
        x: the true ones.
        pixel_sigma: one positive number for all pixels.

    Raises:
        ValueError: if the shapes differ, or pixel_sigma is not above 0.
    """
    sigma = torch.as_tensor(pixel_sigma, dtype=x.dtype, device=x.device)
    if not sigma > 0:
        raise ValueError(f"a standard deviation is above 0, got {sigma.item():g}")
    constant = x[0].numel() * (sigma.log() + 0.5 * math.log(2 * math.pi))
    return squared_error(x_hat, x) / (2 * sigma.square()) + constant


def bernoulli_nll(logit: Tensor, x: Tensor) -> Tensor:
    """Return -log of the probability of pictures of 0s and 1s, in nats: (B, ...) -> (B,).

    The decoder answers with raw scores; the sigmoid is inside. For grey x between 0 and 1 the same
    number (BCE) is no likelihood, as it does not add up to 1 over all pictures.

    Raises:
        ValueError: if the shapes differ, or x leaves [0, 1].
    """
    if logit.shape != x.shape:
        raise ValueError(
            f"logit and x must have one shape, got {(*logit.shape,)} and {(*x.shape,)}"
        )
    low, high = (bound.item() for bound in x.aminmax())
    if low < 0 or high > 1:
        raise ValueError(f"this likelihood is for pixels of 0 and 1, got [{low:.3g}, {high:.3g}]")
    return (F.softplus(logit) - x * logit).flatten(1).sum(dim=1)


def kl_to_standard_normal(mu: Tensor, logvar: Tensor) -> Tensor:
    """Return KL(N(mu, exp(logvar)) || N(0, 1)) in nats, summed over latents: (B, Z) -> (B,).

    Source: Kingma & Welling 2014, arXiv:1312.6114, appendix B.
    """
    return 0.5 * (mu.square() + logvar.exp() - 1 - logvar).sum(dim=1)


def bce(logit: Tensor, target: float) -> Tensor:
    """Return the binary cross-entropy in nats of raw scores against one target, averaged.

    The sigmoid is inside (as softplus, which cannot overflow), so D must not end in one. A
    discriminator that cannot decide scores log 2 = 0.693 for either target.
    """
    return F.softplus(logit).mean() - target * logit.mean()


def critic_loss(real_score: Tensor, fake_score: Tensor) -> Tensor:
    """Return what a Wasserstein critic minimises: the mean score of fakes minus that of real ones.

    The scores are raw and have no bound; 0 is no gap, below 0 is a gap found. The critic's slope
    must be held, by `clip_weights` after each of its moves or by a penalty.
    Source: Arjovsky et al. 2017, arXiv:1701.07875, algorithm 1.
    """
    return fake_score.mean() - real_score.mean()


def critic_loss_of_forger(fake_score: Tensor) -> Tensor:
    """Return what the forger minimises against a critic: minus the mean score of its fakes."""
    return -fake_score.mean()
