"""`.backward()`: the sweep of `backward.py` in a tight loop, and its adjoints written to `.grad`."""

from __future__ import annotations

from itertools import repeat

from autograd_core.engine.backward import Node, Number, adjoints
from autograd_core.engine.context import current_scope
from autograd_core.engine.interrupts import commit
from autograd_core.engine.locks import make_lock

_SLOTS = make_lock()
_GRADS = make_lock()


def backward(root: Node, upstream: float = 1.0) -> None:
    """Sweep back from `root` with plain numbers and write `.grad`, as `accumulate_grad` does.

    The sweep sums in the slot `_adjoint` of the nodes, which makes it 1.5 times as fast as a dictionary. Only one sweep
    at a time can use the slot; another (in a second thread, or started by a partial) uses a dictionary.
    """
    if current_scope().mode.anomaly or _SLOTS.locked():
        accumulate_grad(adjoints(root, upstream))
        return
    with _SLOTS:
        leaves = _sweep_in_slots(root, upstream)
    accumulate_grad(leaves)


def accumulate_grad(total: dict[Node, Number | None]) -> None:
    """Write adjoints to `.grad`: inner nodes are overwritten, leaves accumulate.

    One thread at a time, and leaves in a single call into C at the end, so that neither another thread nor Ctrl-C can
    leave half a gradient behind.
    """
    with _GRADS:
        leaves: list[Node] = []
        grads: list[Number] = []
        for node, adjoint in total.items():
            number = 0.0 if adjoint is None else adjoint
            if node._primitive is not None:
                node._grad = number
            else:
                leaves.append(node)
                grads.append(number if node._grad is None else node._grad + number)
        commit(map(setattr, leaves, repeat("_grad"), grads))


def _sweep_in_slots(root: Node, upstream: float) -> dict[Node, Number | None]:
    """Write the `.grad` of every inner node, and return the adjoints of the leaves."""
    nothing = float("nan")  # this object marks a node of this sweep that no adjoint has reached yet
    order: list[Node] = []  # the order of topological_order, found in the same way
    waiting: list[Node] = [root]
    take, put = waiting.pop, waiting.append
    while waiting:
        node = take()
        if node is None:
            order.append(take())
            continue
        while node._adjoint is not nothing:
            node._adjoint = nothing
            a, b = node._a, node._b
            if type(a) is tuple:
                put(node)
                put(None)
                waiting.extend(
                    [source for source in reversed(a) if source is not None and source._adjoint is not nothing]
                )
                break
            if a is not None and a._adjoint is not nothing:
                put(node)
                put(None)
                if b is not None and b._adjoint is not nothing:
                    put(b)
                node = a
            elif b is not None and b._adjoint is not nothing:
                put(node)
                put(None)
                node = b
            else:
                order.append(node)
    order.reverse()
    leaves: dict[Node, Number | None] = {}
    root._adjoint = upstream
    for node in order:
        adjoint = node._adjoint
        if (primitive := node._primitive) is None:
            leaves[node] = None if adjoint is nothing else adjoint
            continue
        if adjoint is nothing:
            node._adjoint = 0.0
            continue
        if (pair := primitive.pair) is not None:  # two inputs and no gate: most nodes of most graphs, so written out
            partial, other = pair
            source = node._a
            if source is not None:
                contribution = adjoint * (
                    partial if type(partial) is float else partial(node._output, node._x, node._y)
                )
                source._adjoint = contribution if (before := source._adjoint) is nothing else before + contribution
            source = node._b
            if source is not None:
                contribution = adjoint * (other if type(other) is float else other(node._output, node._x, node._y))
                source._adjoint = contribution if (before := source._adjoint) is nothing else before + contribution
            continue
        sources = node._a if primitive.many else (node._a, node._b)
        numbers = (node._output, *node._input_numbers)
        rules = primitive.rules if primitive.selects is None else primitive.open_rules(numbers)
        for index, partial, gate in rules:
            source = sources[index]
            if source is not None and (gate is None or gate(*numbers)):
                contribution = adjoint * (partial if type(partial) is float else partial(*numbers))
                before = source._adjoint
                source._adjoint = contribution if before is nothing else before + contribution
    for node in order:  # only now, when nothing can fail any more
        if node._primitive is not None:
            node._grad = node._adjoint
    return leaves
