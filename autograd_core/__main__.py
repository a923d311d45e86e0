"""The command line: `python -m autograd_core explain "ln(x1) + x1*x2 - sin(x2)" x1=2 x2=5`."""

from __future__ import annotations

import argparse
import os
import sys
import webbrowser
from collections.abc import Callable, Sequence
from io import TextIOWrapper
from pathlib import Path

from autograd_core.atomic_write import write_whole
from autograd_core.errors import AutogradError, ExpressionError
from autograd_core.formulas.assignments import evaluate
from autograd_core.formulas.labels import visible_lines
from autograd_core.formulas.text_report import print_report
from autograd_core.practice.classroom import class_command
from autograd_core.practice.quiz import command as quiz_command
from autograd_core.show.builder import builder_command
from autograd_core.show.page import page_command
from autograd_core.show.picture.picture import Picture, draw
from autograd_core.show.playground import playground_command
from autograd_core.show.stepper.explain import Explanation, explain
from autograd_core.show.stepper.ledger import ledger

EXAMPLE = ["explain", "ln(x1) + x1*x2 - sin(x2)", "x1=2", "x2=5"]
FLAGS = ("mode", "inside", "learning-rate", "steps", "json", "open")
PICTURES = ("svg", "png", "pdf", "dot")
DOCUMENTS = {
    "tex": "the derivation in LaTeX",
    "gif": "the step-through as a film",
    "html": "the step-through as a page that needs no network",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit status: 0, 1 after wrong answers to a quiz, 2 after an error."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # A Windows console may be set to an encoding without ∂, and an argument may be no text at all.
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    words = list(sys.argv[1:] if arguments is None else arguments)
    options = _parser().parse_args(_protect_expressions(words or EXAMPLE))
    status = 0
    try:
        if not words:
            print(f"A worked example: {EXAMPLE[1]} at {', '.join(EXAMPLE[2:])}\n")
        status = options.run(options) or 0
        if not words:
            print(f'\nYour own: python -m autograd_core explain "{EXAMPLE[1]}" x1=2 x2=5')
            print("--svg graph.svg draws its picture; --help lists the rest.")
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (AutogradError, OSError, ValueError) as problem:
        print(f"error: {visible_lines(str(problem))}", file=sys.stderr)
        return 2
    return status


def _explain(options: argparse.Namespace) -> None:
    output = evaluate(options.expression, options.inputs)
    files = [(kind, path) for kind in (*PICTURES, *DOCUMENTS) if (path := getattr(options, kind)) is not None]
    for kind, path in files:
        if Path(path).suffix.lower() != f".{kind}":
            raise ExpressionError(f"--{kind} needs a file name that ends in .{kind}, got {path!r}")
    if options.open and not files:
        raise ExpressionError("--open shows a file in the browser: add one, such as --html steps.html")
    opened = "all" if options.inside == "all" else [name for name in options.inside.split(",") if name]
    if options.steps is not None and options.learning_rate is None:
        raise ExpressionError("--steps counts steps of gradient descent: add --learning-rate, such as 0.1")
    explanation = explain(
        output, options.mode, opened, options.learning_rate, 1 if options.steps is None else options.steps
    )
    if options.json:
        print(explanation.to_json())
    else:
        print_report(ledger(explanation.record))
    output.backward()
    for kind, path in files:
        _write(kind, path, explanation, lambda: draw(output, open=opened))
        print(f"wrote {visible_lines(path)}", file=sys.stderr if options.json else sys.stdout)
    if options.open:
        webbrowser.open(Path(files[-1][1]).resolve().as_uri())


def _write(kind: str, path: str, explanation: Explanation, picture: Callable[[], Picture]) -> None:
    try:
        if kind in PICTURES:
            picture().save(path)
        elif kind == "html":
            explanation.to_html(path)
        elif kind == "gif":
            explanation.to_gif(path)
        else:
            write_whole(Path(path), explanation.to_latex().encode())
    except OSError as problem:
        raise OSError(f"cannot write {path!r}: {problem.strerror or problem}") from None


def _protect_expressions(arguments: list[str]) -> list[str]:
    """Put a space before an expression that begins with a minus sign, which argparse would read as an option."""
    options = (
        "-h",
        "--help",
        *(f"--{name}" for name in (*FLAGS, *PICTURES, *DOCUMENTS)),
        *quiz_command.OPTIONS,
        *class_command.OPTIONS,
        *playground_command.OPTIONS,
        *page_command.OPTIONS,
    )
    return [
        f" {word}" if word.startswith("-") and word.partition("=")[0] not in options else word for word in arguments
    ]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m autograd_core",
        description="Explain every step of the chain rule. Without a command: an example.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    command = commands.add_parser(
        "explain",
        help="explain an expression: forward trace, backward trace, gradient, picture",
        description="Print every step of computing and differentiating EXPRESSION, and draw its graph.",
    )
    command.set_defaults(run=_explain)
    command.add_argument("expression", metavar="EXPRESSION", help='such as "ln(x1) + x1*x2 - sin(x2)"')
    command.add_argument("inputs", metavar="NAME=NUMBER", nargs="*", help="the value of each name, such as x1=2")
    command.add_argument(
        "--mode", choices=("reverse", "forward"), default="reverse", help="the direction of the chain rule"
    )
    command.add_argument(
        "--inside",
        default="",
        metavar="NAMES",
        help='functions to show as their primitives, such as "sigmoid,gelu", or all',
    )
    command.add_argument(
        "--learning-rate", type=float, metavar="RATE", help="add gradient descent: value - RATE x gradient"
    )
    command.add_argument("--steps", type=int, metavar="N", help="the number of steps of gradient descent, 1 by default")
    command.add_argument("--json", action="store_true", help="print the same record as JSON")
    for suffix in PICTURES:
        command.add_argument(f"--{suffix}", metavar="FILE", help=f"write the picture of the graph as {suffix}")
    for kind, what in DOCUMENTS.items():
        command.add_argument(f"--{kind}", metavar="FILE", help=f"write {what}")
    command.add_argument("--open", action="store_true", help="show the last file written, in the browser")
    quiz_command.add(commands)
    class_command.add(commands)
    playground_command.add(commands)
    builder_command.add(commands)
    return parser


if __name__ == "__main__":
    sys.exit(main())
