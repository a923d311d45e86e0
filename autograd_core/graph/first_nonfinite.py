"""Where the numbers of a graph stop being finite."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence

from autograd_core.formulas.notation import number_text


def first_nonfinite(
    values: Sequence[float], gradients: Sequence[float | None], sources_of: Callable[[int], Iterable[int]]
) -> tuple[int, str] | None:
    """The node where the last value, or else a gradient, becomes inf or nan, and the mark for it; None without one.

    values, gradients: by node, in topological order. sources_of: the nodes that one was computed from.

    >>> first_nonfinite([-1.0, math.nan, math.nan], [None, None, None], [(), (0,), (1,)].__getitem__)
    (1, 'first nan here')
    """
    node: int | None = len(values) - 1
    found = None
    while node is not None and not math.isfinite(values[node]):
        found = node
        node = next((source for source in sources_of(node) if not math.isfinite(values[source])), None)
    if found is not None:
        return found, f"first {number_text(values[found])} here"
    for node in reversed(range(len(values))):
        gradient = gradients[node]
        if gradient is not None and not math.isfinite(gradient):
            return node, f"first {number_text(gradient)} gradient here"
    return None
