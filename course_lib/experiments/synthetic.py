"""Made-up digits as food for a classifier: real and synthetic mixed, from none to nothing else.

The rule, written before the first run (claim 98). The classifier and the ways it is trained are
those of `augment`; the pictures come from a diffusion model that is told the class and that has
seen the same few digits as the classifier. Made-up pictures help at 20, 50 or 100 real ones a
class if Student's 95 % interval of the paired difference of test accuracy, with minus without,
over five seeds lies above 0; both sides may choose one of three settings by validation. The claim
is confirmed if they help at each number, refuted if at none; else it depends.

Beside it: every share of made-up pictures from 0 to 1 (not chosen, all shown), and 20 real digits
a class with pictures from a model that has seen 100 a class: a maker who knows more.
"""

import torch

from course_lib.data import Batch, load, stream
from course_lib.experiments.augment import DECAYS, accuracy, classifier, few_of_each
from course_lib.models.pictures import PictureUNet
from course_lib.recipes.picture_steps import velocity_step
from course_lib.runtime import noise, pick_device
from course_lib.sampling import Guided, second_order
from course_lib.schedules import cosine_alpha_bar
from course_lib.training import EMA, fit

SIZES = (20, 50, 100)  # real examples a class, as far as there are so many
SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)  # of each batch that is made up
CHOICES = SHARES[1:4]  # as many settings as the classifier without made-up pictures has
N_STEPS, BATCH, MADE_UP, N_PASSES = 400, 32, 1000, 12


def measure(seed: int, sizes: tuple[int, ...] = SIZES) -> dict:
    """Train makers and classifiers on few digits: 25 processor seconds.

    Args:
        seed: decides which digits, all weights and all draws.
        sizes: real examples a class; the last is how many the maker who knows more has seen.

    Returns:
        {examples a class: {none, diffusion: test accuracy at the setting that validation chose,
        shares: {share: test accuracy}}, "knows more": {share: test accuracy}}.
    """
    data, found, made = load("digits"), {}, {}
    for size in sizes:
        few = few_of_each(data.train, size, seed)
        made[size] = drawn(few, seed)
        alone = [marked(classifier(few, "none", decay, None, seed), data) for decay in DECAYS]
        mixed = by_share(few, made[size], seed, data)
        found[str(size)] = {
            "none": chosen(alone),
            "diffusion": chosen([mixed[share] for share in CHOICES]),
            "shares": {f"{share:g}": test for share, (_, test) in mixed.items()},
        }
    few = few_of_each(data.train, sizes[0], seed)
    richer = by_share(few, made[sizes[-1]], seed, data)
    found["knows more"] = {f"{share:g}": test for share, (_, test) in richer.items()}
    return found


def by_share(few: Batch, made: Batch, seed: int, data) -> dict[float, tuple[float, float]]:
    """Return accuracy on validation and on test for each share of made-up pictures."""
    return {
        share: marked(classifier(few, "VAE", share, made, seed), data) for share in SHARES
    }  # "VAE": whoever made them, they are mixed in like a VAE's


def chosen(found: list[tuple[float, float]]) -> float:
    """Return the test accuracy of the setting that is best on validation, the first if equal."""
    return max(found, key=lambda marks: marks[0])[1]


def marked(net, data) -> tuple[float, float]:
    """Return a classifier's accuracy on validation and on test."""
    return accuracy(net, data.validation), accuracy(net, data.test)


def drawn(few: Batch, seed: int, n_steps: int = N_STEPS) -> Batch:
    """Train a diffusion model that is told the class on a few digits; let it draw 1,000 more."""
    torch.manual_seed(seed)
    shape = {"channels": 1, "size": 8, "patch": 1, "width": 16, "depth": 1}
    model = PictureUNet(**shape, answers=(10,)).to(pick_device())
    alpha_bar = cosine_alpha_bar(1000).to(pick_device())
    opt, ema = torch.optim.Adam(model.parameters(), lr=3e-3, fused=True), EMA(model, decay=0.99)
    players = {"model": model, "opt": opt, "ema": ema, "alpha_bar": alpha_bar}
    told = Batch(few.x, few.label[:, None])
    fit(velocity_step, stream(told, BATCH, seed), n_steps, **players)
    label = (torch.arange(MADE_UP) % 10).to(pick_device())
    guided = Guided(ema.model, alpha_bar, label[:, None])
    x = second_order(guided, noise(MADE_UP, 1, 8, 8, seed=seed), alpha_bar, N_PASSES)
    return Batch(x.clamp(-1, 1), label)
