"""Tables as text: cells in aligned columns, two spaces apart."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from autograd_core.formulas.labels import display_width


def text_table(
    rows: Sequence[Sequence[str]], headings: Sequence[str] = (), right: Collection[int] = (), indent: str = ""
) -> list[str]:
    """The lines of a table. headings: a first row with a rule below it. right: the columns aligned at the right.

    A row with fewer cells than the others does not widen a column.

    >>> print("\\n".join(text_table([("x", "2"), ("loss", "11.65")], right=[1])))
    x         2
    loss  11.65
    """
    everything = [tuple(row) for row in ([headings] if headings else []) + list(rows)]
    if not everything:
        return []
    columns = max(map(len, everything))
    widths = [
        max(map(display_width, column))
        for column in zip(*(row for row in everything if len(row) == columns), strict=True)
    ]
    if headings:
        everything.insert(1, tuple("─" * width for width in widths))
    return [
        (indent + "  ".join(_cell(cell, widths[place], place in right) for place, cell in enumerate(row))).rstrip()
        for row in everything
    ]


def _cell(text: str, width: int, right: bool) -> str:
    space = " " * (width - display_width(text))
    return space + text if right else text + space
