"""What is each part of a GAN for? Digits, one part changed at a time, each at the same price.

Every game starts from one forger and one detective and takes 160 moves of either (or 320 in all),
with batches of 32. The numbers are for comparing parts, not for how good a GAN can get.

Rules, set before the first run. A change *hurts* if its kernel distance is above that of the game
as it is in 4 of 5 seeds and twice as high on average; it *helps* if the same holds the other way
round; otherwise it *makes no clear difference*. "tanh, and data from -1 to 1" (claim 31) is needed
if matched endings hurt, and the matched range is what counts if only the mismatched one hurts.
"ReLU circumvents vanishing gradients" (claim 32) holds for depth if through ten layers the first
one keeps ten times the share of slope with (leaky) ReLU that it keeps with sigmoid, and for GANs'
own vanishing if, with a detective trained alone, ReLU keeps ten times the slope of tanh under the
same loss. "More diverse gradients" (claim 33) holds if LeakyReLU and ReLU each have a higher
effective rank than tanh and sigmoid in 4 of 5 seeds. "D ends in a sigmoid" (claim 34) is a matter
of taste if sigmoid with its own loss makes no clear difference.
"""

import itertools

import torch
import torch.nn.functional as F
from torch import nn

from course_lib.data import Batch, load, stream
from course_lib.experiments.gan_slopes import alone, depth, reach
from course_lib.losses import bce
from course_lib.metrics import kernel_distance, usual_features
from course_lib.models import Discriminator, Generator
from course_lib.models.swaps import swapped, without_spectral_norm
from course_lib.recipes import gan_step
from course_lib.runtime import noise, pick_device
from course_lib.sampling import decode
from course_lib.training import EMA, descend, fit

N_STEPS, BATCH = 160, 32
BENDS = {
    "leaky": lambda: nn.LeakyReLU(0.2),
    "relu": nn.ReLU,
    "tanh": nn.Tanh,
    "sigmoid": nn.Sigmoid,
}
BENT = {  # the game whose detective has each of them
    "leaky": "as it is",
    "relu": "detective of ReLU",
    "tanh": "detective of tanh",
    "sigmoid": "detective of sigmoid",
}


def measure(seed: int) -> dict:
    """Play a game for each change, and measure slopes with and without: about 30 seconds.

    Returns:
        {kernel: {change: kernel distance to test digits}, reach, depth, alone: see `gan_slopes`}.
    """
    played = {name: play(name, seed) for name in games(seed)}
    fake = decode(played["as it is"]["G"], noise(BATCH * 2, 16, seed=4000 + seed))
    data, (G, D, _) = load("digits"), games(seed)["as it is"]
    bends = {bend: swapped(D, nn.LeakyReLU, make) for bend, make in BENDS.items()}
    return {
        "kernel": {name: kernel(name, players, seed) for name, players in played.items()},
        "reach": {bend: reach(played[name]["D"], fake) for bend, name in BENT.items()},
        "depth": {bend: depth(make, data.train.x[:64], seed) for bend, make in BENDS.items()},
        "alone": {bend: alone(bends[bend], G, data, seed) for bend in ("leaky", "relu", "tanh")},
    }


def games(seed: int) -> dict[str, tuple]:
    """Return each change with its forger, its detective and its step; as yet nobody has moved."""
    torch.manual_seed(seed)
    G, D = Generator(latent_dim=16).to(pick_device()), Discriminator().to(pick_device())
    bends = {BENT[bend]: swapped(D, nn.LeakyReLU, make) for bend, make in BENDS.items()}
    return {
        "as it is": (G, D, gan_step),
        "sigmoid, range 0 to 1": (swapped(G, nn.Tanh, nn.Sigmoid), D, gan_step),
        "sigmoid, range -1 to 1": (swapped(G, nn.Tanh, nn.Sigmoid), D, gan_step),
        "sigmoid, stretched": (swapped(G, nn.Tanh, Stretched), D, gan_step),
        "no ending": (swapped(G, nn.Tanh, nn.Identity), D, gan_step),
        "no spectral norm": (G, without_spectral_norm(D), gan_step),
        "sigmoid and its own loss": (G, D, probability_step),
        "sigmoid twice": (G, nn.Sequential(D, nn.Sigmoid()), gan_step),
        "both at once": (G, D, at_once_step),
        "detective moves 5 times": (G, D, turns_step(5, 1)),
        "forger moves 5 times": (G, D, turns_step(1, 5)),
    } | {name: (G, bent, gan_step) for name, bent in bends.items()}


