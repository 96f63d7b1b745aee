"""A run that is too short to be resumed, as experiments need it."""

import tempfile
from pathlib import Path

from course_lib.recipes.jobs import Job
from course_lib.runs.loop import Outcome, train


def train_at_once(job: Job, seed: int, n_steps: int) -> Outcome:
    """Train a job as `train` does, from beginning to end, and keep nothing on disk.

    Raises:
        KeyboardInterrupt: if somebody stopped it: half a training is no measurement.
    """
    with tempfile.TemporaryDirectory() as folder:
        ended = train(job, Path(folder), seed, n_steps, say=lambda line: None)
    if not ended.finished:
        raise KeyboardInterrupt
    return ended
