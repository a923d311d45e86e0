"""The units of a recorded graph: what a reader takes as one operation.

A sum of any number of terms is one unit, in whatever order they are added, and so is a composition such as logsumexp.
Every other operation is a unit by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from autograd_core.engine import primitives
from autograd_core.engine.context import Scope
from autograd_core.engine.scope import Composition
from autograd_core.engine.value import Value
from autograd_core.graph.affine.affine_sums import SUMS

Kind = tuple[object, ...]
_SUM: Kind = ("sum",)


@dataclass(slots=True, eq=False)
class GraphUnits:
    """The units of a graph, inputs before what uses them.

    nodes: those of each unit. inputs: the numbers of the units it is computed from, each as often as it is used; a leaf
    is a unit without nodes. kinds: equal for units of the same operation, with the same constants; those that a sum
    adds are data, as the targets of an error. leaves: the unit of each leaf. signs: for each sum, which of its terms
    are subtracted; () for any other unit.
    """

    nodes: list[list[Value]]
    inputs: list[list[int]]
    kinds: list[Kind]
    signs: list[tuple[bool, ...]]
    leaves: dict[int, Value]


def graph_units(order: list[Value]) -> GraphUnits:
    """The units of a graph, given in topological order."""
    edges = _Edges(order)
    inside = _compositions(order)
    head, minus = _heads(order, edges, inside)
    number, count = [0] * len(order), 0
    for index, own in enumerate(head):
        if own == index:
            number[index] = count
            count += 1
    unit_of = [number[own] for own in head]
    found = GraphUnits([[] for _ in range(count)], [[] for _ in range(count)], [_SUM] * count, [()] * count, {})
    plain: dict[object, Kind] = {}
    signs: dict[int, list[bool]] = {}
    for index, given in enumerate(edges.sources):
        own, node = unit_of[index], order[index]
        if given is None:
            found.leaves[own] = node
            continue
        found.nodes[own].append(node)
        if (is_minus := minus[index]) is not None:
            inputs, flags = found.inputs[own], signs.setdefault(own, [])
            for position, source in enumerate(given, 2 - len(given)):
                if (unit := unit_of[source]) != own:
                    inputs.append(unit)
                    flags.append(is_minus is not _is_subtracted(node, position))
        elif (closed := inside.get(index)) is None:
            found.inputs[own] = [unit_of[source] for source in given]
            key = node._primitive, *edges.constants.get(index, ())
            found.kinds[own] = plain.setdefault(key, key)
        else:
            found.inputs[own] += [unit for source in given if (unit := unit_of[source]) != own]
            if index == head[index]:
                found.kinds[own] = _kind(closed)
    for own, flags in signs.items():
        found.signs[own] = tuple(flags)
    return found


class _Edges:
    """The edges of a graph in topological order. sources: the places of the inputs of each node, None for a leaf.
    constants: (place, number) of each constant of a node that has any. uses: of each node. reader: the last one."""

    def __init__(self, order: list[Value]) -> None:
        place = dict(zip(order, range(len(order)), strict=True))
        self.sources: list[Sequence[int] | None] = []
        self.constants: dict[int, list[tuple[int, float]]] = {}
        self.uses, self.reader = [0] * len(order), [0] * len(order)
        uses, reader, sources = self.uses, self.reader, self.sources
        for index, node in enumerate(order):
            if node._primitive is None or node._x is None:
                sources.append(None)
                continue
            left, right = node._a, node._b
            given: Sequence[int]
            if node._primitive.many:
                given = [place[each] for each in left if each is not None]
                pairs = enumerate(zip(left, node._x, strict=True))
                if constants := [(at, x) for at, (each, x) in pairs if each is None]:
                    self.constants[index] = constants
            elif right is not None:
                given = (place[right],) if left is None else (place[left], place[right])
                if left is None:
                    self.constants[index] = [(0, node._x)]
            else:
                given = () if left is None else (place[left],)
                if node._y is not None or left is None:
                    self.constants[index] = [(1, node._y)] if left is not None else [(0, node._x), (1, node._y)]
            sources.append(given)
            for source in given:
                uses[source] += 1
                reader[source] = index


def _compositions(order: list[Value]) -> dict[int, Scope]:
    """The outermost composition around each node that lies in one; a dot product is none, since it is read as the sum
    that it is."""
    outermost: dict[Scope, Scope | None] = {}
    found: dict[int, Scope] = {}
    for index, node in enumerate(order):
        scope = node._scope
        if scope not in outermost:
            around = [each for each in scope.chain() if isinstance(each.definition, Composition)]
            outermost[scope] = next((each for each in around[::-1] if each.definition.name != "dot"), None)
        if (closed := outermost[scope]) is not None and node._primitive is not None and node._x is not None:
            found[index] = closed
    return found


def _heads(order: list[Value], edges: _Edges, inside: dict[int, Scope]) -> tuple[list[int], list[bool | None]]:
    """(the last node of the unit of each node; for nodes of a sum whether the sum subtracts them, None for others)."""
    head = list(range(len(order)))
    minus: list[bool | None] = [None] * len(order)
    last = {scope: index for index, scope in inside.items()}
    for index, scope in inside.items():
        head[index] = last[scope]
    for index in range(len(order) - 1, -1, -1):
        if order[index]._primitive in SUMS and index not in inside:
            minus[index] = False
            reader = edges.reader[index]
            if edges.uses[index] == 1 and (is_minus := minus[reader]) is not None:
                head[index] = head[reader]
                minus[index] = is_minus is not _is_subtracted(order[reader], int(order[reader]._b is order[index]))
    return head, minus


def _is_subtracted(node: Value, position: int) -> bool:
    """Whether a sum of two subtracts its input at a position."""
    return node._primitive is primitives.negative or (node._primitive is primitives.subtract and position == 1)


def _kind(closed: Scope) -> Kind:
    """The operation of a composition, with its constants."""
    assert isinstance(closed.definition, Composition)
    given = [number for number in closed.inputs if isinstance(number, float)]
    return (closed.definition, *(set(given) if closed.definition.takes_lists else given))
