"""One step of each family made for pictures; `recipes.pictures` says with which settings.

The GAN and the diffusion model are told what each picture shows, labels (B, Q), and learn to do
without: -1 is "not said".
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from course_lib.losses import kl_to_standard_normal, squared_error
from course_lib.schedules import noised, timesteps_at, velocity
from course_lib.training import descend


def picture_vae_step(batch, vae, opt, ema, pixel_sigma):
    """Take one step down the negative ELBO."""
    eps = torch.randn(len(batch.x), vae.latent_dim, device=batch.x.device)
    x_hat, mu, logvar = (part.float() for part in vae(batch.x, eps))
    error = squared_error(x_hat, batch.x) / (2 * pixel_sigma**2)
    kl = kl_to_standard_normal(mu, logvar)
    descend((error + kl).mean(), opt)
    ema.update(vae)
    return {"error": error.mean(), "kl": kl.mean()}


def picture_gan_step(batch, G, D, opt_G, opt_D, ema):
    """Play one round, both players told what is wanted; the forger may ask for nothing."""
    z = torch.randn(len(batch.x), G.latent_dim, device=batch.x.device)
    fake = G(z, batch.label)
    real_score, fake_score = D(batch.x, batch.label), D(fake.detach(), batch.label)
    d_loss = F.relu(1 - real_score.float()).mean() + F.relu(1 + fake_score.float()).mean()
    descend(d_loss, opt_D)
    D.requires_grad_(False)  # the forger's move needs no gradients for the detective's weights
    g_loss = -D(fake, batch.label).float().mean()
    descend(g_loss, opt_G)
    D.requires_grad_(True)
    ema.update(G)
    return {"detective": d_loss, "forger": g_loss}


def velocity_step(batch, model, opt, ema, alpha_bar, silence=0.1):
    """Noise a batch to random timesteps and guess the velocity, told what the pictures show."""
    t = torch.randint(len(alpha_bar), (len(batch.x),), device=batch.x.device)
    return _towards_velocity(batch, t, model, (opt,), ema, alpha_bar, silence)


def placed_velocity_step(batch, model, opt, opt_other, ema, alpha_bar, shares, silence=0.1):
    """Do the same at timesteps that are worth it, with two optimizers for two kinds of weights."""
    t = timesteps_at(shares, torch.rand(len(batch.x), device=batch.x.device))
    return _towards_velocity(batch, t, model, (opt, opt_other), ema, alpha_bar, silence)


def _towards_velocity(batch, t, model, optimizers, ema, alpha_bar, silence):
    eps = torch.randn_like(batch.x)
    x_t = noised(batch.x, eps, alpha_bar[t])
    v_hat = model(x_t, t, silenced(batch.label, silence)).float()
    loss = F.mse_loss(v_hat, velocity(batch.x, eps, alpha_bar[t]))
    descend(loss, *optimizers)
    ema.update(model)
    return {"loss": loss}


def silenced(label: Tensor, share: float) -> Tensor:
    """Return labels (B, Q) with some rows, and some single answers, replaced by -1: "not said"."""
    n, questions = label.shape
    quiet = torch.rand(n, 1, device=label.device) < share
    if questions > 1:
        quiet = quiet | (torch.rand(n, questions, device=label.device) < share)
    return label.masked_fill(quiet, -1)
