"""Where the leaves of a folded graph lie: a parameter in the box of all its uses, leaves of one name in one box."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence

from autograd_core.engine.context import Scope
from autograd_core.engine.value import Value
from autograd_core.graph.folding.groups import Folding, range_of
from autograd_core.graph.folding.partition import FEW, Item

_LEAST_LEAVES = 4


def place_leaves(folding: Folding, group_of: Mapping[Scope, int]) -> None:
    """Move a parameter into the innermost group of all its uses, another leaf no deeper than the scope it is from."""
    place: dict[int, int] = {}
    home, groups = folding.home, folding.groups

    def common(here: int, there: int) -> int:
        while here != there:
            if groups[here].depth >= groups[there].depth:
                here = groups[here].parent
            else:
                there = groups[there].parent
        return here

    for source, user in folding.columns.pairs():
        if folding.columns.leaf[source]:
            place[source] = common(place[source], home[user]) if source in place else home[user]
    found: dict[int, list[int]] = {}
    for leaf, node in enumerate(folding.columns.order):
        if not folding.columns.leaf[leaf]:
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
        groups[group].items[:0] = _bundle(folding, group, leaves)


def _bundle(folding: Folding, group: int, leaves: Sequence[int]) -> list[Item]:
    """The leaves as items, those of one name in one box: W[0][0], W[0][1] ... are W."""
    order = folding.columns.order
    alike: dict[tuple[str, str], list[int]] = {}
    for leaf in leaves:
        node = order[leaf]
        kind: str = "constant" if node.primitive is not None else node.role
        stem = re.sub(r"(\[\d+\])+$", "", node.label)
        alike.setdefault((kind, stem if stem != node.label else ""), []).append(leaf)
    items: list[Item] = []
    for (kind, stem), same in alike.items():
        if len(same) < (_LEAST_LEAVES if stem else FEW + 1):
            items += same
            continue
        inner = folding.new_group(
            stem or f"{len(same):,} {kind}s", "leaves", _shape(order, same) if stem else "", group
        )
        folding.groups[inner].count = len(same)
        folding.move(same, inner)
        items.append(~inner)
        if len(same) > 2 * FEW:
            folding.groups[inner].items = _in_rows(folding, inner, same)
    return items


def _in_rows(folding: Folding, group: int, leaves: Sequence[int]) -> list[Item]:
    order = folding.columns.order
    items: list[Item] = list(leaves)
    while len(items) > 2 * FEW:
        larger: list[Item] = []
        for start in range(0, len(items), FEW):
            run = items[start : start + FEW]
            names = [folding.groups[~item].name if item < 0 else order[item].label or f"#{item + 1}" for item in run]
            inner = folding.new_group(range_of(names), "leaves", "", group)
            folding.groups[inner].count = len(run)
            folding.move(run, inner)
            larger.append(~inner)
        items = larger
    return items


def _shape(order: Sequence[Value], leaves: Sequence[int]) -> str:
    """16 × 2 where the labels fill an array of that shape, else the number of leaves."""
    places = [tuple(map(int, re.findall(r"\[(\d+)\]", order[leaf].label))) for leaf in leaves]
    if len({len(place) for place in places}) == 1:
        sizes = [max(column) - min(column) + 1 for column in zip(*places, strict=True)]
        if math.prod(sizes) == len(leaves) == len(set(places)):
            return " × ".join(map(str, sizes))
    return f"{len(leaves):,}"
