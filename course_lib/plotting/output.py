"""What goes from here into the notebook: a figure with its description, a film, or a table."""

import io
from base64 import b64encode
from collections.abc import Mapping, Sequence

import PIL.Image
from IPython.display import display
from matplotlib.figure import Figure


def publish(figure: Figure, alt: str) -> None:
    """Show a figure as a picture that carries its description, for screen readers and for tests."""
    drawn = io.BytesIO()
    figure.savefig(drawn, dpi=100, facecolor="white", bbox_inches="tight", pad_inches=0.08)
    _show(_compact(drawn), alt)


def publish_film(figures: Sequence[Figure], alt: str, seconds: float, rest: float = 3.0) -> None:
    """Show figures of one size one after the other, as an animated PNG that plays three times.

    It rests on the last frame: nobody has to read beside something that never stops moving.

    Args:
        figures: the frames.
        alt: what happens in the film.
        seconds: from the first frame to the last.
        rest: seconds on the last frame, each time.

    Raises:
        ValueError: if there are fewer than two frames.
    """
    if len(figures) < 2:
        raise ValueError(f"a film needs two frames or more, got {len(figures)}")
    drawn = [io.BytesIO() for _ in figures]
    for figure, page in zip(figures, drawn, strict=True):
        figure.savefig(page, dpi=90, facecolor="white")  # uncropped: all of one size
    pages = [PIL.Image.open(page).convert("RGB") for page in drawn]
    whole = PIL.Image.new("RGB", (pages[0].width, len(pages) * pages[0].height))
    for i, page in enumerate(pages):
        whole.paste(page, (0, i * page.height))
    plain = PIL.Image.Dither.NONE
    palette = whole.quantize(128, PIL.Image.Quantize.MAXCOVERAGE, dither=plain)  # for all frames
    frames = [page.quantize(palette=palette, dither=plain) for page in pages]
    pause = round(1000 * seconds / (len(frames) - 1))  # milliseconds
    pauses = [pause] * (len(frames) - 1) + [round(1000 * rest)]
    film = io.BytesIO()
    frames[0].save(
        film, "PNG", save_all=True, append_images=frames[1:], duration=pauses, loop=3, optimize=True
    )
    _show(film.getvalue(), alt)


def _show(png: bytes, alt: str) -> None:
    if not alt.strip():
        raise ValueError("every figure needs alt text: one sentence that says what it shows")
    data = {"image/png": b64encode(png).decode(), "text/plain": alt}
    display(data, raw=True, metadata={"image/png": {"alt": alt}})


def _compact(png: io.BytesIO) -> bytes:
    """Store a PNG without alpha, and a grey one with a single channel: half the size."""
    picture = PIL.Image.open(png).convert("RGB")
    red, green, blue = picture.split()
    small = io.BytesIO()
    (red if red == green == blue else picture).save(small, "PNG", optimize=True)
    return small.getvalue()


def show_table(rows: Mapping[str, Mapping[str, object]], caption: str) -> None:
    """Show a table: one row a name, with the columns of the first row; floats to 3 digits."""
    text = f"*{caption}*\n\n{as_table(rows)}"
    display({"text/markdown": text, "text/plain": text}, raw=True)


def as_table(rows: Mapping[str, Mapping[str, object]]) -> str:
    """Return rows as a table in Markdown, for `show_table` and for pages.

    Raises:
        ValueError: if there is no row, or one has other columns than the first.
    """
    if not rows:
        raise ValueError("a table needs at least one row")
    names = list(next(iter(rows.values())))
    lines = ["| | " + " | ".join(names) + " |", "|---|" + "--:|" * len(names)]
    for row, named in rows.items():
        if named.keys() != set(names):
            raise ValueError(f"row {row!r} has columns {list(named)}, the first one has {names}")
        values = [named[name] for name in names]  # each under its own heading
        cells = (f"{v:.3g}" if isinstance(v, float) else str(v) for v in values)
        lines.append(f"| {row} | " + " | ".join(cells) + " |")
    return "\n".join(lines)
