"""What is to be seen of a folded graph once it is settled which boxes are open, and what crosses their borders."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from autograd_core.graph.folding.groups import Folding, Group
from autograd_core.graph.folding.partition import Unit, ordered

Choice = str | Collection[str] | Callable[[Group], bool]


@dataclass(slots=True)
class Crossing:
    """All edges from one box on the sheet to another.

    edges: how many. carried: for each node they come from, the sum of what they carry back; a node from which nothing
    is carried back is missing from it. nodes: all the nodes they come from, in order.
    """

    edges: int = 0
    nodes: dict[int, None] = field(default_factory=dict)
    carried: dict[int, float] = field(default_factory=dict)


@dataclass(slots=True)
class Cut:
    """A graph with some boxes open.

    opened: the open groups, outer ones first, the whole graph left out. units: what is on the sheet, each behind those
    it uses. crossings: by (from, to). outputs, inputs: of each closed group on the sheet the nodes used outside it, and
    the nodes it uses from outside.
    """

    folding: Folding
    opened: list[int]
    units: list[Unit]
    crossings: dict[tuple[Unit, Unit], Crossing]
    outputs: dict[Unit, list[int]]
    inputs: dict[Unit, list[int]]


def choose_open(
    folding: Folding,
    depth: int | None = None,
    open: Choice = (),  # noqa: A002  the word the reader of a picture uses
    fold: Choice = (),
) -> set[int]:
    """The indices of the groups to be shown open: those above `depth`, those `open` names and all around them; none
    that `fold` names, nor what lies in one. Compositions, and leaves of one name, are opened by `open` alone.

    A name is that of one box ("layer 2") or of several ("neuron"), "all" means every box; a function is given each
    `Group`. Raises ValueError for a name that no box bears or a depth below 1, TypeError for anything else.
    """
    if depth is not None and (isinstance(depth, bool) or not isinstance(depth, int)):
        raise TypeError(f"depth is a whole number, 1 for the outermost boxes, got {depth!r}.")
    if depth is not None and depth < 1:
        raise ValueError(f"depth is 1 (the outermost boxes) or more, got {depth}.")
    wanted, closed = _chosen(folding, open, "open"), _chosen(folding, fold, "fold")
    groups = folding.groups
    opened = {0}
    for index, group in enumerate(groups[1:], 1):
        if (depth is None or group.depth < depth) and group.kind not in ("composition", "leaves"):
            opened.add(index)
    for index in wanted:
        while index > 0:
            opened.add(index)
            index = groups[index].parent
    opened -= closed
    opened.add(0)
    for index in range(1, len(groups)):
        if groups[index].parent not in opened:
            opened.discard(index)
    return opened


def _chosen(folding: Folding, choice: Choice, option: str) -> set[int]:
    groups = folding.groups
    if callable(choice):
        return {index for index in range(1, len(groups)) if choice(groups[index])}
    names = [choice] if isinstance(choice, str) else choice
    if not isinstance(names, Collection) or not all(isinstance(name, str) for name in names):
        raise TypeError(
            f'{option} is "all", names of boxes such as ["layer 1"], or a function of a box, got {choice!r}.'
        )
    found: set[int] = set()
    for name in names:
        named = {index for index, group in enumerate(groups) if index and name in ("all", group.name, group.stem)}
        if not named and name != "all":
            there = ", ".join(sorted({group.stem for group in groups[1:]})[:20]) or "none"
            raise ValueError(f"there is no box {name!r} to {option}; in this graph there are: {there}.")
        found |= named
    return found


def cut(folding: Folding, opened: Collection[int]) -> Cut:
    """The sheet with these groups open, and no group open whose own group is closed."""
    groups, home, carried = folding.groups, folding.home, folding.flows
    hidden_in: list[Unit | None] = [None] * len(groups)  # the closed unit that stands for whatever lies in the group
    units: list[Unit] = []
    for index, group in enumerate(groups):
        outer = hidden_in[group.parent] if index else None
        hidden_in[index] = outer if outer is not None else None if index in opened else ~index
    stands_for: list[Unit] = []
    for node, group_index in enumerate(home):
        hiding = hidden_in[group_index]
        stands_for.append(node if hiding is None else hiding)
    _list_units(folding, hidden_in, units)
    shown = [index for index in range(1, len(groups)) if hidden_in[index] is None]
    made = Cut(folding, shown, units, {}, {}, {})
    outputs: dict[Unit, dict[int, None]] = {unit: {} for unit in units if unit < 0}
    root = len(home) - 1
    first, sources, flowing, contributions = carried.first, carried.sources, carried.flowing, carried.contributions
    for user in range(len(home)):
        to = stands_for[user]
        for edge in range(first[user], first[user + 1]):
            source = sources[edge]
            start = stands_for[source]
            if start == to:
                continue
            crossing = made.crossings.get((start, to))
            if crossing is None:
                crossing = made.crossings[start, to] = Crossing()
            crossing.edges += 1
            crossing.nodes[source] = None
            if flowing[edge]:
                before = crossing.carried.get(source)
                amount = contributions[edge]
                crossing.carried[source] = amount if before is None else before + amount
            if start < 0:
                outputs[start][source] = None
    last = stands_for[root]
    if last < 0:
        outputs[last][root] = None
    made.outputs = {unit: sorted(nodes) for unit, nodes in outputs.items()}
    inputs: dict[Unit, set[int]] = {unit: set() for unit in outputs}
    for (_, to), crossing in made.crossings.items():
        if to < 0:
            inputs[to].update(crossing.nodes)
    made.inputs = {unit: sorted(nodes) for unit, nodes in inputs.items()}
    users: dict[Unit, list[Unit]] = {}
    for start, to in made.crossings:
        users.setdefault(start, []).append(to)
    ends = dict.fromkeys(units, 0) | dict(zip(stands_for, range(len(home)), strict=True))
    made.units, _ = ordered(units, users, ends)
    return made


def _list_units(folding: Folding, hidden_in: list[Unit | None], units: list[Unit]) -> None:
    """What is on the sheet, group by group."""
    waiting: list[Unit] = [~0]
    while waiting:
        unit = waiting.pop()
        if unit < 0 and hidden_in[~unit] is None:
            waiting.extend(reversed(folding.groups[~unit].units))
        else:
            units.append(unit)
