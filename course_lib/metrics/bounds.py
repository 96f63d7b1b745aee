"""How likely does a VAE find a picture? A lower bound, made as tight as one has patience.

Letters: K draws of the code, B pictures, Z numbers in a code.
"""

import math

import torch
from torch import Tensor, nn

from course_lib.losses import gaussian_nll
from course_lib.sampling import evaluating


def log_weights(vae: nn.Module, x: Tensor, eps: Tensor, pixel_sigma: float) -> Tensor:
    """Return log p(x|z) + log p(z) - log q(z|x) in nats for K codes of each picture: (K, B).

    The mean over K of these is the evidence lower bound, estimated.

    Args:
        vae: has encode and decode.
        x: pictures (B, C, S, S) in [-1, 1].
        eps: standard normal draws (K, B, Z), which place the codes in the encoder's clouds.
        pixel_sigma: the standard deviation of the Gaussian around the decoder's picture.

    Raises:
        ValueError: if eps is not (K, B, Z).
    """
    if eps.ndim != 3 or len(x) != eps.shape[1]:
        raise ValueError(f"eps must be (K, {len(x)}, Z), got {(*eps.shape,)}")
    with evaluating(vae):
        mu, logvar = vae.encode(x)
        each = []
        for draw in eps:
            z = mu + (0.5 * logvar).exp() * draw
            log_prior = -0.5 * z.square().sum(dim=1)  # both up to Z log(2 pi) / 2
            log_cloud = -0.5 * (draw.square() + logvar).sum(dim=1)
            each.append(log_prior - log_cloud - gaussian_nll(vae.decode(z), x, pixel_sigma))
    return torch.stack(each)


def importance_bound(log_weight: Tensor) -> Tensor:
    """Return the logarithm of the mean of exp(log_weight) over K draws: (K, B) -> (B,), in nats.

    A lower bound of log p(x), on average; it grows with K, towards the truth. With K = 1 it is the
    evidence lower bound.
    Source: Burda et al. 2016, arXiv:1509.00519.

    Raises:
        ValueError: if there is no draw.
    """
    if log_weight.ndim != 2 or not len(log_weight):
        raise ValueError(
            f"need log weights (K, B) of one or more draws, got {(*log_weight.shape,)}"
        )
    return log_weight.logsumexp(dim=0) - math.log(len(log_weight))
