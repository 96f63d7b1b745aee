"""Trained generators of pictures, all three families behind one face: noise and wishes in.

painter = load_painter("diffusion", "catalog")
wish = torch.tensor(parse("a small red striped mug, tilted left"))
pictures = paint(painter, 16, seed=0, wanted=wish.expand(16, -1))
"""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor, nn

from course_lib.checkpoints import load, read_card
from course_lib.data.catalog import split_factors
from course_lib.judges import WEIGHTS
from course_lib.models.pictures import PictureGenerator, PictureUNet, PictureVAE
from course_lib.recipes.pictures import ANSWERS, SHAPES
from course_lib.runtime import generator, half_precision, pick_device
from course_lib.sampling import (
    EVERYWHERE,
    Guided,
    Step,
    ddim_path,
    decode,
    evaluating,
    second_order,
)
from course_lib.schedules import cosine_alpha_bar

NETWORKS = {"vae": PictureVAE, "gan": PictureGenerator, "diffusion": PictureUNet}
BLOCK = 250  # pictures made at a time, so that any number fits into memory


class Painter(NamedTuple):
    """A trained generator, and what may be asked of it."""

    family: str
    data: str
    model: nn.Module
    answers: tuple[int, ...]  # K for each question it listens to; () if to none


def load_painter(family: str, data: str, path: str | Path | None = None) -> Painter:
    """Return a trained generator, by default the one that comes with the course.

    Args:
        family: "vae", "gan" or "diffusion".
        data: "catalog" or "fashion", or what else the weights at path were trained on.
        path: other weights, ending in .safetensors, with their card beside them.

    Raises:
        FileNotFoundError: if there are no such weights.
        ValueError: if there is no such family, or the weights are damaged or of another one.
    """
    if family not in NETWORKS:
        raise ValueError(f"unknown family {family!r}: choose one of {', '.join(NETWORKS)}")
    path = WEIGHTS / f"{family}_{data}.safetensors" if path is None else Path(path)
    card, network = read_card(path), NETWORKS[family]
    if card.get("model") != network.__name__ or card.get("data") != data:
        have = f"a {card.get('model')} for {card.get('data')!r}"
        raise ValueError(f"{path} holds {have}, not a {network.__name__} for {data!r}")
    model = network(**card["config"])
    load(model, path)
    model = model.eval().to(pick_device(), memory_format=torch.channels_last)
    return Painter(family, data, model, tuple(card["config"].get("answers", ())))


def paint(
    painter: Painter,
    n: int,
    seed: int = 0,
    wanted: Tensor | None = None,
    n_steps: int = 24,
    guidance: float = 1.0,
    between: tuple[float, float] = EVERYWHERE,
    contrast: float = 1.0,
) -> Tensor:
    """Return n new pictures (n, C, S, S) in [-1, 1], on the CPU.

    The first m of n are the m painted with the same seed.

    Args:
        painter: who paints.
        n: how many; they are made 250 at a time.
        seed: decides the noise, and what is not said in `wanted`.
        wanted: (n, Q) int64, what each picture should be, -1 for "not said"; by default drawn as
            in the data.
        n_steps: passes for one picture (diffusion only).
        guidance: how strictly to heed the wishes (diffusion only); 1 is to heed them.
        between: the log SNR between which guidance holds (diffusion only), as for `Guided`.
        contrast: above 1, what is nearly black or white becomes so: pixels are multiplied by it,
            then clipped. A network seldom ends at a border exactly, where photographs often lie.

    Raises:
        ValueError: if n is below 1, contrast is not above 0, the painter does not listen to wishes,
            they have another shape, or one is no answer to its question.
    """
    if n < 1:
        raise ValueError(f"paint at least 1 picture, got {n}")
    if not contrast > 0:
        raise ValueError(f"contrast must be above 0, got {contrast}")
    if wanted is not None and wanted.shape != (n, len(painter.answers)):
        if not painter.answers:
            raise ValueError(f"this {painter.family} paints what it likes and takes no wishes")
        need, have = (n, len(painter.answers)), (*wanted.shape,)
        raise ValueError(f"wishes must be {need}, one answer a question, got {have}")
    for i, k in enumerate(painter.answers if wanted is not None else ()):
        low, high = (bound.item() for bound in wanted[:, i].aminmax())
        if low < -1 or high >= k:
            raise ValueError(f"answer {i} must be -1 (not said) to {k - 1}, got {low} to {high}")
    draw, pictures = generator(seed), []
    for start in range(0, n, BLOCK):  # whole blocks, cut at the end: the same noise for any n
        as_in_data = _drawn_wishes(painter, draw)
        wish = as_in_data
        if wanted is not None:
            given = wanted[start : start + BLOCK]
            wish = torch.full_like(as_in_data, -1)
            wish[: len(given)] = given
            if painter.family == "gan":  # it never learned to do without
                wish = torch.where(wish < 0, as_in_data, wish)
        noise = torch.randn(BLOCK, *noise_shape(painter), generator=draw)
        rest = min(BLOCK, n - start)
        asked = noise[:rest], wish[:rest], n_steps, guidance, between, contrast
        pictures.append(paint_from(painter, *asked))
    return torch.cat(pictures)


