"""A group that is rare in the training pictures: copied faithfully, shrunk, or amplified?

The catalog, shrunk to 8x8, in which green products are 5 % and blue ones 2 %, instead of one in
eight each. The three families of the digits, with three colours instead of grey, learn from it
without words, and paint without being asked for anything. The course's recogniser reads 32x32 and
errs on such small pictures; so a small reader counts, which has learned from a balanced catalog,
blurred and noisy as pictures by beginners are. It counts held-out real pictures as well, so that
what it misreads falls on both sides.

The rule, written before the first of the stored runs: a group's share among 3,000 painted
pictures, divided by its share among 3,000 real ones that were held out. The group is copied
faithfully if this lies between 0.8 and 1.25 in every seed, shrunk if below 0.8 in every seed,
amplified if above 1.25 in every seed; else it depends on the seed.

(Trials with seed 100 came before. At 16x16 and with the networks of the long runs, two of the
three families had not learned to paint in the time there is; at 8x8 the course's recogniser took a
tenth of real pictures for others; and size, which was to be the second group, cannot be told from
blur there, so a second colour took its place. The limits stayed.)
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from course_lib.data import Batch, stream
from course_lib.data.catalog_factors import Factors, combinations, sample_factors, select
from course_lib.data.catalog_paint import render
from course_lib.data.catalog_words import COLOURS
from course_lib.judges import answers
from course_lib.models import VAE, Discriminator, Generator, Judge, UNet
from course_lib.recipes import Recipe, ddpm_step, gan_step, vae_step
from course_lib.recipes.steps import gan_players
from course_lib.runtime import generator, noise, pick_device
from course_lib.sampling import ddim, decode
from course_lib.schedules import cosine_alpha_bar
from course_lib.training import EMA, descend, fit

SHARES = {"green": 0.05, "blue": 0.02}  # of the training pictures; 1/8 each in the catalog
STEPS = {"vae": 1500, "gan": 1200, "diffusion": 1200}  # 15 to 35 processor seconds each
SHRUNK, LATENTS = 4, 32  # 32x32 to 8x8
N_TRAIN, N, N_PASSES, READER_STEPS = 10_000, 3000, 40, 500
LOW, HIGH = 0.8, 1.25  # in between, a group is copied faithfully


def measure(seed: int, steps: dict[str, int] | None = None, n: int = N) -> dict:
    """Train all three on the unbalanced catalog and count n pictures: 100 processor seconds.

    Returns:
        {family or "real": {green, blue}}: shares; and "reader": {right}, the share of real pictures
        whose colour the reader names right.
    """
    told, judge = unbalanced(N_TRAIN + n, seed), reader(seed)
    x, truth = shrunk(told), told.colour[N_TRAIN:]
    seen = read(judge, x[N_TRAIN:])
    found = {"real": shares(seen), "reader": {"right": (seen == truth).double().mean().item()}}
    for family, n_steps in (steps or STEPS).items():
        draw = taught(family, x[:N_TRAIN], seed, n_steps)
        found[family] = shares(read(judge, draw(noise(n, 192, seed=100 + seed)).cpu()))
    return found


def unbalanced(n: int, seed: int) -> Factors:
    """Draw factors of n pictures in which green and blue are as rare as SHARES says."""
    factors = sample_factors(2 * n, 1000 + seed, combinations(held_out=False))
    common = (1 - sum(SHARES.values())) / (len(COLOURS) - len(SHARES))  # of each other colour
    keep = torch.tensor([SHARES.get(colour, common) / common for colour in COLOURS])
    kept = torch.rand(2 * n, generator=generator(seed)) < keep[factors.colour]
    return select(factors, kept.nonzero().flatten()[:n])


def shares(colours: Tensor) -> dict[str, float]:
    """Return the share of each rare group among colours (N,)."""
    return {g: (colours == COLOURS.index(g)).double().mean().item() for g in SHARES}


def shrunk(factors: Factors) -> Tensor:
    """Draw pictures of the catalog and average blocks of 4x4 pixels: (N, 3, 8, 8)."""
    return F.avg_pool2d(render(factors), SHRUNK)


def reader(seed: int, n_steps: int = READER_STEPS) -> Judge:
    """Train who names colours, on balanced pictures, spoiled as those of beginners are."""
    torch.manual_seed(seed)
    factors = sample_factors(N_TRAIN, 2000 + seed, combinations(held_out=False))
    judge = Judge(3, (len(COLOURS),), size=8)
    opt = torch.optim.Adam(judge.parameters(), 1e-3)

    def step(batch, judge, opt):
        loss = F.cross_entropy(judge(spoiled(batch.x))[0], batch.label)
        descend(loss, opt)
        return {"loss": loss}

    fit(
        step,
        stream(Batch(shrunk(factors), factors.colour), 64, seed),
        n_steps,
        judge=judge,
        opt=opt,
    )
    return judge.eval()


def spoiled(x: Tensor) -> Tensor:
    """Blur pictures (N, C, S, S) and add noise, each as much as chance decides, within [-1, 1]."""
    soft = F.avg_pool2d(x, 3, stride=1, padding=1, count_include_pad=False)
    blur, grain = torch.rand(2, len(x), 1, 1, 1)
    return (x + 0.7 * blur * (soft - x) + 0.25 * grain * torch.randn_like(x)).clamp(-1, 1)


def read(judge: Judge, x: Tensor) -> Tensor:
    """Return the colours seen in pictures (N, 3, 8, 8): (N,) int64."""
    return answers(judge, x)[0].argmax(dim=1)


def taught(family: str, x: Tensor, seed: int, n_steps: int):
    """Train a family on pictures alone; return what turns noise (N, 192) into pictures."""
    recipe, learn = coloured(family, seed), x.to(pick_device())
    unsaid = torch.zeros(len(x), dtype=torch.int64, device=learn.device)
    fit(recipe.step, stream(Batch(learn, unsaid), 64, seed), n_steps, **recipe.players)
    return lambda noise: recipe.draw(noise).clamp(-1, 1)


def coloured(family: str, seed: int) -> Recipe:
    """Return a recipe of `course_lib.recipes.digits` for pictures of three colours."""
    torch.manual_seed(seed)
    device = pick_device()
    if family == "vae":
        vae = VAE(channels=3, latent_dim=LATENTS).to(device)
        players = {"vae": vae, "opt": torch.optim.Adam(vae.parameters(), 1e-3), "pixel_sigma": 0.2}
        return Recipe(vae_step, players, 0, 1, lambda z: decode(vae, z[:, :LATENTS]))
    if family == "gan":
        G, D = Generator(channels=3, latent_dim=LATENTS), Discriminator(channels=3)
        players = gan_players(G, D, 1e-3, betas=(0.0, 0.99), decay=0.995)
        ema = players["ema"]
        return Recipe(gan_step, players, 0, 1, lambda z: decode(ema.model, z[:, :LATENTS]))
    model, alpha_bar = UNet(channels=3).to(device), cosine_alpha_bar(1000).to(device)
    opt, ema = torch.optim.Adam(model.parameters(), 2e-3), EMA(model, 0.998)
    players = {"model": model, "opt": opt, "alpha_bar": alpha_bar, "ema": ema}

    def draw(z: Tensor) -> Tensor:
        x_T = z.reshape(-1, 3, 8, 8)
        return ddim(ema.model, x_T, alpha_bar, N_PASSES, eta=1.0, seed=seed)

    return Recipe(ddpm_step, players, 0, N_PASSES, draw)


def verdict(ratios: list[float]) -> str:
    """Say what became of a group, from its share painted over its share held out, one a seed."""
    if all(LOW <= ratio <= HIGH for ratio in ratios):
        return "copied faithfully"
    if all(ratio < LOW for ratio in ratios):
        return "shrunk"
    return "amplified" if all(ratio > HIGH for ratio in ratios) else "depends on the seed"
