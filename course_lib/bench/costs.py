"""What a computation costs: processor seconds, operations, memory."""

import time
from collections.abc import Callable
from weakref import finalize

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves
from torch.utils.flop_counter import FlopCounterMode

from course_lib.runtime import generator


def seconds_for(action: Callable[[], object], least: float, rounds: int) -> float:
    """Return the processor seconds of one call: the quickest of some rounds.

    Args:
        action: called once before the clock starts, so that nothing is measured cold.
        least: how long a round lasts, in processor seconds; many quick calls make one round.
        rounds: what else runs on the machine can only make a round slower.
    """
    action()
    found = []
    for _ in range(rounds):
        began, calls, spent = time.process_time(), 0, 0.0
        while calls == 0 or spent < least:
            action()
            calls += 1
            spent = time.process_time() - began
        found.append(spent / calls)
    return min(found)


def flops_of(action: Callable[[], object]) -> int:
    """Return the floating-point operations in the matrix products of one call.

    A product of (m, k) and (k, n) counts 2 m k n; convolutions and attention count as the products
    they are; what is done number by number counts nothing.
    """
    with FlopCounterMode(display=False) as counter:
        action()
    return counter.get_total_flops()


def matrix_peak(dtype: torch.dtype, side: int, least: float, rounds: int) -> float:
    """Return the operations that a product of two matrices does in a processor second."""
    draw = generator(0)
    a, b = (torch.randn(side, side, generator=draw).to(dtype) for _ in range(2))
    return flops_of(lambda: a @ b) / seconds_for(lambda: a @ b, least, rounds)


def peak_bytes(action: Callable[[], object]) -> int:
    """Return the most bytes that tensors made by one call occupy at once.

    What stood there before (weights, an optimizer's memory, the batch) is not counted, and neither
    is the scratch space inside an operation. Unlike the memory of the process it is the same on
    every machine.
    """
    with _LiveTensors() as watch:
        action()
    return watch.peak


class _LiveTensors(TorchDispatchMode):
    """Adds up the memory of tensors while they live."""

    def __init__(self):
        super().__init__()
        self.now, self.peak, self.known = 0, 0, set()

    def __torch_dispatch__(self, operation, types, args=(), kwargs=None):
        kwargs = kwargs or {}
        given = {s._cdata for s in _storages((args, kwargs))}
        made = operation(*args, **kwargs)
        for storage in _storages(made):
            key, size = storage._cdata, storage.nbytes()
            if key not in given and key not in self.known:  # else a view, or written in place
                self.known.add(key)
                self.now += size
                finalize(storage, self._gone, key, size)
        self.peak = max(self.peak, self.now)
        return made

    def _gone(self, key: int, size: int) -> None:
        self.known.discard(key)
        self.now -= size


def _storages(tree: object) -> list[torch.UntypedStorage]:
    return [leaf.untyped_storage() for leaf in tree_leaves(tree) if isinstance(leaf, Tensor)]
