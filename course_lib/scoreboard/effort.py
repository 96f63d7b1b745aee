"""What a beginner has to read, to choose and to wait for, counted and measured for each family."""

from collections.abc import Callable

from course_lib.bench.code import code_lines, numbers_chosen
from course_lib.choosing import Column
from course_lib.losses import bce, kl_to_standard_normal, squared_error
from course_lib.models import VAE, Discriminator, Generator, UNet
from course_lib.models.layers import TimeEmbedding
from course_lib.models.unet import Block
from course_lib.recipes import ddpm_step, gan_step, vae_step
from course_lib.recipes.digits import FAMILIES
from course_lib.results import Result, stored
from course_lib.sampling import ddim, decode
from course_lib.sampling.ddim import ddim_path, guess, timesteps, walk
from course_lib.schedules import cosine_alpha_bar, noised, spread
from course_lib.scoreboard.boards import NAMES, ring
from course_lib.training import EMA

READ = {  # all that a family's digits take, besides what every training needs
    "vae": (VAE, vae_step, squared_error, kl_to_standard_normal, decode),
    "gan": (Generator, Discriminator, gan_step, bce, EMA, decode),
    "diffusion": (UNet, Block, TimeEmbedding, ddpm_step, cosine_alpha_bar, noised, spread, EMA)
    + (ddim, ddim_path, walk, guess, timesteps),
}
STEPS = {"vae": vae_step, "gan": gan_step, "diffusion": ddpm_step}


def effort(result: Callable[[str], Result] = stored) -> dict[str, Column]:
    """Return the four columns of the question which family is the easiest, lower effort is better.

    lines of code        networks, losses, step and sampler of the digits, without docstrings
    numbers to choose    those in the recipe of the digits, and the defaults of its step
    first runs that work whether a run on the ring reached its target, at any of three rates
    seconds to a sample  processor seconds until digits are within a kernel distance of 0.1

    Raises:
        FileNotFoundError: if a result is not stored.
    """
    reached, costs = result("gan_cures").values, result("running_costs").values
    by_family = {
        "lines of code": ("lower", lambda f: [float(code_lines(*READ[f]))]),
        "numbers to choose": (
            "lower",
            lambda f: [float(len(numbers_chosen(FAMILIES[f], STEPS[f])))],
        ),
        "first runs that work": ("higher", lambda f: ring(reached, f)),
        "seconds to a sample": ("lower", lambda f: costs[f]["seconds"]),
    }
    return {
        name: Column(better, {NAMES[family]: runs(family) for family in NAMES})
        for name, (better, runs) in by_family.items()
    }
