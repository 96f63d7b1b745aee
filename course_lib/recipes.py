"""What each family does with a batch, and the settings that work on digits.

The steps are those that notebooks 03, 05 and 08 write out; a test compares them. The settings were
chosen on the validation split. The numbers of steps take about ten seconds each on two processor
cores, so that the three can be compared at the same price.
"""

from collections.abc import Callable
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course_lib.losses import bce, kl_to_standard_normal, squared_error
from course_lib.models import VAE, Discriminator, Generator, UNet
from course_lib.runtime import pick_device
from course_lib.sampling import ddim, decode
from course_lib.schedules import cosine_alpha_bar, noised
from course_lib.training import EMA, descend


class Recipe(NamedTuple):
    """A family ready for `fit(recipe.step, batches, recipe.n_steps, **recipe.players)`."""

    step: Callable  # one update: step(batch, **players)
    players: dict  # networks, optimizers and constants that step asks for by name
    n_steps: int  # about ten seconds of training on two processor cores
    n_passes: int  # passes through a network that one picture costs
    draw: Callable[[Tensor], Tensor]  # noise (N, 64) -> digits (N, 1, 8, 8)

    @property
    def networks(self) -> list[nn.Module]:
        """The networks that learn."""
        return [player for player in self.players.values() if isinstance(player, nn.Module)]


def digit_recipe(family: str, seed: int) -> Recipe:
    """Return a fresh recipe for 8x8 digits; the seed decides the initial weights.

    It also seeds PyTorch's own generator, from which training draws its noise.

    Args:
        family: "vae", "gan" or "diffusion".
        seed: one number for one run.

    Raises:
        ValueError: if there is no family of that name.
    """
    if family not in FAMILIES:
        raise ValueError(f"unknown family {family!r}: choose one of {', '.join(FAMILIES)}")
    torch.manual_seed(seed)
    return FAMILIES[family]()


def vae_step(batch, vae, opt, kl_weight=1.0, pixel_sigma=0.4):
    """Redraw a batch, pay for errors and for telling: one step down the negative ELBO."""
    eps = torch.randn(len(batch.x), vae.latent_dim, device=batch.x.device)
    x_hat, mu, logvar = vae(batch.x, eps)
    error = squared_error(x_hat, batch.x) / (2 * pixel_sigma**2)
    kl = kl_to_standard_normal(mu, logvar)
    loss = (error + kl_weight * kl).mean()
    descend(loss, opt)
    return {"loss": loss, "error": error.mean(), "kl": kl.mean()}


def gan_step(batch, G, D, opt_G, opt_D, ema):
    """Play one round: the detective moves, then the forger."""
    z = torch.randn(len(batch.x), G.latent_dim, device=batch.x.device)
    fake = G(z)
    d_loss = bce(D(batch.x), 1.0) + bce(D(fake.detach()), 0.0)
    descend(d_loss, opt_D)
    g_loss = bce(D(fake), 1.0)
    descend(g_loss, opt_G)
    ema.update(G)
    return {"detective": d_loss, "forger": g_loss}


def ddpm_step(batch, model, opt, alpha_bar, ema):
    """Noise a batch to random timesteps and guess the noise."""
    t = torch.randint(len(alpha_bar), (len(batch.x),), device=batch.x.device)
    eps = torch.randn_like(batch.x)
    x_t = noised(batch.x, eps, alpha_bar[t])
    loss = F.mse_loss(model(x_t, t), eps)
    descend(loss, opt)
    ema.update(model)
    return {"loss": loss}


def _vae() -> Recipe:
    vae = VAE(latent_dim=16).to(pick_device())
    players = {"vae": vae, "opt": torch.optim.Adam(vae.parameters(), lr=1e-3)}
    return Recipe(vae_step, players, 2800, 1, lambda noise: decode(vae, noise[:, :16]))


def _gan() -> Recipe:
    G, D = Generator(latent_dim=16).to(pick_device()), Discriminator().to(pick_device())
    opt_G, opt_D = (
        torch.optim.Adam(player.parameters(), lr=1e-3, betas=(0.0, 0.99)) for player in (G, D)
    )
    ema = EMA(G, decay=0.995)
    players = {"G": G, "D": D, "opt_G": opt_G, "opt_D": opt_D, "ema": ema}
    return Recipe(gan_step, players, 850, 1, lambda noise: decode(ema.model, noise[:, :16]))


def _diffusion() -> Recipe:
    model = UNet(width=16).to(pick_device())
    alpha_bar = cosine_alpha_bar(1000).to(pick_device())
    opt, ema = torch.optim.Adam(model.parameters(), lr=2e-3), EMA(model, decay=0.998)
    players = {"model": model, "opt": opt, "alpha_bar": alpha_bar, "ema": ema}

    def draw(noise: Tensor) -> Tensor:
        return ddim(ema.model, noise.reshape(-1, 1, 8, 8), alpha_bar, n_steps=25)

    return Recipe(ddpm_step, players, 800, 25, draw)


FAMILIES = {"vae": _vae, "gan": _gan, "diffusion": _diffusion}
