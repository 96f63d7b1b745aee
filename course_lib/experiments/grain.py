"""Ways to take noise off small pictures: what learned it, what did not, and what searches."""

from functools import partial

import torch
from torch import Tensor, nn

from course_lib.data import Batch, Dataset, load, stream
from course_lib.losses import squared_error
from course_lib.metrics.coding import psnr
from course_lib.models import VAE
from course_lib.recipes import digit_recipe
from course_lib.runtime import generator
from course_lib.sampling import evaluating
from course_lib.schedules import cosine_alpha_bar
from course_lib.training import descend, fit

N_STEPS = 1500  # for the VAE and the denoising autoencoder: some ten processor seconds each
N_DIFFUSION = 400  # for the diffusion model: as many seconds, and half of what its recipe asks for


def trained_vae(seed: int, n_steps: int = N_STEPS) -> VAE:
    """Train the VAE of the digit recipe."""
    recipe = digit_recipe("vae", seed)
    fit(recipe.step, stream(load("digits").train, 64, seed), n_steps, **recipe.players)
    return recipe.players["vae"].cpu()


def dae_step(batch: Batch, dae: VAE, opt: torch.optim.Optimizer, strength: float = 0.5) -> dict:
    """Add noise to a batch and learn to redraw the clean pictures: no cloud, no KL."""
    noisy = batch.x + strength * torch.randn_like(batch.x)
    mu, _ = dae.encode(noisy)
    loss = squared_error(dae.decode(mu), batch.x).mean()
    descend(loss, opt)
    return {"loss": loss}


def trained_dae(seed: int, n_steps: int = N_STEPS) -> VAE:
    """Train a denoising autoencoder: the VAE's two networks, and another wish."""
    players = digit_recipe("vae", seed).players
    players = {"dae": players["vae"], "opt": players["opt"]}
    fit(dae_step, stream(load("digits").train, 64, seed), n_steps, **players)
    return players["dae"].cpu()


def trained_diffusion(seed: int):
    """Train the diffusion recipe of digits; return the clean guess of one of its steps."""
    recipe = digit_recipe("diffusion", seed)
    fit(recipe.step, stream(load("digits").train, 64, seed), N_DIFFUSION, **recipe.players)
    return partial(clean_guess, recipe.players["ema"].model.cpu())


def clean_guess(model: nn.Module, noisy: Tensor, strength: float) -> Tensor:
    """Return one diffusion step's guess of the clean pictures, from noise of a known strength."""
    alpha_bar = cosine_alpha_bar(1000)
    t = int(((1 - alpha_bar) / alpha_bar - strength**2).abs().argmin())
    a = alpha_bar[t]
    x_t = a.sqrt() * noisy
    with evaluating(model):
        eps_hat = model(x_t, torch.full((len(noisy),), t))
    return ((x_t - (1 - a).sqrt() * eps_hat) / a.sqrt()).clamp(-1, 1)


def denoised(digits: Dataset, vae: VAE, dae: VAE, step, strength: float, seed: int) -> dict:
    """Return the PSNR of every tool on the test pictures under noise of one strength."""
    x, tools = digits.test.x, {}
    noisy = grainy(x, strength, seed)
    unseen = digits.validation.x
    grainy_unseen = grainy(unseen, strength, seed + 1)
    side = max((1, 2, 3), key=lambda side: psnr(by_median(grainy_unseen, side), unseen))
    tools["nothing"] = noisy.clamp(-1, 1)
    tools["median filter"] = by_median(noisy, side)
    tools["VAE"] = redrawn(vae, noisy)
    tools["VAE, searching"] = searched(vae, noisy, strength)
    tools["denoising autoencoder"] = redrawn(dae, noisy)
    tools["one diffusion step"] = step(noisy, strength)
    return {name: psnr(mended, x) for name, mended in tools.items()}


def grainy(x: Tensor, strength: float, seed: int) -> Tensor:
    """Return pictures under noise that is not cut off at black and white."""
    return x + strength * torch.randn(x.shape, generator=generator(seed + 2000))


def by_median(x: Tensor, side: int) -> Tensor:
    """Replace each pixel of (B, 1, S, S) by the median of the side x side pixels around it."""
    from scipy.ndimage import median_filter  # comes with scikit-learn

    return torch.from_numpy(median_filter(x.numpy(), (1, 1, side, side))).clamp(-1, 1)


def redrawn(vae: VAE, x: Tensor) -> Tensor:
    """Encode and decode pictures, through the middle of each cloud."""
    with evaluating(vae):
        return vae.decode(vae.encode(x)[0])


def searched(vae: VAE, noisy: Tensor, strength: float, n_steps: int = 60) -> Tensor:
    """Look for the place on the map that explains a noisy picture best, beginning in the middle.

    The noise is the decoder's own and the picture's; the pull to the middle is the prior's.
    """
    z = torch.zeros(len(noisy), vae.latent_dim, requires_grad=True)
    opt = torch.optim.Adam([z], lr=0.1)
    for _ in range(n_steps):
        error = squared_error(vae.decode(z), noisy) / (2 * (strength**2 + 0.2**2))
        descend((error + z.square().sum(dim=1) / 2).sum(), opt)
    return vae.decode(z).detach()
