"""A group that is rare in the training pictures: copied faithfully, shrunk, or amplified?

The catalog, shrunk to 8x8, in which green products are 5 % instead of one in eight, and small ones
10 % instead of half. The three families of the digits, with three colours instead of grey, learn
from it without words, and paint without being asked for anything. The course's recogniser reads
32x32 and errs on such small pictures; so a small reader counts, which has learned from a balanced
catalog, blurred and noisy as pictures by beginners are. It counts held-out real pictures as well,
so that what it misreads falls on both sides.

The rule, written before the first of the stored runs: a group's share among 2,000 painted
pictures, divided by its share among 2,000 real ones that were held out. The group is copied
faithfully if this lies between 0.8 and 1.25 in every seed, shrunk if below 0.8 in every seed,
amplified if above 1.25 in every seed; else it depends on the seed. "both", small and green at
once, is one in 200: too few to decide anything, so it is only shown.

(Trials with seed 100 came before. At 16x16 and with the networks of the long runs, two of the
three families had not learned to paint in the time there is; at 8x8 the course's recogniser took a
tenth of real pictures for others. Side, steps and reader were then chosen by what the pictures look
like, and by how the reader does on real ones; groups, shares and limits stayed.)
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from course_lib.data import Batch, stream
from course_lib.data.catalog_factors import Factors, combinations, sample_factors, select
from course_lib.data.catalog_paint import render
from course_lib.data.catalog_words import COLOURS, SIZES
from course_lib.judges import answers
from course_lib.models import VAE, Discriminator, Generator, Judge, UNet
from course_lib.recipes import Recipe, ddpm_step, gan_step, vae_step
from course_lib.runtime import generator, noise, pick_device
from course_lib.sampling import ddim, decode
from course_lib.schedules import cosine_alpha_bar
from course_lib.training import EMA, descend, fit

SHARES = {"green": 0.05, "small": 0.1}  # of the training pictures; 1/8 and 1/2 in the catalog
STEPS = {"vae": 1500, "gan": 1200, "diffusion": 1200}  # 15 to 35 processor seconds each
SHRUNK, LATENTS = 4, 32  # 32x32 to 8x8
N_TRAIN, N, N_PASSES, READER_STEPS = 10_000, 2000, 50, 800
LOW, HIGH = 0.8, 1.25  # in between, a group is copied faithfully


def measure(seed: int, steps: dict[str, int] | None = None, n: int = N) -> dict:
    """Train all three on the unbalanced catalog and count n pictures: 100 processor seconds.

    Returns:
        {family or "real": {green, small, both}}: shares; and, under "reader", the share of real
        pictures whose colour and size the reader names right.
    """
    told, judge = unbalanced(N_TRAIN + n, seed), reader(seed)
    x = shrunk(told)
    seen = read(judge, x[N_TRAIN:])
    truth = torch.stack([told.colour, told.size], dim=1)[N_TRAIN:]
    right = (seen == truth).double().mean(dim=0).tolist()
    found = {"real": shares(seen), "reader": dict(zip(("colour", "size"), right, strict=True))}
    for family, n_steps in (steps or STEPS).items():
        draw = taught(family, x[:N_TRAIN], seed, n_steps)
        found[family] = shares(read(judge, draw(noise(n, 192, seed=100 + seed)).cpu()))
    return found


def unbalanced(n: int, seed: int) -> Factors:
    """Draw factors of n pictures in which green and small are as rare as SHARES says."""
    factors = sample_factors(4 * n, 1000 + seed, combinations(held_out=False))
    keep = torch.ones(4 * n)
    for group, even in (("green", 1 / len(COLOURS)), ("small", 1 / len(SIZES))):
        wanted, given = (share / (1 - share) for share in (SHARES[group], even))
        words = torch.stack([factors.colour, factors.size], dim=1)
        keep[belongs(words, group)] *= wanted / given
    kept = torch.rand(4 * n, generator=generator(seed)) < keep
    return select(factors, kept.nonzero().flatten()[:n])


def belongs(words: Tensor, group: str) -> Tensor:
    """Return which of N pictures are "green", "small" or "both", from colour and size (N, 2)."""
    green, small = words[:, 0] == COLOURS.index("green"), words[:, 1] == SIZES.index("small")
    return {"green": green, "small": small, "both": green & small}[group]


def shares(words: Tensor) -> dict[str, float]:
    """Return the share of each group, from colour and size (N, 2)."""
    groups = (*SHARES, "both")
    return {group: belongs(words, group).double().mean().item() for group in groups}


def shrunk(factors: Factors) -> Tensor:
    """Draw pictures of the catalog and average blocks of 4x4 pixels: (N, 3, 8, 8)."""
    return F.avg_pool2d(render(factors), SHRUNK)


def reader(seed: int, n_steps: int = READER_STEPS) -> Judge:
    """Train who names colour and size, on balanced pictures, spoiled as those of beginners are."""
    torch.manual_seed(seed)
    factors = sample_factors(N_TRAIN, 2000 + seed, combinations(held_out=False))
    learn = Batch(shrunk(factors), torch.stack([factors.colour, factors.size], dim=1))
    judge = Judge(3, (len(COLOURS), len(SIZES)), size=8)
    opt = torch.optim.Adam(judge.parameters(), 1e-3)

    def step(batch, judge, opt):
        seen = judge(spoiled(batch.x))
        loss = sum(F.cross_entropy(s, told) for s, told in zip(seen, batch.label.T, strict=True))
        descend(loss, opt)
        return {"loss": loss}

    fit(step, stream(learn, 64, seed), n_steps, judge=judge, opt=opt)
    return judge.eval()


def spoiled(x: Tensor) -> Tensor:
    """Blur pictures (N, C, S, S) and add noise, each as much as chance decides, within [-1, 1]."""
    soft = F.avg_pool2d(x, 3, stride=1, padding=1, count_include_pad=False)
    blur, grain = torch.rand(2, len(x), 1, 1, 1)
    return (x + 0.7 * blur * (soft - x) + 0.25 * grain * torch.randn_like(x)).clamp(-1, 1)


def read(judge: Judge, x: Tensor) -> Tensor:
    """Return the colour and the size seen in pictures (N, 3, 8, 8), (N, 2) int64."""
    return torch.stack([share.argmax(dim=1) for share in answers(judge, x)], dim=1)


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
        G = Generator(channels=3, latent_dim=LATENTS).to(device)
        D = Discriminator(channels=3).to(device)
        opts = (torch.optim.Adam(player.parameters(), 1e-3, (0.0, 0.99)) for player in (G, D))
        ema = EMA(G, 0.995)
        players = {"G": G, "D": D, **dict(zip(("opt_G", "opt_D"), opts, strict=True)), "ema": ema}
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
