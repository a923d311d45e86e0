"""The chain rule, once: contribution = upstream * partial, summed where edges meet, in reverse topological order.

`backward_steps` tells it step by step; `backward` computes the same numbers, to the last bit, in a tight loop. A sweep
that is interrupted or suspended touches no other: what it may leave in the slot `_adjoint`, no later one reads.

A node keeps what it was computed from as it was then: `_x` and `_y` the numbers of its inputs, `_output` its own, `_a`
and `_b` the inputs themselves, None for a constant of the program, which receives nothing. Where an operation takes
three inputs or more (`many`), `_a` and `_x` are tuples of them all.
"""

from __future__ import annotations

import math
import threading
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import repeat
from typing import Any

from autograd_core.engine.context import current_scope, switched
from autograd_core.engine.gates import GatedContribution, gated_edges
from autograd_core.engine.trace_guard import refuse_reading
from autograd_core.errors import GraphError, NonFiniteError

Node = Any
Number = Any  # a float, or a Value where the derivative itself is being recorded
Edge = tuple[Any, Any, Any]  # where it starts, where it ends, and the partial between them


def sweep(order: Iterable[Any], adjoints: dict[Any, Any], edges: Callable[[Any], Iterable[Edge]]) -> None:
    """The chain rule: contribution = upstream * partial, summed where edges meet.

    Backward, `order` has outputs first, `edges(node)` lead from the node to its inputs, and `adjoints` holds dL/dL = 1
    for the output L at the start, dL/dnode for every node at the end. Forward, `order` has inputs first, the edges lead
    from the inputs to the node, and tangents take the place of adjoints. Only edges that something reaches count.
    """
    for node in order:
        for start, end, partial in edges(node):
            contribution = adjoints[start] * partial
            if end in adjoints:
                contribution = adjoints[end] + contribution
            adjoints[end] = contribution


def topological_order(root: Node, stop: Collection[Node] = ()) -> list[Node]:
    """Every node `root` depends on, inputs before outputs, `root` last; nodes in `stop`, and what is below, left out.

    Depth first, inputs from left to right, without recursion: a function of the graph alone, so that every run and
    every reader sees the same order.

    >>> from autograd_core import Value
    >>> x = Value(2.0, label="x")
    >>> [node.op or node.label for node in topological_order(x * x + x)]
    ['x', 'multiply', 'add']
    """
    order: list[Node] = []
    done = order.append
    seen = set(stop)
    enter = seen.add
    waiting: list[Node] = [root]
    take, put = waiting.pop, waiting.append
    while waiting:
        node = take()
        if node is None:  # the inputs of the node below this mark are all in the order
            done(take())
        elif node not in seen:
            enter(node)
            if (primitive := node._primitive) is None:
                done(node)
            else:
                put(node)
                put(None)
                if primitive.many:
                    for source in reversed(node._a):
                        if source is not None and source not in seen:
                            put(source)
                else:
                    source = node._b
                    if source is not None and source not in seen:
                        put(source)
                    source = node._a
                    if source is not None and source not in seen:
                        put(source)
    return order


@dataclass(frozen=True, slots=True)
class Step:
    """One node of the backward sweep, as plain data.

    node: the node whose edges are walked. upstream: dL/dnode, complete. For each of its inputs, in order: the `inputs`
    themselves, `partials` dnode/dinput, `contributions` = upstream * partial, and `adjoints`, dL/dinput as summed so
    far, this contribution included. None stands where nothing flows: a constant, a comparison, a closed gate.
    """

    node: Node
    upstream: Number
    inputs: tuple[Node | float, ...]
    partials: tuple[Number | None, ...]
    contributions: tuple[Number | None, ...]
    adjoints: tuple[Number | None, ...]


