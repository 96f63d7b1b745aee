"""Families ready to train: each one's step, and the settings that were found to work."""

from course_lib.recipes.beyond_pictures import table_step, taste_step, token_step
from course_lib.recipes.digits import FAMILIES, digit_recipe
from course_lib.recipes.flow import flow_step, student_step
from course_lib.recipes.points import point_recipe
from course_lib.recipes.steps import Recipe, ddpm_step, gan_step, vae_step
from course_lib.recipes.told_gan import told_gan_step

__all__ = [
    "FAMILIES",
    "Recipe",
    "ddpm_step",
    "digit_recipe",
    "flow_step",
    "gan_step",
    "point_recipe",
    "student_step",
    "table_step",
    "taste_step",
    "token_step",
    "told_gan_step",
    "vae_step",
]
