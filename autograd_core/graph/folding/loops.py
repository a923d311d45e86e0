"""Loops without a scope of their own: the same operations recur, as in a program over time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from autograd_core.graph.folding.groups import Folding
from autograd_core.graph.folding.partition import FEW, Item, Users
from autograd_core.graph.recurrences import recurrences


def loop_iterations(
    folding: Folding, order: Sequence[Item], users: Users, kinds: Mapping[Item, int], least: int
) -> list[Sequence[Item]]:
    """The iterations of the loop that makes up most of an order, cut where the fewest values pass to the next one.

    Empty where there are fewer than `least`, or where an iteration is too small for a box. Each is a stretch of the
    order, and so convex. kinds: equal for items of the same operations, negative for items to leave alone.
    """
    place = {item: at for at, item in enumerate(order)}

    def carried(border: int, period: int) -> int:
        before = order[border - period : border]
        alive = [item for item in before if any(place[user] >= border for user in users.get(item, ()))]
        return sum([1 if item >= 0 else folding.groups[~item].count for item in alive])

    in_loops = [kinds[item] if kinds[item] >= 0 else None for item in order]
    for start, period, turns in recurrences(in_loops, carried, least, FEW, 2):
        turn = [folding.nodes_in(item) for item in order[start : start + period]]
        if 2 * turns * period > len(order) and sum(map(len, turn)) >= FEW // 2:
            return [order[at : at + period] for at in range(start, start + turns * period, period)]
    return []
