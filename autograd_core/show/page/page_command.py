"""What commands that write a page have in common: where it is written, and that the browser opens it."""

from __future__ import annotations

import argparse
import webbrowser
from pathlib import Path

from autograd_core.errors import ExpressionError
from autograd_core.formulas.labels import visible_text
from autograd_core.show.page.saved_files import save_page

OPTIONS = ("--no-browser",)


def add_page_options(command: argparse.ArgumentParser, default: str) -> None:
    """Add --html and --no-browser to the parser of a command."""
    command.add_argument("--html", default=default, metavar="FILE", help="where to write it")
    command.add_argument("--no-browser", action="store_true", help="write it only")


def write_and_open(page: str, options: argparse.Namespace, state: str = "") -> None:
    """Write the document and open it at a `state`, the part of its address after #.

    Raises `ExpressionError` for another ending than .html, OSError where the file cannot be written.
    """
    if Path(options.html).suffix.lower() != ".html":
        raise ExpressionError(f"--html needs a file name that ends in .html, got {options.html!r}")
    try:
        save_page(page, options.html)
    except OSError as problem:
        raise OSError(f"cannot write {options.html!r}: {problem.strerror or problem}") from None
    print(f"wrote {visible_text(options.html)}")
    if not options.no_browser:
        webbrowser.open(Path(options.html).resolve().as_uri() + (f"#{state}" if state else ""))
