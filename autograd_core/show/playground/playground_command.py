"""`python -m autograd_core playground`: write the page and open it."""

from __future__ import annotations

import argparse
from typing import Any

from autograd_core.show.page.page_command import add_page_options, write_and_open
from autograd_core.show.playground.page import playground_page
from autograd_core.show.playground.presets import PRESETS

OPTIONS = ("--exercise",)


def add(commands: Any) -> None:
    """Add the command to the parsers of subcommands `commands`."""
    command = commands.add_parser(
        "playground",
        help="a page that trains a network and shows the chain rule in it",
        description="Write the playground, one file that needs neither Python nor a network, and open it.",
    )
    command.set_defaults(run=run_playground)
    add_page_options(command, "playground.html")
    names = [preset.name for preset in PRESETS]
    command.add_argument("--exercise", choices=names, metavar="NAME", help=f"open it at one of {', '.join(names)}")


def run_playground(options: argparse.Namespace) -> None:
    """The command."""
    write_and_open(playground_page(), options, f"preset={options.exercise}" if options.exercise else "")
