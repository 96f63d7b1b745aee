"""Quality control of the catalog: who finds the faults, and who says where they are?

The rules, written before the first run. Every tool says what a picture should look like, having
learned from the same 40,000 pictures without faults; the difference is its error map. Its setting
is the one with the highest mean AUROC over the four faults on validation pictures. Then, over five
seeds (test pictures and faults are new each time; the VAE is always the one that comes with the
course, so nothing is said about other trainings):

- Claim 51, "anomaly detection". Confirmed if the VAE's AUROC is at least 0.9 for every fault and,
  for at least three of the four, above that of both other tools, with the 95 % interval of the
  paired differences above 0; refuted if it is below the better of both for all four; else depends.
- "Likelihood can prefer the wrong pictures" is confirmed if for some kind of wrong picture the
  AUROC of -ELBO is below 0.5 in all five seeds.
"""

from collections.abc import Callable
from functools import lru_cache, partial

import torch
from torch import Tensor

from course_lib.data.catalog import catalog_split, split_factors
from course_lib.data.catalog_factors import Factors, select
from course_lib.data.catalog_paint import render
from course_lib.data.catalog_pairs import Damaged
from course_lib.data.defects import FAULTS, faulty, wrong_pictures
from course_lib.losses import kl_to_standard_normal, squared_error
from course_lib.metrics import auc
from course_lib.metrics.faults import error_map, pixel_auc, smoothed, worst_spot
from course_lib.painters import load_painter
from course_lib.runtime import generator
from course_lib.sampling import evaluating

N, N_WRONG, N_TUNING = 200, 60, 60  # pictures of each kind
SPOTS = (32, 7, 5, 3)  # pixels a side of the spot that counts; 32 is the whole picture
KEPT = (48, 96, 192, 384, 768)  # principal components
NEAREST = (1, 3, 10)  # neighbours
PIXEL_SIGMA = 0.2  # of the shipped VAE's decoder

Guess = Callable[[Tensor], Tensor]  # pictures (N, 3, S, S) to what they should look like


def measure(seed: int) -> dict:
    """Measure one draw of test pictures and faults: about 15 seconds.

    Returns:
        {"faults": {mark: {fault: AUROC}}, "wrong": {mark: {kind: AUROC}}, "pixels": {tool: {fault:
        AUROC of the pixels}}, "settings": {tool: {"setting", "spot"}}}.
    """
    good, bad, wrong = test_pictures(seed)
    vae, found = shipped_vae(), {"faults": {}, "wrong": {}, "pixels": {}, "settings": {}}
    for name, options in tools(vae).items():
        setting, spot = tuned(options, seed)
        guess = options[setting]
        found["settings"][name] = {"setting": float(setting), "spot": float(spot)}
        calm = suspicion(error_map(guess(good), good), spot)
        maps = {fault: error_map(guess(x), x) for fault, (x, _) in bad.items()}
        found["faults"][name] = {
            fault: auc(suspicion(odd, spot), calm).value for fault, odd in maps.items()
        }
        found["wrong"][name] = {
            kind: auc(suspicion(error_map(guess(x), x), spot), calm).value
            for kind, x in wrong.items()
        }
        found["pixels"][name] = {
            fault: pixel_auc(smoothed(odd, 3), bad[fault].mask).value for fault, odd in maps.items()
        }
    calm = marks(vae, good)
    for group, sets in {"faults": {f: d.x for f, d in bad.items()}, "wrong": wrong}.items():
        odd = {name: marks(vae, x) for name, x in sets.items()}
        for mark in calm:
            found[group][f"VAE: {mark}"] = {
                name: auc(odd[name][mark], calm[mark]).value for name in sets
            }
    return found


def shipped_vae():
    """Return the catalog's VAE that comes with the course, on the CPU."""
    return load_painter("vae", "catalog").model.cpu()


def test_pictures(seed: int, n: int = N) -> tuple[Tensor, dict[str, Damaged], dict[str, Tensor]]:
    """Return n good test pictures, n others with each fault, and wrong ones of each kind."""
    good, other = _drawn("test", seed, n)
    bad = {fault: faulty(render(other), other, fault, seed) for fault in FAULTS}
    some = select(other, slice(N_WRONG))
    return render(good), bad, wrong_pictures(render(some), some, seed)


