"""What it takes to run each family: memory, processor time and passes, for a picture and a batch.

No verdict hangs on it: it fills the columns "speed" and "memory" where one compares families.
Networks are fresh, for a trained one costs the same. Seconds are those of the processor, so that a
busy machine changes little; memory is what tensors occupy, the same everywhere: the weights, their
optimizers' memory and slow copies, and the most that one training step adds.
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from course_lib.bench.costs import peak_bytes, seconds_for
from course_lib.data import Batch
from course_lib.recipes import FAMILIES, Recipe, digit_recipe
from course_lib.recipes.jobs import Job
from course_lib.recipes.pictures import SHAPES, picture_job
from course_lib.runtime import noise
from course_lib.sampling import Guided, decode, evaluating, second_order
from course_lib.schedules import cosine_alpha_bar
from course_lib.training import EMA

BATCH, N_PASSES = 64, {"vae": 1, "gan": 1, "diffusion": 24}
LEAST, ROUNDS = 0.1, 1  # processor seconds a round, and rounds


def measure(seed: int, data: tuple[str, ...] = ("digits", "catalog", "fashion")) -> dict:
    """Time and weigh all families on all data: 15 processor seconds.

    Returns:
        {data: {family: {parameters: to learn, passes: for a picture, alone_ms: a picture drawn
        alone, crowd_ms: one drawn with 63 others, train_mb: memory to train a batch of 64,
        draw_mb: memory to draw a picture}}}.
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
    passes = trainee.n_passes if data == "digits" else N_PASSES[family]
    alone, crowd = (seconds_for(lambda n=n: draw(n), LEAST, ROUNDS) / n for n in (1, BATCH))
    return {
        "parameters": sum(p.numel() for net in _networks(players) for p in net.parameters()),
        "passes": passes,
        "alone_ms": 1000 * alone,
        "crowd_ms": 1000 * crowd,
        "train_mb": (standing_bytes(players) + peak_bytes(lambda: step(batch, **players))) / 1e6,
        "draw_mb": peak_bytes(lambda: draw(1)) / 1e6,
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


def _drawer(family: str, data: str, trainee: Recipe | Job) -> Callable[[int], Tensor]:
    if data == "digits":
        return lambda n: trainee.draw(noise(n, 64, seed=0))
    model, shape = trainee.model, SHAPES[data]
    pixels = (shape["channels"], shape["size"], shape["size"])
    start = pixels if family == "diffusion" else (model.latent_dim + (family == "vae"),)
    return lambda n: _pictures(family, model, noise(n, *start, seed=0))


def _pictures(family: str, model: nn.Module, z: Tensor) -> Tensor:
    """Return pictures that nobody asks for anything."""
    if family == "vae":
        return decode(model, model.prior(z))
    unsaid = torch.full((len(z), len(model.conditions.tables)), -1, device=z.device)
    if family == "gan":
        with evaluating(model):
            return model(z, unsaid)
    alpha_bar = cosine_alpha_bar(1000).to(z.device)
    return second_order(Guided(model, alpha_bar, unsaid), z, alpha_bar, N_PASSES[family])
