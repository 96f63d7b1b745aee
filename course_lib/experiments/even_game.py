"""When the detective is at 50/50, are the forgeries good? Digits, a fair game and a lame one.

The lame game's detective learns 20 times more slowly. In both, the player itself and a fresh
classifier are asked to tell 700 forgeries from 700 real digits that nobody was trained on. A third
detective knows nothing but the mean brightness: a weak one, for the same forgeries.

Rules, set before the first run. "Ends when D is at 50/50 and can no longer tell" (claim 16) is
refuted if in 4 of 5 seeds the lame game's loss is within 0.1 of 2 log 2 while the interval of the
fresh classifier lies above 0.6. "The loss tracks quality" (claim 23) would need a rank correlation
of forger's loss and kernel distance, over the fair game's eight slices, of 0.5 or more in 4 of 5.
"Sharp" (claim 17) needs 0.8 to 1.25 times the fine detail of test digits in 4 of 5 seeds.
"""

import torch

from course_lib.data import load, stream
from course_lib.metrics import (
    auc,
    kernel_distance,
    precision_recall,
    sharpness,
    two_sample_auc,
    usual_features,
)
from course_lib.recipes import digit_recipe
from course_lib.runtime import noise
from course_lib.sampling import decode, evaluating
from course_lib.training import fit

N_SLICES, SLICE = 8, 50  # of the fair game, in steps
LAME_STEPS, LAME_RATE = 250, 5e-5


def measure(seed: int) -> dict:
    """Play the fair and the lame game on digits: about 15 seconds.

    Returns:
        {fair, lame: {detective, forger (nats, at the end), kernel, recall, own_auc, right (share
        at a logit of 0), fresh_auc, fresh_low, brightness_auc, sharpness}, track: {rank}}.
    """
    data, found = load("digits"), {}
    fair, features = digit_recipe("gan", seed), usual_features(load("digits", "cpu"))
    batches, losses, distances = stream(data.train, 64, seed), [], []
    for _ in range(N_SLICES):
        history = fit(fair.step, batches, SLICE, **fair.players)
        losses.append(sum(history["forger"]) / SLICE)
        distances.append(_kernel(fair.players["ema"].model, data, features, seed))
    found["fair"] = _marks(fair.players, history, data, features, seed)
    found["lame"] = lame_game(seed)
    return found | {"track": {"rank": rank_correlation(losses, distances)}}


def lame_game(seed: int) -> dict:
    """Play only the lame game: about five seconds. Returns its marks, as in `measure`."""
    data, lame = load("digits"), digit_recipe("gan", seed)
    lame.players["opt_D"].param_groups[0]["lr"] = LAME_RATE
    history = fit(lame.step, stream(data.train, 64, seed), LAME_STEPS, **lame.players)
    features = usual_features(load("digits", "cpu"))
    return _marks(lame.players, history, data, features, seed)


def rank_correlation(a: list[float], b: list[float]) -> float:
    """Return Spearman's rank correlation of two lists without ties: from -1 to 1.

    1: they rise and fall together; -1: one rises where the other falls; 0: no telling.
    """
    ranks = torch.tensor([a, b]).argsort(dim=1).argsort(dim=1).double()
    return torch.corrcoef(ranks)[0, 1].item()


def _marks(players, history, data, features, seed) -> dict:
    """Measure the latest forger, and who can tell its pictures from real ones."""
    real = torch.cat([data.validation.x, data.test.x])
    fake = decode(players["G"], noise(len(real), players["G"].latent_dim, seed=1000 + seed))
    with evaluating(players["D"]) as D:
        scores = [D(x)[:, 0].cpu() for x in (real, fake)]
    fresh = two_sample_auc(fake, real, seed)
    bright = auc(*(x.mean(dim=(1, 2, 3)).cpu() for x in (real, fake))).value
    embedded = (features.embed(x[: len(data.test.x)].cpu()) for x in (fake, data.test.x))
    return {
        **{name: sum(values[-SLICE:]) / SLICE for name, values in history.items()},
        "kernel": _kernel(players["G"], data, features, seed),
        "recall": precision_recall(*embedded).recall,
        "own_auc": auc(*scores).value,
        "right": (((scores[0] > 0).sum() + (scores[1] < 0).sum()) / (2 * len(real))).item(),
        "fresh_auc": fresh.value,
        "fresh_low": fresh.low,
        "brightness_auc": max(bright, 1 - bright),  # whichever way round it sorts better
        "sharpness": sharpness(fake, data.test.x),
    }


def _kernel(G, data, features, seed) -> float:
    """Return the kernel distance of 350 forgeries to the test digits."""
    fake = decode(G, noise(len(data.test.x), G.latent_dim, seed=2000 + seed))
    return kernel_distance(features.embed(fake.cpu()), features.embed(data.test.x.cpu()))
