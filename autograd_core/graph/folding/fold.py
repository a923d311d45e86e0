"""A graph as boxes inside boxes: model > layer > neuron > affine, each of which may be shown open or closed.

The boxes come from the scopes a program opened. Boxes alike and side by side are gathered into one with a count; a
parameter lies in the innermost box that alone uses it; leaves of one name (W[0][0], W[0][1] ...) are one box. Where no
scopes tell, the sums of a layer and the turns of a loop are boxes too, found by what recurs; and what is still too much
for one sheet is cut into parts where the fewest values are alive.
Pure structure: nothing here knows of cards or pixels.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence

from autograd_core.engine.context import Scope
from autograd_core.engine.garbage_collection import gc_paused
from autograd_core.engine.scope import Composition
from autograd_core.engine.value import Value
from autograd_core.graph.columns import columns
from autograd_core.graph.folding.gather import gather
from autograd_core.graph.folding.groups import Folding, Group, GroupKind
from autograd_core.graph.folding.leaves import place_leaves


@gc_paused
def fold(root: Value) -> Folding:
    """The boxes of the graph below `root`.

    >>> from autograd_core import scope
    >>> with scope("line", "w x + b"):
    ...     y = Value(2.0) * 3.0 + 1.0
    >>> [(group.name, group.depth, group.nodes) for group in fold(y).groups]
    [('graph', 0, 2), ('line', 1, 2)]
    """
    carried = columns(root)
    transparent: set[Scope] = set()
    while True:
        made = Folding(carried)
        group_of = _enter_scopes(made, transparent)
        rings = gather(made)
        if not rings:
            break
        transparent |= {scope for scope, group in group_of.items() if group in rings}
    place_leaves(made, group_of)
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
        waiting += [~unit for unit in reversed(made.groups[index].units) if unit < 0]
    for group in order:
        group.parent = new_index.get(group.parent, -1)
        if min(group.units, default=0) < 0:
            group.units = [unit if unit >= 0 else ~new_index[~unit] for unit in group.units]
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
