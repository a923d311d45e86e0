"""Tables of text and numbers for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any


def table(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Columns of text and numbers of four digits.

    >>> print(table(["depth", "gradient"], [[1, 0.25], [2, 0.06]]))
    depth  gradient
        1      0.25
        2      0.06
    """
    cells = [list(header), *([f"{one:.4g}" if isinstance(one, float) else str(one) for one in row] for row in rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(header))]
    return "\n".join("  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True)) for line in cells)
