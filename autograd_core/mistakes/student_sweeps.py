"""Backward sweeps as students make them: in another order, overwriting, depth first, with a wrong contribution.

The graph is that of a view: its boxes and their partials as the reader sees them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from autograd_core.graph.boxes import Box, View
from autograd_core.mistakes.open_gates import partials_with_gates_open

MOST_ORDERS = 200  # valid orders tried for `=` in the place of `+=`
LARGEST_REORDERED = 10  # operations; in larger graphs only the engine's own order is tried

MOST_EDGES = 400  # for faults at one place after another

Key = tuple[str, int]  # an edge: the name of its node, the number of the operand


@dataclass(frozen=True, slots=True)
class Edge:
    """One edge along which something flows back. own: the number of the operand itself."""

    node: int
    operand: int
    source: int
    partial: float
    own: float
    key: Key = field(compare=False)


Contribution = Callable[[Edge, float], float | None]
Swept = tuple[dict[int, float], dict[Edge, float]]


def right(edge: Edge, upstream: float) -> float:
    """The contribution as it should be."""
    return upstream * edge.partial


def wrong_at(places: Collection[Edge], wrong: Contribution) -> Contribution:
    """`wrong` at some edges, the chain rule at all others."""
    return lambda edge, upstream: (wrong if edge in places else right)(edge, upstream)


class Graph:
    """The boxes of a view as numbered nodes, outputs last, with the edges that carry something back.

    With `gates_open`, also those that a closed gate keeps from it.
    """

    def __init__(self, seen: View, gates_open: bool = False) -> None:
        self.boxes = seen.boxes
        self.names = [box.name for box in seen.boxes]
        number = {box: index for index, box in enumerate(seen.boxes)}
        self.edges: list[list[Edge]] = [[] for _ in seen.boxes]
        self.users: list[list[Edge]] = [[] for _ in seen.boxes]
        for node, box in enumerate(seen.boxes):
            of = partials_with_gates_open if gates_open else Box.partials
            partials = of(box) if box.entry is not None else ()
            for operand, (given, partial) in enumerate(zip(box.operands, partials, strict=True)):
                if given.box is not None and partial is not None:
                    edge = Edge(node, operand, number[given.box], partial, given.number, (box.name, operand))
                    self.edges[node].append(edge)
        self.order: list[int] = list(range(len(self.boxes)))[::-1]
        for node in self.order:
            for edge in self.edges[node]:
                self.users[edge.source].append(edge)

    @property
    def is_large(self) -> bool:
        """Whether faults at one place after another would take too long."""
        return sum(map(len, self.edges)) > MOST_EDGES

    def all_edges(self) -> Iterator[Edge]:
        """Every edge, in the order of the sweep."""
        return (edge for node in self.order for edge in self.edges[node])

    def fan_outs(self) -> list[int]:
        """The nodes at which several contributions meet."""
        return [node for node in self.order if len(self.users[node]) > 1]

    def is_product(self, edge: Edge) -> bool:
        return self.boxes[edge.node].operation == "multiply"

    def ends(self, edge: Edge) -> str:
        """An edge in words, as the sweep goes along it."""
        return f"from {self.names[edge.node]} back to {self.names[edge.source]}"

    def sweep(
        self,
        contribution: Contribution,
        order: Sequence[int] = (),
        overwrite: bool = False,
        late: Collection[Edge] = (),
        start: Mapping[int, float] | None = None,
    ) -> Swept:
        """The adjoints and contributions of a backward sweep.

        What travels a `late` edge arrives after the sweep and is not passed on; `start` holds what the nodes had.
        """
        total = dict(start or {})
        total[self.order[0]] = 1.0
        carried: dict[Edge, float] = {}
        for node in order or self.order:
            if node in total:
                for edge in self.edges[node]:
                    amount = contribution(edge, total[node])
                    if amount is not None:
                        carried[edge] = amount
                        if edge not in late:
                            total[edge.source] = amount if overwrite else total.get(edge.source, 0.0) + amount
        for edge, amount in carried.items():
            if edge in late:
                total[edge.source] = total.get(edge.source, 0.0) + amount
        return total, carried

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
        counts = [0] * len(self.boxes)
        counts[self.order[0]] = 1
        for edge in self.all_edges():
            counts[edge.source] += counts[edge.node]
        return counts

    def paths(self, target: int) -> list[tuple[Edge, ...]]:
        """Every path from the output to `target`."""
        found: list[tuple[Edge, ...]] = []
        waiting: list[tuple[int, tuple[Edge, ...]]] = [(target, ())]
        while waiting:
            node, path = waiting.pop()
            if node == self.order[0]:
                found.append(path)
            waiting += [(edge.node, (edge, *path)) for edge in reversed(self.users[node])]
        return found

    def valid_orders(self) -> Iterator[tuple[int, ...]]:
        """Orders in which every node comes after all its users, the engine's own first; a limited number of them."""
        inner = [node for node in self.order if self.edges[node]]
        if len(inner) > LARGEST_REORDERED:
            yield tuple(inner)
            return
        waiting: list[tuple[int, ...]] = [()]
        found = 0
        while waiting and found < MOST_ORDERS:
            begun = waiting.pop()
            if len(begun) == len(inner):
                found += 1
                yield begun
            rest = [node for node in inner if node not in begun]
            ready = [node for node in rest if all(edge.node in begun for edge in self.users[node])]
            waiting += [(*begun, node) for node in reversed(ready)]

    def depth_first(self, revisit: bool, at_once: bool) -> Swept:
        """A recursion that goes into each input, again each time or once only; `at_once`, before the next is served."""
        total = {self.order[0]: 1.0}
        carried: dict[Edge, float] = {}
        seen = set(total)

        def handed(node: int) -> Iterator[int]:
            for edge in self.edges[node]:
                carried[edge] = total[node] * edge.partial
                total[edge.source] = total.get(edge.source, 0.0) + carried[edge]
                if at_once:
                    yield edge.source
            if not at_once:
                yield from (edge.source for edge in self.edges[node])

        under_way = [handed(self.order[0])]
        while under_way:
            source = next(under_way[-1], None)
            if source is None:
                under_way.pop()
            elif revisit or source not in seen:
                seen.add(source)
                under_way.append(handed(source))
        return total, carried

    def breadth_first(self) -> list[int]:
        """The nodes level by level from the output, each where it is met first."""
        order = [self.order[0]]
        for node in order:
            order += [source for source in dict.fromkeys(e.source for e in self.edges[node]) if source not in order]
        return order
