"""A graph as boxes inside boxes: model > layer > neuron > affine. Each box may be shown open or closed.

The boxes come from the scopes a program opened. Equal boxes side by side become one box with a count. A parameter lies
in the innermost box that contains all its uses; leaves of one name (W[0][0], W[0][1] ...) share a box. Of the boxes
for the rows of a batch, the first is shown beside a box of the others. Without scopes, the turns of what recurs
(`repetition.py`), such as rows or steps, are boxes, and so are the sums of a layer. A computation that is still too
long for one sheet is cut into parts where the fewest values are alive.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence

from autograd_core.engine.context import Scope
from autograd_core.engine.interpreter.garbage_collection import without_gc
from autograd_core.engine.scope import Composition
from autograd_core.engine.value import Value
from autograd_core.graph.columns import columns
from autograd_core.graph.folding.batch_rows import set_rows_apart
from autograd_core.graph.folding.gather import gather
from autograd_core.graph.folding.groups import Folding, Group, GroupKind
from autograd_core.graph.folding.leaves import place_leaves


@without_gc
def fold(root: Value) -> Folding:
    """The boxes of the graph below `root`.

    >>> from autograd_core import scope
    >>> with scope("line", "w x + b"):
    ...     y = Value(2.0) * 3.0 + 1.0
    >>> [(group.name, group.depth, group.nodes) for group in fold(y).groups]
    [('graph', 0, 2), ('line', 1, 2)]
    """
    of_graph = columns(root)
    transparent: set[Scope] = set()
    while True:
        folding = Folding(of_graph)
        group_of = _enter_scopes(folding, transparent)
        rings = gather(folding)
        if not rings:
            break
        transparent |= {scope for scope, group in group_of.items() if group in rings}
    place_leaves(folding, group_of)
    set_rows_apart(folding)
    _outer_first(folding)
    _count(folding)
    return folding


# ------------------------------------------------------------------------------------------------------- scopes


def _enter_scopes(folding: Folding, transparent: Collection[Scope]) -> dict[Scope, int]:
    """Add a group for every named scope that computes something; put the leaves into the outermost group for now."""
    group_of: dict[Scope, int] = {}
    leaf = folding.columns.leaf
    for index, node in enumerate(folding.columns.order):
        if leaf[index]:
            folding.home.append(0)
            continue
        group = group_of.get(node._scope)
        if group is None:
            group = _enter_scope(folding, group_of, node._scope, transparent)
        folding.home.append(group)
        folding.groups[group].items.append(index)
    return group_of


def _enter_scope(folding: Folding, group_of: dict[Scope, int], innermost: Scope, transparent: Collection[Scope]) -> int:
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
            inner = folding.new_group(scope.name, kind, definition, group)
            folding.groups[inner].inputs = tuple(scope.inputs)
            folding.groups[group].items.append(~inner)
            group = inner
        group_of[scope] = group
    return group


# --------------------------------------------------------------------------------------------------- at the end


def _outer_first(folding: Folding) -> None:
    """Number the groups again, outer before inner, in their order on the sheet."""
    new_index: dict[int, int] = {}
    order: list[Group] = []
    waiting = [0]
    while waiting:
        index = waiting.pop()
        new_index[index] = len(order)
        order.append(folding.groups[index])
        waiting += [~item for item in reversed(folding.groups[index].items) if item < 0]
    for group in order:
        group.parent = new_index.get(group.parent, -1)
        if min(group.items, default=0) < 0:
            group.items = [item if item >= 0 else ~new_index[~item] for item in group.items]
            _number_equal_names(group, order)
    folding.groups = order
    folding.home = [new_index[group] for group in folding.home]


def _number_equal_names(group: Group, order: Sequence[Group]) -> None:
    """Number the boxes of one name side by side: neuron #1, neuron #2."""
    groups = [order[~item] for item in group.items if item < 0]
    times = Counter(inner.name for inner in groups)
    numbers: Counter[str] = Counter()
    for inner in groups:
        name = inner.name
        if times[name] > 1:
            numbers[name] += 1
            inner.name = f"{name} #{numbers[name]}"


def _count(folding: Folding) -> None:
    for index, node in enumerate(folding.columns.order):
        group = folding.groups[folding.home[index]]
        if not folding.columns.leaf[index]:
            group.nodes += 1
        elif node.primitive is None and node.role == "parameter":
            group.parameters += 1
    for group in reversed(folding.groups[1:]):
        outer = folding.groups[group.parent]
        outer.nodes += group.nodes
        outer.parameters += group.parameters
