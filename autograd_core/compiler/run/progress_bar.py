"""The progress bar of all long computations: in a terminal on stderr, in a notebook as one line of the outputs."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from typing import Any

from tqdm import tqdm

_COLUMNS = 88  # of the line in a notebook


class NotebookBar(tqdm):  # type: ignore[misc]
    """A bar that is drawn again in its place, so that a stored notebook has its last line alone."""

    @staticmethod
    def status_printer(file: Any) -> Callable[[str], None]:
        """The function that shows the bar as it is now."""
        from IPython.display import DisplayHandle

        handle: Any = DisplayHandle()  # type: ignore[no-untyped-call]
        draw = handle.display  # the first time; later it is updated

        def show(line: str) -> None:
            nonlocal draw
            if line:
                draw({"text/plain": line}, raw=True)
                draw = handle.update

        return show


def progress_bar(rows: int | None, enabled: bool = True, **options: Any) -> tqdm[Any]:
    """A bar that counts rows, `rows` in all if that is known; drawn only where somebody sees it. options: of `tqdm`."""
    options = {"total": rows, "unit": " rows", "unit_scale": True} | options
    if type(sys.stdout).__module__.startswith("ipykernel"):
        return NotebookBar(**options | {"leave": True}, ncols=_COLUMNS, disable=not enabled, file=io.StringIO())
    return tqdm(**options, dynamic_ncols=True, disable=not (enabled and sys.stderr.isatty()), file=sys.stderr)
