"""Columns for single tasks: what was measured about them, and about whom.

A task is not always about the three families. For augmentation "nothing made up" may win; faults
are sought by other tools as well; and for editing no GAN was measured.
"""

from collections.abc import Callable

from course_lib.choosing import Column
from course_lib.results import Result, stored

FAULTS = ("scratch", "missing part", "stain", "foreign object")
STRENGTH = "0.8"  # of editing by text: the best below 1, by the rule of `edits`


def task(name: str, result: Callable[[str], Result] = stored) -> dict[str, Column]:
    """Return the columns of a task.

    Args:
        name: one of TASKS.
        result: gives a stored result by its name.

    Raises:
        ValueError: if there is no such task.
        FileNotFoundError: if one of its results is not stored.
    """
    if name not in TASKS:
        raise ValueError(f"there is no task {name!r}: choose one of {', '.join(TASKS)}")
    return TASKS[name](lambda result_name: result(result_name).values)


def _augmentation(values: Callable[[str], dict]) -> dict[str, Column]:
    """Test accuracy of a classifier of digits with what each adds to few examples."""
    found = {}
    for size in ("20", "50", "100"):
        found[f"{size} a class"] = Column(
            "higher",
            {
                "nothing made up": values("augment")[size]["none"],
                "VAE": values("augment")[size]["VAE"],
                "GAN": values("augment_gan")[size]["told GAN"],
                "diffusion": values("synthetic")[size]["diffusion"],
            },
        )
    return found


def _variation(values: Callable[[str], dict]) -> dict[str, Column]:
    """Walks between drawn digits: are half-way pictures digits, and are the steps even?"""
    walks = values("halfway")
    who = {"VAE": "VAE drawn", "GAN": "GAN", "diffusion": "diffusion"}
    return {
        "half-way": Column("higher", {name: walks[walk]["halfway"] for name, walk in who.items()}),
        "longest step": Column(
            "lower", {name: walks[walk]["longest"] for name, walk in who.items()}
        ),
    }


def _anomalies(values: Callable[[str], dict]) -> dict[str, Column]:
    """AUROC of three tools for four faults in pictures of the catalog."""
    found = values("inspection")["faults"]
    tools = ("VAE", "PCA", "neighbours")
    return {
        fault: Column("higher", {tool: found[tool][fault] for tool in tools}) for fault in FAULTS
    }


def _editing(values: Callable[[str], dict]) -> dict[str, Column]:
    """One word of a picture changed: by arithmetic in the VAE's codes, or by diffusion and text."""
    edits = values("edits")
    who = {"VAE": edits["codes"], "diffusion": edits["text"][STRENGTH]}
    return {
        "success": Column("higher", {name: found["success"] for name, found in who.items()}),
        "pixels": Column("lower", {name: found["error"] for name, found in who.items()}),
    }


TASKS = {
    "augmentation": _augmentation,
    "variation": _variation,
    "anomalies": _anomalies,
    "editing": _editing,
}