def play(name: str, seed: int) -> dict:
    """Play one of the games; return its players, "ema" with the average forger among them."""
    G, D, step = games(seed)[name]
    opt_G, opt_D = (torch.optim.Adam(p.parameters(), 1e-3, (0.0, 0.99)) for p in (G, D))
    players = {"G": G, "D": D, "opt_G": opt_G, "opt_D": opt_D, "ema": EMA(G, decay=0.99)}
    rounds = 2 * N_STEPS // getattr(step, "n_moves", 2)
    batches = stream(load("digits").train, BATCH * getattr(step, "n_detective", 1), seed)
    if name == "sigmoid, range 0 to 1":
        batches = (Batch((batch.x + 1) / 2, batch.label) for batch in batches)
    torch.manual_seed(seed)
    fit(step, itertools.islice(batches, rounds), rounds, **players)
    return players


def kernel(name: str, players: dict, seed: int) -> float:
    """Return the kernel distance of the average forger's pictures to the test digits."""
    data = load("digits", "cpu")
    features = usual_features(data)
    fake = decode(players["ema"].model, noise(len(data.test.x), 16, seed=3000 + seed)).cpu()
    fake = (2 * fake - 1 if name == "sigmoid, range 0 to 1" else fake).clamp(-1, 1)
    return kernel_distance(features.embed(fake), features.embed(data.test.x))


class Stretched(nn.Module):
    """A sigmoid, stretched from [0, 1] to [-1, 1]: the tanh of half its input."""

    def forward(self, x):
        """Squash anything (...) into [-1, 1]."""
        return 2 * torch.sigmoid(x) - 1


def probability_step(batch, G, D, opt_G, opt_D, ema):
    """Play `gan_step` with a sigmoid after D and the loss that belongs to it."""
    z = torch.randn(len(batch.x), G.latent_dim, device=batch.x.device)
    fake, real = G(z), torch.sigmoid(D(batch.x))
    found_out = torch.sigmoid(D(fake.detach()))
    d_loss = F.binary_cross_entropy(real, torch.ones_like(real))
    d_loss = d_loss + F.binary_cross_entropy(found_out, torch.zeros_like(found_out))
    descend(d_loss, opt_D)
    believed = torch.sigmoid(D(fake))
    g_loss = F.binary_cross_entropy(believed, torch.ones_like(believed))
    descend(g_loss, opt_G)
    ema.update(G)
    return {"detective": d_loss, "forger": g_loss}


def at_once_step(batch, G, D, opt_G, opt_D, ema):
    """Let both players move against the opponent as it was before either moved."""
    fake = G(torch.randn(len(batch.x), G.latent_dim, device=batch.x.device))
    d_loss = bce(D(batch.x), 1.0) + bce(D(fake.detach()), 0.0)
    g_loss = bce(D(fake), 1.0)
    opt_G.zero_grad()
    g_loss.backward(inputs=list(G.parameters()))
    descend(d_loss, opt_D)
    opt_G.step()
    ema.update(G)
    return {"detective": d_loss, "forger": g_loss}


def turns_step(n_detective: int, n_forger: int):
    """Return a step in which each player moves several times, each time on other data."""

    def step(batch, G, D, opt_G, opt_D, ema):
        for x in batch.x.chunk(n_detective):
            with torch.no_grad():
                fake = G(torch.randn(len(x), G.latent_dim, device=x.device))
            d_loss = bce(D(x), 1.0) + bce(D(fake), 0.0)
            descend(d_loss, opt_D)
        for _ in range(n_forger):
            g_loss = bce(D(G(torch.randn(len(x), G.latent_dim, device=x.device))), 1.0)
            descend(g_loss, opt_G)
            ema.update(G)
        return {"detective": d_loss, "forger": g_loss}

    step.n_detective, step.n_moves = n_detective, n_detective + n_forger
    return step
