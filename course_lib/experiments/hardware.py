"""How much memory each family needs, to train a batch and to draw a picture.

No verdict hangs on it: it fills the column "memory" where one compares families. Networks are
fresh, for a trained one takes as much, and so are the pictures. Memory is what tensors occupy, the
same everywhere: the weights, their optimizers' memory and slow copies, and the most that one
training step, or one drawing, adds.
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from course_lib.bench.costs import peak_bytes
from course_lib.data import Batch
from course_lib.painters import Painter, noise_shape, paint_from
from course_lib.recipes import FAMILIES, Recipe, digit_recipe
from course_lib.recipes.jobs import Job
from course_lib.recipes.pictures import SHAPES, picture_job
from course_lib.runtime import noise
from course_lib.training import EMA

BATCH = 64


def measure(seed: int, data: tuple[str, ...] = ("digits", "catalog", "fashion")) -> dict:
    """Weigh all families on all data: a few processor seconds.

    Returns:
        {data: {family: {parameters: to learn, train_mb: memory to train a batch of 64, draw_mb:
        memory that drawing one picture adds to the weights}}}.
    """
    return {name: {family: needs(family, name, seed) for family in FAMILIES} for name in data}


def needs(family: str, data: str, seed: int) -> dict[str, float]:
    """Return what one family needs on one kind of data, see `measure`."""
    trainee = digit_recipe(family, seed) if data == "digits" else picture_job(family, data, seed)
    step, players = trainee.step, trainee.players
    shape = SHAPES[data]
    x = noise(BATCH, shape["channels"], shape["size"], shape["size"], seed=seed).tanh()
    label = torch.zeros(BATCH, _questions(players), dtype=torch.int64, device=x.device)
    batch = Batch(x, label)  # what pictures show does not change what they cost
    step(batch, **players)  # an optimizer remembers only after its first step
    draw = _drawer(family, data, trainee)
    return {
        "parameters": sum(p.numel() for net in _networks(players) for p in net.parameters()),
        "train_mb": (standing_bytes(players) + peak_bytes(lambda: step(batch, **players))) / 1e6,
        "draw_mb": peak_bytes(draw) / 1e6,
    }


def standing_bytes(players: dict) -> int:
    """Return the memory that lies between two training steps: weights, slow copies, optimizers."""
    nets = _networks(players) + [p.model for p in players.values() if isinstance(p, EMA)]
    tensors = [t for net in nets for t in (*net.parameters(), *net.buffers())]
    for player in players.values():
        if isinstance(player, torch.optim.Optimizer):
            remembered = (value for state in player.state.values() for value in state.values())
            tensors += [value for value in remembered if isinstance(value, Tensor)]
    return sum(tensor.nbytes for tensor in tensors)


def _networks(players: dict) -> list[nn.Module]:
    return [player for player in players.values() if isinstance(player, nn.Module)]


def _questions(players: dict) -> int:
    """Return how many answers a family's networks are told about each picture; 1 if none."""
    told = [net.conditions.tables for net in _networks(players) if hasattr(net, "conditions")]
    return len(told[0]) if told else 1


def _drawer(family: str, data: str, trainee: Recipe | Job) -> Callable[[], Tensor]:
    if data == "digits":
        return lambda: trainee.draw(noise(1, 64, seed=0))
    painter = Painter(family, data, trainee.model, tuple(trainee.config.get("answers", ())))
    unsaid = torch.full((1, len(painter.answers)), -1)
    return lambda: paint_from(painter, noise(1, *noise_shape(painter), seed=0), unsaid)
