"""`python -m course_lib bench`: ours beside what a learner would otherwise pick."""

import argparse
import shlex
import shutil
from pathlib import Path

from course_lib.bench import FAMILIES, claims, measure_family, table, write_page
from course_lib.commands.train import say
from course_lib.results import store


def bench_command(given: argparse.Namespace) -> int:
    """Measure what was asked for, by default all three families; store it, then write the page.

    A model that is finished waits in runs/bench, so that a run that was stopped goes on there.
    """
    for family in () if given.page else given.only or FAMILIES:
        waiting = Path("runs") / "bench" / f"{family}-{given.seconds:g}-{given.seed}"
        values = measure_family(family, given.seconds, given.seed, waiting, say)
        words = ["bench", "--only", family, "--seconds", f"{given.seconds:g}"]
        command = shlex.join(["python", "-m", "course_lib", *words, "--seed", str(given.seed)])
        store(f"bench_{family}", values, [given.seed], command)
        shutil.rmtree(waiting)  # the next run measures anew
        say(f"\n{table({family: values})}\n{claims({family: values})}")
    say(f"The page is in {write_page(given.out)}")
    return 0
