"""Text for a terminal: tables, and counts with their nouns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from autograd_core import display_width


def table(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Right-aligned columns of text and of numbers with four digits.

    >>> print(table(["depth", "gradient"], [[1, 0.25], [2, 0.06]]))
    depth  gradient
        1      0.25
        2      0.06
    """
    cells = [list(header), *([f"{cell:.4g}" if isinstance(cell, float) else str(cell) for cell in row] for row in rows)]
    widths = [max(display_width(line[column]) for line in cells) for column in range(len(header))]
    return "\n".join(
        "  ".join(" " * (width - display_width(cell)) + cell for cell, width in zip(line, widths, strict=True))
        for line in cells
    )


def plural(count: int, noun: str) -> str:
    """A count with its noun.

    >>> plural(1, "unit"), plural(2, "unit")
    ('1 unit', '2 units')
    """
    return f"{count} {noun}{'' if count == 1 else 's'}"
