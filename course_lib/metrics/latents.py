"""What the codes of a VAE look like: axes in use, neighbours of one kind, and holes in the map.

Letters: N pictures, Z numbers in a code.
"""

import torch
from torch import Tensor

from course_lib.metrics.inputs import blocks, check_alike, rows
from course_lib.metrics.neighbours import nearest_training_image

IN_USE = 0.01  # variance of mu from picture to picture above which an axis says something
EDGE = 0.95  # of held-out codes lie no further from a training code than a hole is wide


def active_units(mu: Tensor) -> int:
    """Return how many axes of the codes mu (N, Z) say anything: their variance is above 0.01.

    An axis that the encoder does not use has the same mu for every picture.
    Source: Burda et al. 2016, arXiv:1509.00519, section 5.2.

    Raises:
        ValueError: if mu is not (N, Z) with two or more pictures.
    """
    if mu.ndim != 2 or len(mu) < 2:
        raise ValueError(f"need the codes (N, Z) of two or more pictures, got {(*mu.shape,)}")
    return int((rows(mu).var(dim=0) > IN_USE).sum())


def neighbour_purity(codes: Tensor, label: Tensor, k: int = 5) -> float:
    """Return the share of each code's k nearest others that have its label, averaged.

    Args:
        codes: (N, ...), such as codes (N, Z) or the pictures themselves.
        label: (N,) int64.
        k: how many neighbours to ask.

    Raises:
        ValueError: if there are not as many labels as codes, or not more than k of them.
    """
    if len(codes) != len(label) or not 1 <= k < len(codes):
        raise ValueError(f"need more than {k} codes with a label each, got {len(codes)}")
    places, label = rows(codes), label.cpu()
    same = torch.empty(len(places), dtype=torch.float64)
    for part in blocks(len(places), len(places)):
        distance = torch.cdist(places[part], places)
        own = torch.arange(len(places))[part, None]
        nearest = distance.scatter(1, own, torch.inf).topk(k, largest=False).indices
        same[part] = (label[nearest] == label[part, None]).double().mean(dim=1)
    return same.mean().item()


def holes(draws: Tensor, codes: Tensor, held_out: Tensor) -> float:
    """Return the share of draws (M, Z) that land where no picture is: 0.05 if there are no holes.

    A draw lies in a hole if it is further from all training codes (N, Z) than 95 % of held-out
    codes are.

    Raises:
        ValueError: if the sets do not match.
    """
    check_alike(draws, held_out)
    ours, control = (nearest_training_image(some, codes)[0] for some in (draws, held_out))
    return (ours > control.quantile(EDGE)).double().mean().item()
