"""What a decoder believes about pixels: a fixed sigma, a learned one, bits, and other last layers.

The rules, written before the first run; "always" means in each of five seeds.

Claim 66, the decoder's last layer can vary: confirmed if a linear one always has a bound within
    5 % of 64 nats of that with tanh. What must not vary freely is the likelihood: the learned sigma
    counts as the better way if its bound is always above that of every fixed one.
BCE or MSE: on grey pictures neither is better for the eye if their kernel distances overlap from
    seed to seed.
"""

import math

import torch
from torch import Tensor, nn

from course_lib.data import load
from course_lib.experiments.cartographers import drawing, new_digits, redrawing, trained
from course_lib.losses import bernoulli_nll, gaussian_nll, kl_to_standard_normal
from course_lib.models import VAE
from course_lib.runtime import noise
from course_lib.sampling import evaluating
from course_lib.training import descend

SIGMAS = (0.1, 0.4, 1.0)
N_STEPS = 600
ANY_NUMBER = {"last": nn.Identity}  # the decoder answers with a score, or a linear answer


def gaussian_step(batch, vae, opt, log_sigma):
    """Take one step down the whole negative ELBO of a Gaussian decoder, its sigma included."""
    x_hat, mu, logvar = vae(batch.x, torch.randn(len(batch.x), vae.latent_dim).to(batch.x))
    error = gaussian_nll(x_hat, batch.x, log_sigma.exp())
    kl = kl_to_standard_normal(mu, logvar)
    descend((error + kl).mean(), opt)
    return {"error": error.mean(), "kl": kl.mean()}


def bit_step(batch, vae, opt, only_bits):
    """Take one step with a decoder of probabilities, for pixels of 0 and 1, or for grey ones."""
    x = as_bits(batch.x) if only_bits else (batch.x + 1) / 2
    score, mu, logvar = vae(2 * x - 1, torch.randn(len(x), vae.latent_dim).to(x))
    error, kl = bernoulli_nll(score, x), kl_to_standard_normal(mu, logvar)
    descend((error + kl).mean(), opt)
    return {"error": error.mean(), "kl": kl.mean()}


def measure(seed: int) -> dict:
    """Train six VAEs alike but for what the decoder's answer means: some ten seconds.

    Returns:
        {who: numbers}; those of Gaussian decoders with sigma and bound, the ELBO of a test picture
        in nats, all constants included; "bits" with the bound for pictures of 0 and 1, and floor,
        that of independent pixels.
    """
    data, found = load("digits"), {}
    for sigma in SIGMAS:
        fixed = torch.tensor(math.log(sigma))
        found[f"sigma {sigma:g}"] = numbers(
            trained(seed, gaussian_step, N_STEPS, log_sigma=fixed), fixed
        )
    for name, network in {"learned": {}, "linear": ANY_NUMBER}.items():
        learned = nn.Parameter(torch.zeros(()))
        vae = trained(seed, gaussian_step, N_STEPS, network=network, log_sigma=learned)
        found[name] = numbers(vae, learned.detach())
    grey = trained(seed, bit_step, N_STEPS, network=ANY_NUMBER, only_bits=False)
    found["grey bce"] = drawing(new_digits(grey, 350, seed=7).sigmoid() * 2 - 1, data)
    bits = trained(seed, bit_step, N_STEPS, network=ANY_NUMBER, only_bits=True)
    found["bits"] = bit_bounds(bits, as_bits(data.train.x), as_bits(data.test.x))
    return found


def numbers(vae: VAE, log_sigma: Tensor) -> dict[str, float]:
    """Return what is measured of a Gaussian decoder."""
    data, sigma = load("digits"), log_sigma.exp().item()
    cost = redrawing(vae, data.test.x)
    mean_error = cost["noisy_distortion"] / (2 * sigma**2)
    bound = -(mean_error + 64 * math.log(sigma * math.sqrt(2 * math.pi)) + cost["rate"])
    new = new_digits(vae, 350, seed=7).clamp(-1, 1)
    return cost | drawing(new, data) | {"sigma": sigma, "bound": bound}


def as_bits(x: Tensor) -> Tensor:
    """Turn pictures in [-1, 1] into 0 and 1: what is darker than the middle, and the rest."""
    return (x > 0).to(x.dtype)


def bit_bounds(vae: VAE, train: Tensor, test: Tensor) -> dict[str, float]:
    """Return the ELBO of pictures of bits, and the log-likelihood of independent pixels."""
    with evaluating(vae):
        score, mu, logvar = vae(2 * test - 1, noise(len(test), vae.latent_dim, seed=11))
    bound = -(bernoulli_nll(score, test) + kl_to_standard_normal(mu, logvar)).mean().item()
    share = (train.sum(dim=0) + 1) / (len(train) + 2)  # none is ever 0 or 1
    floor = -bernoulli_nll(share.logit().expand_as(test), test).mean().item()
    return {"bound": bound, "floor": floor}
