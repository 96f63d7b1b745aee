"""Draw the figures in this folder: python docs/judges/draw.py [FOLDER]. Needs the photographs."""

import sys
from pathlib import Path

import torch
import torch.nn.functional as F
from matplotlib.figure import Figure
from torch import Tensor

from course_lib.commands.judging import hard_pictures
from course_lib.data import load
from course_lib.data.catalog import catalog_split
from course_lib.data.catalog_spoiled import WAYS
from course_lib.judges import answers, read_pictures, shipped_judge
from course_lib.plotting import image_grid
from course_lib.plotting.charts import COLOURS, MARKERS
from course_lib.runtime import generator

ROW = 12


def rows() -> dict[str, Tensor]:
    """Return rows of pictures: valid ones, spoiled ones, and strangers it never met."""
    x, other = catalog_split("test", 2 * ROW).x.split(ROW)
    chance = generator(0)
    spoiled = {name: make(x, other, chance).clamp(-1, 1) for name, make in WAYS.items()}
    photographs, digits = (load(name, "cpu").test.x[:ROW] for name in ("fashion", "digits"))
    digits = F.interpolate(digits, size=32, mode="bicubic").clamp(-1, 1)
    return {
        "test pictures": x,
        "held out": catalog_split("held_out", ROW).x,
        **spoiled,
        "photographs": photographs.expand(-1, 3, -1, -1),
        "digits": digits.expand(-1, 3, -1, -1),
        "inverted": -x,
        "upside down": x.flip(2),
    }


def draw_refusals(path: Path) -> None:
    """Draw the rows, and over each picture how sure the recogniser is that it is valid."""
    shown = rows()
    figure = Figure(figsize=(9.5, 0.92 * len(shown)), layout="constrained")
    grid = figure.subplots(len(shown), ROW)
    for line, (name, x) in zip(grid, shown.items(), strict=True):
        for axes, picture, validity in zip(line, x, read_pictures(x).validity, strict=True):
            axes.imshow(image_grid(picture[None], 1)[:32, :32])
            axes.set_title(f"{validity:.0%}", fontsize=8, pad=1)
            axes.set(xticks=[], yticks=[])
            axes.spines[:].set_visible(False)
        line[0].set_ylabel(name, rotation=0, ha="right", va="center", fontsize=9)
    figure.savefig(path, dpi=100)


def draw_confidence(path: Path) -> None:
    """Draw how often the judges are right against how sure they are, on pictures made hard."""
    x, label = hard_pictures("test")
    reading, asked = read_pictures(x), label[:, 0] >= 0
    right = (torch.stack(reading.words, dim=1) == label[:, :5])[asked]
    valid_asked = label[:, 5] >= 0
    sure_valid = torch.maximum(reading.validity, 1 - reading.validity)[valid_asked]
    right_valid = (reading.valid == (label[:, 5] == 1))[valid_asked]
    data = load("fashion", "cpu").test
    sure, found = answers(shipped_judge("classifier"), data.x)[0].max(dim=1)
    curves = {
        "recogniser, five words": (reading.confidence[asked].flatten(), right.flatten()),
        "recogniser, valid or not": (sure_valid, right_valid),
        "classifier, ten classes": (sure, found == data.label),
    }
    figure = Figure(figsize=(5.6, 4.2), layout="constrained")
    axes = figure.subplots()
    axes.plot([0.5, 1], [0.5, 1], color="0.6", linestyle="--", label="as sure as right")
    for (name, (confidence, is_right)), colour, marker in zip(
        curves.items(), COLOURS, MARKERS, strict=False
    ):
        parts = confidence.argsort().tensor_split(10)
        means = [[v[part].float().mean() for part in parts] for v in (confidence, is_right)]
        axes.plot(*means, color=colour, marker=marker, label=name)
    axes.set(xlabel="how sure, mean of a tenth of the answers", ylabel="share that is right")
    axes.legend(frameon=False)
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=100)


def main(folder: Path) -> None:
    """Draw both figures into the folder."""
    draw_refusals(folder / "refused.png")
    draw_confidence(folder / "confidence.png")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
