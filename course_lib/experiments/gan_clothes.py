"""Photographs of clothes by name, from the GAN that comes with the course: what its noise does.

Beside `gan_captions`, whose rules stand there; here nothing is decided. The classifier marks; it
names 93 of 100 real photographs rightly.
"""

from collections.abc import Callable

import torch
from torch import Tensor

from course_lib.data import load
from course_lib.data.fashion import LABEL_NAMES
from course_lib.experiments.captions import N_EACH
from course_lib.judges import answers, shipped_judge
from course_lib.models.pictures import PictureGenerator
from course_lib.painters import load_painter
from course_lib.runtime import generator, noise, pick_device
from course_lib.sampling import arc, evaluating, jerk

SCALES = (0.0, 0.5, 1.0, 1.5, 2.0)  # of the noise; it was trained with 1
N, N_WALKS, N_STOPS = 1000, 100, 17


def drawn(G: PictureGenerator, z: Tensor, wanted: Tensor) -> Tensor:
    """Return what noise (N, Z) and wishes (N, Q) become, on the CPU: -1 is an empty row here."""
    with evaluating(G):
        return G(z.to(pick_device()), wanted.to(pick_device())).float().clamp(-1, 1).cpu()


def within(values: Tensor, n_each: int = N_EACH) -> float:
    """Return how far apart rows (N, D) of one caption are: the mean distance, groups in a row."""
    groups = values.unflatten(0, (-1, n_each))
    apart = torch.cdist(groups, groups, compute_mode="donot_use_mm_for_euclid_dist")
    return (apart.sum(dim=(1, 2)) / (n_each * (n_each - 1))).mean().item()


def along(picture: Callable[[float], Tensor]) -> list[Tensor]:
    """Return the pictures at N_STOPS shares from 0 to 1."""
    return [picture(i / (N_STOPS - 1)) for i in range(N_STOPS)]


def clothes(seed: int, n: int = N) -> dict:
    """Order photographs of clothes by name, each class equally often, and name what came.

    Returns:
        {asked, each, real: {class: share named rightly, of ours and of real ones}, variety: how far
        apart pictures of one class are, as a multiple of real ones, noise: {scale: {asked,
        variety}}, walk: see `walks`}.
    """
    G, real = load_painter("gan", "fashion").model, photographs(n // len(LABEL_NAMES), seed)
    label = torch.arange(len(LABEL_NAMES)).repeat_interleave(real.shape[1])[:, None]
    z = noise(len(label), G.latent_dim, seed=seed, device="cpu")
    far, found = within(real.flatten(0, 1).flatten(1), real.shape[1]), {}
    for scale in SCALES:
        x = drawn(G, scale * z, label)
        each = named(x.unflatten(0, real.shape[:2]))
        variety = within(x.flatten(1), real.shape[1]) / far
        found[f"{scale:g}"] = {"each": each, "asked": _mean(each), "variety": variety}
    louder = {s: {name: row[name] for name in ("asked", "variety")} for s, row in found.items()}
    return found["1"] | {"real": named(real), "noise": louder, "walk": walks(G, seed)}


def photographs(n_each: int, seed: int) -> Tensor:
    """Return test photographs, n_each of each class: (10, n_each, 1, S, S)."""
    test = load("fashion", "cpu").test
    order = torch.randperm(len(test.x), generator=generator(seed))
    rows = [test.x[order[test.label[order] == k]][:n_each] for k in range(len(LABEL_NAMES))]
    return torch.stack(rows)


def named(x: Tensor) -> dict[str, float]:
    """Return for each class the share of its photographs (10, N, 1, S, S) named rightly."""
    found = answers(shipped_judge("classifier"), x.flatten(0, 1))[0].argmax(dim=1)
    right = found.unflatten(0, x.shape[:2]) == torch.arange(len(x))[:, None]
    return dict(zip(LABEL_NAMES, right.double().mean(dim=1).tolist(), strict=True))


def walks(G: PictureGenerator, seed: int) -> dict:
    """Walk from one noise to another, the class fixed.

    Returns:
        {jerk, ends, middle, fade}: the largest step over the mean step, and shares named rightly:
        of the ends, of the middle, and of the mixed pixels of both ends.
    """
    label = torch.arange(len(LABEL_NAMES)).repeat_interleave(N_WALKS // len(LABEL_NAMES))[:, None]
    start, end = (noise(len(label), G.latent_dim, seed=2 * seed + i, device="cpu") for i in (0, 1))
    way = along(lambda share: drawn(G, arc(start, end, share), label))

    def right(x: Tensor) -> float:
        return _mean(named(x.unflatten(0, (len(LABEL_NAMES), -1))))

    middle, fade = right(way[N_STOPS // 2]), right((way[0] + way[-1]) / 2)
    ends = (right(way[0]) + right(way[-1])) / 2
    return {"jerk": jerk(way).mean().item(), "ends": ends, "middle": middle, "fade": fade}


def _mean(shares: dict[str, float]) -> float:
    return sum(shares.values()) / len(shares)
