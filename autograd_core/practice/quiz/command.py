"""`python -m autograd_core quiz ...`: an exercise in the terminal or as a page to hand out."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from autograd_core.errors import ExpressionError
from autograd_core.formulas.assignments import evaluate
from autograd_core.formulas.labels import visible_text
from autograd_core.formulas.text_report import print_report
from autograd_core.practice.quiz.exercise import Quiz
from autograd_core.practice.quiz.export.exports import Exports
from autograd_core.practice.quiz.questions import GROUPS
from autograd_core.practice.quiz.quiz import quiz

# Of the files: the suffix, and what is written.
FILES = {
    "html": (".html", "the exercise as a page that needs no network"),
    "moodle": (".xml", "it as a question for Moodle, with the answers"),
    "qti": (".zip", "it as a package of QTI 2.1 for other systems, with the answers"),
    "nbgrader": (".ipynb", "it as a notebook for nbgrader, with solutions and hidden tests"),
    "otter": (".ipynb", "it as a notebook for otter assign, with solutions and hidden tests"),
}
OPTIONS = (
    *("--seed", "--level", "--variants", "--ask", "--rate", "--tolerance", "--answer", "--key"),
    *(f"--{kind}" for kind in FILES),
)


def add(commands: Any) -> None:
    """Add the command to the parsers of subcommands `commands`."""
    command = commands.add_parser(
        "quiz",
        help="an exercise: gradients to fill in, and the mistake behind a wrong answer",
        description="Ask for the gradients of EXPRESSION, or of a graph generated from --seed, and diagnose answers. "
        "The exit status is 1 if an answer is wrong.",
    )
    command.set_defaults(run=run)
    command.add_argument("expression", metavar="EXPRESSION", nargs="?", help='such as "ln(x1) + x1*x2 - sin(x2)"')
    command.add_argument("inputs", metavar="NAME=NUMBER", nargs="*", help="the value of each name, such as x1=2")
    command.add_argument(
        "--seed", metavar="NAME", help="generate a graph, a different one for each name or number of a student"
    )
    command.add_argument("--level", type=int, metavar="N", help="of a generated graph: 1 (the default) to 6")
    command.add_argument(
        "--ask", metavar="WHAT", help=f"{', '.join(GROUPS)}, or names such as x1,v2/x1 (a partial) and v2->x1"
    )
    command.add_argument(
        "--rate", type=float, metavar="RATE", help="a learning rate: --ask x1_new asks for x1 after a step"
    )
    command.add_argument(
        "--tolerance", type=float, metavar="SHARE", help="accept answers within this share, such as 0.02 for 2%%"
    )
    command.add_argument("--answer", metavar="NAME=NUMBER", nargs="+", action="extend", help="check answers")
    command.add_argument("--key", action="store_true", help="print the right answers, for the teacher")
    for kind, (_, what) in FILES.items():
        command.add_argument(f"--{kind}", metavar="FILE", help=f"write {what}")
    command.add_argument(
        "--variants", type=int, metavar="N", help="write N exercises of the level to one file, a pool to draw from"
    )


def run(options: argparse.Namespace) -> int:
    """Run the command. Returns 1 if an answer is wrong or missing, else 0."""
    files = {kind: path for kind in FILES if (path := getattr(options, kind)) is not None}
    if options.variants is not None:
        return _write_pool(options, files)
    exercise = _exercise(options)
    for kind, path in files.items():
        _write(exercise, kind, path)
    status = 0
    if options.answer:
        result = exercise.check(_answers(options.answer))
        drill = exercise.next_drill()
        isolate = [f"To isolate it, next: python -m autograd_core quiz {drill.command()}"] if drill else []
        print_report([*result.parts(), *isolate])
        status = 0 if result.passed else 1
    elif not files and not options.key:
        *parts, _ = exercise.parts()  # the last line says how to answer in Python
        print_report([*parts, "Answer with this command and --answer NAME=NUMBER ..."])
    if options.key:
        print("\n".join(f"{visible_text(name)} = {number!r}" for name, number in exercise.key().items()))
    return status


def _exercise(options: argparse.Namespace) -> Quiz:
    if options.expression is None:
        if options.seed is None:
            raise ExpressionError(
                'there is nothing to ask about: give an expression, such as "x*x" x=3, or --seed NAME'
            )
        if (options.ask, options.tolerance, options.rate) != (None, None, None):
            raise ExpressionError(
                "--ask, --tolerance and --rate go with an expression; a generated exercise has its own"
            )
        seed = options.seed.strip()
        return quiz.generate(seed, 1 if options.level is None else options.level)
    if options.seed is not None or options.level is not None:
        raise ExpressionError("--seed and --level generate a graph: leave out the expression, or these two options")
    ask = options.ask
    if ask is not None and ask not in GROUPS:
        ask = [name.strip() for name in ask.split(",") if name.strip()]
    return quiz(evaluate(options.expression, options.inputs), ask, options.tolerance, rate=options.rate)


def _answers(assignments: list[str]) -> dict[str, str]:
    answers: dict[str, str] = {}
    for assignment in assignments:
        name, equals, number = assignment.strip().rpartition("=")
        if not equals or not name:
            raise ExpressionError(f"{assignment!r} is not an answer: write NAME=NUMBER, such as x1=5.5")
        if name in answers:
            raise ExpressionError(f"{name!r} is answered twice: {assignment!r} comes after {name}={answers[name]}")
        answers[name] = number
    return answers


def _write_pool(options: argparse.Namespace, files: dict[str, str]) -> int:
    if options.expression is not None or options.answer or options.key or "html" in files or not files:
        kinds = [f"--{kind}" for kind in FILES if kind != "html"]
        raise ExpressionError(
            f"--variants writes generated exercises to one file: give {' or '.join(kinds)}, with --level and --seed"
        )
    seed, level = (options.seed or "").strip(), 1 if options.level is None else options.level
    pool = quiz.pool(options.variants, level, seed)
    for kind, path in files.items():
        _write(pool, kind, path)
    return 0


def _write(exercise: Exports, kind: str, path: str) -> None:
    suffix = FILES[kind][0]
    if Path(path).suffix.lower() != suffix:
        raise ExpressionError(f"--{kind} needs a file name that ends in {suffix}, got {path!r}")
    try:
        getattr(exercise, f"to_{kind}")(path)
    except OSError as problem:
        raise OSError(f"cannot write {path!r}: {problem.strerror or problem}") from None
    print(f"wrote {visible_text(path)}")
