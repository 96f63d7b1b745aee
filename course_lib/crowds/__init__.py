"""Crowds: many seeds of one recipe, trained at once as one network with stacked weights.

One seed is an anecdote. To say "at this learning rate the GAN forgets modes" takes ten, and ten
small networks leave a processor mostly waiting for the next small order. As a crowd they take each
step together, and each goes its own way. Ten seeds, five of them with a slow forger:

    recipes = [point_recipe("gan", seed) for seed in range(10)]
    for recipe in recipes[5:]:
        recipe.players["opt_G"].param_groups[0]["lr"] = 1e-4
    fit_crowd(recipes, [stream(train, 128, seed) for seed in range(10)], 3000)
    clouds = [recipe.draw(noise(1000, 2, seed=7)) for recipe in recipes]
"""

from course_lib.crowds.fitting import fit_crowd
from course_lib.crowds.players import Crowd, CrowdEMA, CrowdOptimizer

__all__ = ["Crowd", "CrowdEMA", "CrowdOptimizer", "fit_crowd"]
