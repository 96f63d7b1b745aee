"""What a VAE pays for telling: the KL at several weights, with and without the noise.

The rules, written before the first run; "always" means in each of five seeds. Weight 1 is the VAE.

Claim 39, the codes fill the round cloud: confirmed if at most 0.10 of random z always land in a
    hole (0.05 if there are none), refuted if always more than 0.5, else it depends.
Claim 41, similar pictures cluster: confirmed if five neighbours are always purer in the code than
    in the pixels, refuted if always less pure, else it depends; and not the KL's doing unless
    purity at weight 1 is always above that of the autoencoder.
Claim 44, the noise is crucial: confirmed if with the KL but without the noise the kernel distance
    is always more than three times that of the VAE.
Claim 49, the objective is a likelihood: a bound only, if 100 draws always raise it by over a nat.
Claim 50, fewer collapsed modes: confirmed if samples of the VAE always show all ten kinds. Its own
    disease, collapse of the code: shown if at weight 20 always fewer than half of its axes are in
    use.
Claim 54, blur: confirmed if redrawings and samples always have less than 0.9 of the fine detail.
Claim 59, low diversity comes from being probabilistic: refuted as a cause if recall always differs
    by more than 0.2 among weights above 0, all of which are equally probabilistic.
"""

import torch
from torch import Tensor

from course_lib.data import Batch, load
from course_lib.experiments.cartographers import (
    drawing,
    new_digits,
    point_step,
    redrawing,
    trained,
)
from course_lib.metrics import (
    holes,
    importance_bound,
    kernel_distance,
    log_weights,
    nearest_training_image,
    neighbour_purity,
)
from course_lib.models import VAE
from course_lib.recipes import vae_step
from course_lib.runtime import noise
from course_lib.sampling import evaluating

WEIGHTS = (0.0, 0.1, 1.0, 4.0, 20.0)
DRAWS = (1, 10, 100)  # of the code, for the bound
FEWEST = 0.02  # of the samples, to say that a kind of digit is there


def measure(seed: int) -> dict:
    """Train seven cartographers alike but for noise and weight: some 15 seconds.

    Returns:
        {who: numbers}, who being "autoencoder" (no noise, no KL), "no noise" (KL at weight 1), and
        "weight 0" to "weight 20"; beside them "pixels", "bound" and "floor".
    """
    data = load("digits")
    makers = {
        "autoencoder": {"step": point_step},
        "no noise": {"step": point_step, "kl_weight": 1.0},
        **{f"weight {w:g}": {"step": vae_step, "kl_weight": w} for w in WEIGHTS},
    }
    found = {}
    for name, settings in makers.items():
        vae = trained(seed, **settings)
        found[name] = cartography(vae, seed, clouds=settings["step"] is vae_step)
        if name == "weight 1":
            found["bound"] = bounds(vae, data.test.x, seed)
    found["pixels"] = {"purity": neighbour_purity(data.test.x, data.test.label)}
    draws = [noise(350, 16, seed=100 + 2 * seed + i, device="cpu").double() for i in range(2)]
    found["floor"] = {"to_round": kernel_distance(*draws)}
    return found


def cartography(vae: VAE, seed: int, clouds: bool = True) -> dict[str, float]:
    """Return all that is measured of one map, on test pictures.

    Without clouds a code is the middle alone, and what the clouds cost is left out.
    """
    data = load("digits")
    new = new_digits(vae, len(data.test.x), seed=200 + seed)
    found = redrawing(vae, data.test.x) | drawing(new, data)
    if not clouds:
        del found["rate"], found["noisy_distortion"]
    found["kinds"] = float(kinds_found(new, data.train))
    return found | places(vae, data.train, data.test, clouds)


def places(vae: VAE, train: Batch, test: Batch, clouds: bool = True) -> dict[str, float]:
    """Return what the codes look like.

    Returns:
        purity: of five neighbours' labels; holes: the share of random z where no code is; to_round:
        kernel distance of the codes to N(0, 1).
    """
    with evaluating(vae):
        codes, held_out = (
            (mu + clouds * (0.5 * logvar).exp() * noise(*mu.shape, seed=seed)).cpu()
            for seed, (mu, logvar) in enumerate(vae.encode(split.x) for split in (train, test))
        )
        middles, _ = vae.encode(test.x)
    draws = noise(len(held_out), vae.latent_dim, seed=2, device="cpu")
    return {
        "purity": neighbour_purity(middles, test.label),
        "holes": holes(draws, codes, held_out),
        "to_round": kernel_distance(held_out.double(), draws.double()),
    }


def kinds_found(images: Tensor, train: Batch) -> int:
    """Count the kinds of digits among pictures, each named after its nearest training picture."""
    _, index = nearest_training_image(images, train.x)
    share = torch.bincount(train.label.cpu()[index.cpu()], minlength=10) / len(images)
    return int((share >= FEWEST).sum())


def bounds(vae: VAE, x: Tensor, seed: int, pixel_sigma: float = 0.4) -> dict[str, float]:
    """Return the importance-weighted bound of log p(x) in nats, averaged over x, by draws."""
    eps = noise(max(DRAWS), len(x), vae.latent_dim, seed=300 + seed)
    log_weight = log_weights(vae, x, eps, pixel_sigma)
    found = {"elbo": log_weight.mean().item()}
    for k in DRAWS[1:]:
        parts = log_weight.split(k)  # all draws serve every k
        found[f"{k} draws"] = torch.stack([importance_bound(p) for p in parts]).mean().item()
    return found
