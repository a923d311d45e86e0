"""Tables as text: cells in aligned columns, two spaces apart, and lines that fit the width of a terminal."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from autograd_core.formulas.labels import display_width

_GAP = "  "


def text_table(
    rows: Sequence[Sequence[str]],
    headings: Sequence[str] = (),
    right: Collection[int] = (),
    indent: str = "",
    width: int | None = None,
) -> list[str]:
    """The lines of a table. headings: a first row with a rule below it. right: the columns aligned at the right.

    A row with fewer cells than the others does not widen a column. In a table wider than `width`, cells go on in a
    second line, between words only.

    >>> print("\\n".join(text_table([("x", "2"), ("loss", "11.65")], right=[1])))
    x         2
    loss  11.65
    """
    everything = [tuple(row) for row in ([headings] if headings else []) + list(rows)]
    if not everything:
        return []
    columns = max(map(len, everything))
    full = [list(column) for column in zip(*(row for row in everything if len(row) == columns), strict=True)]
    widths = [max(map(display_width, column)) for column in full]
    if width is not None:
        _narrow(widths, full, width - len(indent) - len(_GAP) * (columns - 1))
    lines: list[str] = []
    for number, row in enumerate(everything):
        cells = [list(fill(cell, widths[place])) for place, cell in enumerate(row)]
        for line in range(max(map(len, cells), default=0)):
            texts = [cell[line] if line < len(cell) else "" for cell in cells]
            aligned = (_cell(text, widths[place], place in right) for place, text in enumerate(texts))
            lines.append((indent + _GAP.join(aligned)).rstrip())
        if headings and number == 0:
            lines.append(indent + _GAP.join("─" * width for width in widths))
    return lines


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
    for piece in re.split(r" (?=[=~] )", text):
        for word in [piece] if display_width(piece) <= width else piece.split(" "):
            if line and display_width(line) + 1 + display_width(word) > width:
                yield line
                line = word
            else:
                line = f"{line} {word}" if line else word
    yield line


def _narrow(widths: list[int], columns: Sequence[Sequence[str]], available: int) -> None:
    """Narrow the columns to `available` in all, each time the one that then needs the fewest further lines."""
    lines = [len(column) for column in columns]
    while sum(widths) > available:
        narrower = []
        for place, column in enumerate(columns):
            filled = [list(fill(cell, widths[place] - 1)) for cell in column]
            widest = max(display_width(line) for cell in filled for line in cell)
            if widest < widths[place]:
                count = sum(map(len, filled))
                cost = (count - lines[place]) / (widths[place] - widest)
                narrower.append((cost, -widths[place], place, widest, count))
        if not narrower:
            return  # the longest words stand as they are
        _, _, place, widths[place], lines[place] = min(narrower)


def _cell(text: str, width: int, right: bool) -> str:
    space = " " * (width - display_width(text))
    return space + text if right else text + space
