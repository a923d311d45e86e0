"""Backward sweeps with the mistakes of students: in another order, overwriting, depth first, with wrong contributions.

The graph consists of the boxes of a view and their partials, as the reader sees them.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from autograd_core.engine.primitive import Primitive
from autograd_core.formulas.symbols import name_text
from autograd_core.graph.boxes import Box, View
from autograd_core.graph.path_search import count_paths, list_paths
from autograd_core.mistakes.open_gates import partials_with_gates_open

MOST_ORDERS = 200  # valid orders tried for `=` instead of `+=`
LARGEST_REORDERED = 10  # operations; in larger graphs only the engine's own order is tried
MOST_EDGES = 400  # for mistakes at each edge in turn

EdgeKey = tuple[str, int]  # the name of the node, the index of the operand


@dataclass(frozen=True, slots=True)
class Edge:
    """One edge along which a gradient flows back. own: the number of the operand itself."""

    node: int
    operand: int
    source: int
    partial: float
    own: float
    key: EdgeKey = field(compare=False)


Contribution = Callable[[Edge, float], float | None]
Combine = Callable[[float, float], float]
SweepResult = tuple[dict[int, float], dict[Edge, float]]


def right(edge: Edge, upstream: float) -> float:
    """The right contribution."""
    return upstream * edge.partial


def _user(edge: Edge) -> int:
    return edge.node


def replace_at(places: Collection[Edge], wrong: Contribution) -> Contribution:
    """`wrong` at some edges, the chain rule at all others."""
    return lambda edge, upstream: (wrong if edge in places else right)(edge, upstream)


class Graph:
    """The boxes of a view as numbered nodes, the output last, with the edges along which a gradient flows back.

    gates_open: whether closed gates are treated as open.
    """

    def __init__(self, view: View, gates_open: bool = False) -> None:
        self.boxes = view.boxes
        self.names = [box.name for box in view.boxes]
        self.symbols = [name_text(name) for name in self.names]
        number = {box: index for index, box in enumerate(view.boxes)}
        self.edges: list[list[Edge]] = [[] for _ in view.boxes]
        self.users: list[list[Edge]] = [[] for _ in view.boxes]
        for node, box in enumerate(view.boxes):
            partials_of = partials_with_gates_open if gates_open else Box.partials
            partials = partials_of(box) if box.entry is not None else ()
            for index, (operand, partial) in enumerate(zip(box.operands, partials, strict=True)):
                if operand.box is not None and partial is not None:
                    edge = Edge(node, index, number[operand.box], partial, operand.number, (box.name, index))
                    self.edges[node].append(edge)
        self.order: list[int] = list(range(len(self.boxes)))[::-1]
        for node in self.order:
            for edge in self.edges[node]:
                self.users[edge.source].append(edge)

    @property
    def is_large(self) -> bool:
        """Whether mistakes at each edge in turn would take too long."""
        return sum(map(len, self.edges)) > MOST_EDGES

    def all_edges(self) -> Iterator[Edge]:
        """Every edge, in the order of the sweep."""
        return (edge for node in self.order for edge in self.edges[node])

    def fan_outs(self) -> list[int]:
        """The nodes at which several contributions meet."""
        return [node for node in self.order if len(self.users[node]) > 1]

    def is_product(self, edge: Edge) -> bool:
        """Whether the partial is another operand, as in a product."""
        box = self.boxes[edge.node]
        rule = box.derivative_rule(edge.operand)
        return rule in box.arguments() and rule != box.arguments()[edge.operand]

    def is_function(self, edge: Edge) -> bool:
        """Whether the edge goes into a function of one variable: sin, a composition, a power, 1 / (...)."""
        box = self.boxes[edge.node]
        if sum(operand.box is not None for operand in box.operands) != 1:
            return False
        return not isinstance(box.entry, Primitive) or edge.operand not in box.entry.linear or bool(box.entry.kink)

    def ends(self, edge: Edge) -> str:
        """An edge in words, in the direction of the sweep."""
        return f"from {self.symbols[edge.node]} back to {self.symbols[edge.source]}"

    def sweep(
        self,
        contribution: Contribution,
        order: Sequence[int] = (),
        combine: Combine = operator.add,
        late: Collection[Edge] = (),
        start: Mapping[int, float] | None = None,
    ) -> SweepResult:
        """The adjoints and contributions of a backward sweep.

        combine: what becomes of two contributions that meet. late: edges whose contribution arrives after the sweep and
        is not passed on. start: the first adjoints.
        """
        total = dict(start or {})
        total[self.order[0]] = 1.0
        sent: dict[Edge, float] = {}
        for node in order or self.order:
            if node in total:
                for edge in self.edges[node]:
                    amount = contribution(edge, total[node])
                    if amount is not None:
                        sent[edge] = amount
                        if edge not in late:
                            total[edge.source] = combine(total[edge.source], amount) if edge.source in total else amount
        for edge, amount in sent.items():
            if edge in late:
                total[edge.source] = total.get(edge.source, 0.0) + amount
        return total, sent

    def below(self, node: int) -> set[int]:
        """Every node that `node` was computed from."""
        found: set[int] = set()
        waiting = [node]
        while waiting:
            for edge in self.edges[waiting.pop()]:
                if edge.source not in found:
                    found.add(edge.source)
                    waiting.append(edge.source)
        return found

    def path_counts(self) -> list[int]:
        """How many paths lead from the output to each node."""
        return [self._path_counts[node] for node in range(len(self.boxes))]

    def paths(self, target: int) -> list[tuple[Edge, ...]]:
        """Every path from the output to `target`."""
        leaving = dict(enumerate(self.users))
        return [path[::-1] for path in list_paths(target, leaving, _user, self._path_counts)]

    @cached_property
    def _path_counts(self) -> dict[int, int]:
        return count_paths(self.order, dict(enumerate(self.users)), _user)

    def valid_orders(self) -> Iterator[tuple[int, ...]]:
        """Orders in which every node comes after all its users, the engine's own first; at most `MOST_ORDERS`."""
        inner = [node for node in self.order if self.edges[node]]
        if len(inner) > LARGEST_REORDERED:
            yield tuple(inner)
            return
        waiting: list[tuple[int, ...]] = [()]
        found = 0
        while waiting and found < MOST_ORDERS:
            start = waiting.pop()
            if len(start) == len(inner):
                found += 1
                yield start
            rest = [node for node in inner if node not in start]
            ready = [node for node in rest if all(edge.node in start for edge in self.users[node])]
            waiting += [(*start, node) for node in reversed(ready)]

    def depth_first(self, revisit: bool, at_once: bool) -> SweepResult:
        """A recursion into each input, once or (`revisit`) each time; `at_once`: before the next contribution."""
        total = {self.order[0]: 1.0}
        sent: dict[Edge, float] = {}
        visited = set(total)

        def pass_on(node: int) -> Iterator[int]:
            for edge in self.edges[node]:
                sent[edge] = total[node] * edge.partial
                total[edge.source] = total.get(edge.source, 0.0) + sent[edge]
                if at_once:
                    yield edge.source
            if not at_once:
                yield from (edge.source for edge in self.edges[node])

        calls = [pass_on(self.order[0])]
        while calls:
            source = next(calls[-1], None)
            if source is None:
                calls.pop()
            elif revisit or source not in visited:
                visited.add(source)
                calls.append(pass_on(source))
        return total, sent

    def breadth_first(self) -> list[int]:
        """The nodes level by level from the output, each at its first occurrence."""
        order = [self.order[0]]
        for node in order:
            order += [source for source in dict.fromkeys(e.source for e in self.edges[node]) if source not in order]
        return order


def recompute(graph: Graph, compute: Callable[[int, list[float]], tuple[list[float], float]]) -> dict[Edge, float]:
    """The partials after another forward pass, where they are finite.

    compute: from a node and the numbers that arrive at it, the operands that it uses and its number.
    """
    numbers = {box.name: box.number for box in graph.boxes}
    partials: dict[Edge, float] = {}
    for node in reversed(graph.order):
        box = graph.boxes[node]
        if box.entry is None:
            continue
        arriving = [item.number if item.box is None else numbers[item.box.name] for item in box.operands]
        operands, numbers[box.name] = compute(node, arriving)
        for edge in graph.edges[node]:
            if rule := box.derivative_rule(edge.operand):
                partials[edge] = box.evaluate_rule(rule, operands, numbers[box.name])
    return {edge: partial for edge, partial in partials.items() if math.isfinite(partial)}
