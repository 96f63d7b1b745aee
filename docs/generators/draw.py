"""Draw the sheets in this folder, write its page from the cards: python docs/generators/draw.py."""

import sys
from pathlib import Path

from PIL import Image

from course_lib.checkpoints import read_card
from course_lib.judges import WEIGHTS
from course_lib.painters import NETWORKS, load_painter, paint
from course_lib.plotting import image_grid

PLACES = {"fashion": "photographs of clothes", "catalog": "drawn products in colour"}
SHEETS = [
    (family, data)
    for data in PLACES
    for family in NETWORKS
    if (WEIGHTS / f"{family}_{data}.safetensors").is_file()
]
N, COLUMNS = 60, 12
GUIDING = ("n_steps", "guidance", "between", "contrast")
OPENING = """\
# The generators, and what they paint

These networks come with the course, trained by `make reference` and stored as float16 in
`course_lib/weights/`, each with a card. This page and its sheets are made from the cards and the
weights by `python docs/generators/draw.py`. **Nobody picked the pictures:** every sheet is the
first 60 that `paint(painter, 60, seed=0)` gives; guided, with the settings named below.
"""
NOTES = """\
All numbers are of 5,000 pictures, and the floor is the same for 5,000 real ones that nobody
trained on: *distance* is Frechet, in the features of our judge of that data, so rows of one table
compare, and the two tables do not. *Precision*: the share of pictures that look like real ones.
*Recall*: the share of real ones that have something like them among the generated. *Sharpness*:
1 is that of the test pictures. *Copies*: the share suspiciously near to a training picture. The
cards hold the intervals, and more. The GAN and the diffusion model are told what to paint, as
often as it occurs in the data; the VAE is told nothing. Minutes are those of one processor core.
"""


def ways(card: dict) -> dict[str, dict]:
    """Return how to paint, by the end of a sheet's name: plainly, and guided if the card is."""
    found = {"": {}}
    if guided := card.get("scores guided"):
        found["_guided"] = {name: guided[name] for name in GUIDING}
    return found


def draw_sheet(family: str, data: str, path: Path, how: dict) -> None:
    """Paint the first 60 pictures of a painter as one sheet."""
    sheet = image_grid(paint(load_painter(family, data), N, seed=0, **how), COLUMNS)
    picture = Image.fromarray((sheet * 255).round().astype("uint8"))
    twice = picture.resize((2 * picture.width, 2 * picture.height), Image.Resampling.NEAREST)
    twice.save(path, optimize=True)


def page() -> str:
    """Return the page, written from the cards."""
    parts = [OPENING]
    for data in PLACES:
        there = [family for family, of in SHEETS if of == data]
        cards = {family: read_card(WEIGHTS / f"{family}_{data}.safetensors") for family in there}
        parts += [f"## {data}: {PLACES[data]}\n", _table(cards), _costs(cards)]
        for family, card in cards.items():
            for end in ways(card):
                who = family + end.replace("_", ", ")
                alt = f"Sixty {PLACES[data]}, painted by the {who}"
                parts.append(f"**{who}**\n\n![{alt}]({family}_{data}{end}.png)\n")
    return "\n".join([*parts, "## How to read the numbers\n", NOTES])


def _table(cards: dict[str, dict]) -> str:
    names = {"distance": "frechet", "precision": "precision", "recall": "recall"}
    names |= {"sharpness": "sharpness", "copies": "copies"}
    columns = ["", *names]
    on_catalog = "valid" in next(iter(cards.values()))["scores"]
    columns += ["valid", "kinds", "colours", "patterns"] if on_catalog else []
    rows = ["| " + " | ".join(columns) + " |", "|---|" + "--:|" * (len(columns) - 1)]
    marks = {family: card["scores"] for family, card in cards.items()}
    marks |= {f"{f}, guided": c["scores guided"] for f, c in cards.items() if "scores guided" in c}
    for who, scores in marks.items():
        row = [who, *(f"{scores[n]['value, low, high'][0]:.3g}" for n in names.values())]
        if on_catalog:
            row += [f"{scores['valid']['value, low, high'][0]:.1%}"]
            row += [scores[name] for name in ("kinds", "colours", "patterns")]
        rows.append("| " + " | ".join(row) + " |")
    floor = [f"{scores[n]['floor']:.3g}" for n in names.values()]
    rows.append("| " + " | ".join(["*floor*", *floor, *[""] * (len(columns) - 6)]) + " |")
    return "\n".join(rows) + "\n"


def _costs(cards: dict[str, dict]) -> str:
    lines = []
    for family, card in cards.items():
        minutes = card.get("processor seconds", card["seconds"]) / 60
        recipe = f"; {card['recipe']}" if "recipe" in card else ""
        lines.append(
            f"- {family}: {card['parameters']:,} weights, {card['steps']:,} steps in "
            f"{minutes:.0f} minutes, seed {card['seed']}: `{card['made by']}`{recipe}"
        )
        if how := card.get("scores guided"):
            low, high = how["between"]
            course, data = "python -m course_lib", card["data"]
            lines.append(
                f"- {family}, guided: the same weights, {how['n_steps']} passes, guidance only "
                f"where log SNR lies between {low} and {high}, a little contrast: "
                f"`{course} sample {family} --data {data} -n {how['n']} --seed {how['seed']} "
                f"--steps {how['n_steps']} --guidance {how['guidance']} --between {low} {high} "
                f"--contrast {how['contrast']} --out new.npz`, then "
                f"`{course} score new.npz --data {data}`"
            )
    return "\n".join(lines) + "\n"


def main(folder: Path) -> None:
    """Draw all sheets and write the page into the folder."""
    for family, data in SHEETS:
        card = read_card(WEIGHTS / f"{family}_{data}.safetensors")
        for end, how in ways(card).items():
            draw_sheet(family, data, folder / f"{family}_{data}{end}.png", how)
    (folder / "README.md").write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