def backward_steps(root: Node, upstream: Number = 1.0) -> Iterator[Step]:
    """The backward sweep from `root`, one `Step` a node, in the order and with the very numbers of `backward()`.

    Nodes that nothing reaches (behind closed gates) have no step. No `.grad` is read or written.

    >>> from autograd_core import Value
    >>> a, b = Value(2.0), Value(3.0)
    >>> [step.contributions for step in backward_steps(a * b + a)]
    [(1.0, 1.0), (3.0, 2.0)]
    """
    return _sweep(_start(root, upstream, ()), (), create_graph=False)


def adjoints(
    root: Node, upstream: Number = 1.0, stop: Collection[Node] = (), create_graph: bool = False
) -> dict[Node, Number | None]:
    """dL/dnode for every node below `root`, outputs first; None where no open edge leads to it.

    With `stop`, only for those nodes and the ones on the way to them, and nothing below them. With `create_graph` the
    adjoints are recorded as a graph of their own, to be differentiated again.
    """
    total = _start(root, upstream, stop)
    if create_graph and current_scope().mode.tracing:
        return _sweep_symbolically(total, stop)
    deque(_sweep(total, stop, create_graph), maxlen=0)
    return total


def _sweep_symbolically(total: dict[Node, Number | None], stop: Collection[Node]) -> dict[Node, Number | None]:
    """The adjoints as a graph that holds on other numbers too: gates are recorded, not read."""
    arrived = {node: GatedContribution(number) for node, number in total.items() if number is not None}

    def edges(node: Node) -> Iterable[Edge]:
        if node not in arrived or node._primitive is None or node in stop:
            return ()
        return gated_edges(node, node._primitive, node.inputs, (node, *node.inputs), total)

    with switched(recording=True, recording_partials=True):
        sweep(total, arrived, edges)
    return {node: arrived[node].number if node in arrived else None for node in total}


_EXPRESS = threading.Lock()


def backward(root: Node, upstream: float = 1.0) -> None:
    """Sweep back from `root` with plain numbers and write `.grad`, as `deposit` does.

    The sweep keeps its sums in a slot of the nodes, which is half as fast again as a dictionary. That is for one sweep
    at a time; whoever finds it taken (another thread, a partial that goes backward itself) does without.
    """
    if current_scope().mode.anomaly or not _EXPRESS.acquire(blocking=False):
        deposit(adjoints(root, upstream))
        return
    try:
        leaves = _swept_in_slots(root, upstream)
    finally:
        _EXPRESS.release()
    deposit(leaves)


def _swept_in_slots(root: Node, upstream: float) -> dict[Node, Number | None]:
    """Write the `.grad` of every inner node, and return what reached the leaves."""
    nothing = float("nan")  # this object itself says: met in this sweep, and no adjoint has arrived
    order: list[Node] = []  # that of topological_order, found in the same way
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
                waiting.extend([one for one in reversed(a) if one is not None and one._adjoint is not nothing])
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
        reached = node._adjoint
        if (primitive := node._primitive) is None:
            leaves[node] = None if reached is nothing else reached
            continue
        if reached is nothing:
            node._adjoint = 0.0
            continue
        if (pair := primitive.pair) is not None:  # two inputs and no gate: most nodes of most graphs, so written out
            partial, other = pair
            source = node._a
            if source is not None:
                contribution = reached * (
                    partial if type(partial) is float else partial(node._output, node._x, node._y)
                )
                source._adjoint = contribution if (before := source._adjoint) is nothing else before + contribution
            source = node._b
            if source is not None:
                contribution = reached * (other if type(other) is float else other(node._output, node._x, node._y))
                source._adjoint = contribution if (before := source._adjoint) is nothing else before + contribution
            continue
        sources = node._a if primitive.many else (node._a, node._b)
        numbers = (node._output, *node.input_numbers)
        for index, partial, gate in primitive.rules:
            source = sources[index]
            if source is not None and (gate is None or gate(*numbers)):
                contribution = reached * (partial if type(partial) is float else partial(*numbers))
                before = source._adjoint
                source._adjoint = contribution if before is nothing else before + contribution
    for node in order:  # only now, when nothing can fail any more
        if node._primitive is not None:
            node.grad = node._adjoint
    return leaves


