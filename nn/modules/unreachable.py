"""Parameters that no gradient can ever reach, because every path to them crosses an operation without partials.

A zero gradient does not prove it: a unit may be dead on this row, or a loss at its minimum. The graph shows whether any
path from the output to the parameter has partials throughout. A comparison has none.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence
from typing import Any

from autograd_core import Composition, Primitive, Value, visible_text


class NothingLearntWarning(UserWarning):
    """Parameters are being trained that no gradient can reach."""


def mark_unreachable(outputs: Iterable[Any]) -> bool:
    """Set `cut_off_by` of every parameter below `outputs`; returns whether there are any parameters."""
    cut_off_by: dict[Value, str] = {output: "" for output in outputs if isinstance(output, Value)}
    behind: list[tuple[Value, str]] = []
    waiting = list(cut_off_by)
    partials_of: dict[Primitive, set[int]] = {}
    while waiting:  # first the nodes that a gradient can reach, with the edges that have no partial
        node = waiting.pop()
        primitive = node.primitive
        if primitive is None:
            continue
        if primitive not in partials_of:
            partials_of[primitive] = {index for index, _, _ in primitive.rules}
        with_partial = partials_of[primitive]
        for index, source in enumerate(node.inputs):
            if isinstance(source, Value):
                if index not in with_partial:
                    behind.append((source, _operation(node)))
                elif source not in cut_off_by:
                    cut_off_by[source] = ""
                    waiting.append(source)
    while behind:  # then the nodes behind those edges only
        node, operation = behind.pop()
        if node not in cut_off_by:
            cut_off_by[node] = operation
            behind += [(source, operation) for source in node.inputs if isinstance(source, Value)]
    parameters = [node for node in cut_off_by if hasattr(node, "cut_off_by")]
    for parameter in parameters:
        parameter.cut_off_by = cut_off_by[parameter]
    return bool(parameters)


def warn_of_unreachable(parameters: Sequence[Any]) -> bool:
    """Warn if parameters with a zero gradient are cut off; returns whether it warned."""
    cut_off = [parameter for parameter in parameters if getattr(parameter, "cut_off_by", "") and not parameter.grad]
    if not cut_off:
        return False
    names = ", ".join(visible_text(parameter.label) or repr(parameter) for parameter in cut_off[:3])
    names += ", ..." * (len(cut_off) > 3)
    operations = " and ".join(sorted({parameter.cut_off_by for parameter in cut_off}))
    warnings.warn(
        f"{len(cut_off)} of {len(parameters)} parameters cannot learn anything ({names}): between them and the output "
        f"is {operations}, whose derivative is 0 everywhere, so that their gradient is 0 for any data. "
        "Train with an activation that has a slope (sigmoid, tanh, relu), and put the threshold there afterwards.",
        NothingLearntWarning,
        stacklevel=3,
    )
    return True


def _operation(node: Value) -> str:
    """The name of the composition that the node belongs to, else of its operation."""
    inner = node.scope
    return inner.name if inner is not None and isinstance(inner.definition, Composition) else node.op
