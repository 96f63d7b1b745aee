"""A VAE that is told something about each picture: its step, and settings for two kinds of data.

players = conditional_players("catalog", answers=(8,), seed=0)      # told one of 8 colours
fit(conditional_step, stream(Batch(x, told), 64, seed=0), 1000, **players)
vae = players["ema"].model
"""

import torch

from course_lib.losses import kl_to_standard_normal, squared_error
from course_lib.models.conditional import ConditionalVAE
from course_lib.runtime import pick_device
from course_lib.training import EMA, descend

SETTINGS = {
    "digits": {"channels": 1, "size": 8, "patch": 1, "width": 32, "latent_dim": 16},
    "catalog": {"channels": 3, "size": 32, "patch": 4, "width": 64, "latent_dim": 32},
}
RATES = {"digits": 1e-3, "catalog": 2e-3}
PIXEL_SIGMA = {"digits": 0.4, "catalog": 0.2}


def conditional_step(batch, vae, opt, ema, pixel_sigma):
    """Redraw a batch, its labels (B, Q) told to the decoder: one step down the negative ELBO."""
    eps = torch.randn(len(batch.x), vae.latent_dim, device=batch.x.device)
    x_hat, mu, logvar = vae(batch.x, eps, batch.label)
    error = squared_error(x_hat, batch.x) / (2 * pixel_sigma**2)
    kl = kl_to_standard_normal(mu, logvar)
    descend((error + kl).mean(), opt)
    ema.update(vae)
    return {"error": error.mean(), "kl": kl.mean()}


def conditional_players(data: str, answers: tuple[int, ...], seed: int) -> dict:
    """Return what `conditional_step` needs, fresh; the seed decides weights and training's noise.

    A VAE whose only answer is always the same, answers=(1,), is told nothing.

    Args:
        data: "digits" or "catalog".
        answers: K for each question that the labels (B, Q) will answer.
        seed: one number for one run.

    Raises:
        ValueError: if there are no settings for that data.
    """
    if data not in SETTINGS:
        raise ValueError(f"no settings for {data!r}: choose one of {', '.join(SETTINGS)}")
    torch.manual_seed(seed)
    vae = ConditionalVAE(**SETTINGS[data], answers=answers).to(pick_device())
    opt = torch.optim.Adam(vae.parameters(), lr=RATES[data])
    ema = EMA(vae, decay=0.99)
    return {"vae": vae, "opt": opt, "ema": ema, "pixel_sigma": PIXEL_SIGMA[data]}
