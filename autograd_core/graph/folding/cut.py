"""The visible part of a folded graph for a choice of open boxes, and the edges that cross their borders."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from numbers import Integral

from autograd_core.graph.folding.groups import Folding, Group
from autograd_core.graph.folding.partition import Item, sort_by_use
from autograd_core.graph.names import entry_order

Choice = str | Collection[str] | Callable[[Group], bool]


@dataclass(slots=True)
class Crossing:
    """All edges from one box on the sheet to another.

    edges: how many. nodes: the nodes they come from, in order. contributions: for each of these nodes the sum of the
    contributions that flow back to it; a node to which nothing flows back is left out.
    """

    edges: int = 0
    nodes: dict[int, None] = field(default_factory=dict)
    contributions: dict[int, float] = field(default_factory=dict)


@dataclass(slots=True)
class Cut:
    """A folded graph with some of its groups open.

    opened: the open groups, outer before inner, without the whole graph. items: the nodes and closed groups on the
    sheet, inputs before what uses them. crossings: by (from, to). outputs, inputs: for each closed group on the sheet,
    its nodes that are used outside and the outside nodes it uses.
    """

    folding: Folding
    opened: list[int]
    items: list[Item]
    crossings: dict[tuple[Item, Item], Crossing]
    outputs: dict[Item, list[int]]
    inputs: dict[Item, list[int]]


def choose_open(
    folding: Folding,
    depth: int | None = None,
    open: Choice = (),  # noqa: A002
    fold: Choice = (),
) -> set[int]:
    """The indices of the groups to open: those above `depth`, and those that `open` names with all groups around them.

    Groups that `fold` names, and everything inside them, stay closed. Compositions, leaves of one name, and the other
    rows of a batch open only by `open`. A name stands for one box ("layer 2") or for several ("neuron"); "all" means
    every box; a function is called with each `Group`. Raises ValueError for an unknown name or a depth below 1,
    TypeError for any other type.
    """
    if depth is not None and (isinstance(depth, bool) or not isinstance(depth, Integral)):
        raise TypeError(f"depth must be a whole number, 1 for the outermost boxes, got {depth!r}.")
    if depth is not None and depth < 1:
        raise ValueError(f"depth must be 1 (the outermost boxes) or more, got {depth}.")
    to_open, to_fold = _chosen_groups(folding, open, "open"), _chosen_groups(folding, fold, "fold")
    groups = folding.groups
    opened = {0}
    for index, group in enumerate(groups[1:], 1):
        if (depth is None or group.depth < depth) and group.kind not in ("composition", "leaves", "rows"):
            opened.add(index)
    for index in to_open:
        while index > 0:
            opened.add(index)
            index = groups[index].parent
    opened -= to_fold
    opened.add(0)
    for index in range(1, len(groups)):
        if groups[index].parent not in opened:
            opened.discard(index)
    return opened


def _chosen_groups(folding: Folding, choice: Choice, option: str) -> set[int]:
    groups = folding.groups
    if callable(choice):
        return {index for index in range(1, len(groups)) if choice(groups[index])}
    names = [choice] if isinstance(choice, str) else choice
    if not isinstance(names, Collection) or not all(isinstance(name, str) for name in names):
        raise TypeError(
            f'{option} must be "all", names of boxes such as ["layer 1"], or a function of a box, got {choice!r}.'
        )
    found: set[int] = set()
    for name in names:
        named = {index for index, group in enumerate(groups) if index and name in ("all", group.name, group.stem)}
        if not named and name != "all":
            present = ", ".join(sorted({group.stem for group in groups[1:]})[:20]) or "none"
            raise ValueError(f"there is no box {name!r} to {option}; the boxes of this graph are: {present}.")
        found |= named
    return found


def cut(folding: Folding, opened: Collection[int]) -> Cut:
    """The sheet with these groups open. A group inside a closed one must not be in `opened`."""
    groups, home, columns = folding.groups, folding.home, folding.columns
    hidden_in: list[Item | None] = [None] * len(groups)  # the closed group that stands for everything in the group
    items: list[Item] = []
    for index, group in enumerate(groups):
        outer = hidden_in[group.parent] if index else None
        hidden_in[index] = outer if outer is not None else None if index in opened else ~index
    stands_for: list[Item] = []
    for node, group_index in enumerate(home):
        hiding = hidden_in[group_index]
        stands_for.append(node if hiding is None else hiding)
    _list_items(folding, hidden_in, items)
    shown = [index for index in range(1, len(groups)) if hidden_in[index] is None]
    sheet = Cut(folding, shown, items, {}, {}, {})
    outputs: dict[Item, dict[int, None]] = {item: {} for item in items if item < 0}
    root = len(home) - 1
    first, sources, flowing, contributions = columns.first, columns.sources, columns.flowing, columns.contributions
    for user in range(len(home)):
        to = stands_for[user]
        for edge in range(first[user], first[user + 1]):
            source = sources[edge]
            start = stands_for[source]
            if start == to:
                continue
            crossing = sheet.crossings.get((start, to))
            if crossing is None:
                crossing = sheet.crossings[start, to] = Crossing()
            crossing.edges += 1
            crossing.nodes[source] = None
            if flowing[edge]:
                before = crossing.contributions.get(source)
                amount = contributions[edge]
                crossing.contributions[source] = amount if before is None else before + amount
            if start < 0:
                outputs[start][source] = None
    last = stands_for[root]
    if last < 0:
        outputs[last][root] = None
    labels = [node.label for node in columns.order]
    sheet.outputs = {item: entry_order(nodes, labels) for item, nodes in outputs.items()}
    inputs: dict[Item, set[int]] = {item: set() for item in outputs}
    for (_, to), crossing in sheet.crossings.items():
        if to < 0:
            inputs[to].update(crossing.nodes)
    sheet.inputs = {item: sorted(nodes) for item, nodes in inputs.items()}
    users: dict[Item, list[Item]] = {}
    for start, to in sheet.crossings:
        users.setdefault(start, []).append(to)
    ends = dict.fromkeys(items, 0) | dict(zip(stands_for, range(len(home)), strict=True))
    sheet.items, _ = sort_by_use(items, users, ends)
    return sheet


def _list_items(folding: Folding, hidden_in: list[Item | None], items: list[Item]) -> None:
    """Append the nodes and closed groups on the sheet to `items`, group by group."""
    waiting: list[Item] = [~0]
    while waiting:
        item = waiting.pop()
        if item < 0 and hidden_in[~item] is None:
            waiting.extend(reversed(folding.groups[~item].items))
        else:
            items.append(item)
