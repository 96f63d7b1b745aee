"""Long runs: from a job to weights on disk, stoppable at any moment.

DIR/weights.safetensors   the network to use, once the run is complete; its card beside it
DIR/resume/               what a stopped run needs to go on as if it had not been stopped
"""

from course_lib.runs.at_once import train_at_once
from course_lib.runs.loop import Outcome, train
from course_lib.runs.state import load_state, save_state
from course_lib.runs.workers import Workers

__all__ = ["Outcome", "Workers", "load_state", "save_state", "train", "train_at_once"]
