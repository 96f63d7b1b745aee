"""Is a hole in a picture filled well: does its edge show, and do several fills differ enough?

Letters: K fills, N pictures, C channels, S pixels a side. `known` is bool, False in the hole.
"""

import torch
from torch import Tensor

from course_lib.metrics.inputs import check_alike


def seam(x: Tensor, known: Tensor) -> Tensor:
    """Return how large the jump across the edge of the hole is in each picture: (N,) float64.

    The jump is the root mean square difference between neighbours, above each other or side by
    side, of which one is known and the other is not.

    Args:
        x: pictures (N, C, S, S).
        known: (N, C, S, S) bool.

    Raises:
        ValueError: if the shapes differ, known is not bool, or a picture has no edge.
    """
    if known.shape != x.shape or known.dtype != torch.bool or x.ndim != 4:
        raise ValueError(f"known must be bool {(*x.shape,)}, got {known.dtype} {(*known.shape,)}")
    x, known = x.detach().cpu().double(), known.cpu()  # in this order: MPS has no float64
    total, count = torch.zeros(2, len(x), dtype=torch.float64)
    for axis in (2, 3):
        edge = known.diff(dim=axis)  # of bools: True where the two differ
        jump = x.diff(dim=axis).square()
        total += (jump * edge).sum(dim=(1, 2, 3))
        count += edge.sum(dim=(1, 2, 3))
    if not count.all():
        raise ValueError("a picture has no hole, or nothing around it: there is no edge to look at")
    return (total / count).sqrt()


def seam_score(filled: Tensor, real: Tensor, known: Tensor) -> float:
    """Return the jumps across the edges of holes as a multiple of those in real pictures.

    1: no more of an edge than real pictures have at this place; above: the edge shows; below: the
    fill is smoother there than real pictures are.

    Args:
        filled: filled pictures (N, C, S, S).
        real: as many real pictures, best those that the holes were cut from.
        known: (N, C, S, S) bool.

    Raises:
        ValueError: as `seam`, or if the real pictures have no jump at all.
    """
    check_alike(filled, real)
    ours, theirs = (seam(x, known).square().mean().sqrt() for x in (filled, real))
    if theirs < 1e-9:
        raise ValueError("the real pictures are even along all edges: nothing to compare with")
    return (ours / theirs).item()


def spread_of_fills(fills: Tensor, known: Tensor) -> float:
    """Return how far two fills of the same hole differ: root mean square over the pixels in it.

    Honest fills, drawn from what could stand in the hole given all that is known, differ from each
    other exactly as much as one of them differs from the truth: the truth is one more such draw.
    Fills that differ less are too sure of themselves.

    Args:
        fills: (K, N, C, S, S), K of 2 or more.
        known: (N, C, S, S) bool.

    Raises:
        ValueError: if there are fewer than two fills, or no hole.
    """
    if len(fills) < 2 or fills.shape[1:] != known.shape or known.all():
        have = f"{(*fills.shape,)} and {(*known.shape,)}"
        raise ValueError(f"need two or more fills (K, N, C, S, S) of a hole, got {have}")
    return (2 * fills.cpu().double().var(dim=0)[~known.cpu()].mean()).sqrt().item()
