"""Made-up listeners and the songs they like, with tastes that are known exactly.

Every listener has a probability for every song, and picks 20 to 60 different songs, one after the
other, each with that probability among those not yet picked. In one world tastes mix, in the other
they multiply: which recommender wins may depend on that, so both are here.
Letters: N listeners, I songs, K genres or moods.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from course_lib.runtime import generator

WORLDS = ("mixing", "multiplying")
N_SONGS, N_GENRES, N_MOODS = 300, 12, 6
SIZES = {"train": 3000, "validation": 500, "test": 1000}
SHORTEST, LONGEST = 20, 60  # songs in a list
HIDDEN = 5  # one song in so many is hidden, to be found again


class Listeners(NamedTuple):
    """Some listeners: what we are told, what is hidden from us, and the truth behind both."""

    given: Tensor  # (N, I) 1.0 where we know that the listener likes the song
    hidden: Tensor  # (N, I) 1.0 where the listener likes it and we are not told
    probability: Tensor  # (N, I) of picking the song first; rows sum to 1

    @property
    def liked(self) -> Tensor:
        """Everything the listeners picked, (N, I)."""
        return self.given + self.hidden


def listeners(world: str, seed: int) -> dict[str, Listeners]:
    """Draw a world of songs and its listeners: train, validation and test.

    Args:
        world: "mixing": a listener is a mixture of genres, and probabilities are added, as matrix
            factorisation does. "multiplying": a listener is a point among moods, and each mood
            multiplies how likely a song is.
        seed: decides the songs as well as the listeners.

    Raises:
        ValueError: if there is no such world.
    """
    if world not in WORLDS:
        raise ValueError(f"unknown world {world!r}: choose one of {', '.join(WORLDS)}")
    draw = generator(seed)
    liking = _mixing(draw) if world == "mixing" else _multiplying(draw)
    return {split: _pick(liking(n), draw) for split, n in SIZES.items()}


def _mixing(draw: torch.Generator):
    """Return a function n -> probabilities (n, I): genres, each with its hits, added up."""
    hits = 2.0 * torch.randn(N_GENRES, N_SONGS, generator=draw)
    genres = hits.softmax(dim=1)  # (K, I)

    def liking(n: int) -> Tensor:
        strength = torch.randn(n, N_GENRES, generator=draw)
        return (2.5 * strength).softmax(dim=1) @ genres  # two or three genres a listener

    return liking


def _multiplying(draw: torch.Generator):
    """Return a function n -> probabilities (n, I): moods, each a factor on every song."""
    fame = torch.randn(N_SONGS, generator=draw)
    moods = torch.randn(N_MOODS, N_SONGS, generator=draw)

    def liking(n: int) -> Tensor:
        listener = torch.randn(n, N_MOODS, generator=draw)
        return (fame + listener @ moods / N_MOODS**0.5 * 2.0).softmax(dim=1)

    return liking


def _pick(probability: Tensor, draw: torch.Generator) -> Listeners:
    """Let each listener pick songs, and hide one in five of them by lot.

    The songs with the largest log(probability) + Gumbel noise are those that picking one after the
    other would give: Vieira 2014, https://timvieira.github.io/blog/post/2014/08/01/
    """
    n = len(probability)
    wait = -torch.rand(probability.shape, generator=draw).clamp(min=1e-9).log()  # exponential
    order = (probability.log() - wait.log()).argsort(dim=1, descending=True)
    length = torch.randint(SHORTEST, LONGEST + 1, (n, 1), generator=draw)
    place = order.argsort(dim=1)  # when each song is picked, from 0
    liked = place < length
    lot = torch.rand(probability.shape, generator=draw).masked_fill(~liked, 2.0)
    hidden = lot.argsort(dim=1).argsort(dim=1) < length // HIDDEN
    return Listeners((liked & ~hidden).float(), hidden.float(), probability)
