"""`python -m autograd_core build "relu(w*x + b)" w=2 x=3 b=1`: write the builder, opened at a graph, and open it."""

from __future__ import annotations

import argparse
from typing import Any

from autograd_core.formulas.assignments import evaluate
from autograd_core.show.builder.page import FIRST, builder_page
from autograd_core.show.page.page_command import add_page_options, write_and_open


def add(commands: Any) -> None:
    """Add the command to the parsers of subcommands `commands`."""
    command = commands.add_parser(
        "build",
        help="a page on which a computation graph is built by hand",
        description="Write the builder, one file that needs neither Python nor a network, and open it at EXPRESSION.",
    )
    command.set_defaults(run=run_builder)
    command.add_argument("--exercise", action="store_true", help="open it as an exercise: its gradients are filled in")
    command.add_argument("expression", metavar="EXPRESSION", nargs="?", help='such as "relu(w*x + b)"')
    command.add_argument("inputs", metavar="NAME=NUMBER", nargs="*", help="the value of each name, such as x=3")
    add_page_options(command, "builder.html")


def run_builder(options: argparse.Namespace) -> None:
    """The command. Raises `ExpressionError` where the expression or an input cannot be understood."""
    program = FIRST
    if options.expression is not None:
        evaluate(options.expression, options.inputs)
        program = "\n".join([*(text.replace("=", " = ") for text in options.inputs), options.expression.strip()])
    write_and_open(builder_page(program), options, "exercise=1" if options.exercise else "")
