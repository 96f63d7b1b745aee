"""Run the tiny job of test_runs in a process of its own, so that it can be killed.

Words: the folder, and how many seconds to wait at each step. It resumes where there is a state.
"""

import os
import sys
import time
from pathlib import Path

import torch
from test_runs import N_STEPS, tiny_job, tiny_step

from course_lib.runs import train

os.environ["COURSE_DEVICE"] = "cpu"
torch.set_num_threads(1)
folder, wait = Path(sys.argv[1]), float(sys.argv[2])


def slow_step(batch, **players):
    time.sleep(wait)
    return tiny_step(batch, **players)


def say(line):
    print(line, flush=True)


resume = (folder / "resume" / "state.safetensors").is_file()
train(tiny_job(slow_step), folder, 3, n_steps=N_STEPS, resume=resume, save_every=-1, say=say)
