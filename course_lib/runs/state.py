"""Everything a stopped run needs to go on: networks, optimizers, slow copies, chance, progress.

One safetensors file, so that its parts always belong together.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from course_lib.runtime import chance_again, chance_now
from course_lib.training import EMA


def save_state(path: Path, players: dict, progress: dict) -> None:
    """Write the state of all players, of chance, and what `progress` holds (anything for JSON).

    Raises:
        OSError: if it cannot be written; what stood there is unchanged.
    """
    partial = path.with_suffix(".partial")
    tensors = {name: t.detach().cpu().contiguous() for name, t in _live_tensors(players)}
    tensors |= {f"chance.{kind}": state for kind, state in chance_now().items()}
    counts = {name: p.n_updates for name, p in players.items() if isinstance(p, EMA)}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        save_file(tensors, partial, {"progress": json.dumps({**progress, "updates": counts})})
        os.replace(partial, path)
    except (OSError, SafetensorError) as error:
        partial.unlink(missing_ok=True)
        raise OSError(f"could not write {path}; what stood there is unchanged: {error}") from error


def load_state(path: Path, players: dict) -> dict:
    """Bring all players and chance to where `save_state` found them; return its progress.

    Raises:
        FileNotFoundError: if there is nothing to go on from.
        ValueError: if the file is damaged or belongs to another run.
    """
    if not path.is_file():
        raise FileNotFoundError(f"there is no {path}: start the run without --resume")
    try:
        with safe_open(path, "pt") as file:
            saved = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            progress = json.loads(file.metadata()["progress"])
    except (SafetensorError, ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{path} is damaged: start the run again without --resume") from error
    _wake_optimizers(players, saved)
    live = dict(_live_tensors(players))
    wanted = {name for name in saved if not name.startswith("chance.")}
    odd = sorted(wanted ^ live.keys())
    odd += [name for name in wanted & live.keys() if saved[name].shape != live[name].shape]
    if odd:
        raise ValueError(f"{path} belongs to a run with other settings: they differ in {odd[0]!r}")
    for name, tensor in live.items():
        tensor.copy_(saved[name])
    for name, n_updates in progress.pop("updates").items():
        players[name].n_updates = n_updates
    chance_again({name[7:]: t for name, t in saved.items() if name.startswith("chance.")})
    return progress


def _live_tensors(players: dict) -> Iterator[tuple[str, Tensor]]:
    """Return every tensor that training changes, with a name of its own."""
    for name, player in players.items():
        if isinstance(player, torch.optim.Optimizer):
            for i, weight in enumerate(_weights(player)):
                for key, tensor in player.state.get(weight, {}).items():
                    yield f"{name}.{i}.{key}", tensor
        elif isinstance(player, nn.Module | EMA):
            network = player.model if isinstance(player, EMA) else player
            for key, tensor in network.state_dict().items():
                yield f"{name}.{key}", tensor


def _wake_optimizers(players: dict, saved: dict[str, Tensor]) -> None:
    """Give fresh optimizers the tensors they make at their first step, laid out like the weights.

    A fused optimizer walks through weights and moments side by side, so the layouts must agree.
    """
    for name, player in players.items():
        if isinstance(player, torch.optim.Optimizer):
            for i, weight in enumerate(_weights(player)):
                start = f"{name}.{i}."
                for full, tensor in saved.items():
                    if full.startswith(start):
                        like = tensor if tensor.ndim == 0 else weight.detach()
                        player.state[weight][full[len(start) :]] = torch.zeros_like(like)


def _weights(optimizer: torch.optim.Optimizer) -> list[nn.Parameter]:
    return [weight for group in optimizer.param_groups for weight in group["params"]]
