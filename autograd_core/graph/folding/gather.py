"""Groups without a scope: equal boxes as one with a count, iterations of a loop, parts of a long computation."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from autograd_core.graph.folding.groups import Folding, GroupKind, range_of
from autograd_core.graph.folding.partition import (
    FEW,
    MOST_SIDE_BY_SIDE,
    Item,
    Users,
    after_merging,
    chains,
    parts,
    repeats,
    sequences,
    sort_by_use,
)
from autograd_core.graph.folding.recurring_boxes import turns_in

_LEAST_REPEATED = 4
_IN_A_FEW: tuple[GroupKind, ...] = ("sequence", "repeat")  # where the sheet has room for each operation


def gather(folding: Folding) -> set[int]:
    """Put repeats, chains and parts into groups of their own; return the groups that use each other in a cycle."""
    kinds = _signatures(folding)
    last = _last_nodes(folding)
    users_in: list[dict[Item, list[Item]] | None] = [
        {} if len(group.items) > FEW or sum([item < 0 for item in group.items]) > 1 else None
        for group in folding.groups
    ]
    suspected: set[int] = set()
    leaf = folding.columns.leaf
    home = folding.home
    for source, user in folding.columns.pairs():
        if leaf[source]:
            continue
        group, start, end = home[user], source, user
        if home[source] != group:
            group, start, end = folding.common_group(source, user)
            if (start if start >= 0 else last[~start]) > (end if end >= 0 else last[~end]):
                suspected.add(group)
        users = users_in[group]
        if users is None:
            continue
        following = users.get(start)
        if following is None:
            users[start] = [end]
        elif following[-1] != end:
            following.append(end)
    rings: set[int] = set()
    for index in suspected:
        items, users = folding.groups[index].items, users_in[index]
        if users is not None:
            order, _ = sort_by_use(items, users, _ranks(items, last))
            rings |= {~item for item in set(items).difference(order) if item < 0}
    if not rings:
        for index, users in enumerate(users_in):
            if users is not None and _is_long(folding, index, kinds):
                _gather_in(folding, index, users, kinds, last)
    return rings


def _is_long(folding: Folding, index: int, kinds: list[int]) -> bool:
    """Whether a group holds more than fits well on a sheet, or equal boxes."""
    items = folding.groups[index].items
    alike = Counter(kinds[~item] for item in items if item < 0)
    steps = Counter(folding.groups[~item].name for item in items if item < 0)
    return len(items) > FEW or max((*alike.values(), *steps.values()), default=0) >= _LEAST_REPEATED


def _ranks(items: Sequence[Item], last: Sequence[int]) -> dict[Item, int]:
    """The last node of each item in the order of computation."""
    return {item: item if item >= 0 else last[~item] for item in items}


def _signatures(folding: Folding) -> list[int]:
    """A number for each group, equal for groups with the same name, formula and order of operations."""
    known: dict[object, int] = {}
    signature = [0] * len(folding.groups)
    order = folding.columns.order
    for index in reversed(range(len(folding.groups))):
        group = folding.groups[index]
        inside = tuple([order[item].op if item >= 0 else signature[~item] for item in group.items])
        definition = group.definition if isinstance(group.definition, str) else group.definition.name
        definition = re.sub(r"\d+", "", definition)  # h1 = relu(W1 x + b1) and h2 = relu(W2 h1 + b2) are equal
        signature[index] = known.setdefault((group.stem, definition, inside), len(known))
    return signature


def _last_nodes(folding: Folding) -> list[int]:
    """The last node of each group in the order of computation."""
    last = [0] * len(folding.groups)
    for node, group in enumerate(folding.home):
        last[group] = node
    for index in reversed(range(1, len(last))):
        outer = folding.groups[index].parent
        last[outer] = max(last[outer], last[index])
    return last


def _gather_in(folding: Folding, index: int, users: Users, kinds: list[int], last: list[int]) -> None:
    group = folding.groups[index]
    nodes = folding.columns.order
    operations: dict[str, int] = {}

    def kind(item: Item) -> int:
        """Negative for operations and compositions while the sheet has room for each."""
        if item >= 0:
            return len(kinds) + operations.setdefault(nodes[item].op, len(operations)) if crowded else -1
        if not crowded and folding.groups[~item].kind != "scope" and alike[kinds[~item]] <= MOST_SIDE_BY_SIDE:
            return -1
        return kinds[~item] if ~item < len(kinds) else -1

    def box(name: str, what: GroupKind, items: Sequence[Item]) -> Item:
        inner = folding.new_group(name, what, "", index)
        folding.groups[inner].count = 1 if what == "part" else len(items)
        last.append(max(_ranks(items, last).values()))
        folding.move(items, inner)
        return ~inner

    def put_together(name: str, what: GroupKind, items: Sequence[Item]) -> None:
        if what == "repeat":
            items = sorted(items, key=lambda item: _number(folding.groups[~item].name) if item < 0 else item)
        inner = ~box(name, what, items)
        if what == "sequence":
            _number_steps(folding, inner, [~item for item in items])
        merged.update(dict.fromkeys(items, ~inner))
        if what in ("chain", "repeat"):  # the sums of a layer are equal, and so form a repeat again
            kind_of[~inner] = len(kinds) + operations.setdefault(f"{kind_of[items[0]]} ×{len(items)}", len(operations))
        if len(items) > 2 * FEW:
            _cut_up(folding, inner, items, {}, last)

    def name(item: Item) -> str:
        scope = folding.groups[~item]
        return "" if scope.kind != "scope" else scope.stem if crowded else scope.name

    crowded = len(group.items) > FEW
    alike = Counter(kinds[~item] for item in group.items if item < 0)
    order, level = sort_by_use(group.items, users, _ranks(group.items, last))
    kind_of = {item: kind(item) for item in order}
    passes: tuple[GroupKind, ...] = ("part", "sequence", "chain", "repeat") if crowded else _IN_A_FEW
    for what in passes:
        merged: dict[Item, Item] = {}
        found: Sequence[Sequence[Item]]
        if what == "part":
            for is_loop, turns in turns_in(folding, index, users, _LEAST_REPEATED):
                boxes = []
                for number, turn in enumerate(turns, 1):
                    boxes.append(box(_name_of(folding, "part", turn, number), "part", turn))
                    own = set(turn)
                    inside = {item: [user for user in users.get(item, ()) if user in own] for item in turn}
                    inside = {item: following for item, following in inside.items() if following}
                    _gather_in(folding, ~boxes[-1], inside, kinds, last)
                outer = box(_name_of(folding, "repeat", boxes, 1), "sequence" if is_loop else "repeat", boxes)
                merged.update({item: outer for turn in turns for item in turn})
                if len(boxes) > 2 * FEW:
                    _cut_up(folding, ~outer, boxes, {}, last)
            found = ()
        elif what == "sequence":
            found = sequences(order, level, users, name, _LEAST_REPEATED)
        elif what == "chain":
            found = chains(order, users, kind_of)
        else:
            found = repeats(order, level, kind_of, _LEAST_REPEATED)
        for number, run in enumerate(found, 1):
            put_together(_name_of(folding, what, run, number), what, run)
        if merged:
            items = list(dict.fromkeys(merged.get(item, item) for item in order))
            users = after_merging(users, merged)
            order, level = sort_by_use(items, users, _ranks(items, last))
            kind_of = {item: kind_of.get(item, -1) for item in order}
    group.items = order
    if len(order) > 2 * FEW:
        _cut_up(folding, index, order, users, last)


def _number_steps(folding: Folding, sequence: int, steps: Sequence[int]) -> None:
    """Name equal names step 1, step 2 ...; give the sequence the definition that all its steps share."""
    if len({folding.groups[step].definition for step in steps}) == 1:
        folding.groups[sequence].definition = folding.groups[steps[0]].definition
    if len({folding.groups[step].name for step in steps}) == 1:
        for number, step in enumerate(steps, 1):
            folding.groups[step].name += f" {number}"


def _name_of(folding: Folding, what: GroupKind, items: Sequence[Item], number: int) -> str:
    """add ×40, (add ×40) ×16; the third iteration of a loop is named after its operations: multiply, add, tanh 3."""

    named = {folding.groups[~item].name for item in items if item < 0}

    def common(item: Item) -> str:
        if len(named) == 1 and item < 0:
            return min(named)
        return folding.groups[~item].stem if item < 0 else folding.columns.order[item].op

    if what == "part":
        operations = dict.fromkeys(common(item).split(" ×")[0].lstrip("(") for item in items)
        return f"{', '.join(operations)} {number}"
    alike = common(items[0])
    return f"({alike}) ×{len(items)}" if "×" in alike else f"{alike} ×{len(items)}"


def _cut_up(folding: Folding, index: int, order: Sequence[Item], users: Users, last: list[int]) -> None:
    """Cut a long computation into parts, and gather these into larger parts, until a sheet can hold them."""
    group = folding.groups[index]
    spans: dict[Item, str] = {}  # the boxes in each part, from the first to the last
    while len(order) > FEW:
        inner_of: dict[Item, Item] = {}
        larger: list[Item] = []
        cuts = parts(order, users)
        for number, (start, stop) in enumerate(cuts, 1):
            run = order[start:stop]
            span = range_of([spans.get(run[0], str(start + 1)), spans.get(run[-1], str(stop))])
            alike = f"{group.name.rpartition(' ×')[0]} {span}"
            name = alike if group.count > 1 else f"part {number:,} of {len(cuts):,}"
            inner = folding.new_group(name, "part", "", index)
            spans[~inner] = span
            last.append(max(_ranks(run, last).values()))
            folding.move(run, inner)
            larger.append(~inner)
            inner_of.update(dict.fromkeys(run, ~inner))
        users = after_merging(users, inner_of)
        order = larger
    group.items = list(order)


def _number(name: str) -> int:
    """The number at the end of a name: 3 for neuron 3, 0 where there is none."""
    digits = re.search(r"\d+$", name)
    return int(digits[0]) if digits else 0