def _start(root: Node, upstream: Number, stop: Collection[Node]) -> dict[Node, Number | None]:
    """{node: its adjoint so far}, outputs first: nothing has arrived but at the root."""
    order = topological_order(root, stop)
    if stop:
        leading = set(stop)
        for node in order:
            if not leading.isdisjoint(node.inputs):
                leading.add(node)
        order = [*stop, *(node for node in order if node in leading and node not in stop)]
    total: dict[Node, Number | None] = dict.fromkeys(reversed(order))
    total[root] = upstream
    return total


def _sweep(total: dict[Node, Number | None], stop: Collection[Node], create_graph: bool) -> Iterator[Step]:
    """Walk `total` (outputs first), adding every contribution into it, and tell each step."""
    if current_scope().mode.tracing:
        refuse_reading(next(iter(total)))
    for node, upstream in total.items():
        if upstream is None or node._primitive is None or node in stop:
            continue
        inputs = node.inputs
        numbers = (node._output, *node.input_numbers)
        arguments = unchanged(node, numbers) if create_graph else numbers
        partials: list[Number | None] = [None] * len(inputs)
        contributions = partials.copy()
        running = partials.copy()
        for index, partial, gate in node._primitive.rules:
            source = inputs[index]
            if type(source) is float or source not in total or (gate is not None and not gate(*numbers)):
                continue
            if type(partial) is not float:
                with switched(recording=True, recording_partials=create_graph):
                    partial = partial(*arguments)
            contribution = upstream if type(partial) is float and partial == 1.0 else upstream * partial
            before = total[source]
            adjoint = contribution if before is None else before + contribution
            if current_scope().mode.anomaly and not math.isfinite(adjoint):
                raise _not_finite(node, source, upstream, partial, adjoint)
            partials[index], contributions[index], running[index] = partial, contribution, adjoint
            total[source] = adjoint
        yield Step(node, upstream, inputs, tuple(partials), tuple(contributions), tuple(running))


def unchanged(node: Node, numbers: tuple[float, ...]) -> tuple[Node | float, ...]:
    """(node, *inputs), to record partials with; an error if a number has changed since the node was computed."""
    nodes = (node, *node.inputs)
    for now, then in zip(nodes, numbers, strict=True):
        if type(now) is not float and now._data != then and not (math.isnan(now._data) and math.isnan(then)):
            raise GraphError(
                f"create_graph=True needs the numbers the graph was computed with, but {now._described()} was changed "
                f"from {then!r} to {now._data!r} after {node._described()} was computed. "
                "Compute the output again, then differentiate."
            )
    return nodes


def _not_finite(node: Node, source: Node, upstream: Number, partial: Number, adjoint: Number) -> NonFiniteError:
    return NonFiniteError(
        f"the adjoint of {source._described()} became {float(adjoint)!r} on the way back through {node._described()}: "
        f"upstream {float(upstream)!r} x partial {float(partial)!r}. {node._located()}"
    )


_DEPOSIT = threading.Lock()


def deposit(total: dict[Node, Number | None]) -> None:
    """Write adjoints to `.grad`: inner nodes are overwritten, leaves accumulate.

    One thread at a time, and leaves in a single call into C at the end, so that neither another thread nor Ctrl-C can
    leave half a gradient behind.
    """
    with _DEPOSIT:
        leaves: list[Node] = []
        grads: list[Number] = []
        for node, adjoint in total.items():
            arrived = 0.0 if adjoint is None else adjoint
            if node._primitive is not None:
                node.grad = arrived
            else:
                leaves.append(node)
                grads.append(arrived if node.grad is None else node.grad + arrived)
        deque(map(setattr, leaves, repeat("grad"), grads), maxlen=0)
