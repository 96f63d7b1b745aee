"""Weights on disk: a safetensors file, and beside it a JSON card that says how it came about.

Both are written beside their final place and then renamed, so a reader never sees half a file.
Whatever is wrong with a file is said in one sentence that names it.
"""

import hashlib
import json
import os
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import nn


def save(
    model: nn.Module, path: str | Path, card: dict, dtype: torch.dtype = torch.float32
) -> Path:
    """Write a model's weights to path, and its card to the same name ending in .json.

    Args:
        model: its state_dict is stored, nothing else.
        path: a name ending in .safetensors; missing folders are made.
        card: what a reader should know (data, seed, steps, scores): anything JSON can hold.
        dtype: how weights are stored; float16 halves the file, and loading makes float32 of it.

    Returns:
        The path, once both files are complete.
    """
    path = _checked_name(path)
    new_weights, new_card = path.with_suffix(".partial"), path.with_suffix(".json.partial")
    state = {
        name: t.detach().cpu().contiguous().to(dtype if t.is_floating_point() else t.dtype)
        for name, t in model.state_dict().items()
    }
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        save_file(state, new_weights)
        card = {**card, "model": type(model).__name__, "sha256": _sha256(new_weights)}
        new_card.write_text(json.dumps(card, indent=2) + "\n", encoding="utf-8")
        os.replace(new_weights, path)
    except BaseException as error:
        new_weights.unlink(missing_ok=True)
        new_card.unlink(missing_ok=True)
        if isinstance(error, (OSError, SafetensorError)):
            raise OSError(
                f"could not write {path}; what stood there is unchanged: {error}"
            ) from error
        raise
    os.replace(new_card, path.with_suffix(".json"))  # if cut off just here, load does it
    return path


def load(model: nn.Module, path: str | Path) -> dict:
    """Fill a model with the weights at path and return their card.

    The model is left as it was if anything is wrong.

    Raises:
        FileNotFoundError: if the weights or their card are missing.
        ValueError: if a file is truncated, foreign, changed, or made for another shape of model.
    """
    path = _checked_name(path)
    card = read_card(path)
    try:
        state = load_file(path)
    except SafetensorError as error:
        raise ValueError(
            f"{path} is damaged or not a safetensors file: fetch or train it again"
        ) from error
    if _sha256(path) != card["sha256"]:
        raise ValueError(
            f"{path} is not the file its card describes (SHA-256 differs): fetch both again"
        )
    wanted = model.state_dict()
    if state.keys() != wanted.keys():
        odd = sorted(state.keys() ^ wanted.keys())[0]
        raise ValueError(
            f"{path} holds another model than {type(model).__name__}: they differ in {odd!r}"
        )
    for name, tensor in wanted.items():
        if state[name].shape != tensor.shape:
            have, need = (*state[name].shape,), (*tensor.shape,)
            raise ValueError(
                f"{path} was made with other settings: {name!r} has shape {have}, not {need}"
            )
    model.load_state_dict(state)
    return card


def read_card(path: str | Path) -> dict:
    """Return the card of the weights at path: what they are and how they came about.

    Raises:
        FileNotFoundError: if the weights or their card are missing.
        ValueError: if the card is damaged.
    """
    path = _checked_name(path)
    card_path = path.with_suffix(".json")
    _finish_interrupted_save(path)
    for needed in (path, card_path):
        if not needed.is_file():
            raise FileNotFoundError(
                f"there is no file {needed}: train the model first, or check the path"
            )
    try:
        card = json.loads(card_path.read_text(encoding="utf-8"))
        card["sha256"]  # every card has one
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(
            f"{card_path} is not a card of this course: save the model again"
        ) from error
    return card


def _finish_interrupted_save(path: Path) -> None:
    """If a save was cut off between its two renames, do the second one."""
    waiting = path.with_suffix(".json.partial")
    if (
        waiting.is_file()
        and path.is_file()
        and _sha256(path) in waiting.read_text(encoding="utf-8")
    ):
        os.replace(waiting, path.with_suffix(".json"))


def _checked_name(path: str | Path) -> Path:
    path = Path(path)
    if path.suffix != ".safetensors":
        raise ValueError(f"weights are stored as .safetensors, got {path.name!r}")
    return path


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
