"""Results of long experiments: measured once over several seeds, stored, and measured again live.

    store("digits", {"vae": {"kernel": [0.02, 0.03]}}, seeds=[0, 1])
    kept = stored("digits").values["vae"]["kernel"]  # one number a seed
    agrees(live=0.025, stored_values=kept)

A result is one JSON file in docs/results, and again in course_lib/stored: a notebook on Colab has
nothing but the installed package. A digest inside the file notices any change by hand.
"""

import hashlib
import json
import platform
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import NamedTuple

from course_lib.runtime import describe_machine, whole

STORED = Path(__file__).parent / "stored"
DOCS = Path(__file__).parents[1] / "docs" / "results"  # the same files, for who reads the course
PACKAGES = ("torch", "numpy", "scikit-learn", "diffusers")
ROUNDING = 0.01  # of the largest stored number: processors add up in different orders


class Result(NamedTuple):
    """A stored result and how it came about."""

    command: str  # what makes it again
    seeds: list[int]
    device: str  # one line about the machine
    versions: dict[str, str]
    date: str  # YYYY-MM-DD, in UTC
    values: dict  # plain JSON; numbers that differ from seed to seed are lists, one a seed


def store(name: str, values: dict, seeds: Sequence[int], command: str | None = None) -> Path:
    """Write a result, with what is known about this machine; return where it is.

    Args:
        name: small letters, digits and underscores.
        values: what JSON can hold; numbers must be finite.
        seeds: those it was measured with.
        command: what makes it again, by default `python -m course_lib results NAME`.

    Raises:
        ValueError: if the name or the values cannot be stored.
        OSError: if the file cannot be written; what stood there is unchanged.
    """
    path, command = _path(name), command or f"python -m course_lib results {name}"
    today = datetime.now(UTC).date().isoformat()
    found = Result(command, list(seeds), describe_machine(), _versions(), today, values)
    write_record(path, found._asdict())
    if DOCS.is_dir() and STORED.is_relative_to(DOCS.parents[1]):  # in a checkout, the page too
        write_record(DOCS / path.name, found._asdict())
    return path


def stored(name: str) -> Result:
    """Read a result.

    Raises:
        FileNotFoundError: if there is none of that name.
        ValueError: if its file is damaged, or was changed after it had been measured.
    """
    path = _path(name)
    if not path.is_file():
        raise FileNotFoundError(
            f"there is no stored result {name!r}: measure it with "
            f"`python -m course_lib results {name}`, or check the name"
        )
    record = read_record(path)
    if record.keys() != set(Result._fields):
        raise ValueError(f"{path} is not a stored result: fetch it again, or measure it anew")
    return Result(**record)


def agrees(live: float | Mapping, stored_values: Sequence[float] | Mapping) -> bool:
    """Return whether a live measurement lies where the stored ones lie.

    The rule: between the smallest and the largest stored number, this range widened at both ends
    by its own length, and by at least 1 % of the largest size among the stored numbers. Of five
    seeds alone the range would miss a third of all new ones; widened, it misses about 3 % if they
    scatter like a Gaussian (a test draws them).

    Args:
        live: one number, or names to numbers (nested as one likes): then all must agree.
        stored_values: the numbers of all seeds, or the same names to such.

    Raises:
        KeyError: if something was measured that is not stored.
    """
    if isinstance(live, Mapping):
        return all(agrees(value, stored_values[name]) for name, value in live.items())
    low, high = min(stored_values), max(stored_values)
    margin = max(high - low, ROUNDING * max(abs(low), abs(high)))
    return low - margin <= live <= high + margin  # false for NaN


def side_by_side(runs: Sequence[dict]) -> dict:
    """Turn one dictionary a seed into one dictionary of lists, one entry a seed.

    Raises:
        ValueError: if the dictionaries have different names.
    """
    if any(run.keys() != runs[0].keys() for run in runs):
        raise ValueError("the seeds measured different things: measure them all anew")
    return {
        name: side_by_side([run[name] for run in runs])
        if isinstance(value, dict)
        else [run[name] for run in runs]
        for name, value in runs[0].items()
    }


def once(path: Path, measure: Callable[[], dict]) -> dict:
    """Return what measure() returns, from path if an interrupted run already wrote it there.

    What another machine or other versions measured, or what is damaged, is measured again.
    """
    here = {"device": describe_machine(), "versions": _versions()}
    try:
        record = read_record(path)
        if {name: record.get(name) for name in here} == here:
            return record["values"]
    except (OSError, ValueError, KeyError):
        pass
    values = measure()
    write_record(path, {**here, "values": values})
    return read_record(path)["values"]  # as any later reader will see them


def write_record(path: Path, record: dict) -> None:
    """Write a dictionary as JSON with its digest: beside its place first, then renamed.

    Raises:
        ValueError: if JSON cannot hold it.
        OSError: if it cannot be written; what stood there is unchanged.
    """
    try:
        plain = json.loads(json.dumps(record, allow_nan=False))  # names become strings, at once
    except (TypeError, ValueError) as error:
        raise ValueError(f"{path.name} can only hold plain, finite numbers: {error}") from error
    text = json.dumps({**plain, "sha256": _digest(plain)}, indent=1) + "\n"
    with whole(path) as beside:
        beside.write_text(text, encoding="utf-8", newline="\n")


def read_record(path: Path) -> dict:
    """Return what `write_record` wrote.

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: if it is damaged, or its digest is not that of its content.
    """
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        digest = record.pop("sha256")
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{path} is damaged: fetch it again, or measure it anew") from error
    if digest != _digest(record):
        raise ValueError(f"{path} was changed after it was measured: fetch it again")
    return record


def _digest(record: dict) -> str:
    """Return the SHA-256 of the one canonical spelling of a dictionary."""
    spelled = json.dumps(record, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(spelled.encode()).hexdigest()


def _versions() -> dict[str, str]:
    found = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def _path(name: str) -> Path:
    if not re.fullmatch(r"[a-z0-9_]+", name):
        raise ValueError(f"names of results are small letters, digits and _, got {name!r}")
    return STORED / f"{name}.json"