def paint_from(
    painter: Painter,
    noise: Tensor,
    wish: Tensor,
    n_steps: int = 24,
    guidance: float = 1.0,
    between: tuple[float, float] = EVERYWHERE,
    contrast: float = 1.0,
) -> Tensor:
    """Return the pictures (B, C, S, S) that noise (B, *noise_shape) and wishes (B, Q) become.

    Everything at once, for whoever has the noise in hand; the rest is as in `paint`. But a GAN has
    to be told every answer: nobody replaces a -1 here, and it never learned what that means.
    """
    device, model = pick_device(), painter.model
    noise, wish = noise.to(device), wish.to(device)
    with half_precision(device):
        if painter.family == "vae":
            x = decode(model, model.prior(noise))
        elif painter.family == "gan":
            with evaluating(model):
                x = model(noise, wish)
        else:
            alpha_bar = _schedule()
            guided = Guided(model, alpha_bar, wish, guidance, between)
            x = second_order(guided, noise, alpha_bar, n_steps)
    return (contrast * x.float()).clamp(-1, 1).cpu()


def paint_path(
    painter: Painter, noise: Tensor, wish: Tensor, n_steps: int = 40, guidance: float = 1.0
) -> Iterator[Step]:
    """Return every step of a diffusion painter, from noise (B, C, S, S) to pictures, by DDIM.

    Raises:
        ValueError: if the painter's pictures come in one pass.
    """
    if painter.family != "diffusion":
        raise ValueError(f"a {painter.family} paints in one pass: there is no way to look at")
    alpha_bar, noise, wish = (x.to(pick_device()) for x in (_schedule(), noise, wish))
    return ddim_path(Guided(painter.model, alpha_bar, wish, guidance), noise, alpha_bar, n_steps)


def _schedule() -> Tensor:
    return cosine_alpha_bar(1000).to(pick_device())


def noise_shape(painter: Painter) -> tuple[int, ...]:
    """Return the shape of the noise that becomes one picture."""
    if painter.family == "diffusion":
        shape = SHAPES[painter.data]
        return shape["channels"], shape["size"], shape["size"]
    return (painter.model.latent_dim + (painter.family == "vae"),)  # one more chooses the cloud


def _drawn_wishes(painter: Painter, draw: torch.Generator) -> Tensor:
    """Return what a block of pictures shows if it is as in the data: (BLOCK, Q)."""
    if painter.data == "catalog":
        factors = torch.stack(split_factors("train")[:5], dim=1)
        wishes = factors[torch.randint(len(factors), (BLOCK,), generator=draw)]
    else:  # all classes are equally frequent
        wishes = torch.randint(*ANSWERS[painter.data], (BLOCK, 1), generator=draw)
    return wishes[:, : len(painter.answers)]
