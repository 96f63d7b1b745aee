"""Noise schedules: how much of the picture is left at each timestep.

A schedule is one tensor, alpha_bar (T,): the share of the signal's variance left at t = 0..T-1.
It is computed in float64 and stored in float32. t = 0 is almost clean, t = T-1 almost pure noise.
"""

import torch
from torch import Tensor


def linear_alpha_bar(n_timesteps: int = 1000) -> Tensor:
    """Return alpha_bar (T,) of the linear schedule of Ho et al. 2020, arXiv:2006.11239.

    Their betas run from 1e-4 to 0.02 over 1000 steps. For another T they are scaled by 1000 / T,
    so that the last step is equally close to noise; unscaled, a short chain never gets there.

    Raises:
        ValueError: if T is so small that a scaled beta reaches 1.
    """
    if n_timesteps <= 20:
        raise ValueError(f"the linear schedule needs more than 20 timesteps, got {n_timesteps}")
    scale = 1000 / n_timesteps
    beta = torch.linspace(1e-4 * scale, 0.02 * scale, n_timesteps, dtype=torch.float64)
    return (1 - beta).cumprod(0).float()


def cosine_alpha_bar(n_timesteps: int = 1000) -> Tensor:
    """Return alpha_bar (T,) of the cosine schedule of Nichol & Dhariwal 2021, arXiv:2102.09672.

    The signal fades evenly instead of early. Betas are capped at 0.999, and alpha_bar is built
    from the capped betas, so it never reaches 0.
    """
    if n_timesteps < 1:
        raise ValueError(f"a schedule needs at least 1 timestep, got {n_timesteps}")
    grid = torch.arange(n_timesteps + 1, dtype=torch.float64) / n_timesteps  # (T+1,)
    f = torch.cos((grid + 0.008) / 1.008 * torch.pi / 2) ** 2
    beta = (1 - f[1:] / f[:-1]).clamp(0, 0.999)  # (T,)
    return (1 - beta).cumprod(0).float()


def noised(x: Tensor, eps: Tensor, alpha_bar_t: Tensor) -> Tensor:
    """Jump from clean x straight to timestep t: sqrt(alpha_bar) x + sqrt(1 - alpha_bar) eps.

    Args:
        x: clean images (B, C, S, S).
        eps: standard normal noise, same shape as x.
        alpha_bar_t: signal variance left for each image (B,).
    """
    a = spread(alpha_bar_t, x)
    return a.sqrt() * x + (1 - a).sqrt() * eps


def velocity(x: Tensor, eps: Tensor, alpha_bar_t: Tensor) -> Tensor:
    """Return the velocity sqrt(alpha_bar) eps - sqrt(1 - alpha_bar) x, of the shape of x.

    It is where x_t is heading as noise grows: the noise to come minus the picture to go. Unlike
    the noise it says something about the picture at every timestep, the last one included.
    Source: Salimans & Ho 2022, arXiv:2202.00512, appendix D.
    """
    a = spread(alpha_bar_t, x)
    return a.sqrt() * eps - (1 - a).sqrt() * x


def signal_to_noise(alpha_bar: Tensor) -> Tensor:
    """Return alpha_bar / (1 - alpha_bar), the variance of the picture by that of the noise."""
    return alpha_bar / (1 - alpha_bar)


def bound_weight(alpha_bar: Tensor) -> Tensor:
    """Return what a squared error of 1 in the guessed noise costs in nats, at t = 1..T-1: (T-1,).

    With these weights the loss, summed over t, is the bound of a VAE with T layers and a fixed
    encoder, but for its first and last layer. Ho et al. set all of them to 1.
    Source: Ho et al. 2020, arXiv:2006.11239, eq. 12 with the smaller variance; as a ratio of
    signals to noise, Kingma et al. 2021, arXiv:2107.00630, eq. 14.
    """
    snr = signal_to_noise(alpha_bar.cpu().double())  # in this order: MPS has no float64
    return ((snr[:-1] / snr[1:] - 1) / 2).to(alpha_bar)


def min_snr_weight(target: str, alpha_bar: Tensor, cap: float = 5.0) -> Tensor:
    """Return min-SNR weights for squared errors of "noise", "clean" or "velocity": (T,).

    They are the same weighting, min(SNR, cap) on the clean picture, in the currency of each.
    Source: Hang et al. 2023, arXiv:2303.09556, section 3.4.

    Raises:
        ValueError: if there is no such target.
    """
    snr = signal_to_noise(alpha_bar)
    currencies = {"noise": snr, "clean": torch.ones_like(snr), "velocity": snr + 1}
    if target not in currencies:
        raise ValueError(f"unknown target {target!r}: choose one of {', '.join(currencies)}")
    return snr.clamp(max=cap) / currencies[target]


def bell_shares(alpha_bar: Tensor, mean: float = 0.5, std: float = 2.2) -> Tensor:
    """Return how often to train at each timestep, if log SNR is to be a bell curve: (T,), sum 1.

    Near pure noise and near the clean picture there is little to learn, and evenly drawn timesteps
    spend a good part of training there.
    Source: the idea and about these numbers, Karras et al. 2022, arXiv:2206.00364, section 5.

    Args:
        alpha_bar: the schedule (T,), falling.
        mean: of log SNR, a natural logarithm; 0 is as much noise as picture.
        std: its standard deviation.
    """
    log_snr = signal_to_noise(alpha_bar.cpu().double()).log()  # in this order: MPS has no float64
    border = (log_snr[:-1] + log_snr[1:]) / 2  # between neighbours (T-1,)
    noisier = torch.distributions.Normal(mean, std).cdf(border)  # the share beyond each border
    whole, nothing = noisier.new_ones(1), noisier.new_zeros(1)
    return -torch.cat([whole, noisier, nothing]).diff().to(alpha_bar)


def timesteps_at(shares: Tensor, chance: Tensor) -> Tensor:
    """Return B timesteps (B,) int64, each as often as its share (T,) says, evenly spread.

    One falls into each B-th of the shares, so that no batch is by chance all noise or all picture.

    Args:
        shares: how often to visit each timestep (T,), sum 1.
        chance: where in its B-th each falls (B,), uniform in [0, 1).
    """
    places = (torch.arange(len(chance), device=chance.device) + chance) / len(chance)
    return torch.searchsorted(shares.cumsum(0), places).clamp(max=len(shares) - 1)


def spread(values: Tensor, x: Tensor) -> Tensor:
    """Reshape one value per image (B,) so that it multiplies images (B, ...): (B, 1, 1, 1)."""
    return values.reshape(-1, *[1] * (x.ndim - 1))
