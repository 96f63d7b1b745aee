"""`python -m course_lib sample`: new pictures from trained weights, as numbers or as a sheet."""

import argparse

import torch
from PIL import Image
from torch import Tensor

from course_lib.data.catalog_words import parse
from course_lib.data.npz import save_images
from course_lib.painters import Painter, load_painter, paint
from course_lib.plotting import image_grid
from course_lib.runtime import whole
from course_lib.sampling import EVERYWHERE


def sample_command(given: argparse.Namespace) -> int:
    """Paint what was asked for and write it."""
    guiding = given.guidance is not None or given.between is not None
    if given.family != "diffusion" and (given.steps or guiding):
        raise ValueError("--steps, --guidance and --between are for diffusion, not for one pass")
    if given.out.suffix not in (".npz", ".png"):
        raise ValueError(f"--out must end in .npz or .png, got {given.out.name!r}")
    painter = load_painter(given.family, given.data, given.weights)
    guidance = 1.0 if given.guidance is None else given.guidance
    between = tuple(given.between or EVERYWHERE)
    wish, n_steps = _wish(given, painter), given.steps or 24
    x = paint(painter, given.n, given.seed, wish, n_steps, guidance, between, given.contrast)
    if given.out.suffix == ".npz":
        save_images(x, given.out)
    else:
        sheet = Image.fromarray((image_grid(x) * 255).round().astype("uint8"))
        with whole(given.out) as beside:
            sheet.save(beside, "PNG")
    print(f"{given.n} pictures in {given.out}")
    return 0


def _wish(given: argparse.Namespace, painter: Painter) -> Tensor | None:
    """Return what every picture should be, (n, Q), or None if nothing was said."""
    if given.caption is None and given.label is None:
        return None
    if not painter.answers:
        raise ValueError(f"this {painter.family} takes neither --label nor --caption")
    wish = torch.full((len(painter.answers),), -1)
    if given.label is not None:
        if not 0 <= given.label < painter.answers[0]:
            raise ValueError(f"--label must be 0 to {painter.answers[0] - 1}, got {given.label}")
        wish[0] = given.label
    elif painter.data != "catalog":
        raise ValueError(f"--caption is for the catalog; for {painter.data} say --label")
    else:
        wish = torch.tensor(parse(given.caption))
    return wish.expand(given.n, -1)
