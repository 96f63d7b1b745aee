"""Loss terms: tensors in, tensor out. What is done with them is the lesson of each notebook."""

import math
from collections.abc import Callable

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


def pairing(winner_score: Tensor, loser_score: Tensor) -> Tensor:
    """Return the cross-entropy, in nats, of "the first of each pair is the real one", averaged.

    Relativistic pairing: the detective names the real item as the winner, the forger its fake.
    Scores are (B, 1) each; a detective who cannot tell pays log 2.
    Source: Jolicoeur-Martineau 2019, arXiv:1807.00734; Huang et al. 2024, arXiv:2501.05441.

    Raises:
        ValueError: if there are not as many winners as losers.
    """
    if winner_score.shape != loser_score.shape:
        got = f"{(*winner_score.shape,)} and {(*loser_score.shape,)}"
        raise ValueError(f"scores are compared in pairs, got {got}")
    return F.softplus(loser_score - winner_score).mean()


def slope(D: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
    """Return how fast each score changes with its own item: the gradient, (B, ...) -> (B, ...).

    A loss may be made of it: it can be differentiated again. No batch norm in D, which would mix
    the items.
    """
    x = x.detach().requires_grad_()
    (gradient,) = torch.autograd.grad(D(x).sum(), x, create_graph=True)
    return gradient


def slope_penalty(D: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
    """Return the mean squared length of the slopes at items (B, ...): a number.

    Times gamma / 2 it is called R1 at real items and R2 at fakes.
    Source: Mescheder et al. 2018, arXiv:1801.04406.
    """
    return slope(D, x).square().sum() / len(x)


def gradient_penalty(
    D: Callable[[Tensor], Tensor], real: Tensor, fake: Tensor, share: Tensor
) -> Tensor:
    """Return the mean of (length of the slope - 1)^2 between real items and fakes: a number.

    Source: Gulrajani et al. 2017 (WGAN-GP), arXiv:1704.00028, who weigh it with 10.

    Args:
        D: a critic without batch norm.
        real: items (B, ...).
        fake: as many fakes (B, ...).
        share: one number from 0 to 1 for each pair (B,): how much of the real item is taken.
    """
    share = share.reshape(-1, *[1] * (real.ndim - 1))  # one for all pixels of a picture
    between = share * real + (1 - share) * fake
    length = torch.linalg.vector_norm(slope(D, between).flatten(1), dim=1)
    return (length - 1).square().mean()


def packed(x: Tensor, size: int) -> Tensor:
    """Lay each `size` neighbours of a batch side by side: (B, C, ...) -> (B / size, size * C, ...).

    A detective of packs sees at once when all fakes are alike.
    Source: Lin et al. 2018 (PacGAN), arXiv:1712.04086.

    Raises:
        ValueError: if the batch does not divide into packs.
    """
    if len(x) % size:
        raise ValueError(f"{len(x)} items do not divide into packs of {size}")
    return x.unflatten(0, (-1, size)).flatten(1, 2)


def gram(features: Tensor) -> Tensor:
    """Return how strongly each two of K features occur together: (B, K, S, S) -> (B, K, K).

    The mean over all places of their product: it knows what occurs, and no longer where.
    Source: Gatys et al. 2015, arXiv:1508.06576.
    """
    flat = features.flatten(2)  # (B, K, S S)
    return flat @ flat.mT / flat.shape[2]
