"""The VAE's step for what is no picture: one line of each differs, the error.

Notebooks 04c and 04d write them out; a test compares them.
"""

import torch

from course_lib.data.applicants import BLOCKS
from course_lib.losses import kl_to_standard_normal, squared_error
from course_lib.training import descend


def taste_step(batch, vae, opt, kl_weight=0.2):
    """Redraw lists: each liked item should get a large share of all attention."""
    eps = torch.randn(len(batch.x), vae.latent_dim, device=batch.x.device)
    score, mu, logvar = vae(batch.x, eps)
    error = -(batch.x * score.log_softmax(dim=1)).sum(dim=1)
    kl = kl_to_standard_normal(mu, logvar)
    loss = (error + kl_weight * kl).mean()
    descend(loss, opt)
    return {"loss": loss, "error": error.mean(), "kl": kl.mean()}


def token_step(batch, vae, opt, kl_weight=0.5, guess_sigma=0.3):
    """Redraw strings, place by place, and let the map tell the label: one number a string."""
    mu, logvar = vae.encode(batch.x)
    z = mu + (0.5 * logvar).exp() * torch.randn_like(mu)
    share = vae.decode(z).log_softmax(dim=2)
    error = -share.gather(2, batch.x[:, :, None]).sum(dim=(1, 2))
    guess = (vae.guess(z)[:, 0] - batch.label).square() / (2 * guess_sigma**2)
    kl = kl_to_standard_normal(mu, logvar)
    loss = (error + guess + kl_weight * kl).mean()
    descend(loss, opt)
    return {"loss": loss, "error": error.mean(), "guess": guess.mean(), "kl": kl.mean()}


def table_step(batch, vae, opt, kl_weight=1.0, sigma=0.3):
    """Redraw rows of three numbers and three words: each column pays in nats."""
    eps = torch.randn(len(batch.x), vae.latent_dim, device=batch.x.device)
    x_hat, mu, logvar = vae(batch.x, eps)
    numbers, *words = zip(batch.x.split(BLOCKS, dim=1), x_hat.split(BLOCKS, dim=1), strict=True)
    error = squared_error(*numbers) / (2 * sigma**2)
    for word, score in words:
        error = error - (word * score.log_softmax(dim=1)).sum(dim=1)
    kl = kl_to_standard_normal(mu, logvar)
    loss = (error + kl_weight * kl).mean()
    descend(loss, opt)
    return {"loss": loss, "error": error.mean(), "kl": kl.mean()}
