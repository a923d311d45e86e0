"""Where the leaves of a folded graph lie: a parameter in the box that alone uses it, leaves of one name in one box."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence

from autograd_core.engine.context import Scope
from autograd_core.engine.value import Value
from autograd_core.graph.folding.groups import Folding, range_of
from autograd_core.graph.folding.partition import FEW, Unit

_LEAST_LEAVES = 4


def place_leaves(made: Folding, group_of: Mapping[Scope, int]) -> None:
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
        made.move(same, inner)
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
            inner = made.new_group(range_of(names), "leaves", "", group)
            made.groups[inner].count = len(run)
            made.move(run, inner)
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
