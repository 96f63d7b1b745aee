"""The command line: `python -m course_lib --help`."""

import argparse
import sys
from pathlib import Path

from course_lib.bench import FAMILIES
from course_lib.commands.bench import bench_command
from course_lib.commands.claims import claims_command
from course_lib.commands.reference import reference_command
from course_lib.commands.results import results_command
from course_lib.commands.sample import sample_command
from course_lib.commands.score import score_command
from course_lib.commands.train import JUDGES, train_command
from course_lib.experiments import CROWDS, EXPERIMENTS
from course_lib.recipes.pictures import JOBS, SHAPES

SAMPLES = "`images`, uint8 (N, H, W, C); grey photographs may be 28x28"

COMPILE = "fuse small operations first (torch.compile; needs a C++ compiler): for long runs"


def main(words: list[str] | None = None) -> int:
    """Run one command: 0 if all went well, 1 after one sentence on stderr, 130 if stopped."""
    given = _parser().parse_args(words)
    try:
        return given.run(given)
    except (ValueError, OSError) as error:  # the course's own errors say what to do
        print(f"course_lib: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("course_lib: stopped before there was anything to save", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("course_lib", description="From Noise to Novelty.")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    train = commands.add_parser("train", help="train a network and keep its weights with a card")
    train.set_defaults(run=train_command)
    train.add_argument("what", choices=(*JOBS, *JUDGES), help="what to train")
    train.add_argument("--data", required=True, choices=tuple(SHAPES))
    length = train.add_mutually_exclusive_group()
    length.add_argument("--steps", type=_positive(int), help="how long, in steps")
    length.add_argument("--seconds", type=_positive(float), help="how long, in seconds")
    train.add_argument("--seed", type=int, default=0)
    train.add_argument("--out", type=Path, metavar="DIR", help="by default runs/WHAT-DATA")
    train.add_argument("--resume", action="store_true", help="go on where a stopped run left off")
    train.add_argument("--compile", action="store_true", help=COMPILE)
    sample = commands.add_parser("sample", help="make new pictures with trained weights")
    sample.set_defaults(run=sample_command)
    sample.add_argument("family", choices=tuple(JOBS))
    sample.add_argument("--data", required=True, choices=tuple(SHAPES))
    sample.add_argument("-n", type=_positive(int), default=64, help="how many (64)")
    sample.add_argument("--seed", type=int, default=0)
    sample.add_argument("--steps", type=_positive(int), help="passes a picture (24; diffusion)")
    wish = sample.add_mutually_exclusive_group()
    wish.add_argument("--label", type=int, metavar="K", help="the class; of the catalog, the kind")
    wish.add_argument("--caption", metavar="TEXT", help='"a small red striped mug, tilted left"')
    sample.add_argument(
        "--guidance", type=float, metavar="W", help="0 ignores wishes, 1 heeds them"
    )
    sample.add_argument(
        "--between",
        type=float,
        nargs=2,
        metavar=("LOW", "HIGH"),
        help="the log SNR between which guidance holds (everywhere)",
    )
    sample.add_argument(
        "--contrast",
        type=_positive(float),
        default=1.0,
        metavar="C",
        help="above 1, what is nearly black or white becomes so (1)",
    )
    sample.add_argument("--weights", type=Path, metavar="FILE", help="by default the course's own")
    sample.add_argument("--out", type=Path, required=True, metavar="FILE.{npz,png}")
    score = commands.add_parser("score", help="measure anybody's samples, from an npz file")
    score.set_defaults(run=score_command)
    score.add_argument("file", type=Path, metavar="FILE.npz", help=SAMPLES)
    score.add_argument("--data", required=True, choices=tuple(SHAPES))
    reference = commands.add_parser("reference", help="make the weights that come with the course")
    reference.set_defaults(run=reference_command)
    reference.add_argument("names", nargs="*", metavar="FAMILY-DATA", help="by default all of them")
    reference.add_argument("--compile", action="store_true", help=COMPILE)
    results = commands.add_parser("results", help="measure long experiments and store the numbers")
    results.set_defaults(run=results_command)
    known = ", ".join((*EXPERIMENTS, *CROWDS))
    results.add_argument("names", nargs="*", metavar="NAME", help=f"of {known}")
    claims = commands.add_parser("claims", help="decide the articles' claims and write the page")
    claims.set_defaults(run=claims_command)
    bench = commands.add_parser("bench", help="ours beside what a learner would otherwise pick")
    bench.set_defaults(run=bench_command)
    bench.add_argument("--seconds", type=_positive(float), default=600.0, help="a model (600)")
    bench.add_argument("--only", choices=FAMILIES, action="append", help="this family; repeatable")
    bench.add_argument("--seed", type=int, default=0)
    bench.add_argument("--page", action="store_true", help="only write the page again")
    bench.add_argument("--out", type=Path, default=Path("docs/benchmarks.md"), metavar="FILE.md")
    return parser


def _positive(kind: type):
    def read(word: str):
        value = kind(word)
        if not 0 < value < float("inf"):
            raise argparse.ArgumentTypeError(f"must be above 0, got {word}")
        return value

    read.__name__ = {int: "whole number", float: "number"}[kind]  # for argparse's own message
    return read


if __name__ == "__main__":
    sys.exit(main())