def tools(vae) -> dict[str, dict[int, Guess]]:
    """Return for each tool its settings, and what it makes of pictures with each."""
    return {
        "VAE": {vae.latent_dim: partial(redrawn, vae)},
        "PCA": {k: partial(by_components, k) for k in KEPT},
        "neighbours": {k: partial(by_neighbours, k) for k in NEAREST},
    }


def tuned(options: dict[int, Guess], seed: int) -> tuple[int, int]:
    """Return the setting and the size of spot that find the faults of validation pictures best."""
    good, other = _drawn("validation", seed, N_TUNING)
    x = render(good)
    bad = [faulty(render(other), other, fault, seed + 1000).x for fault in FAULTS]
    found = {}
    for setting, guess in options.items():
        calm, *odd = (error_map(guess(some), some) for some in (x, *bad))
        for spot in SPOTS:
            level = suspicion(calm, spot)
            each = [auc(suspicion(maps, spot), level).value for maps in odd]
            found[setting, spot] = sum(each) / len(each)
    return max(found, key=found.get)


def suspicion(maps: Tensor, spot: int) -> Tensor:
    """Return one number a picture: the worst spot of its map, or the mean if the spot is all."""
    return maps.mean(dim=(1, 2)) if spot >= maps.shape[-1] else worst_spot(maps, spot)


def redrawn(vae, x: Tensor) -> Tensor:
    """Encode and decode, through the middle of each cloud."""
    with evaluating(vae):
        return torch.cat([vae.decode(vae.encode(some)[0]) for some in x.split(500)])


def marks(vae, x: Tensor, seed: int = 0) -> dict[str, Tensor]:
    """Return three marks a picture (N,), each in nats: large is suspicious.

    Redrawing goes through one point of each cloud, as the ELBO asks; its constant is left out.
    """
    with evaluating(vae):
        mu, logvar = vae.encode(x)
        eps = torch.randn(mu.shape, generator=generator(seed)).to(x.device)
        x_hat = vae.decode(mu + (0.5 * logvar).exp() * eps)
    error = squared_error(x_hat, x) / (2 * PIXEL_SIGMA**2)
    kl = kl_to_standard_normal(mu, logvar)
    return {"error": error, "KL": kl, "-ELBO": error + kl}


def by_components(k: int, x: Tensor) -> Tensor:
    """Redraw pictures from k principal components of the training pictures."""
    mean, axes = components()
    code = (x.flatten(1) - mean) @ axes[:, :k]
    return (mean + code @ axes[:, :k].T).reshape(x.shape)


def by_neighbours(k: int, x: Tensor) -> Tensor:
    """Redraw pictures as the mean of the k training pictures nearest to each."""
    return learned_from()[nearest(x)[:, :k]].mean(dim=1)


@lru_cache(maxsize=8)  # one tensor is asked for with several k
def nearest(x: Tensor) -> Tensor:
    """Return which training pictures are nearest to each of x, nearest first: (N, 10)."""
    far = torch.cdist(x.flatten(1), learned_from().flatten(1))
    return far.topk(min(max(NEAREST), far.shape[1]), largest=False).indices


@lru_cache(maxsize=1)
def learned_from() -> Tensor:
    """Return the training pictures, (40000, 3, S, S)."""
    return catalog_split("train").x


@lru_cache(maxsize=1)
def components() -> tuple[Tensor, Tensor]:
    """Return the mean (D,) of the training pictures and their largest components (D, K)."""
    rows = learned_from().flatten(1)
    mean = rows.mean(dim=0)
    centred = rows - mean
    _, axes = torch.linalg.eigh(centred.T @ centred)  # the largest come last
    return mean, axes.flip(1)[:, : max(KEPT)].contiguous()


def _drawn(split: str, seed: int, n: int) -> tuple[Factors, Factors]:
    """Return twice n sets of factors of a split, none of them the same."""
    factors = split_factors(split)
    order = torch.randperm(len(factors.kind), generator=generator(seed))
    return select(factors, order[:n]), select(factors, order[n : 2 * n])
