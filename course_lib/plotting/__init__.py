"""Figures that describe themselves: each has a title that states the finding, and alt text.

A figure is shown as a picture with its description attached, and closed, so that nothing piles up.
"""

from course_lib.plotting.arrows import Field, show_fields
from course_lib.plotting.charts import show_curves, show_points
from course_lib.plotting.clouds import show_clouds, show_densities, show_film, show_histograms
from course_lib.plotting.images import image_grid, show_images
from course_lib.plotting.output import as_table, publish, show_table
from course_lib.plotting.panels import show_curve_panels, show_shares
from course_lib.plotting.steps import show_steps, stepper
from course_lib.plotting.tradeoffs import show_tradeoffs

__all__ = [
    "Field",
    "as_table",
    "image_grid",
    "publish",
    "show_clouds",
    "show_curve_panels",
    "show_curves",
    "show_densities",
    "show_fields",
    "show_film",
    "show_histograms",
    "show_images",
    "show_points",
    "show_shares",
    "show_steps",
    "show_table",
    "show_tradeoffs",
    "stepper",
]
