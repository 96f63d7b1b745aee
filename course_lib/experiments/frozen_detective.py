"""What does the forger do with a detective who has stopped learning? The ring of eight.

After 240 rounds the detective is frozen and the forger takes 400 more moves; beside it the same
game goes on for 400 rounds. Counted are the targets that 150 forged points reach.

The rule (written after a first look at these seeds): "two networks compete" (claim 12) needs the
detective to go on learning if the frozen game reaches fewer targets than the one played on, in 4 of
5 seeds.
"""

from copy import deepcopy

import torch

from course_lib.data import Batch, load, stream
from course_lib.data.points import ring
from course_lib.losses import bce
from course_lib.recipes import gan_step, point_recipe
from course_lib.runtime import noise
from course_lib.sampling import decode
from course_lib.training import descend, fit

ROUNDS, MOVES, N_POINTS = 240, 400, 150
NEAR = 0.15  # the ring has radius 1, each target a standard deviation of 0.01


def measure(seed: int) -> dict:
    """Play, freeze, and play on: about six seconds.

    Returns:
        {before, frozen, on: how many of the 8 targets have a forged point near}.
    """
    train = load("ring").train
    points = Batch(train.x / train.x.std(), train.label)
    game, batches = point_recipe("gan", seed).players, stream(points, 256, seed)
    fit(gan_step, batches, ROUNDS, **game)
    frozen = deepcopy(game)  # both networks and both optimizers, still tied to each other
    for move in range(MOVES):
        fake = frozen["G"](noise(256, 2, seed=move))
        descend(bce(frozen["D"](fake), 1.0), frozen["opt_G"])
    found = {"before": targets(game["G"], seed), "frozen": targets(frozen["G"], seed)}
    fit(gan_step, batches, MOVES, **game)
    return found | {"on": targets(game["G"], seed)}


def targets(G: torch.nn.Module, seed: int) -> int:
    """Count the targets of the ring that 150 points of a forger reach."""
    z = noise(N_POINTS, G.latent_dim, seed=5000 + seed)
    x = decode(G, z).cpu().double() * load("ring", "cpu").train.x.std().item()
    distance, mode = torch.cdist(x, ring().centres).min(dim=1)
    return len(mode[distance < NEAR].unique())
