"""Tables: rows of cells as data, and as text in aligned columns that fit the width of a terminal."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from autograd_core.formulas.labels import display_width, visible_text
from autograd_core.formulas.notation import number_text

_GAP = "  "
Style = Callable[[str, str], str]  # (the role of a line, its text) -> the text as it is printed


def plain(role: str, text: str) -> str:
    """The style without colours."""
    return text


@dataclass(frozen=True, slots=True)
class AlignedTable:
    """Rows of texts and numbers below headings. Numbers have four significant digits and stand at the right; texts are
    cleaned as labels are.

    right: the columns of texts that are aligned at the right too. spare: the columns that are left out where the table
    does not fit. levels: how deep each row lies in a tree, from 0; branches stand before its first cell.

    >>> print(*AlignedTable([("x", 2), ("loss", 11.65)], ["name", "value"]).lines(), sep="\\n")
    name  value
    ────  ─────
    x         2
    loss  11.65
    """

    rows: Sequence[Sequence[object]]
    headings: Sequence[str] = ()
    right: Collection[int] = ()
    spare: Collection[int] = ()
    levels: Sequence[int] = ()
    indent: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "headings", tuple(map(visible_text, self.headings)))

    def texts(self) -> list[list[str]]:
        """The rows with their numbers as text."""
        return [[_text(cell) for cell in row] for row in self.rows]

    def is_right(self, column: int) -> bool:
        """Whether a column stands at the right: it has numbers alone, or `right` names it."""
        return column in self.right or not any(isinstance(row[column], str) for row in self.rows)

    def lines(self, width: int | None = None, style: Style = plain) -> list[str]:
        """The table as text. Where it is wider than `width`, cells go on in a second line, between words only; columns
        that do not fit even so follow below, beside the first column again."""
        if not (columns := self._columns()):
            return []
        available = None if width is None else width - display_width(self.indent)
        if available is not None and sum(column.width for column in columns) + _gaps(columns) > available:
            columns = [column for place, column in enumerate(columns) if place not in self.spare]
        lines: list[str] = []
        for block in [columns] if available is None else _blocks(columns, available):
            widths = [column.width for column in block] if available is None else _fit(block, available)
            for row in range(len(block[0].cells)):
                cells = [column.cells[row].fill(width) for column, width in zip(block, widths, strict=True)]
                for line in range(max(map(len, cells))):
                    texts = [cell[line] if line < len(cell) else "" for cell in cells]
                    text = _GAP.join(_pad(*aligned) for aligned in zip(texts, widths, block, strict=True)).rstrip()
                    lines.append(self.indent + (style("heading", text) if self.headings and row == 0 else text))
                if self.headings and row == 0:
                    lines.append(self.indent + style("rule", _GAP.join("─" * width for width in widths)))
        return lines

    def _columns(self) -> list[_Column]:
        texts = self.texts()
        branches = list(_branches(self.levels)) if self.levels else [("", "")] * len(texts)
        columns = []
        for place in range(len(texts[0]) if texts else len(self.headings)):
            heading = [_Cell(self.headings[place])] if self.headings else []
            body = [_Cell(row[place], *(() if place else branch)) for row, branch in zip(texts, branches, strict=True)]
            columns.append(_Column([*heading, *body], self.is_right(place)))
        return columns


class _Cell(NamedTuple):
    """A text, with what stands before its first line and before the others."""

    text: str
    first: str = ""
    others: str = ""

    def fill(self, width: int) -> list[str]:
        first, *others = fill(self.text, max(width - display_width(self.first), 1))
        return [self.first + first, *(self.others + line for line in others)]


class _Column(NamedTuple):
    cells: list[_Cell]
    right: bool

    @property
    def width(self) -> int:
        return max(display_width(cell.first + cell.text) for cell in self.cells)

    def filled(self, width: int) -> tuple[int, int]:
        """(the widest line, the number of lines) of the column in this width."""
        lines = [line for cell in self.cells for line in cell.fill(width)]
        return max(map(display_width, lines)), len(lines)


def wrap_lines(text: str, width: int) -> str:
    """`text` with each line that is wider than `width` broken between words, its rest indented."""
    lines: list[str] = []
    for line in text.split("\n"):
        indent = line[: len(line) - len(line.lstrip())]
        first, *rest = fill(line.strip(), max(width - len(indent) - 4, 1)) if display_width(line) > width else [line]
        lines += [indent + first.removeprefix(indent), *(f"{indent}    {part}" for part in rest)]
    return "\n".join(lines)


def fill(text: str, width: int) -> Iterator[str]:
    """`text` in lines of at most `width` columns where words allow; it breaks before an equals sign if it can."""
    if display_width(text) <= width:
        yield text
        return
    line = ""
    for piece in re.split(r" (?=[=≈] )", text):
        for word in [piece] if display_width(piece) <= width else piece.split(" "):
            if line and display_width(line) + 1 + display_width(word) > width:
                yield line
                line = word
            else:
                line = f"{line} {word}" if line else word
    yield line


def _text(cell: object) -> str:
    return number_text(cell) if isinstance(cell, float) else visible_text(str(cell))


def _gaps(columns: Sequence[_Column]) -> int:
    return len(_GAP) * (len(columns) - 1)


def _blocks(columns: list[_Column], available: int) -> Iterator[list[_Column]]:
    """The columns in blocks, each as wide as there is room; the first column begins each."""
    narrowest = [column.filled(1)[0] for column in columns]
    start = 1
    while True:
        end = start + 1
        while end < len(columns) and (
            narrowest[0] + sum(narrowest[start : end + 1]) + len(_GAP) * (end - start + 1) <= available
        ):
            end += 1
        yield [columns[0], *columns[start:end]]
        if end >= len(columns):
            return
        start = end


def _fit(columns: Sequence[_Column], available: int) -> list[int]:
    """The widths of columns that are `available` wide together: each time the column becomes narrower that then needs
    the fewest further lines. The longest words stand as they are."""
    widths = [column.width for column in columns]
    counts = [len(column.cells) for column in columns]
    while sum(widths) + _gaps(columns) > available:
        narrower = []
        for place, column in enumerate(columns):
            widest, count = column.filled(widths[place] - 1)
            if widest < widths[place]:
                cost = (count - counts[place]) / (widths[place] - widest)
                narrower.append((cost, -widths[place], place, widest, count))
        if not narrower:
            break
        _, _, place, widths[place], counts[place] = min(narrower)
    return widths


def _branches(levels: Sequence[int]) -> Iterator[tuple[str, str]]:
    """The branch before each row of a tree, and what continues it on further lines of the row."""
    for row, level in enumerate(levels):
        before = ""
        for depth in range(1, level + 1):
            later = next((other for other in levels[row + 1 :] if other <= depth), 0)
            if depth < level:
                before += "│  " if later == depth else "   "
            else:
                yield (before + "├─ ", before + "│  ") if later == depth else (before + "└─ ", before + "   ")
        if level == 0:
            yield "", ""


def _pad(text: str, width: int, column: _Column) -> str:
    space = " " * (width - display_width(text))
    return space + text if column.right else text + space
