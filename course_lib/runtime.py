"""Where tensors live, and where noise comes from.

Noise that is shown or scored is drawn on the CPU from a seeded generator and then moved, so the
same seed gives the same picture's beginning on every machine.
"""

import inspect
import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from torch import Tensor

DEVICES = ("cuda", "mps", "cpu")


def pick_device(name: str | None = None) -> torch.device:
    """Return the best device here (cuda, then mps, then cpu), or the one asked for.

    Args:
        name: "cuda", "mps" or "cpu"; by default $COURSE_DEVICE, else the best available.

    Raises:
        ValueError: if the name is unknown.
        RuntimeError: if this machine lacks it, or $COURSE_REQUIRE_CUDA is 1 and CUDA is absent.
    """
    available = {
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
        "cpu": True,
    }
    name = name or os.environ.get("COURSE_DEVICE") or next(d for d in DEVICES if available[d])
    if name not in available:
        raise ValueError(f"unknown device {name!r}: choose one of {', '.join(DEVICES)}")
    if os.environ.get("COURSE_REQUIRE_CUDA") == "1" and (name != "cuda" or not available["cuda"]):
        raise RuntimeError("COURSE_REQUIRE_CUDA is 1, but PyTorch cannot use CUDA on this machine")
    if not available[name]:
        raise RuntimeError(f"PyTorch cannot use {name!r} on this machine: choose 'cpu'")
    return torch.device(name)


def generator(seed: int) -> torch.Generator:
    """Return a fresh CPU generator: the same seed, the same numbers, on every device."""
    return torch.Generator("cpu").manual_seed(seed)


def noise(*shape: int, seed: int, device: torch.device | str | None = None) -> Tensor:
    """Draw standard normal numbers of the given shape on the CPU and move them to the device."""
    eps = torch.randn(*shape, generator=generator(seed))
    return eps.to(pick_device() if device is None else device)


def half_precision(device: torch.device) -> torch.autocast:
    """Return a context in which heavy arithmetic runs in bfloat16 where the device is made for it.

    Elsewhere it does nothing, nor on GPUs such as the T4, which only imitate bfloat16, slowly.
    Weights, losses and optimizers stay in float32.
    """
    able = {
        "cuda": lambda: torch.cuda.is_bf16_supported(including_emulation=False),
        "cpu": lambda: getattr(torch.cpu, "_is_avx512_bf16_supported", bool)(),
    }.get(device.type, bool)()
    kind = device.type if able else "cpu"  # a context that is off needs no device
    return torch.autocast(kind, dtype=torch.bfloat16, enabled=able)


def chance_now() -> dict[str, Tensor]:
    """Return where PyTorch's own generators stand, so that a run can be taken up again."""
    now = {"cpu": torch.get_rng_state()}
    if pick_device().type == "cuda":
        now["cuda"] = torch.cuda.get_rng_state()
    return now


def chance_again(state: dict[str, Tensor]) -> None:
    """Put PyTorch's own generators back to where `chance_now` found them."""
    torch.set_rng_state(state["cpu"])
    if "cuda" in state and pick_device().type == "cuda":
        torch.cuda.set_rng_state(state["cuda"])


def describe_machine() -> str:
    """Return one line: the system, Python, PyTorch, and the device that training will use."""
    device = pick_device()
    detail = torch.cuda.get_device_name() if device.type == "cuda" else platform.machine()
    threads = f", {torch.get_num_threads()} threads" if device.type == "cpu" else ""
    return (
        f"{platform.system()}, Python {platform.python_version()}, PyTorch {torch.__version__}, "
        f"training on {device.type} ({detail}{threads})"
    )


def show_source(thing: object) -> None:
    """Print the source of a function or class of the course: open the drawer and look inside."""
    print(inspect.getsource(thing).rstrip())


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Lend a place beside a file; what is written there becomes the file, whole or not at all.

    with whole(path) as beside:
        beside.write_text(text)

    Raises:
        OSError: if it cannot be written; what stood at path is unchanged.
    """
    beside = path.with_name(path.name + ".partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield beside
        os.replace(beside, path)
    except BaseException as error:
        beside.unlink(missing_ok=True)
        if isinstance(error, OSError):
            what = f"could not write {path}; what stood there is unchanged: {error}"
            raise OSError(what) from error
        raise
