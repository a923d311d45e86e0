"""A whole graph as columns of numbers: its nodes in order, the edges between them, and the contribution of each edge.

Folding, summaries and pages read large graphs from these columns: an object for each edge would cost too much.
"""

from __future__ import annotations

import operator
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, count, repeat

from autograd_core.engine.backward import backward_steps, topological_order
from autograd_core.engine.value import Value
from autograd_core.errors import AutogradError
from autograd_core.graph.captured_numbers import change_note, is_same, unused_number


@dataclass(slots=True, eq=False)
class Columns:
    """The graph below a root. Edges are in the order of their users, and for one user in the order of its operands.

    order: the nodes, inputs first. values: their numbers, those of leaves at the first use. leaf: 1 for a node that
    was not computed. first: the index of each node's first edge, and last the number of edges. sources: the node that
    each edge comes from. partials: d(user)/d(source). contributions: upstream x partial. Both hold where `flowing`.
    adjoints: d(root)/d(node), where `reached`. changed: for each node that has or was used with another number than
    in `values`, a note. problem: why there are no gradients at all, else "".
    """

    order: list[Value]
    position: dict[Value, int]
    values: array[float]
    leaf: bytearray
    first: array[int]
    sources: array[int]
    partials: array[float]
    contributions: array[float]
    flowing: bytearray
    adjoints: array[float]
    reached: bytearray
    changed: dict[int, str]
    problem: str = ""

    def edges(self, node: int) -> range:
        """The indices of the edges into a node."""
        return range(self.first[node], self.first[node + 1])

    def pairs(self) -> Iterator[tuple[int, int]]:
        """(source, user) of every edge."""
        uses = map(operator.sub, self.first[1:], self.first)
        return zip(self.sources, chain.from_iterable(map(repeat, count(), uses)), strict=True)

    def adjoint(self, node: int) -> float | None:
        """d(root)/d(node); None where no gradient arrives."""
        return self.adjoints[node] if self.reached[node] else None


def columns(root: Value) -> Columns:
    """The columns of the graph below `root`, from one backward sweep that reads and writes no `.grad`.

    >>> x = Value(3.0, label="x")
    >>> result = columns(x * x)
    >>> list(result.contributions), result.adjoint(0)
    ([3.0, 3.0], 6.0)
    """
    order = topological_order(root)
    position = {node: index for index, node in enumerate(order)}
    length = len(order)
    values = array("d", [node.output_number for node in order])
    values[-1] = unused_number(root) if root.primitive is None else root.output_number
    leaf, used = bytearray(length), bytearray(length)
    others: dict[int, list[float]] = {}
    first, sources = array("q", [0]), array("i")
    for index, node in enumerate(order):
        for operand, number in zip(node.inputs, node.input_numbers, strict=True):
            if isinstance(operand, Value):
                source = position[operand]
                sources.append(source)
                if leaf[source] and not used[source]:
                    values[source] = number
                elif not is_same(number, values[source]) and number not in others.get(source, ()):
                    others.setdefault(source, []).append(number)
                used[source] = 1
        leaf[index] = len(sources) == first[index]
        first.append(len(sources))
    result = Columns(
        order,
        position,
        values,
        leaf,
        first,
        sources,
        array("d", bytes(8 * len(sources))),
        array("d", bytes(8 * len(sources))),
        bytearray(len(sources)),
        array("d", bytes(8 * length)),
        bytearray(length),
        {
            index: change_note(node, (values[index], *others.get(index, ())))
            for index, node in enumerate(order)
            if index in others or not is_same(node._data, values[index])
        },
    )
    try:
        _sweep(result, root)
    except AutogradError as problem:  # an operation with a forward rule only, a root without a history
        result.problem = str(problem)
        result.flowing, result.reached = bytearray(len(sources)), bytearray(length)
    return result


def _sweep(result: Columns, root: Value) -> None:
    """Store the partial, the contribution and the adjoint that `backward_steps` yields for each edge."""
    first, position, sources, flowing = result.first, result.position, result.sources, result.flowing
    partials, contributions, adjoints, reached = result.partials, result.contributions, result.adjoints, result.reached
    adjoints[-1] = 1.0
    reached[-1] = 1
    for step in backward_steps(root):
        edge = first[position[step.node]]
        for source, partial, contribution, adjoint in zip(
            step.inputs, step.partials, step.contributions, step.adjoints, strict=True
        ):
            if type(source) is float:
                continue
            if partial is not None and contribution is not None and adjoint is not None:
                partials[edge] = partial
                contributions[edge] = contribution
                flowing[edge] = 1
                node = sources[edge]
                adjoints[node] = adjoint
                reached[node] = 1
            edge += 1
