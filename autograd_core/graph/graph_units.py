"""The units of a recorded graph: what a reader takes as one operation.

A sum of any number of terms is one unit, in whatever order they are added, and so is a composition such as logsumexp.
Every other operation is a unit by itself.
"""

from __future__ import annotations

from dataclasses import dataclass

from autograd_core.engine import primitives
from autograd_core.engine.context import Scope
from autograd_core.engine.scope import Composition
from autograd_core.engine.value import Value
from autograd_core.graph.affine_sums import SUMS

Kind = tuple[object, ...]


@dataclass(slots=True, eq=False)
class GraphUnits:
    """The units of a graph, inputs before what uses them.

    nodes: those of each unit. inputs: the numbers of the units it is computed from, each as often as it is used; a leaf
    is a unit without nodes. kinds: equal for units of the same operation, with the same constants. leaves: the unit of
    each leaf. signs: for each sum, which of its terms are subtracted; () for any other unit.
    """

    nodes: list[list[Value]]
    inputs: list[list[int]]
    kinds: list[Kind]
    signs: list[tuple[bool, ...]]
    leaves: dict[int, Value]


def graph_units(order: list[Value]) -> GraphUnits:
    """The units of a graph, given in topological order."""
    place = dict(zip(order, range(len(order)), strict=True))
    sources = [
        () if node.primitive is None else tuple([s if isinstance(s, float) else place[s] for s in node.inputs])
        for node in order
    ]
    head, minus = _heads(order, sources)
    numbers = {index: number for number, index in enumerate(sorted(set(head)))}
    count = len(numbers)
    found = GraphUnits([[] for _ in range(count)], [[] for _ in range(count)], [()] * count, [()] * count, {})
    signs: dict[int, list[bool]] = {}
    constants: dict[int, list[float]] = {}
    for index, node in enumerate(order):
        own = numbers[head[index]]
        if node.primitive is None or not sources[index]:
            found.leaves[own] = node
            continue
        found.nodes[own].append(node)
        inputs = found.inputs[own]
        is_sum = node.primitive in SUMS and minus[index] >= 0
        for position, source in enumerate(sources[index]):
            is_minus = is_sum and bool(minus[index]) is not _is_subtracted(node, position)
            if isinstance(source, float):
                if source != 0.0 or not is_sum:
                    constants.setdefault(own, []).append(-source if is_minus else source)
            elif (unit := numbers[head[source]]) != own:
                inputs.append(unit)
                if is_sum:
                    signs.setdefault(own, []).append(is_minus)
        if index == head[index]:
            found.kinds[own] = _kind(node, is_sum, constants.pop(own, []))
    for own, flags in signs.items():
        found.signs[own] = tuple(flags)
    return found


def _is_subtracted(node: Value, position: int) -> bool:
    return node.primitive is primitives.negative or (node.primitive is primitives.subtract and position == 1)


def _kind(node: Value, is_sum: bool, constants: list[float]) -> Kind:
    """The operation of a unit, given its last node and the constants in it."""
    closed = None if is_sum else _closed(node._scope)
    if closed is None:
        return ("sum" if is_sum else node.primitive, *constants)
    assert isinstance(closed.definition, Composition)
    given = [number for number in closed.inputs if isinstance(number, float)]
    return (closed.definition, *(set(given) if closed.definition.takes_lists else given))


def _closed(scope: Scope) -> Scope | None:
    """The outermost composition around a node; a dot product is none, since it is read as the sum that it is."""
    found = None
    for outer in scope.chain():
        if isinstance(outer.definition, Composition) and outer.definition.name != "dot":
            found = outer
    return found


def _heads(order: list[Value], sources: list[tuple[int | float, ...]]) -> tuple[list[int], list[int]]:
    """(the last node of the unit of each node; for nodes of a sum whether the sum subtracts them, -1 for others)."""
    uses = [0] * len(order)
    for inputs in sources:
        for source in inputs:
            if isinstance(source, int):
                uses[source] += 1
    closed: dict[Scope, Scope | None] = {}
    last: dict[Scope, int] = {}
    inside: list[Scope | None] = []
    for index, node in enumerate(order):
        scope = node._scope
        if scope not in closed:
            closed[scope] = _closed(scope)
        own = closed[scope] if sources[index] else None
        inside.append(own)
        if own is not None:
            last[own] = index
    head, minus = list(range(len(order))), [-1] * len(order)
    for index in range(len(order) - 1, -1, -1):
        node, own = order[index], inside[index]
        if own is not None:
            head[index] = last[own]
        elif node.primitive in SUMS:
            minus[index] = max(0, minus[index])
            for position, source in enumerate(sources[index]):
                if (
                    isinstance(source, int)
                    and uses[source] == 1
                    and inside[source] is None
                    and order[source].primitive in SUMS
                ):
                    head[source] = head[index]
                    minus[source] = int(bool(minus[index]) is not _is_subtracted(node, position))
    return head, minus
