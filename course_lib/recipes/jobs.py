"""What a long run needs: `course_lib.runs` takes it from here to weights on disk."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from torch import nn

from course_lib.data import Batch


class Job(NamedTuple):
    """Something to train until it is worth keeping."""

    step: Callable  # one update: step(batch, **players)
    players: dict  # networks, optimizers, slow copies and constants that step asks for by name
    model: nn.Module  # the network to keep, often the slow copy of a player
    config: dict  # the arguments that build such a network again
    batches: Callable[[int, int], Iterator[Batch]]  # (seed, skip) -> batches without end
    n_steps: int  # how long, if nobody says otherwise
    settle: Callable[[], None] = lambda: None  # what is left to do once the training is over
