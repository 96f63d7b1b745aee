"""Stored numbers side by side, as one needs them to choose.

boards    the rungs: digits, catalog, photographs; a column for each thing one may care about
tasks     single tasks that the rungs say nothing about, such as finding faults
effort    what a beginner has to read, to choose and to wait for
headline  the course in one table
"""

from course_lib.scoreboard.boards import columns, described, missing
from course_lib.scoreboard.effort import effort
from course_lib.scoreboard.headline import headline
from course_lib.scoreboard.tasks import TASKS, task

__all__ = ["TASKS", "columns", "described", "effort", "headline", "missing", "task"]
