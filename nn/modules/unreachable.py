"""Parameters that no gradient can ever reach, because an operation that is flat everywhere stands before them.

A zero gradient alone says little: a unit may be dead on this row, a loss may be at its minimum. Here the graph is
asked instead whether any way from the output to the parameter has partials at all; a comparison has none.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence
from typing import Any

from autograd_core import Composition, Value


class NothingLearntWarning(UserWarning):
    """Parameters are being trained that no gradient can reach."""


def note_what_is_cut_off(outputs: Iterable[Any]) -> bool:
    """Write on every parameter below `outputs` which flat operation cuts it off, "" for none; whether there are any."""
    by: dict[Value, str] = {one: "" for one in outputs if isinstance(one, Value)}
    behind: list[tuple[Value, str]] = []
    waiting = list(by)
    while waiting:  # first all that a gradient can reach, noting the edges that have no partial
        node = waiting.pop()
        with_partial = {index for index, _, _ in node.primitive.rules} if node.primitive else ()
        for index, source in enumerate(node.inputs):
            if isinstance(source, Value):
                if index not in with_partial:
                    behind.append((source, _operation(node)))
                elif source not in by:
                    by[source] = ""
                    waiting.append(source)
    while behind:  # then what lies behind those edges only
        node, operation = behind.pop()
        if node not in by:
            by[node] = operation
            behind += [(source, operation) for source in node.inputs if isinstance(source, Value)]
    parameters = [node for node in by if hasattr(node, "cut_off_by")]
    for parameter in parameters:
        parameter.cut_off_by = by[parameter]
    return bool(parameters)


def warn_of_what_is_cut_off(parameters: Sequence[Any]) -> bool:
    """Warn if parameters with a zero gradient are cut off; whether it did."""
    lost = [one for one in parameters if getattr(one, "cut_off_by", "") and not one.grad]
    if not lost:
        return False
    names = ", ".join(one.label or repr(one) for one in lost[:3]) + (", ..." if len(lost) > 3 else "")
    operations = " and ".join(sorted({one.cut_off_by for one in lost}))
    warnings.warn(
        f"{len(lost)} of {len(parameters)} parameters cannot learn anything ({names}): between them and the output "
        f"stands {operations}, whose derivative is 0 everywhere, so that their gradient is 0 whatever the data. "
        "Use an activation with a slope there (sigmoid, tanh, relu) to train, and the threshold afterwards.",
        NothingLearntWarning,
        stacklevel=3,
    )
    return True


def _operation(node: Value) -> str:
    """What a reader calls the operation: the composition it belongs to, else its own name."""
    inner = node.scope
    return inner.name if inner is not None and isinstance(inner.definition, Composition) else node.op
