"""Loops that no scope names: the same operations again and again, as a program over time leaves them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from autograd_core.graph.folding.groups import Folding
from autograd_core.graph.folding.partition import FEW, Unit, Users


def turns_of(
    made: Folding, order: Sequence[Unit], users: Users, looks: Mapping[Unit, int], least: int
) -> list[Sequence[Unit]]:
    """The turns of the loop that makes up most of an order, cut where the fewest values go on into the next turn; none
    where there is no loop of at least so many, or where a turn is too small for a box. Each is a stretch of the order,
    and so convex.

    looks: equal for units that look the same, negative for those to be left alone.
    """
    start, stop, period = recurring([looks[unit] for unit in order])
    once = [made.members(unit) for unit in order[start : start + period]]
    if stop - start < least * period or sum(map(len, once)) < FEW // 2:
        return []
    place = {unit: at for at, unit in enumerate(order)}

    def going_on(border: int) -> int:
        turn = order[border - period : border]
        alive = [unit for unit in turn if any(place[user] >= border for user in users.get(unit, ()))]
        return sum([1 if unit >= 0 else made.groups[~unit].count for unit in alive])

    first = min(range(start, start + period), key=lambda border: going_on(border + period))
    return [order[at : at + period] for at in range(first, stop - period + 1, period)]


def recurring(looks: Sequence[int]) -> tuple[int, int, int]:
    """(start, stop, period) of what comes again and again in more than half of a sequence; (0, 0, 0) if nothing does.

    >>> recurring([7, 1, 2, 3, 1, 2, 3, 1, 2, 9])
    (1, 9, 3)
    """
    middle = len(looks) // 2
    for period in range(2, min(FEW, middle) + 1):
        once = looks[middle : middle + period]
        if min(once) < 0 or looks[middle - period : middle] != once:
            continue
        start, stop = middle - period, middle + period
        while start and looks[start - 1] == looks[start - 1 + period]:
            start -= 1
        while stop < len(looks) and looks[stop] == looks[stop - period]:
            stop += 1
        if 2 * (stop - start) > len(looks):
            return start, stop, period
    return 0, 0, 0
