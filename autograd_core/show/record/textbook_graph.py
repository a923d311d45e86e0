"""The graph of the textbook formulas: what a computation would be if it were written as a textbook writes it."""

from __future__ import annotations

import copy
import functools
from typing import Any

from autograd_core.engine.backward import adjoints
from autograd_core.engine.context import PLAIN, Scope, opened
from autograd_core.engine.scope import Composition
from autograd_core.engine.value import Value
from autograd_core.formulas.expression import CONSTANTS, Expression
from autograd_core.graph.boxes import Box, view


def textbook_graph(root: Value) -> Value:
    """A graph like the one below `root`, with every composition replaced by its textbook formula.

    The numbers agree up to rounding (and where the textbook form overflows, they show why it is not computed so).
    Gradients are filled in where the original has them. The original is not touched.
    """
    seen = view(root)
    number_of = {operand.box: operand.number for box in seen.boxes for operand in box.operands if operand.box}
    made: dict[Box, Value] = {}
    for box in seen.boxes:
        inputs = [operand.number if operand.box is None else made[operand.box] for operand in box.operands]
        if isinstance(box.entry, Composition):
            node = _expanded(box, box.entry, inputs)
        elif box.entry is not None:
            with opened(Scope("", None, (), box.node._scope, PLAIN)):
                node = box.entry(*inputs)
        elif box.kind == "constant":
            node = Value(box.number).detach()
        else:
            node = copy.copy(box.node)  # of its own class: a parameter stays one
            node.data = number_of.get(box, box.number)  # as it was when the graph was computed
        if all(node is not one for one in inputs):
            node.label = box.node.label
            node.grad = box.node.grad
        made[box] = node
    return made[seen.boxes[-1]]


def _expanded(box: Box, entry: Composition, inputs: list[Any]) -> Any:
    """The formula of a closed composition evaluated on `inputs`, framed and with the adjoints inside it."""
    around = box.enclosing()
    with opened(Scope(entry.name, box.textbook(), (), around[0] if around else None, PLAIN)):
        result = _evaluated(entry, inputs)
        wanted = [thing for thing in inputs if isinstance(thing, Value)]
        if box.node.grad is not None and all(result is not thing for thing in wanted):
            inside = adjoints(result, float(box.node.grad), stop=set(wanted))
            for node, reached in inside.items():
                if node not in wanted:
                    node.grad = 0.0 if reached is None else reached
    return result


def _evaluated(entry: Composition, inputs: list[Any]) -> Any:
    """A formula down to primitives: the compositions it calls (swish calls sigmoid) are replaced by theirs in turn."""

    def apply(function: Any, operands: list[Any]) -> Any:
        return _evaluated(function, operands) if isinstance(function, Composition) else function(*operands)

    names = dict(zip(entry.input_names(len(inputs)), inputs, strict=True))
    return _read(entry.formula(len(inputs))).fold({**CONSTANTS, **names}, float, apply)


@functools.cache
def _read(formula: str) -> Expression:
    return Expression(formula)
