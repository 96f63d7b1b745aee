"""What each family does with a batch, and what it asks for.

The steps are those that notebooks 03, 05 and 08 write out; a test compares them.
"""

from collections.abc import Callable
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course_lib.losses import bce, kl_to_standard_normal, squared_error
from course_lib.runtime import pick_device
from course_lib.schedules import noised
from course_lib.training import EMA, descend


class Recipe(NamedTuple):
    """A family ready for `fit(recipe.step, batches, recipe.n_steps, **recipe.players)`."""

    step: Callable  # one update: step(batch, **players)
    players: dict  # networks, optimizers and constants that step asks for by name
    n_steps: int  # how long to train
    n_passes: int  # passes through a network that one item costs
    draw: Callable[[Tensor], Tensor]  # noise in, items out; each recipe says what shapes

    @property
    def networks(self) -> list[nn.Module]:
        """The networks that learn."""
        return [player for player in self.players.values() if isinstance(player, nn.Module)]


def fresh_recipe(families: dict[str, Callable[[], Recipe]], family: str, seed: int) -> Recipe:
    """Make the recipe of a family, its weights and PyTorch's own generator decided by the seed.

    Raises:
        ValueError: if there is no family of that name.
    """
    if family not in families:
        raise ValueError(f"unknown family {family!r}: choose one of {', '.join(families)}")
    torch.manual_seed(seed)
    return families[family]()


def gan_players(
    G: nn.Module,
    D: nn.Module,
    rate: float,
    betas: tuple[float, float],
    decay: float,
    faster: float = 1.0,
) -> dict:
    """Return what a step of a GAN asks for: both networks, an Adam for each, G's slow copy.

    Args:
        G: the forger, fresh; it is moved to the device.
        D: the detective, likewise.
        rate: the forger's learning rate.
        betas: of both Adams: how much of the average gradient, and square, survives a step.
        decay: how much of the slow copy survives a step.
        faster: the detective's learning rate, as a multiple of the forger's.
    """
    G, D = G.to(pick_device()), D.to(pick_device())
    opt_G = torch.optim.Adam(G.parameters(), rate, betas)
    opt_D = torch.optim.Adam(D.parameters(), faster * rate, betas)
    return {"G": G, "D": D, "opt_G": opt_G, "opt_D": opt_D, "ema": EMA(G, decay)}


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
