"""The chain rule: contribution = upstream * partial, summed where edges meet, in reverse topological order.

`sweep` is the idea, on anything that has `*` and `+`: the numbers of a tape, the Values of a trace. `backward_steps`
yields each step with plain numbers. `.backward()` computes the same numbers, to the last bit, in a tight loop
(`accumulate_grad.py`). An interrupted or suspended sweep does not affect any other.

A node stores what it was computed from: `_x` and `_y` are the numbers of its inputs, `_output` its own.
`_a` and `_b` are the inputs themselves; None stands for a constant of the program, which receives no gradient. Where an
operation takes three inputs or more (`many`), `_a` and `_x` are tuples of them all.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from autograd_core.engine.anomaly import current_watch, explain_not_finite, leading_back, require_finite
from autograd_core.engine.context import current_scope, set_mode
from autograd_core.engine.gates import GatedContribution, gated_edges
from autograd_core.engine.trace_guard import refuse_reading
from autograd_core.engine.unexpanded import UNEXPANDED, expand
from autograd_core.errors import GraphError, NonFiniteError

Node = Any
Number = Any  # a float, or a Value where the derivative itself is being recorded
Edge = tuple[Any, Any, Any]  # the node it leads from, the node it leads to, and the partial between them


def sweep(order: Iterable[Any], adjoints: dict[Any, Any], edges: Callable[[Any], Iterable[Edge]]) -> None:
    """Complete `adjoints`, which holds dL/dL = 1 for the output L at the start and dL/dnode for every node at the end.

    order: the nodes, outputs first. edges(node): those from a node that has an adjoint to its inputs, a closed gate
    being no edge. Forward mode is the same sweep with inputs first, edges from inputs to outputs, and tangents for
    adjoints.
    """
    for node in order:
        for start, end, partial in edges(node):
            contribution = adjoints[start] * partial
            if end in adjoints:
                contribution = adjoints[end] + contribution
            adjoints[end] = contribution


def topological_order(root: Node, stop: Collection[Node] = ()) -> list[Node]:
    """Every node `root` depends on, inputs before outputs, `root` last, without the nodes in `stop` and those below.

    Depth first, inputs from left to right, without recursion: a function of the graph alone, so that every run and
    every view has the same order.

    >>> from autograd_core import Value
    >>> x = Value(2.0, label="x")
    >>> [node.op or node.label for node in topological_order(x * x + x)]
    ['x', 'multiply', 'add']
    """
    order: list[Node] = []
    append = order.append
    entered = set(stop)
    enter = entered.add
    waiting: list[Node] = [root]
    pop, push = waiting.pop, waiting.append
    while waiting:
        node = pop()
        if node is None:  # the inputs of the node below this mark are all in the order
            append(pop())
        elif node not in entered:
            enter(node)
            if (primitive := node._primitive) is None:
                append(node)
            else:
                if primitive in UNEXPANDED:
                    expand(node)
                    primitive = node._primitive
                push(node)
                push(None)
                if primitive.many:
                    for source in reversed(node._a):
                        if source is not None and source not in entered:
                            push(source)
                else:
                    source = node._b
                    if source is not None and source not in entered:
                        push(source)
                    source = node._a
                    if source is not None and source not in entered:
                        push(source)
    return order


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """One node of the backward sweep, as plain data.

    node: the node whose edges are walked. upstream: dL/dnode, complete. For each of its inputs, in order: the `inputs`
    themselves, `partials` dnode/dinput, `contributions` = upstream * partial, and `adjoints`, dL/dinput as summed so
    far, this contribution included. None stands where no gradient flows: a constant, a comparison, a closed gate.
    """

    node: Node
    upstream: Number
    inputs: tuple[Node | float, ...]
    partials: tuple[Number | None, ...]
    contributions: tuple[Number | None, ...]
    adjoints: tuple[Number | None, ...]


def backward_steps(root: Node, upstream: Number = 1.0) -> Iterator[Step]:
    """The backward sweep from `root`, one `Step` a node, in the order and with the exact numbers of `backward()`.

    Nodes that no gradient reaches (behind closed gates) have no step. No `.grad` is read or written.

    >>> from autograd_core import Value
    >>> a, b = Value(2.0), Value(3.0)
    >>> [step.contributions for step in backward_steps(a * b + a)]
    [(1.0, 1.0), (3.0, 2.0)]
    """
    return _steps(_initial_adjoints(root, upstream, ()), (), create_graph=False)


def adjoints(
    root: Node, upstream: Number = 1.0, stop: Collection[Node] = (), create_graph: bool = False
) -> dict[Node, Number | None]:
    """dL/dnode for every node below `root`, outputs first; None where no open edge leads to it.

    With `stop`, only for those nodes and the ones on the way to them, and nothing below them. With `create_graph` the
    adjoints are recorded as a graph of their own, to be differentiated again.
    """
    total = _initial_adjoints(root, upstream, stop)
    if create_graph and current_scope().mode.tracing:
        return _sweep_symbolically(total, stop)
    deque(_steps(total, stop, create_graph), maxlen=0)
    return total


def _initial_adjoints(root: Node, upstream: Number, stop: Collection[Node]) -> dict[Node, Number | None]:
    """The nodes to sweep, outputs first: `upstream` at the root, None at the others."""
    if current_watch() is not None:
        require_finite(root)
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


def _sweep_symbolically(total: dict[Node, Number | None], stop: Collection[Node]) -> dict[Node, Number | None]:
    """The adjoints as a graph that is valid for other numbers too: gates are recorded, not read."""
    gated = {node: GatedContribution(number) for node, number in total.items() if number is not None}

    def edges(node: Node) -> Iterable[Edge]:
        if node not in gated or node._primitive is None or node in stop:
            return ()
        return gated_edges(node, node._primitive, node.inputs, (node, *node.inputs), total)

    with set_mode(recording=True, recording_partials=True):
        sweep(total, gated, edges)
    return {node: gated[node].number if node in gated else None for node in total}


def _steps(total: dict[Node, Number | None], stop: Collection[Node], create_graph: bool) -> Iterator[Step]:
    """Walk `total` (outputs first), add every contribution to it, and yield each step."""
    if current_scope().mode.tracing:
        refuse_reading(next(iter(total)))
    watch = current_watch()
    leading = leading_back(reversed(total), stop) if watch is not None else ()
    for node, upstream in total.items():
        if upstream is None or node._primitive is None or node in stop:
            continue
        inputs = node.inputs
        numbers = (node._output, *node._input_numbers)
        arguments = require_unchanged(node, numbers) if create_graph else numbers
        partials: list[Number | None] = [None] * len(inputs)
        contributions = partials.copy()
        running = partials.copy()
        for index, partial, _ in node._primitive.open_rules(numbers):
            source = inputs[index]
            if type(source) is float or source not in total:
                continue
            if type(partial) is not float:
                with set_mode(recording=True, recording_partials=create_graph):
                    partial = partial(*arguments)
            contribution = upstream if type(partial) is float and partial == 1.0 else upstream * partial
            before = total[source]
            adjoint = contribution if before is None else before + contribution
            if source in leading and not math.isfinite(adjoint):
                raise _not_finite(node, source, upstream, partial, adjoint)
            partials[index], contributions[index], running[index] = partial, contribution, adjoint
            total[source] = adjoint
        yield Step(node, upstream, inputs, tuple(partials), tuple(contributions), tuple(running))
    if watch is not None:
        watch.unused.clear()


def require_unchanged(node: Node, numbers: tuple[float, ...]) -> tuple[Node | float, ...]:
    """(node, *inputs), to record partials with; an error if a number has changed since the node was computed."""
    nodes = (node, *node.inputs)
    for now, then in zip(nodes, numbers, strict=True):
        if type(now) is not float and now._data != then and not (math.isnan(now._data) and math.isnan(then)):
            raise GraphError(
                f"create_graph=True needs the numbers the graph was computed with, but {now._title()} was changed "
                f"from {then!r} to {now._data!r} after {node._title()} was computed. "
                "Compute the output again, then differentiate."
            )
    return nodes


def _not_finite(node: Node, source: Node, upstream: Number, partial: Number, adjoint: Number) -> NonFiniteError:
    return explain_not_finite(
        f"the adjoint of {source._title()} became {float(adjoint)!r} on the way back through {node._title()}: "
        f"upstream {float(upstream)!r} x partial {float(partial)!r}.",
        node,
    )
