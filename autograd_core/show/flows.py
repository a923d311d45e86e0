"""A whole graph as columns of numbers: its nodes in order, the edges between them, and what every edge carries.

Large graphs are folded, summed up and handed to a page from these columns: an object an edge would cost too much.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from dataclasses import dataclass

from autograd_core.backward import backward_steps, topological_order
from autograd_core.errors import AutogradError
from autograd_core.value import Value


@dataclass(slots=True)
class Flows:
    """The graph below a root. Edges stand in the order of their users, and there in that of the operands.

    order: the nodes, inputs first. values: their numbers, those of leaves as they were used. leaf: 1 for those that
    nothing computed. first: the index of each node's first edge (and, last, how many edges there are). sources: the
    node each edge comes from. partials, contributions: d(user)/d(source) and what the edge carries back, meaningful
    where `flowing`. adjoints: d(root)/d(node), meaningful where `reached`. problem: why there are no gradients at all,
    "" where there are.
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
    problem: str = ""

    def edges(self, node: int) -> range:
        """The indices of the edges into a node."""
        return range(self.first[node], self.first[node + 1])

    def pairs(self) -> Iterator[tuple[int, int]]:
        """(source, user) of every edge."""
        sources, first = self.sources, self.first
        for node in range(len(self.order)):
            for edge in range(first[node], first[node + 1]):
                yield sources[edge], node

    def adjoint(self, node: int) -> float | None:
        """d(root)/d(node); None where no gradient arrives."""
        return self.adjoints[node] if self.reached[node] else None


def flows(root: Value) -> Flows:
    """The columns of the graph below `root`, with one sweep of its own: no `.grad` is read or written.

    >>> x = Value(3.0, label="x")
    >>> made = flows(x * x)
    >>> list(made.contributions), made.adjoint(0)
    ([3.0, 3.0], 6.0)
    """
    order = topological_order(root)
    position = {node: index for index, node in enumerate(order)}
    count = len(order)
    values = array("d", [node.output_number for node in order])
    values[-1] = root.data if root.primitive is None else root.output_number
    leaf = bytearray(count)
    first, sources = array("q", [0]), array("i")
    for index, node in enumerate(order):
        for thing, number in zip(node.inputs, node.input_numbers, strict=True):
            if isinstance(thing, Value):
                source = position[thing]
                sources.append(source)
                if leaf[source]:
                    values[source] = number  # as it was used, even if its .data was set since
        leaf[index] = len(sources) == first[index]
        first.append(len(sources))
    made = Flows(
        order,
        position,
        values,
        leaf,
        first,
        sources,
        array("d", bytes(8 * len(sources))),
        array("d", bytes(8 * len(sources))),
        bytearray(len(sources)),
        array("d", bytes(8 * count)),
        bytearray(count),
    )
    try:
        _sweep(made, root)
    except AutogradError as problem:  # an operation with a forward rule only, a root without a history
        made.problem = str(problem)
        made.flowing, made.reached = bytearray(len(sources)), bytearray(count)
    return made


def _sweep(made: Flows, root: Value) -> None:
    """Note what `backward_steps` says of every edge."""
    made.adjoints[-1] = 1.0
    made.reached[-1] = 1
    for step in backward_steps(root):
        edge = made.first[made.position[step.node]]
        for source, partial, contribution, adjoint in zip(
            step.inputs, step.partials, step.contributions, step.adjoints, strict=True
        ):
            if type(source) is float:
                continue
            if partial is not None and contribution is not None and adjoint is not None:
                made.partials[edge] = partial
                made.contributions[edge] = contribution
                made.flowing[edge] = 1
                node = made.sources[edge]
                made.adjoints[node] = adjoint
                made.reached[node] = 1
            edge += 1
