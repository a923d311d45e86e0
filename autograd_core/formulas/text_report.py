"""Reports: lines of text and tables as data, printed as wide as the terminal, in its colours where it has them."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable, Iterator
from typing import Self, TextIO

from autograd_core.formulas.aligned_table import AlignedTable, Style, plain, wrap_lines
from autograd_core.formulas.labels import isolate_names

# By role, in the colours that a reader has chosen for the terminal: bold, cyan, faint, yellow and blue.
_CODES = {"title": "1", "heading": "36", "rule": "2", "positive": "33", "negative": "34"}


class MarkedLine(str):
    """A line with a role, by which a terminal colours it and a page styles it: title, positive or negative."""

    __slots__ = ("role",)
    role: str

    def __new__(cls, text: str, role: str) -> Self:
        line = super().__new__(cls, text)
        line.role = role
        return line


Part = str | AlignedTable


class Report:
    """An object that prints as lines and tables. A notebook shows the same parts as HTML."""

    __slots__ = ()

    def parts(self) -> Iterable[Part]:
        """The lines and tables; the first one names the object."""
        raise NotImplementedError(f"{type(self).__name__} has no parts.")

    def __repr__(self) -> str:
        return report_text(self.parts(), terminal_width())


def report_text(parts: Iterable[Part], width: int | None = None, style: Style = plain) -> str:
    """The parts as text. width: of the terminal, which lines fit into where words allow. There, a name from right to
    left does not reorder its neighbours; in a pipe it stays as it is."""
    text = "\n".join(_lines(parts, width, style))
    return text if width is None else isolate_names(text)


def print_report(parts: Iterable[Part]) -> None:
    """Print the parts as wide as the terminal, in colour where it has that; into a pipe in whole lines, and plain."""
    print(report_text(parts, terminal_width(), styled if has_colour(sys.stdout) else plain))


def terminal_width() -> int | None:
    """The columns of the terminal: COLUMNS where that is set; None where the output is no terminal."""
    columns = os.environ.get("COLUMNS", "")
    return shutil.get_terminal_size().columns if columns.isdecimal() or sys.stdout.isatty() else None


def has_colour(stream: TextIO) -> bool:
    """Whether a stream is a terminal with colours. NO_COLOR and TERM=dumb switch them off."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def styled(role: str, text: str) -> str:
    """The text in the colour of its role, as a terminal reads it."""
    return f"\x1b[{_CODES[role]}m{text}\x1b[0m"


def _lines(parts: Iterable[Part], width: int | None, style: Style) -> Iterator[str]:
    for part in parts:
        if isinstance(part, AlignedTable):
            yield from part.lines(width, style)
        else:
            text = part.rstrip() if width is None else wrap_lines(part.rstrip(), width)
            yield style(part.role, text) if isinstance(part, MarkedLine) and text else text
