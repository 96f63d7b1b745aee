"""What goes from here into the notebook: a figure with its description, or a table."""

import io
from base64 import b64encode
from collections.abc import Mapping

import PIL.Image
from IPython.display import display
from matplotlib.figure import Figure


def publish(figure: Figure, alt: str) -> None:
    """Show a figure as a picture that carries its description, for screen readers and for tests."""
    if not alt.strip():
        raise ValueError("every figure needs alt text: one sentence that says what it shows")
    drawn = io.BytesIO()
    figure.savefig(drawn, dpi=100, facecolor="white", bbox_inches="tight", pad_inches=0.08)
    data = {"image/png": b64encode(_compact(drawn)).decode(), "text/plain": alt}
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
    if not rows:
        raise ValueError("a table needs at least one row")
    names = list(next(iter(rows.values())))
    lines = ["| | " + " | ".join(names) + " |", "|---|" + "--:|" * len(names)]
    for row, values in rows.items():
        cells = (f"{v:.3g}" if isinstance(v, float) else str(v) for v in values.values())
        lines.append(f"| {row} | " + " | ".join(cells) + " |")
    text = "\n".join([f"*{caption}*", "", *lines])
    display({"text/markdown": text, "text/plain": text}, raw=True)
