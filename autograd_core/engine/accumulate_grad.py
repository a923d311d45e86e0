"""`.backward()`: the sweep of `backward.py` in a tight loop, and its adjoints written to `.grad`."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import repeat
from typing import Any

from autograd_core.engine.backward import Node, Number, adjoints
from autograd_core.engine.context import current_scope
from autograd_core.engine.interpreter.interrupts import commit
from autograd_core.engine.interpreter.locks import make_lock
from autograd_core.engine.primitive import first_input, second_input
from autograd_core.engine.primitives import where
from autograd_core.engine.unexpanded import RELU, SUM, write_grad

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


class _Terms(tuple[Any, ...]):
    """Terms of a sum that is one node, (sum, a, b, x, y); they stand for the node in the order of a sweep.

    They are what the sweep may take at once while it adds in the order that the sum has when expanded. They hold the
    factors, since another thread may expand it meanwhile.
    """

    __slots__ = ()

    _adjoint = _primitive = SUM


def _sweep_in_slots(root: Node, upstream: float) -> dict[Node, Number | None]:
    """Write the `.grad` of every inner node, and return the adjoints of the leaves."""
    unreached = float("nan")  # this object marks a node of this sweep that no adjoint has reached yet
    order, sums = _order_in_slots(root, unreached)
    leaves: dict[Node, Number | None] = {}
    root._adjoint = upstream
    for node in order:
        adjoint = node._adjoint
        if (primitive := node._primitive) is None:
            leaves[node] = None if adjoint is unreached else adjoint
        elif adjoint is unreached:
            node._adjoint = 0.0
        elif (pair := primitive.pair) is not None:  # two inputs and no gate: most nodes of most graphs
            first, second = pair
            if (source := node._a) is not None:
                if first is second_input:
                    contribution = adjoint * node._y
                elif type(first) is float:
                    contribution = adjoint * first
                else:
                    contribution = adjoint * first(node._output, node._x, node._y)
                source._adjoint = contribution if (before := source._adjoint) is unreached else before + contribution
            if (source := node._b) is not None:
                if second is first_input:
                    contribution = adjoint * node._x
                elif type(second) is float:
                    contribution = adjoint * second
                else:
                    contribution = adjoint * second(node._output, node._x, node._y)
                source._adjoint = contribution if (before := source._adjoint) is unreached else before + contribution
        elif primitive is where:  # relu and its family
            source = node._a[1 if node._x[0] else 2]
            if source is not None:
                source._adjoint = adjoint if (before := source._adjoint) is unreached else before + adjoint
        elif primitive is RELU:
            if node._output != 0.0:
                source = node._a if type(node._a) is not tuple else node._a[2]  # another thread expanded it just now
                source._adjoint = adjoint if (before := source._adjoint) is unreached else before + adjoint
        elif primitive is SUM:
            total, *factors = node
            if (adjoint := total._adjoint) is not unreached:
                for a, b, x, y in zip(*map(reversed, factors), strict=True):
                    if a is not None:
                        contribution = adjoint * y
                        a._adjoint = contribution if (before := a._adjoint) is unreached else before + contribution
                    if b is not None:
                        contribution = adjoint * x
                        b._adjoint = contribution if (before := b._adjoint) is unreached else before + contribution
        else:
            sources = node._a if primitive.many else (node._a, node._b)
            numbers = (node._output, *node._input_numbers)
            for index, partial, gate in primitive.rules if primitive.selects is None else primitive.open_rules(numbers):
                source = sources[index]
                if source is not None and (gate is None or gate(*numbers)):
                    contribution = adjoint * (partial if type(partial) is float else partial(*numbers))
                    before = source._adjoint
                    source._adjoint = contribution if before is unreached else before + contribution
    for node in order:  # only now, when nothing can fail any more
        if (primitive := node._primitive) is not None and primitive is not SUM:
            node._grad = node._adjoint
    for node, count in sums:
        write_grad(node, count, 0.0 if (adjoint := node._adjoint) is unreached else adjoint)
    return leaves


def _order_in_slots(root: Node, unreached: float) -> tuple[list[Any], list[tuple[Node, int]]]:
    """The order of `topological_order`, outputs first, found in the same way, with every node marked `unreached`.

    With it the sums that are one node, and how many terms they have; in the order `_Terms` stand for them.
    """
    entered = float("nan")  # this object marks what is put in the order when it is met again
    order: list[Any] = []
    sums: list[tuple[Node, int]] = []
    append = order.append
    waiting: list[Any] = [root]
    take, put = waiting.pop, waiting.append
    while waiting:
        node = take()
        if (mark := node._adjoint) is unreached:
            continue
        if mark is SUM:
            append(node)
            continue
        if mark is entered:
            node._adjoint = unreached
            append(node)
            continue
        while True:
            a, b = node._a, node._b
            if type(a) is tuple:
                x, y = node._x, node._y
                if (primitive := node._primitive) is SUM:
                    node._adjoint = unreached
                    stop = len(a)
                    sums.append((node, stop))
                    for place in reversed(_entrances(a, b, unreached)):
                        put(_Terms((node, a[place:stop], b[place:stop], x[place:stop], y[place:stop])))
                        if (source := b[place]) is not None:
                            put(source)
                        if (source := a[place]) is not None:
                            put(source)
                        stop = place
                    if stop == len(a):
                        append(_Terms((node, a, b, x, y)))
                    elif stop:
                        put(_Terms((node, a[:stop], b[:stop], x[:stop], y[:stop])))
                elif primitive is not None and primitive.many:
                    node._adjoint = entered
                    put(node)
                    waiting.extend(
                        [source for source in reversed(a) if source is not None and source._adjoint is not unreached]
                    )
                else:  # another thread expanded it just now
                    continue
                break
            if a is not None and a._adjoint is not unreached:
                node._adjoint = entered
                put(node)
                if b is not None and b._adjoint is not unreached:
                    put(b)
                node = a
            elif b is not None and b._adjoint is not unreached:
                node._adjoint = entered
                put(node)
                node = b
            else:
                node._adjoint = unreached
                append(node)
                break
    order.reverse()
    return order, sums


def _entrances(a: Sequence[Node | None], b: Sequence[Node | None], unreached: float) -> list[int]:
    """The terms of a sum from which the search goes on to a node that it has not met yet."""
    return [
        place
        for place, (first, second) in enumerate(zip(a, b, strict=True))
        if (first is not None and first._adjoint is not unreached)
        or (second is not None and second._adjoint is not unreached)
    ]
