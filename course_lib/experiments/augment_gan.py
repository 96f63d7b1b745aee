"""More pictures for a small classifier, made by GANs: the digits, sizes and classifier of augment.

The rule, written before the first run, is that of `augment`: a way helps at a number of examples a
class if the 95 % t-interval of the paired difference of test accuracy, with minus without, over
the five seeds lies above 0; it harms if it lies below 0; else the answer is "not seen here". That a
GAN's samples enlarge a small data set (claim 27) is confirmed if the GAN or the told GAN helps at
each of the three numbers, refuted if neither helps at any, else it depends.

Two GANs learn from the few digits alone, 200 steps, which cost more than the VAE's 300. The told
GAN is asked for each class alike. What the other one draws has no label, so the classifier that
learned from the few digits alone names it: its mistakes come along.
"""

import torch

from course_lib.data import Batch, stream
from course_lib.experiments import augment
from course_lib.experiments.augment import DECAYS, MADE_UP, SIZES
from course_lib.recipes import digit_recipe
from course_lib.recipes.told_gan import told_gan_players, told_gan_step
from course_lib.runtime import generator, pick_device
from course_lib.sampling import decode, evaluating
from course_lib.training import fit

WAYS = ("none", "GAN", "told GAN")  # flips and shifts are stored by `augment`
N_STEPS = 200


def measure(seed: int, sizes: tuple[int, ...] = SIZES, ways: tuple[str, ...] = WAYS) -> dict:
    """Train GANs and classifiers on few digits in each way: half a minute of a processor.

    Args, and what is returned: as in `augment.measure`.
    """
    return augment.measure(seed, sizes, ways, {"GAN": named, "told GAN": as_asked})


def as_asked(few: Batch, seed: int) -> Batch:
    """Train a GAN that is told the class on a few digits, and ask it for 2,000 more."""
    players = told_gan_players(seed)
    batches = stream(Batch(few.x, few.label[:, None]), 64, seed)
    fit(told_gan_step, batches, N_STEPS, **players)
    label = (torch.arange(MADE_UP) % 10).to(pick_device())
    with evaluating(players["ema"].model) as G:
        return Batch(G(_latents(G, seed), label[:, None]), label)


def named(few: Batch, seed: int) -> Batch:
    """Train a GAN that is told nothing, and let a classifier that saw the same few name 2,000."""
    recipe = digit_recipe("gan", seed)
    fit(recipe.step, stream(few, 64, seed), N_STEPS, **recipe.players)
    G = recipe.players["ema"].model
    x = decode(G, _latents(G, seed))
    with evaluating(augment.classifier(few, "none", DECAYS[1], None, seed)) as net:
        return Batch(x, net(x).argmax(dim=1))


def _latents(G, seed: int) -> torch.Tensor:
    z = torch.randn(MADE_UP, G.latent_dim, generator=generator(seed))
    return z.to(pick_device())
