"""`fit` for a crowd: one step of the recipe moves all its members."""

from collections.abc import Iterator, Sequence

import torch
from torch import nn

from course_lib.crowds.players import Crowd, CrowdEMA, CrowdOptimizer, agreed
from course_lib.data import Batch
from course_lib.recipes import Recipe
from course_lib.training import EMA, fit


def fit_crowd(
    recipes: Sequence[Recipe], streams: Sequence[Iterator[Batch]], n_steps: int
) -> dict[str, list[float]]:
    """Do for K recipes at once what `fit(recipe.step, batches, n_steps, **recipe.players)` does.

    It takes the recipes' own step, and leaves every network, optimizer and slow copy as `fit` would
    leave it, up to rounding and with one difference: the noise of training is drawn for all K
    together, so nobody meets the draws that they would have met alone. Who overflows spoils only
    the reported losses, not the others.

    Args:
        recipes: K of one family, alike but for weights and learning rates.
        streams: for each recipe its batches, all of one size; the data may differ.
        n_steps: how many batches of each stream to take.

    Returns:
        {name: list of n_steps floats}, each a mean over the crowd.

    Raises:
        ValueError: if the recipes differ in more, or there are not as many streams, or a network
            must be trained alone (see `Crowd`).
    """
    if len(recipes) != len(streams):
        raise ValueError(f"give each recipe a stream, got {len(streams)} for {len(recipes)}")
    step, crowd = agreed([recipe.step for recipe in recipes], "step"), _crowd(recipes)
    try:
        return fit(step, _end_to_end(streams), n_steps, **crowd)
    finally:  # also when Ctrl-C stops it
        for player in crowd.values():
            if isinstance(player, Crowd | CrowdOptimizer | CrowdEMA):
                player.hand_back()


def _crowd(recipes: Sequence[Recipe]) -> dict:
    """Return the players of one recipe, each standing for its K namesakes."""
    crowd, stacks = {}, {}
    networks_first = sorted(
        recipes[0].players.items(), key=lambda p: not isinstance(p[1], nn.Module)
    )
    for name, first in networks_first:  # optimizers ask for the weights of networks
        members = [recipe.players[name] for recipe in recipes]
        if isinstance(first, nn.Module):
            crowd[name] = Crowd(members)
            stacks.update(zip(first.parameters(), crowd[name].parameters(), strict=True))
        elif isinstance(first, torch.optim.Optimizer):
            crowd[name] = CrowdOptimizer(members, stacks)
        elif isinstance(first, EMA):
            crowd[name] = CrowdEMA(members)
        else:
            crowd[name] = agreed(members, name)
    return crowd


def _end_to_end(streams: Sequence[Iterator[Batch]]) -> Iterator[Batch]:
    """Return batches of K * B items, the first B of them for the first recipe."""
    for batches in zip(*streams, strict=True):
        yield Batch(*(torch.stack(parts).flatten(0, 1) for parts in zip(*batches, strict=True)))
