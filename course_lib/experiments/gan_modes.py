"""The mode counts of the PacGAN paper, with its data, networks and scorer, and fewer steps.

From the authors' code: a generator of four hidden layers of 400 with batch norm, a detective of
three maxout layers of 200 (five pieces), Adam with rate 1e-4 and beta1 0.8, batches of 100 packs,
2,500 points drawn. They train for 400 passes over 100,000 points, 400,000 rounds; we for N_ROUNDS.
And their players move at the same time, ours in turns. The published table is in PUBLISHED.

The rule, set before the first run: with a 400th of their rounds no number has to agree. The table
is *confirmed in its order* if PacGAN2's mean reverse KL is below the GAN's on both sets of points.
"""

from course_lib.experiments.ring_runs import Plan, train_and_count
from course_lib.recipes.cures import cure_recipe

N_ROUNDS = 999
PARTS = ("ring, GAN", "ring, PacGAN2", "grid, GAN", "grid, PacGAN2")
SEEDS = range(10)

# Table 1 of Lin et al. 2018, arXiv:1712.04086: mean and standard error over ten runs.
PUBLISHED = {
    "ring, GAN": {"modes": (6.3, 0.5), "near": (0.982, 0.002), "reverse_kl": (0.45, 0.09)},
    "ring, PacGAN2": {"modes": (7.9, 0.1), "near": (0.956, 0.020), "reverse_kl": (0.07, 0.03)},
    "grid, GAN": {"modes": (17.3, 0.8), "near": (0.948, 0.007), "reverse_kl": (0.70, 0.07)},
    "grid, PacGAN2": {"modes": (23.8, 0.7), "near": (0.913, 0.008), "reverse_kl": (0.13, 0.04)},
}


def measure(part: str) -> dict:
    """Train ten seeds on the ring or the grid: five to ten minutes of one processor core."""
    data, kind = part.split(", ")
    cure, pack = {"GAN": ("PacGAN's GAN", 1), "PacGAN2": ("PacGAN2", 2)}[kind]
    plan = Plan(data, SEEDS, (1e-4,), N_ROUNDS, batch_size=100 * pack, scaled=False)
    return train_and_count(lambda seed, rate: cure_recipe(cure, seed, rate), plan)
