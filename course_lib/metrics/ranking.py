"""How many of the things that were hidden does a recommender find?

Source: the recall of Liang et al. 2018, arXiv:1802.05814. Letters: N people, I items.
"""

from torch import Tensor


def recall_at(scores: Tensor, given: Tensor, hidden: Tensor, k: int = 10) -> Tensor:
    """Return, for each person, the share of hidden items among the k best: (N,) in [0, 1].

    What the person is known to have is never recommended. Where more than k are hidden, k of them
    are all that one can find, and count as 1.

    Args:
        scores: any numbers (N, I), high for what one should recommend.
        given: (N, I), above 0 where it is known that the person has the item.
        hidden: (N, I), above 0 where the person has it and the recommender was not told.
        k: how many items are recommended.

    Raises:
        ValueError: if the shapes differ, nothing is hidden from somebody, or k leaves no choice.
    """
    if not scores.shape == given.shape == hidden.shape or scores.ndim != 2:
        shapes = ", ".join(str((*x.shape,)) for x in (scores, given, hidden))
        raise ValueError(f"scores, given and hidden must have one shape (N, I), got {shapes}")
    if not 0 < k <= scores.shape[1]:
        raise ValueError(f"k must be between 1 and {scores.shape[1]}, the items, got {k}")
    there = hidden > 0
    if not there.any(dim=1).all():
        raise ValueError("every person needs a hidden item: leave the others out")
    best = scores.masked_fill(given > 0, -float("inf")).topk(k, dim=1).indices  # (N, k)
    found = there.gather(1, best).sum(dim=1)
    return found / there.sum(dim=1).clamp(max=k)
