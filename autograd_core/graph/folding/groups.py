"""The groups of a graph that may be shown open or closed, one inside another, and the nodes in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from autograd_core.engine.scope import Composition
from autograd_core.engine.value import Value
from autograd_core.formulas.notation import write_formula, write_name, write_number
from autograd_core.formulas.stated_formula import formula_text
from autograd_core.graph.columns import Columns
from autograd_core.graph.folding.partition import Item
from autograd_core.graph.gradient_health import gradient_health
from autograd_core.graph.names import node_names, stem_of
from autograd_core.graph.repetition.repetition import Turns, repetition

GroupKind = Literal["graph", "scope", "composition", "repeat", "chain", "part", "leaves", "sequence", "rows"]


@dataclass(slots=True, eq=False)
class Group:
    """A box that may be closed. Its `items` are nodes, by their index i, and groups, by the complement ~g of theirs.

    definition: its formula, or the composition. count: how many equal items it gathers, else 1. nodes, parameters: the
    number of operations and parameters in it, at any depth. inputs: of a composition, Values and numbers.
    """

    name: str
    kind: GroupKind
    definition: str | Composition
    parent: int
    depth: int
    items: list[Item] = field(default_factory=list)
    inputs: tuple[Any, ...] = ()
    count: int = 1
    nodes: int = 0
    parameters: int = 0

    @property
    def formula(self) -> str:
        """The formula that its scope or composition states, as a program writes it: h = relu(W x + b); "" without
        one."""
        if isinstance(self.definition, Composition):
            return self.definition.formula(len(self.inputs))
        return self.definition

    @property
    def stem(self) -> str:
        """Its name without a number at the end: neuron for neuron 3."""
        return stem_of(self.name)

    def __repr__(self) -> str:
        return f"<group {self.name}>"


class Folding:
    """The boxes of a graph. groups: outer before inner, `groups[0]` is the whole graph. home: the group of each node.
    columns: the numbers of the graph."""

    def __init__(self, columns: Columns) -> None:
        self.columns = columns
        self.groups: list[Group] = [Group("graph", "graph", "", -1, 0)]
        self.home: list[int] = []

    def new_group(self, name: str, kind: GroupKind, definition: str | Composition, parent: int) -> int:
        """Append a group and return its index. The caller adds it to the items of its parent."""
        self.groups.append(Group(name, kind, definition, parent, self.groups[parent].depth + 1))
        return len(self.groups) - 1

    def move(self, items: Sequence[Item], into: int) -> None:
        """Make `items` the items of group `into`, one level further down."""
        self.groups[into].items = list(items)
        waiting = []
        for item in items:
            if item >= 0:
                self.home[item] = into
            else:
                self.groups[~item].parent = into
                waiting.append(~item)
        while waiting:
            group = self.groups[waiting.pop()]
            group.depth = self.groups[group.parent].depth + 1
            waiting.extend(~item for item in group.items if item < 0)

    def parent(self, item: Item) -> int:
        """The group an item lies in."""
        return self.groups[~item].parent if item < 0 else self.home[item]

    def common_group(self, first: Item, second: Item) -> tuple[int, Item, Item]:
        """The innermost group that contains both items, and the items of that group in which they lie."""
        groups = self.groups
        here, there = self.parent(first), self.parent(second)
        while here != there:
            if groups[here].depth >= groups[there].depth:
                first, here = ~here, groups[here].parent
            else:
                second, there = ~there, groups[there].parent
        return here, first, second

    def nodes_in(self, item: Item) -> list[int]:
        """The nodes in an item, at any depth."""
        found: list[int] = []
        waiting = [item]
        while waiting:
            now = waiting.pop()
            items = self.groups[~now].items if now < 0 else [now]
            if min(items, default=0) >= 0:
                found += items
            else:
                waiting.extend(reversed(items))
        return found

    def names(self) -> list[str]:
        """The name of each node, as in every other picture of the graph."""
        return [self._name_of[node] for node in self.columns.order]

    @cached_property
    def troubles(self) -> bytearray:
        """The trouble of each node, as `gradient_health` finds it."""
        return gradient_health(self.columns)

    @cached_property
    def recurring(self) -> tuple[Turns, ...]:
        """What recurs in the graph."""
        return repetition(self.columns.order[-1]).recurring

    def formula_text(self, group: Group) -> str:
        """The formula of a group, typeset; that of a composition on the names of its inputs. "" without one."""
        if not isinstance(group.definition, Composition) or self._stands_for_several(group):
            return formula_text(group.formula)
        written = [
            write_name(self._name_of[each]) if each in self._name_of else write_number(float(each))
            for each in group.inputs
        ]
        names = group.definition.input_names(len(written))
        return write_formula(group.formula, dict(zip(names, written, strict=True))).text

    @cached_property
    def _name_of(self) -> dict[Value, str]:
        return node_names(self.columns.order)

    def _stands_for_several(self, group: Group) -> bool:
        while group.count == 1 and group.parent >= 0:
            group = self.groups[group.parent]
        return group.count > 1

    def path(self, item: Item) -> list[Group]:
        """The groups around an item, the innermost first, without the whole graph."""
        found = []
        group = self.parent(item)
        while group > 0:
            found.append(self.groups[group])
            group = self.groups[group].parent
        return found


def range_of(names: Sequence[str]) -> str:
    """The range from the first to the last name, which may be ranges themselves: 1 … 24."""
    return f"{names[0].split(' … ')[0]} … {names[-1].split(' … ')[-1]}"
