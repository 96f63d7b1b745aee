"""From noise to pictures. The noise is always an argument, so it can be shown, kept and shared.

Every sampler runs the model in eval mode without gradients and puts its mode back afterwards.
"""

from course_lib.sampling.ddim import Step, ddim, ddim_path, ddpm, timesteps
from course_lib.sampling.editing import Holding, redraw
from course_lib.sampling.flow import flow, flow_path
from course_lib.sampling.guidance import EVERYWHERE, Guided
from course_lib.sampling.inversion import invert
from course_lib.sampling.one_pass import decode, evaluating
from course_lib.sampling.paths import arc, detour, jerk, straight
from course_lib.sampling.second_order import second_order
from course_lib.sampling.targets import TARGETS, AsNoise, as_noise, asked_for

__all__ = [
    "EVERYWHERE",
    "TARGETS",
    "AsNoise",
    "Guided",
    "Holding",
    "Step",
    "arc",
    "as_noise",
    "asked_for",
    "ddim",
    "ddim_path",
    "ddpm",
    "decode",
    "detour",
    "evaluating",
    "redraw",
    "flow",
    "flow_path",
    "invert",
    "jerk",
    "second_order",
    "straight",
    "timesteps",
]
