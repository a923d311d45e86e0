"""The progress bar of `fit`: epochs, loss and rows a second."""

from __future__ import annotations

import sys
from typing import Any

from tqdm import tqdm


def somebody_watches() -> bool:
    """Whether there is a terminal or a notebook to draw a bar in, and not a file or a pipe."""
    return sys.stderr.isatty() or type(sys.stderr).__module__.startswith("ipykernel")


def progress_bar(epochs: int, rows: int, shown: bool) -> tqdm[Any]:
    """A bar over all rows of all epochs; it shows nothing unless `shown` and somebody watches."""
    return tqdm(
        total=epochs * rows,
        desc=f"epoch 1/{epochs}",
        unit=" rows",
        unit_scale=True,
        disable=not (shown and somebody_watches()),
        dynamic_ncols=True,
        file=sys.stderr,
    )
