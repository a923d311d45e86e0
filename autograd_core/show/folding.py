"""A graph as boxes inside boxes: model > layer > neuron > affine, each of which may be shown open or closed.

The boxes come from the scopes a program opened. Boxes alike and side by side are gathered into one with a count; a
parameter lies in the innermost box that alone uses it; leaves of one name (W[0][0], W[0][1] ...) are one box; and what
is still too much for one sheet, as in a program without scopes, is cut into parts where the fewest values are alive.
Pure structure: nothing here knows of cards or pixels.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Literal

from autograd_core.context import Scope
from autograd_core.scope import Composition
from autograd_core.show.flows import Flows, flows
from autograd_core.show.fold_parts import FEW, Unit, chained, ordered, parts, repeated
from autograd_core.value import Value

GroupKind = Literal["graph", "scope", "composition", "repeat", "chain", "part", "leaves"]
_LEAST_REPEATED = 4
_LEAST_LEAVES = 4


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
        return _stem(self.name)

    def __repr__(self) -> str:
        return f"<group {self.name}>"


class Folding:
    """The boxes of a graph. `groups[0]` is the whole graph, outer groups stand before inner ones; `home` says in which
    group each node lies, `flows` what its edges carry."""

    def __init__(self, carried: Flows) -> None:
        self.flows = carried
        self.groups: list[Group] = [Group("graph", "graph", "", -1, 0)]
        self.home: list[int] = []

    def new_group(self, name: str, kind: GroupKind, definition: str | Composition, parent: int) -> int:
        """Enter a group in the table and return its index; its place in its parent's units is the caller's."""
        self.groups.append(Group(name, kind, definition, parent, self.groups[parent].depth + 1))
        return len(self.groups) - 1

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

    def members(self, unit: Unit) -> Iterator[int]:
        """The nodes in a unit, at any depth."""
        waiting = [unit]
        while waiting:
            now = waiting.pop()
            if now >= 0:
                yield now
            else:
                waiting.extend(reversed(self.groups[~now].units))

    def names(self) -> list[str]:
        """The name of each node, as in the unfolded picture: its label, else v1 v2 ... in order of computation."""
        order, leaf = self.flows.order, self.flows.leaf
        taken = {node.label for node in order if node.label}
        fresh = (name for number in count(1) if (name := f"v{number}") not in taken)
        used: Counter[str] = Counter()
        names = [""] * len(order)

        def give(index: int) -> None:
            label = order[index].label
            used[label] += 1
            if label:
                names[index] = label if used[label] == 1 else f"{label}#{used[label]}"
            elif index == len(order) - 1 and not leaf[index] and "out" not in taken:
                names[index] = "out"
            else:
                names[index] = next(fresh)

        for index in range(len(order)):
            if not leaf[index]:  # a leaf is named when it is first used
                for edge in self.flows.edges(index):
                    if not names[self.flows.sources[edge]]:
                        give(self.flows.sources[edge])
                give(index)
        if not names[-1]:
            give(len(order) - 1)
        return names

    def path(self, unit: Unit) -> list[Group]:
        """The groups a unit lies in, the innermost first, the whole graph left out."""
        found = []
        group = self.parent(unit)
        while group > 0:
            found.append(self.groups[group])
            group = self.groups[group].parent
        return found


def fold(root: Value) -> Folding:
    """The boxes of the graph below `root`.

    >>> from autograd_core import scope
    >>> with scope("line", "w x + b"):
    ...     y = Value(2.0) * 3.0 + 1.0
    >>> [(group.name, group.depth, group.nodes) for group in fold(y).groups]
    [('graph', 0, 2), ('line', 1, 2)]
    """
    carried = flows(root)
    transparent: set[Scope] = set()
    while True:
        made = Folding(carried)
        group_of = _enter_scopes(made, transparent)
        rings = _gather(made)
        if not rings:
            break
        transparent |= {scope for scope, group in group_of.items() if group in rings}
    _place_leaves(made, group_of)
    _outer_first(made)
    _count(made)
    return made


# ------------------------------------------------------------------------------------------------------- scopes


def _enter_scopes(made: Folding, transparent: Collection[Scope]) -> dict[Scope, int]:
    """A group for every named scope in which something was computed; leaves wait in the outermost group."""
    group_of: dict[Scope, int] = {}
    leaf = made.flows.leaf
    for index, node in enumerate(made.flows.order):
        if leaf[index]:
            made.home.append(0)
            continue
        group = group_of.get(node._scope)
        if group is None:
            group = _enter_scope(made, group_of, node._scope, transparent)
        made.home.append(group)
        made.groups[group].units.append(index)
    return group_of


def _enter_scope(made: Folding, group_of: dict[Scope, int], innermost: Scope, transparent: Collection[Scope]) -> int:
    unknown: list[Scope] = []
    scope: Scope | None = innermost
    while scope is not None and scope not in group_of:
        unknown.append(scope)
        scope = scope.parent
    group = 0 if scope is None else group_of[scope]
    for scope in reversed(unknown):
        if scope.name and scope not in transparent:
            definition = scope.definition or ""
            kind: GroupKind = "composition" if isinstance(definition, Composition) else "scope"
            inner = made.new_group(scope.name, kind, definition, group)
            made.groups[inner].arguments = len(scope.inputs)
            made.groups[group].units.append(~inner)
            group = inner
        group_of[scope] = group
    return group


# ------------------------------------------------------------------------------------- repeats, chains and parts


def _gather(made: Folding) -> set[int]:
    """Put repeats, chains and parts into groups of their own; return the groups that use each other in a ring."""
    kinds = _signatures(made)
    looked_at = [len(group.units) > FEW or sum([unit < 0 for unit in group.units]) > 1 for group in made.groups]
    edges: dict[int, set[tuple[Unit, Unit]]] = {index: set() for index, wanted in enumerate(looked_at) if wanted}
    leaf = made.flows.leaf
    home = made.home
    for source, user in made.flows.pairs():
        if home[source] == home[user] and not looked_at[home[user]]:
            continue
        if not leaf[source]:
            group, one, other = made.meeting(source, user)
            if looked_at[group]:
                edges[group].add((one, other))
    last = _last_nodes(made)

    def rank(unit: Unit) -> int:
        return unit if unit >= 0 else last[~unit]

    rings: set[int] = set()
    for index, between in edges.items():
        if any(rank(one) > rank(other) for one, other in between):
            units = made.groups[index].units
            rings |= {~unit for unit in set(units).difference(ordered(units, between, rank)[0]) if unit < 0}
    if not rings:
        for index, between in edges.items():
            units = made.groups[index].units
            alike = Counter(kinds[~unit] for unit in units if unit < 0)
            if len(units) > FEW or max(alike.values()) >= _LEAST_REPEATED:
                _gather_in(made, index, between, kinds, last)
    return rings


def _signatures(made: Folding) -> list[int]:
    """A number for each group, equal for groups of one name and formula that hold the same operations in one order."""
    known: dict[object, int] = {}
    signature = [0] * len(made.groups)
    order = made.flows.order
    for index in reversed(range(len(made.groups))):
        group = made.groups[index]
        inside = tuple([order[unit].op if unit >= 0 else signature[~unit] for unit in group.units])
        definition = group.definition if isinstance(group.definition, str) else group.definition.name
        definition = re.sub(r"\d+", "", definition)  # h1 = relu(W1 x + b1) and h2 = relu(W2 h1 + b2) are alike
        signature[index] = known.setdefault((group.stem, definition, inside), len(known))
    return signature


def _last_nodes(made: Folding) -> list[int]:
    """The last node of each group in the order of computation."""
    last = [0] * len(made.groups)
    for node, group in enumerate(made.home):
        last[group] = node
    for index in reversed(range(1, len(last))):
        outer = made.groups[index].parent
        last[outer] = max(last[outer], last[index])
    return last


def _gather_in(made: Folding, index: int, edges: set[tuple[Unit, Unit]], kinds: list[int], last: list[int]) -> None:
    group = made.groups[index]
    nodes = made.flows.order
    operations: dict[str, int] = {}

    def rank(unit: Unit) -> int:
        return unit if unit >= 0 else last[~unit]

    def kind(unit: Unit) -> int:
        """Of operations and compositions only where there are too many to show each."""
        if unit >= 0:
            return len(kinds) + operations.setdefault(nodes[unit].op, len(operations)) if crowded else -1
        if not crowded and made.groups[~unit].kind != "scope":
            return -1
        return kinds[~unit] if ~unit < len(kinds) else -1

    def together(name: str, what: GroupKind, units: Sequence[Unit]) -> None:
        inner = made.new_group(name, what, "", index)
        made.groups[inner].count = len(units)
        last.append(max(rank(unit) for unit in units))
        _move(made, units, inner)
        merged.update(dict.fromkeys(units, ~inner))
        if len(units) > 2 * FEW:
            _cut_up(made, inner, set(), last)

    crowded = len(group.units) > FEW
    for what in ("chain", "repeat") if crowded else ("repeat",):
        order, level, users = ordered(group.units, edges, rank)
        merged: dict[Unit, Unit] = {}
        found = chained(order, users, kind) if what == "chain" else repeated(order, level, kind, _LEAST_REPEATED)
        for run in found:
            if what == "repeat":
                run.sort(key=lambda unit: _number(made.groups[~unit].name) if unit < 0 else unit)
            together(f"{_common_name(made, run)} ×{len(run)}", "chain" if what == "chain" else "repeat", run)
        group.units = list(dict.fromkeys(merged.get(unit, unit) for unit in order))
        edges = {(merged.get(one, one), merged.get(other, other)) for one, other in edges}
        edges = {pair for pair in edges if pair[0] != pair[1]}
    if len(group.units) > 2 * FEW:
        _cut_up(made, index, edges, last)


def _common_name(made: Folding, units: Sequence[Unit]) -> str:
    first = units[0]
    return made.groups[~first].stem if first < 0 else made.flows.order[first].op


def _move(made: Folding, units: Sequence[Unit], into: int) -> None:
    """Make units the units of another group, one level further down."""
    made.groups[into].units = list(units)
    waiting = []
    for unit in units:
        if unit >= 0:
            made.home[unit] = into
        else:
            made.groups[~unit].parent = into
            waiting.append(~unit)
    while waiting:
        group = made.groups[waiting.pop()]
        group.depth = made.groups[group.parent].depth + 1
        waiting.extend(~unit for unit in group.units if unit < 0)


def _cut_up(made: Folding, index: int, edges: set[tuple[Unit, Unit]], last: list[int]) -> None:
    """Cut a long computation into parts, and these into larger parts, until a sheet can hold them."""

    def rank(unit: Unit) -> int:
        return unit if unit >= 0 else last[~unit]

    group = made.groups[index]
    order, _, users = ordered(group.units, edges, rank)
    spans: dict[Unit, str] = {}  # which of the boxes a part holds
    while len(order) > FEW:
        inner_of: dict[Unit, Unit] = {}
        larger: list[Unit] = []
        cuts = parts(order, users)
        for number, (start, stop) in enumerate(cuts, 1):
            run = order[start:stop]
            span = _range([spans.get(unit, str(place)) for place, unit in enumerate(run, start + 1)])
            alike = f"{group.name.split(' ×')[0]} {span}"
            name = alike if group.count > 1 else f"part {number:,} of {len(cuts):,}"
            inner = made.new_group(name, "part", "", index)
            spans[~inner] = span
            last.append(max(rank(unit) for unit in run))
            _move(made, run, inner)
            larger.append(~inner)
            inner_of.update(dict.fromkeys(run, ~inner))
        users = {
            inner_of[order[start]]: {inner_of[user] for unit in order[start:stop] for user in users[unit]}
            - {inner_of[order[start]]}
            for start, stop in cuts
        }
        order = larger
    group.units = order


def _range(names: Sequence[str]) -> str:
    return f"{names[0].split(' … ')[0]} … {names[-1].split(' … ')[-1]}"


# -------------------------------------------------------------------------------------------------------- leaves


def _place_leaves(made: Folding, group_of: dict[Scope, int]) -> None:
    """A parameter into the innermost group that alone uses it; any other leaf no deeper than where it was made."""
    place: dict[int, int] = {}
    home, groups = made.home, made.groups

    def common(here: int, there: int) -> int:
        while here != there:
            if groups[here].depth >= groups[there].depth:
                here = groups[here].parent
            else:
                there = groups[there].parent
        return here

    for source, user in made.flows.pairs():
        if made.flows.leaf[source]:
            place[source] = common(place[source], home[user]) if source in place else home[user]
    found: dict[int, list[int]] = {}
    for leaf, node in enumerate(made.flows.order):
        if not made.flows.leaf[leaf]:
            continue
        group = place.get(leaf, 0)
        if node.role != "parameter" or node.primitive is not None:
            scope: Scope | None = node._scope
            while scope is not None and scope not in group_of:
                scope = scope.parent
            group = common(group, 0 if scope is None else group_of[scope])
        home[leaf] = group
        found.setdefault(group, []).append(leaf)
    for group, leaves in found.items():
        groups[group].units[:0] = _bundled(made, group, leaves)


def _bundled(made: Folding, group: int, leaves: Sequence[int]) -> list[Unit]:
    """Leaves of one name in one box: W[0][0], W[0][1] ... are W."""
    order = made.flows.order
    alike: dict[tuple[str, str], list[int]] = {}
    for leaf in leaves:
        node = order[leaf]
        kind: str = "constant" if node.primitive is not None else node.role
        stem = re.sub(r"(\[\d+\])+$", "", node.label)
        alike.setdefault((kind, stem if stem != node.label else ""), []).append(leaf)
    units: list[Unit] = []
    for (kind, stem), same in alike.items():
        if len(same) < (_LEAST_LEAVES if stem else FEW + 1):
            units += same
            continue
        inner = made.new_group(stem or f"{len(same):,} {kind}s", "leaves", _shape(order, same) if stem else "", group)
        made.groups[inner].count = len(same)
        _move(made, same, inner)
        units.append(~inner)
        if len(same) > 2 * FEW:
            made.groups[inner].units = _in_rows(made, inner, same)
    return units


def _in_rows(made: Folding, group: int, leaves: Sequence[int]) -> list[Unit]:
    order = made.flows.order
    units: list[Unit] = list(leaves)
    while len(units) > 2 * FEW:
        larger: list[Unit] = []
        for start in range(0, len(units), FEW):
            run = units[start : start + FEW]
            names = [made.groups[~unit].name if unit < 0 else order[unit].label or f"#{unit + 1}" for unit in run]
            inner = made.new_group(_range(names), "leaves", "", group)
            made.groups[inner].count = len(run)
            _move(made, run, inner)
            larger.append(~inner)
        units = larger
    return units


def _shape(order: Sequence[Value], leaves: Sequence[int]) -> str:
    """16 × 2 where the labels are those of a full array of that shape, else how many there are."""
    places = [tuple(map(int, re.findall(r"\[(\d+)\]", order[leaf].label))) for leaf in leaves]
    if len({len(place) for place in places}) == 1:
        sizes = [max(column) - min(column) + 1 for column in zip(*places, strict=True)]
        if math.prod(sizes) == len(leaves) == len(set(places)):
            return " × ".join(map(str, sizes))
    return f"{len(leaves):,}"


# --------------------------------------------------------------------------------------------------- at the end


def _outer_first(made: Folding) -> None:
    """Number the groups anew, outer ones before inner ones and in the order they stand in."""
    new_index: dict[int, int] = {}
    order: list[Group] = []
    waiting = [0]
    while waiting:
        index = waiting.pop()
        new_index[index] = len(order)
        order.append(made.groups[index])
        waiting.extend(~unit for unit in reversed(made.groups[index].units) if unit < 0)
    for group in order:
        group.units = [unit if unit >= 0 else ~new_index[~unit] for unit in group.units]
        group.parent = new_index.get(group.parent, -1)
        _tell_apart(group, order)
    made.groups = order
    made.home = [new_index[group] for group in made.home]


def _tell_apart(group: Group, order: Sequence[Group]) -> None:
    """Number the boxes of one name that lie side by side."""
    inner = [order[~unit] for unit in group.units if unit < 0]
    times = Counter(one.name for one in inner)
    seen: Counter[str] = Counter()
    for one in inner:
        name = one.name
        if times[name] > 1:
            seen[name] += 1
            one.name = f"{name} #{seen[name]}"


def _count(made: Folding) -> None:
    for index, node in enumerate(made.flows.order):
        group = made.groups[made.home[index]]
        if not made.flows.leaf[index]:
            group.nodes += 1
        elif node.primitive is None and node.role == "parameter":
            group.parameters += 1
    for group in reversed(made.groups[1:]):
        outer = made.groups[group.parent]
        outer.nodes += group.nodes
        outer.parameters += group.parameters


def _number(name: str) -> int:
    """The number at the end of a name: 3 for neuron 3, 0 where there is none."""
    digits = re.search(r"\d+$", name)
    return int(digits[0]) if digits else 0


def _stem(name: str) -> str:
    return re.sub(r"(?<=[A-Za-z ])[\s#]*\d+$", "", name) if name[-1:].isdigit() else name
