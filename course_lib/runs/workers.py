"""Several workers on one job, each with a GPU or a machine of its own.

`accelerate launch` starts the same command once for each worker. All hold the same networks, take
turns at the batches, and average their gradients before every move, so the networks stay the same:
together they take the steps of one worker with a batch as large as all of theirs. (What a batch
norm remembers stays each worker's own, and the first one's is kept.) Accelerate and
torch.distributed do the talking. A worker who is alone has nobody to talk to.
"""

import os
from collections.abc import Iterator
from itertools import islice

import torch
from torch import Tensor

from course_lib.runtime import pick_device

RESUME = "the same command with --resume goes on from the state that was saved last"


class Workers:
    """Those who were launched together. Make it first: it gives each its own GPU.

    Raises:
        ModuleNotFoundError: if there are several, and Accelerate is not installed.
    """

    def __init__(self):
        self.count, self.rank = int(os.environ.get("WORLD_SIZE", 1)), 0
        if self.count > 1:
            try:
                from accelerate import PartialState
            except ModuleNotFoundError as error:
                hint = "several workers need Accelerate: pip install 'noise-to-novelty[scale]'"
                raise ModuleNotFoundError(hint) from error
            self.rank = PartialState(cpu=pick_device().type == "cpu").process_index

    @property
    def writes(self) -> bool:
        """Whether this is the one worker who writes files and says how it goes."""
        return self.rank == 0

    def own(self, batches: Iterator) -> Iterator:
        """Return this worker's share: one batch of every `count`."""
        return islice(batches, self.rank, None, self.count)

    def part_ways(self, seed: int, steps: int) -> None:
        """Let the noise of training, so far the same for all, be each worker's own."""
        if self.rank:
            torch.manual_seed((seed * 1_000_003 + steps) * self.count + self.rank)

    def mean(self, values: Tensor) -> Tensor:
        """Return the mean over all workers, in any shape.

        Raises:
            ConnectionError: if a worker is gone.
        """
        return self._reduced(values, "mean")

    def agree(self, *facts: float) -> list[float]:
        """Return the largest that any worker says, fact by fact, so that all do the same."""
        if self.count == 1:
            return list(facts)  # no tensor: MPS has no float64, and a GPU makes one wait
        values = torch.tensor(facts, dtype=torch.float64, device=pick_device())
        return self._reduced(values, "max").tolist()

    def average_gradients(self, players: dict) -> None:
        """From now on let every optimizer move by the mean of all workers' gradients."""
        if self.count > 1:
            for player in players.values():
                if isinstance(player, torch.optim.Optimizer):
                    player.register_step_pre_hook(self._before_a_move)

    def _before_a_move(self, optimizer: torch.optim.Optimizer, *_) -> None:
        weights = [weight for group in optimizer.param_groups for weight in group["params"]]
        grads = [weight.grad for weight in weights if weight.grad is not None]
        means = self.mean(torch.cat([grad.flatten() for grad in grads]))  # one message, not many
        for grad, mean in zip(grads, means.split([grad.numel() for grad in grads]), strict=True):
            grad.copy_(mean.view(grad.shape))

    def _reduced(self, values: Tensor, how: str) -> Tensor:
        if self.count == 1:
            return values
        from accelerate.utils import reduce

        try:
            return reduce(values, how)
        except RuntimeError as error:  # all that torch.distributed says of a lost connection
            raise ConnectionError(f"a worker is gone: {RESUME}") from error
