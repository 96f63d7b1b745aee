"""The course in one table, for its front page and for notebook 0."""

from collections.abc import Callable
from statistics import mean

from course_lib.checkpoints import read_card
from course_lib.judges import WEIGHTS
from course_lib.results import Result, stored
from course_lib.scoreboard.boards import NAMES, ring

REAL = "real pictures"


def headline(result: Callable[[str], Result] = stored) -> dict[str, dict[str, str]]:
    """Return what the shipped generators are worth: row -> family or "real pictures" -> number.

    Raises:
        FileNotFoundError: if a result is not stored, or the weights have no card.
    """
    shipped, cures = result("shipped").values, result("gan_cures").values

    def row(data: str, number: str, show: Callable[[float], str]) -> dict[str, str]:
        found = {NAMES[family]: shipped[data][family] for family in NAMES}
        found[REAL] = shipped[data]["real"]
        return {who: show(mean(v[number])) if number in v else "" for who, v in found.items()}

    minutes = {NAMES[family]: f"{training_minutes(family):.0f}" for family in NAMES}
    works = {NAMES[family]: f"{sum(ring(cures, family)):.0f} of 30" for family in NAMES}
    return {
        "photographs: Fréchet distance": row("fashion", "frechet", "{:.0f}".format),
        "photographs: share of real ones in reach": row("fashion", "recall", "{:.0%}".format),
        "photographs: told from real ones (AUC, 0.5 is chance)": row(
            "fashion", "auc", "{:.2f}".format
        ),
        "catalog: valid products": row("catalog", "valid", "{:.0%}".format),
        "catalog: all five words heeded": row("catalog", "asked", "{:.0%}".format),
        "suspiciously near to a training photograph": row("fashion", "copies", "{:.1%}".format),
        "points: runs that learn the ring": works | {REAL: ""},
        "minutes of training on one core (photographs)": minutes | {REAL: ""},
        "milliseconds a photograph, 64 at a time": {
            NAMES[f]: f"{min(shipped['fashion'][f]['ms of 64']):.2g}" for f in NAMES
        }
        | {REAL: ""},
    }


def training_minutes(family: str, data: str = "fashion") -> float:
    """Return the processor minutes that shipped weights were trained for, as their card says."""
    card = read_card(WEIGHTS / f"{family}_{data}.safetensors")
    return card.get("processor seconds", card["seconds"]) / 60
