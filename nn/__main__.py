"""The command line: `python -m nn train moons`, `train --data file.csv --target column`, or `train names`."""

from __future__ import annotations

import argparse
import math
import os
import sys
from collections.abc import Sequence
from io import TextIOWrapper

from autograd_core import AutogradError
from autograd_core.formulas.labels import visible_lines
from nn.train_command import GENERATED, NAMES, REAL, train


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit status: 0, or 2 after an error."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # A Windows console may have an encoding without →, and a name may not be text at all.
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    parser = _parser()
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    if not arguments:
        parser.print_help()
        return 0
    options = parser.parse_args(arguments)
    try:
        train(options)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (AutogradError, ImportError, OSError, ValueError) as problem:
        print(f"error: {visible_lines(str(problem))}", file=sys.stderr)
        return 2
    return 0


def _sizes(text: str) -> list[int]:
    try:
        sizes = [int(size) for size in text.split(",") if size.strip()]
    except ValueError:
        sizes = [0]
    if min(sizes, default=1) < 1:
        raise argparse.ArgumentTypeError(f"write the sizes of the hidden layers as 16,16, got {text!r}")
    return sizes


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"a whole number, at least 1, got {text!r}")
    return int(text)


def _rate(text: str) -> float:
    try:
        rate = float(text)
    except ValueError:
        rate = math.nan
    if not 0.0 < rate < math.inf:
        raise argparse.ArgumentTypeError(f"a number above 0, such as 0.01, got {text!r}")
    return rate


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m nn", description="Train a small neural network. Start with: python -m nn train moons"
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    command = commands.add_parser(
        "train",
        help="train a network on a data set or a CSV file",
        description="Train a multi-layer perceptron; print its accuracy and write a picture. `train names` trains a "
        "GPT on names, letter by letter, and prints twenty that it invents.",
    )
    command.add_argument(
        "dataset",
        nargs="?",
        choices=(*GENERATED, *REAL, NAMES),
        metavar="DATASET",
        help=", ".join((*GENERATED, *REAL, NAMES)),
    )
    command.add_argument(
        "--data", metavar="FILE", help="a CSV file whose first line names the columns; for names a text file"
    )
    command.add_argument("--target", metavar="COLUMN", help="the column to predict; all others are inputs")
    command.add_argument(
        "--ignore", metavar="COLUMN", action="append", default=[], help="leave a column out (repeatable)"
    )
    command.add_argument(
        "--task",
        choices=("auto", "classes", "number"),
        default="auto",
        help="what the target is; auto: classes if it is text or at most ten whole numbers",
    )
    command.add_argument("--hidden", type=_sizes, metavar="SIZES", help="hidden layers, by default 16,16")
    command.add_argument("--epochs", type=_count, metavar="N", help="by default 100 (spirals 300, digits 30, names 12)")
    command.add_argument("--learning-rate", type=_rate, default=0.01, metavar="RATE", help="of Adam, by default 0.01")
    command.add_argument("--seed", type=int, default=0, metavar="N", help="of data, weights and order, by default 0")
    command.add_argument("--backend", default="auto", metavar="NAME", help="auto, eager, or one of the compiler's")
    command.add_argument("--save", metavar="FILE", help="write the model, such as model.safetensors (read by nn.load)")
    command.add_argument("--plot", metavar="FILE", help="the picture, by default DATASET-training.png (names: none)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
