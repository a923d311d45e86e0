"""Turns without a scope of their own, as in a program over time or over rows: what recurs in the graph (`repetition`),
each turn as a box."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from autograd_core.graph.folding.groups import Folding
from autograd_core.graph.folding.partition import FEW, Item, Users, after_merging, sort_by_use

_LARGEST_PARTS = 4  # smaller ones are left to chains and repeats


def turns_in(folding: Folding, index: int, users: Users, least: int) -> Iterator[tuple[bool, list[list[Item]]]]:
    """(whether it is a loop, the turns) of what recurs among the operations of a group: at least `least` times, and a
    large part of them. No path leads out of a turn and back."""
    items = folding.groups[index].items
    nodes = [item for item in items if item >= 0]
    if len(nodes) < least * FEW // 2:
        return
    order = folding.columns.order
    place = {order[node]: node for node in nodes}
    boxes: dict[Item, Item] = {}  # of the turns so far
    for found in folding.recurring:
        size = sum(map(len, found.turns))
        if found.count >= least and len(found.turns[0]) >= FEW // 2 and size >= len(nodes) // _LARGEST_PARTS:
            turns = [[place[node] for node in turn if node in place] for turn in found.turns]
            if sum(map(len, turns)) < size:
                continue
            each = boxes | {node: turn[0] for turn in turns for node in turn}
            together = boxes | {node: turns[0][0] for turn in turns for node in turn}
            if not any(_form_a_cycle(items, users, merged) for merged in (each, together)):
                boxes = together
                yield found.is_loop, turns


def _form_a_cycle(items: Sequence[Item], users: Users, merged: Mapping[Item, Item]) -> bool:
    """Whether the items use each other in a cycle after some have been put into boxes."""
    left = list(dict.fromkeys(merged.get(item, item) for item in items))
    ordered, _ = sort_by_use(left, after_merging(users, merged), {item: at for at, item in enumerate(left)})
    return len(ordered) < len(left)
