"""What programs written for micrograd import, under its names: change the import lines alone.

>>> from autograd_core.micrograd.engine import Value
>>> x = Value(-4.0); y = (x * x).relu(); y.backward(); x.grad
-8.0
"""

from typing import Any

from autograd_core.micrograd.engine import Value
from autograd_core.show.picture.picture import Picture, draw


def draw_dot(root: Value, format: str = "svg", rankdir: Any = "LR") -> Picture:  # noqa: A002  its name there
    """The picture of the graph below `root`, as `autograd_core.draw` gives it: a notebook shows it, `.save(path)` keeps
    it, the end of the path choosing the format. rankdir: "LR" from left to right, "TB" from the top down.

    Raises ValueError for another rankdir, or a format that is neither "svg" nor "png".
    """
    if format not in ("svg", "png"):
        raise ValueError(f"a picture is shown as svg, which a notebook scales; got format={format!r}. Use .save(path).")
    return draw(root.node, direction=rankdir)
