"""Loops without a scope of their own: the same operations recur, as in a program over time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from autograd_core.graph.folding.groups import Folding
from autograd_core.graph.folding.partition import FEW, Item, Users


def loop_iterations(
    folding: Folding, order: Sequence[Item], users: Users, kinds: Mapping[Item, int], least: int
) -> list[Sequence[Item]]:
    """The iterations of the loop that makes up most of an order, cut where the fewest values pass to the next one.

    Empty where there are fewer than `least`, or where an iteration is too small for a box. Each is a stretch of the
    order, and so convex. kinds: equal for items of the same operations, negative for items to leave alone.
    """
    start, stop, period = recurrence([kinds[item] for item in order])
    first_period = [folding.nodes_in(item) for item in order[start : start + period]]
    if stop - start < least * period or sum(map(len, first_period)) < FEW // 2:
        return []
    place = {item: at for at, item in enumerate(order)}

    def alive_across(border: int) -> int:
        before = order[border - period : border]
        alive = [item for item in before if any(place[user] >= border for user in users.get(item, ()))]
        return sum([1 if item >= 0 else folding.groups[~item].count for item in alive])

    first = min(range(start, start + period), key=lambda border: alive_across(border + period))
    return [order[at : at + period] for at in range(first, stop - period + 1, period)]


def recurrence(kinds: Sequence[int]) -> tuple[int, int, int]:
    """(start, stop, period) of the pattern that fills more than half of a sequence; (0, 0, 0) where there is none.

    >>> recurrence([7, 1, 2, 3, 1, 2, 3, 1, 2, 9])
    (1, 9, 3)
    """
    middle = len(kinds) // 2
    for period in range(2, min(FEW, middle) + 1):
        pattern = kinds[middle : middle + period]
        if min(pattern) < 0 or kinds[middle - period : middle] != pattern:
            continue
        start, stop = middle - period, middle + period
        while start and kinds[start - 1] == kinds[start - 1 + period]:
            start -= 1
        while stop < len(kinds) and kinds[stop] == kinds[stop - period]:
            stop += 1
        if 2 * (stop - start) > len(kinds):
            return start, stop, period
    return 0, 0, 0
