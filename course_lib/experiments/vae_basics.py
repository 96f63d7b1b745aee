"""Three small questions about a VAE: how its answers are read, and why it draws means.

The rules, written before the first run; "always" means in each of five seeds.

Claim 43, a mean and a variance, and the code drawn from them: confirmed if drawn codes always
    scatter within 5 % of what the encoder said.
Claim 55, the mean of a pixel is drawn: confirmed if a decoder trained on squared error always
    answers within 0.05 of the mean of a pixel that is 1 or -1.
Claim 63, a standard deviation: confirmed if read so, with a softplus, the loss is always within
    5 % of that with the logarithm of a variance; refuted if always more than 5 % above.
Claim 64, no activation for a standard deviation: refuted if some answers are always negative;
    confirmed if none ever is.
"""

from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor

from course_lib.data import load
from course_lib.experiments.cartographers import trained
from course_lib.losses import kl_to_standard_normal, squared_error
from course_lib.models import PlainVAE
from course_lib.runtime import generator, noise
from course_lib.sampling import evaluating
from course_lib.training import descend

READINGS = {"log-variance": lambda raw: (raw / 2).exp(), "softplus": F.softplus}
WHITE = 0.7  # the share of pictures in which the pixel is 1


def measure(seed: int) -> dict:
    """Answer the three questions for one seed: some five seconds.

    Returns:
        {"untrained": {negative: share of answers}, "loss": {reading: nats of a test picture},
        "drawn": {scatter: of codes, as a multiple of what the encoder said}, "pixel": {answer,
        mean}}.
    """
    x, found = load("digits").test.x, {"loss": {}}
    torch.manual_seed(seed)
    with evaluating(PlainVAE().to(x.device)) as fresh:
        found["untrained"] = {"negative": (fresh.encode(x)[1] < 0).cpu().double().mean().item()}
    for name, read in READINGS.items():
        vae = trained(seed, partial(spread_step, read=read), n_steps=600)
        with evaluating(vae):
            found["loss"][name] = loss(vae, x, read, noise(len(x), 16, seed=seed)).item()
            spread = read(vae.encode(x[:1])[1])
            codes = vae.encode(x[:1])[0] + spread * noise(4000, 16, seed=seed)
        if name == "log-variance":
            found["drawn"] = {"scatter": (codes.std(dim=0) / spread).mean().item()}
    found["pixel"] = coin(seed)
    return found


def spread_step(batch, vae, opt, read):
    """Do as `vae_step` does, with the second half of the encoder's answer read as one likes."""
    total = loss(vae, batch.x, read, torch.randn(len(batch.x), vae.latent_dim).to(batch.x))
    descend(total, opt)
    return {"loss": total}


def loss(vae: PlainVAE, x: Tensor, read, eps: Tensor, pixel_sigma: float = 0.4) -> Tensor:
    """Return the loss of pictures x in nats, error and KL, averaged."""
    mu, raw = vae.encode(x)
    spread = read(raw)
    error = squared_error(vae.decode(mu + spread * eps), x) / (2 * pixel_sigma**2)
    return (error + kl_to_standard_normal(mu, 2 * spread.log())).mean()


def coin(seed: int, n: int = 16_384) -> dict[str, float]:
    """Train one answer to a pixel that is 1 or -1 by the toss of a coin, on squared error."""
    x = torch.where(torch.rand(n, generator=generator(seed)) < WHITE, 1.0, -1.0)
    answer = torch.zeros(1, requires_grad=True)
    opt = torch.optim.SGD([answer], lr=0.01)
    for some in x.split(64) * 2:
        descend((answer - some).square().mean(), opt)
    return {"answer": answer.item(), "mean": 2 * WHITE - 1}
