"""What each worker of test_workers runs.

Words: the folder, the step at which worker 1 dies, whether to resume, and seconds a step takes.
"""

import os
import signal
import sys
import time
from pathlib import Path

from test_workers import N_STEPS, plain_job, plain_step

from course_lib.runs import Workers, loop, train

folder, last, resume, seconds = Path(sys.argv[1]), *map(float, sys.argv[2:])
workers, save_state, done = Workers(), loop.save_state, 0


def save_and_sign(path, players, progress):
    save_state(path, players, progress)
    with open(folder / "writers", "a") as file:
        file.write(f"{workers.rank}\n")


def mortal_step(batch, **players):
    global done
    done += 1
    time.sleep(seconds)
    if done == last and workers.rank == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    return plain_step(batch, **players)


loop.save_state = save_and_sign
try:
    job = plain_job(mortal_step, batch_size=8)
    ended = train(job, folder, 3, n_steps=N_STEPS, resume=bool(resume), save_every=-1)
    sys.exit(0 if ended.finished else 130)
except ConnectionError as error:
    sys.exit(f"course_lib: {error}")
