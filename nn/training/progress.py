"""The progress bar of `fit`: epochs, loss and rows per second."""

from __future__ import annotations

import sys
from typing import Any

from tqdm import tqdm


def is_interactive() -> bool:
    """Whether the output is a terminal or a notebook, and not a file or a pipe."""
    return sys.stderr.isatty() or type(sys.stderr).__module__.startswith("ipykernel")


def progress_bar(epochs: int, rows: int, enabled: bool) -> tqdm[Any]:
    """A bar over all rows of all epochs; it is drawn only if `enabled` and interactive."""
    return tqdm(
        total=epochs * rows,
        desc=f"epoch 1/{epochs}",
        unit=" rows",
        unit_scale=True,
        disable=not (enabled and is_interactive()),
        dynamic_ncols=True,
        file=sys.stderr,
    )
