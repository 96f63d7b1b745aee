"""Pictures in motion: some moments in a still, and all of them under a slider."""

import io
from collections.abc import Sequence

import PIL.Image
import torch
from IPython.display import display
from torch import Tensor

from course_lib.plotting.images import image_grid, show_images

IN_THE_STILL = 10
ENLARGED = 240  # pixels per side of a picture beside the slider


def show_steps(
    frames: Tensor, names: Sequence[object], title: str, alt: str, labels: Sequence[str] = ()
) -> None:
    """Show K moments of R pictures (K, R, C, S, S): ten in a still, then all of them by a slider.

    Where ipywidgets is missing, the still is all.

    Args:
        frames: in order of time, within [-1, 1].
        names: what each of the K moments is called.
        title: what the reader should see in the still.
        alt: the still in words.
        labels: what each of the R pictures is called.

    Raises:
        ValueError: if there are not as many names as moments.
    """
    if len(names) != len(frames):
        raise ValueError(f"{len(frames)} moments need {len(frames)} names, got {len(names)}")
    some = torch.linspace(0, len(frames) - 1, min(IN_THE_STILL, len(frames))).round().long()
    rows = frames[some].transpose(0, 1).flatten(0, 1)  # one picture a row
    columns = [names[i] for i in some.tolist()]
    show_images(rows, title, alt, len(some), labels=labels, columns=columns)
    try:
        display(stepper(frames, names))
    except ImportError:
        print("To move through all moments, this film needs ipywidgets; the still shows some.")


def stepper(frames: Tensor, names: Sequence[object]):
    """Return the R pictures of one moment, and the slider that chooses it, as one widget."""
    import ipywidgets  # only here, because it may be missing

    options = [(str(name), i) for i, name in enumerate(names)]
    slider = ipywidgets.SelectionSlider(options=options, description="moment")
    picture = ipywidgets.Image(format="png")

    def look(_=None) -> None:
        picture.value = png(frames[slider.value])

    slider.observe(look, names="value")
    look()
    return ipywidgets.VBox([picture, slider])


def png(x: Tensor) -> bytes:
    """Return images (B, C, S, S), side by side and enlarged, as a PNG."""
    side, gap = x.shape[-1], -(-x.shape[-1] // 8)
    pixels = (255 * image_grid(x, len(x))[:side, :-gap]).round().astype("uint8")
    page, size = io.BytesIO(), (ENLARGED * pixels.shape[1] // side, ENLARGED)
    large = PIL.Image.fromarray(pixels).resize(size, PIL.Image.Resampling.NEAREST)
    large.save(page, "PNG")
    return page.getvalue()
