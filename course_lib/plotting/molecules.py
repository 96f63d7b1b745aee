"""Molecules as chemists draw them. RDKit does the drawing; it loads only when one is drawn."""

import io
from collections.abc import Sequence

import numpy as np
import PIL.Image
import torch
from torch import Tensor

from course_lib.data.molecules import chemistry
from course_lib.plotting.images import show_images

SIDE = 150  # pixels


def show_molecules(
    names: Sequence[str],
    title: str,
    alt: str | None = None,
    n_columns: int = 6,
    labels: Sequence[str] = (),
    columns: Sequence[object] = (),
) -> None:
    """Draw molecules, given as SMILES, row by row; labels and columns as in `show_images`.

    Raises:
        ModuleNotFoundError: in one sentence, if RDKit is missing.
        ValueError: if one of the names is no molecule.
    """
    alt = alt or f"{title}. (Structural formulas of: {', '.join(names)}.)"
    show_images(drawings(names), title, alt, n_columns, labels, columns, smooth=False)


def drawings(names: Sequence[str]) -> Tensor:
    """Return structural formulas as pictures (N, 3, SIDE, SIDE) in [-1, 1]."""
    return torch.stack([_drawing(name) for name in names])


def _drawing(name: str) -> Tensor:
    molecule = chemistry().MolFromSmiles(name)
    if molecule is None or not name:
        raise ValueError(f"no molecule is called {name!r}")
    from rdkit.Chem.Draw import rdMolDraw2D

    canvas = rdMolDraw2D.MolDraw2DCairo(SIDE, SIDE)
    canvas.drawOptions().minFontSize = 17
    canvas.drawOptions().padding = 0.14
    canvas.drawOptions().bondLineWidth = 3
    canvas.DrawMolecule(molecule)
    canvas.FinishDrawing()
    picture = PIL.Image.open(io.BytesIO(canvas.GetDrawingText())).convert("RGB")
    return torch.from_numpy(np.array(picture)).permute(2, 0, 1) / 127.5 - 1
