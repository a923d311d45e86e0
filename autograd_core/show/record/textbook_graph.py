"""The graph of a computation with the textbook formulas instead of the compositions."""

from __future__ import annotations

import copy
import functools
from typing import Any

from autograd_core.engine.backward import adjoints
from autograd_core.engine.context import PLAIN, Scope, open_scope
from autograd_core.engine.scope import Composition
from autograd_core.engine.value import Value
from autograd_core.formulas.expression import CONSTANTS, Expression
from autograd_core.graph.boxes import Box, view


def textbook_graph(root: Value) -> Value:
    """A graph like the one below `root`, with every composition replaced by its textbook formula.

    The numbers agree up to rounding; where the textbook form overflows, they show why it is not computed that way.
    Gradients are filled in where the original has them. The original graph does not change.
    """
    boxes = view(root).boxes
    node_of: dict[Box, Value] = {}
    for box in boxes:
        for operand in box.operands:  # with the numbers that the graph was computed with
            if operand.box is not None and (operand.box.entry is None or operand.number != operand.box.number):
                node_of[operand.box].data = operand.number
        inputs = [operand.number if operand.box is None else node_of[operand.box] for operand in box.operands]
        if isinstance(box.entry, Composition):
            node = _expand(box, box.entry, inputs)
        elif box.entry is not None:
            with open_scope(Scope("", None, (), box.node._scope, PLAIN)):
                node = box.entry(*inputs)
        elif box.kind == "constant":
            node = Value(box.number).detach()
        else:
            node = copy.copy(box.node)  # of its own class: a parameter stays one
        if all(node is not source for source in inputs):
            node.label = box.node.label
            node.grad = box.node.grad
        node_of[box] = node
    for box, node in node_of.items():
        if box.changed:
            node.data = box.node.data
    return node_of[boxes[-1]]


def _expand(box: Box, entry: Composition, inputs: list[Any]) -> Any:
    """The formula of a closed composition on `inputs`, in a scope of its own and with the adjoints inside it."""
    around = box.enclosing()
    with open_scope(Scope(entry.name, box.textbook(), (), around[0] if around else None, PLAIN)):
        result = _evaluate(entry, inputs)
        sources = [source for source in inputs if isinstance(source, Value)]
        if box.node.grad is not None and all(result is not source for source in sources):
            stop = set(sources)
            inside = adjoints(result, float(box.node.grad), stop)
            for node, adjoint in inside.items():
                if node not in stop:
                    node.grad = 0.0 if adjoint is None else adjoint
    return result


def _evaluate(entry: Composition, inputs: list[Any]) -> Any:
    """A formula down to primitives: a composition that it calls (swish calls sigmoid) is replaced in turn."""

    def apply(function: Any, operands: list[Any]) -> Any:
        return _evaluate(function, operands) if isinstance(function, Composition) else function(*operands)

    names = dict(zip(entry.input_names(len(inputs)), inputs, strict=True))
    return _read(entry.formula(len(inputs))).fold({**CONSTANTS, **names}, float, apply)


@functools.cache
def _read(formula: str) -> Expression:
    return Expression(formula)
