"""Boxes inside boxes: the groups of a graph that may be shown open or closed, and which nodes lie in them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from autograd_core.engine.scope import Composition
from autograd_core.graph.columns import Columns
from autograd_core.graph.folding.partition import Unit
from autograd_core.graph.names import node_names

GroupKind = Literal["graph", "scope", "composition", "repeat", "chain", "part", "leaves", "sequence"]


@dataclass(slots=True, eq=False)
class Group:
    """A box that may be closed. It holds `units`: a node by its index i, a group by the complement ~g of its own.

    definition: its formula, or the composition. count: how many alike it gathers, 1 for others. nodes, parameters: how
    many operations and parameters lie in it, at any depth.
    """

    name: str
    kind: GroupKind
    definition: str | Composition
    parent: int
    depth: int
    units: list[Unit] = field(default_factory=list)
    arguments: int = 0
    count: int = 1
    nodes: int = 0
    parameters: int = 0

    @property
    def formula(self) -> str:
        """What it computes, as far as its scope or its composition says: h = relu(W x + b)."""
        if isinstance(self.definition, Composition):
            return "y = " + self.definition.formula(self.arguments)
        return self.definition

    @property
    def stem(self) -> str:
        """Its name without a number at the end: neuron 3 is a neuron."""
        return stem_of(self.name)

    def __repr__(self) -> str:
        return f"<group {self.name}>"


class Folding:
    """The boxes of a graph. `groups[0]` is the whole graph, outer groups stand before inner ones; `home` says in which
    group each node lies, `flows` what its edges carry."""

    def __init__(self, carried: Columns) -> None:
        self.flows = carried
        self.groups: list[Group] = [Group("graph", "graph", "", -1, 0)]
        self.home: list[int] = []

    def new_group(self, name: str, kind: GroupKind, definition: str | Composition, parent: int) -> int:
        """Enter a group in the table and return its index; its place in its parent's units is the caller's."""
        self.groups.append(Group(name, kind, definition, parent, self.groups[parent].depth + 1))
        return len(self.groups) - 1

    def move(self, units: Sequence[Unit], into: int) -> None:
        """Make units the units of another group, one level further down."""
        self.groups[into].units = list(units)
        waiting = []
        for unit in units:
            if unit >= 0:
                self.home[unit] = into
            else:
                self.groups[~unit].parent = into
                waiting.append(~unit)
        while waiting:
            group = self.groups[waiting.pop()]
            group.depth = self.groups[group.parent].depth + 1
            waiting.extend(~unit for unit in group.units if unit < 0)

    def parent(self, unit: Unit) -> int:
        """The group a unit lies in."""
        return self.groups[~unit].parent if unit < 0 else self.home[unit]

    def meeting(self, one: Unit, other: Unit) -> tuple[int, Unit, Unit]:
        """The innermost group that holds both units, and which of its own units each of them is or lies in."""
        groups = self.groups
        here, there = self.parent(one), self.parent(other)
        while here != there:
            if groups[here].depth >= groups[there].depth:
                one, here = ~here, groups[here].parent
            else:
                other, there = ~there, groups[there].parent
        return here, one, other

    def members(self, unit: Unit) -> list[int]:
        """The nodes in a unit, at any depth."""
        found: list[int] = []
        waiting = [unit]
        while waiting:
            now = waiting.pop()
            units = self.groups[~now].units if now < 0 else [now]
            if min(units, default=0) >= 0:
                found += units
            else:
                waiting.extend(reversed(units))
        return found

    def names(self) -> list[str]:
        """The name of each node, as in every other picture of the graph."""
        names = node_names(self.flows.order)
        return [names[node] for node in self.flows.order]

    def path(self, unit: Unit) -> list[Group]:
        """The groups a unit lies in, the innermost first, the whole graph left out."""
        found = []
        group = self.parent(unit)
        while group > 0:
            found.append(self.groups[group])
            group = self.groups[group].parent
        return found


def stem_of(name: str) -> str:
    """A name without the number at its end: neuron for neuron 3."""
    return re.sub(r"(?<=[A-Za-z ])[\s#]*\d+$", "", name).rstrip() if name[-1:].isdigit() else name


def range_of(names: Sequence[str]) -> str:
    """From the first to the last of names, which may be ranges themselves: 1 … 24."""
    return f"{names[0].split(' … ')[0]} … {names[-1].split(' … ')[-1]}"
