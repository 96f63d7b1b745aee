"""docs/benchmarks.md: written from the stored numbers, so it can be written again at any time."""

from pathlib import Path

from course_lib.bench.figures import draw_distances, draw_growth, draw_sampling, first_to_last
from course_lib.results import Result, stored
from course_lib.runtime import whole

FAMILIES = ("vae", "gan", "diffusion")
TARGETS = {"vae": 0.75, "gan": 0.5, "diffusion": 0.1}  # of the distance of its peer, at most
FIGURES = {"distances": draw_distances, "sampling": draw_sampling, "growth": draw_growth}
OPENING = """\
# Benchmarks

Ours beside what a learner would otherwise pick, on photographs of clothes (`fashion`): trained in
turn, each for the same processor seconds, those of all threads together. The seconds belong to
one machine; **the claims are the ratios**. This page is written by `python -m course_lib bench`
from the numbers in `course_lib/stored/bench_*.json`; with `--page` it is only written again.
"""
NOTES = """\
## How to read it

- *Distance*: Frechet, in features named below, between n pictures and n test pictures. *Floor*:
  the same for n real pictures that nobody trained on. Distances are comparable only at one n.
- *Labels*: training shows our GAN and our diffusion model what each picture is, and they are
  asked for all classes equally often. The peers are never told. That is part of the difference,
  and not hidden.
- Ours lower their rates towards the end and keep a slow copy of the weights, and compute in
  bfloat16 where the processor is made for it, and our diffusion model learns with Muon; the peers
  run as their examples do: the VAE
  784-400-20 with Adam 1e-3 and batch 128, on 28x28, set into black; DCGAN with Adam 2e-4, beta1
  0.5, batch 128, widths 64-128-256; diffusers' UNet2DModel (32, 64, 64) with attention, noise
  prediction, AdamW 4e-4, batch 64, DDIM.
- Fitting the prior of our VAE, after its training, is part of its price: it trains so much less.
- *Share of peak*: operations in matrix products of the training steps, per processor second, over
  those of one large matrix product in the same precision, measured in the same run.
- *Memory*: the most bytes that tensors made by one training step (or one draw) occupy at once,
  over the number of pictures; weights and the optimizer's memory are not counted. At 8 pixels a
  side the networks work pixel by pixel, above that on patches. Drawing prepares noise for 250
  pictures at a time.
"""


def write_page(path: Path) -> Path:
    """Write the page, and its figures into a folder of the same name beside it.

    Raises:
        FileNotFoundError: if nothing was measured yet.
        ValueError: if a stored result is damaged or was changed.
    """
    kept = {}
    for family in FAMILIES:
        try:
            kept[family] = stored(f"bench_{family}")
        except FileNotFoundError:
            continue
    if not kept:
        raise FileNotFoundError("nothing is measured yet: run `python -m course_lib bench`")
    found = {family: result.values for family, result in kept.items()}
    folder = path.with_suffix("")
    folder.mkdir(parents=True, exist_ok=True)
    pictures = []
    for name, draw in FIGURES.items():
        alt = draw(found, folder / f"{name}.png")
        pictures.append(f"![{alt}]({folder.name}/{name}.png)\n")
    parts = [OPENING, claims(found), pictures[0], table(found), "## Drawing\n", pictures[1]]
    parts += ["## How cost grows\n", _grown(found), pictures[2], NOTES, _origins(kept)]
    with whole(path) as beside:
        beside.write_text("\n".join(parts), encoding="utf-8")
    return path


def claims(found: dict[str, dict]) -> str:
    """Return the table of claims: ratios of distances, and whether they are small enough."""
    rows = ["| family | our distance over the peer's | at most | |", "|---|--:|--:|---|"]
    for family, values in found.items():
        if "peer" not in values["entries"]:
            rows.append(f"| {family} | peer not installed | {TARGETS[family]} | |")
            continue
        ours, peer = (values["entries"][who]["distance"] for who in ("ours", "peer"))
        met = "met" if ours / peer <= TARGETS[family] else "**not met**"
        rows.append(f"| {family} | {ours / peer:.3g} | {TARGETS[family]} | {met} |")
    return "\n".join(rows) + "\n"


def table(found: dict[str, dict]) -> str:
    """Return the table of all models."""
    columns = ("model", "labels", "parameters", "distance", "floor", "n", "pictures/s in training")
    columns += ("share of peak", "ms a picture", "passes")
    rows = ["| " + " | ".join(columns) + " |", "|---|---|" + "--:|" * (len(columns) - 2)]
    for family, values in found.items():
        for who, entry in values["entries"].items():
            seconds = dict(entry["sampling"])[entry["passes"]]
            cells = [
                f"{family}, {who}: {entry['name']}",
                "yes" if entry["told"] else "no",
                f"{entry['parameters']:,}",
                _three_digits(entry["distance"]),
                f"{values['floor']:.3g}",
                f"{values['n']:,}",
                f"{entry['pictures a second']:.4g}",
                f"{entry['share of peak']:.1%} of {entry['precision']}",
                f"{1000 * seconds:.3g}",
                str(entry["passes"]),
            ]
            rows.append("| " + " | ".join(cells) + " |")
    return "\n".join(rows) + "\n"


def _three_digits(value: float) -> str:
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"  # no 1.14e+03


def _grown(found: dict[str, dict]) -> str:
    lines = []
    for family, values in found.items():
        for what, rows in values["growth"].items():
            time, memory = (first_to_last(rows, column) for column in (1, 2))
            span = f"{what} from {rows[0][0]} to {rows[-1][0]}"
            lines.append(f"- {family}, {span}: time a picture x{time:.3g}, memory x{memory:.3g}")
    return "\n".join(lines) + "\n"


def _origins(kept: dict[str, Result]) -> str:
    lines = ["## Where the numbers come from\n"]
    for family, result in kept.items():
        values, versions = result.values, ", ".join(f"{n} {v}" for n, v in result.versions.items())
        peak = ", ".join(f"{f / 1e9:.3g} GFLOP/s in {name}" for name, f in values["peak"].items())
        lines.append(
            f"- {family}: `{result.command}`, seed {result.seeds[0]}, {result.date}, "
            f"{values['seconds']:g} processor seconds a model; {values['features']}; "
            f"peak {peak}; {result.device}; {versions}"
        )
    return "\n".join(lines) + "\n"
