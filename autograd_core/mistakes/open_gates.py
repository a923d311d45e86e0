"""Closed gates treated as open: the partials that a mistake would use."""

from __future__ import annotations

from autograd_core.engine.backward import topological_order
from autograd_core.engine.context import set_mode
from autograd_core.engine.scope import Composition
from autograd_core.engine.value import Value
from autograd_core.graph.boxes import Box


def partials_with_gates_open(box: Box) -> tuple[float | None, ...]:
    """The partials of a box, as `box.partials()`, but with closed gates treated as open.

    None where no gradient can flow: into a comparison, or into a constant.

    >>> from autograd_core import relu
    >>> from autograd_core.graph.boxes import view
    >>> partials_with_gates_open(view(relu(Value(-2.0))).boxes[-1])
    (1.0,)
    """
    partials = box.partials()
    if all(partial is not None for partial in partials):
        return partials
    if isinstance(box.entry, Composition):
        inputs = [operand.number if operand.box is None else Value(operand.number) for operand in box.operands]
        with set_mode(recording=True, anomaly=False, recording_partials=False):
            reached = _adjoints_with_gates_open(box.entry.of_flat(inputs))
        opened = {index: reached[source] for index, source in enumerate(inputs) if source in reached}
    else:
        opened = _open_partials(box.node)
    return tuple(opened.get(index) if partial is None else partial for index, partial in enumerate(partials))


def _open_partials(node: Value) -> dict[int, float]:
    """The partial of a node with respect to each input that is a Value, with every gate open."""
    if node.primitive is None:
        return {}
    numbers = (node.output_number, *node.input_numbers)
    return {
        index: partial if isinstance(partial, float) else float(partial(*numbers))
        for index, partial, _ in node.primitive.rules
        if isinstance(node.inputs[index], Value)
    }


def _adjoints_with_gates_open(output: Value) -> dict[object, float]:
    reached: dict[object, float] = {output: 1.0}
    for node in reversed(topological_order(output)):
        if node in reached:
            for index, partial in _open_partials(node).items():
                source = node.inputs[index]
                reached[source] = reached.get(source, 0.0) + reached[node] * partial
    return reached
