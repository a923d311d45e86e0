"""Which of many boxes side by side are put into one: repeats, chains, and parts of a long computation.

Whatever is put together here is convex: no path leaves it and comes back, so that the boxes never form a ring.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Collection, Mapping, Sequence

Unit = int
Users = Mapping[Unit, Collection[Unit]]
FEW = 24  # boxes one sheet shows with ease, and the length of a part


def ordered(
    units: Sequence[Unit], edges: Collection[tuple[Unit, Unit]], rank: Callable[[Unit], int]
) -> tuple[list[Unit], dict[Unit, int], Users]:
    """The units with each behind those it uses (of several the least rank first), the level of each, and its users.

    edges: each pair once. Units that use each other in a ring are left out of the order.
    """
    users: dict[Unit, list[Unit]] = {unit: [] for unit in units}
    ranks = {unit: rank(unit) for unit in units}
    in_order = True
    for source, user in edges:
        users[source].append(user)
        in_order = in_order and ranks[source] < ranks[user]
    order = sorted(units, key=ranks.__getitem__) if in_order else _sorted_by_use(units, users, rank)
    level = dict.fromkeys(units, 0)
    for unit in order:
        further = level[unit] + 1
        for user in users[unit]:
            if level[user] < further:
                level[user] = further
    return order, level, users


def _sorted_by_use(units: Sequence[Unit], users: Users, rank: Callable[[Unit], int]) -> list[Unit]:
    missing = dict.fromkeys(units, 0)
    for unit in units:
        for user in users[unit]:
            missing[user] += 1
    ready = [(rank(unit), unit) for unit in units if not missing[unit]]
    heapq.heapify(ready)
    order: list[Unit] = []
    while ready:
        _, unit = heapq.heappop(ready)
        order.append(unit)
        for user in users[unit]:
            missing[user] -= 1
            if not missing[user]:
                heapq.heappush(ready, (rank(user), user))
    return order


def chained(order: Sequence[Unit], users: Users, kind: Callable[[Unit], int]) -> list[list[Unit]]:
    """Runs of units of one kind in which each but the last serves only the next: a long sum, a power by products.

    Several may serve the same next one, as in a sum added up in pairs. kind: equal for units that look the same,
    negative for those to be left alone.
    """
    last: dict[Unit, Unit] = {}
    runs: dict[Unit, list[Unit]] = {}
    for unit in reversed(order):
        after = next(iter(users[unit])) if len(users[unit]) == 1 else unit
        last[unit] = last[after] if after != unit and kind(unit) == kind(after) >= 0 else unit
        runs.setdefault(last[unit], []).append(unit)
    return [run[::-1] for run in runs.values() if len(run) > 2]


def repeated(
    order: Sequence[Unit], level: dict[Unit, int], kind: Callable[[Unit], int], least: int
) -> list[list[Unit]]:
    """Units of one kind on one level, none of which can depend on another."""
    alike: dict[tuple[int, int], list[Unit]] = {}
    for unit in order:
        if kind(unit) >= 0:
            alike.setdefault((level[unit], kind(unit)), []).append(unit)
    return [same for same in alike.values() if len(same) >= least]


def stepwise(
    order: Sequence[Unit], level: dict[Unit, int], users: Users, name: Callable[[Unit], str], least: int
) -> list[list[Unit]]:
    """Units of one name that come one after the other, as the steps of a loop over time do.

    Not those between which a path leads outside: the box of these steps would not be convex. name: "" for units to be
    left alone.
    """
    alike: dict[str, list[Unit]] = {}
    for unit in order:
        if name(unit):
            alike.setdefault(name(unit), []).append(unit)
    found = []
    for same in alike.values():
        levels = {level[unit] for unit in same}
        if len(same) >= least and len(levels) == len(same) and not _leaves_and_returns(order, users, set(same)):
            found.append(same)
    return found


def _leaves_and_returns(order: Sequence[Unit], users: Users, inside: Collection[Unit]) -> bool:
    """Whether a path leads from these units outside and back again."""
    beyond: set[Unit] = set()
    for unit in order:
        if unit in inside or unit in beyond:
            for user in users[unit]:
                if user not in inside:
                    beyond.add(user)
                elif unit in beyond:
                    return True
    return False


def parts(order: Sequence[Unit], users: Users) -> list[tuple[int, int]]:
    """Where a long order is cut into parts of at most FEW: where the fewest values are alive across the cut.

    A stretch of a topological order is convex, and where few values are alive one thought of the program ends.
    """
    place = {unit: index for index, unit in enumerate(order)}
    alive = [0] * (len(order) + 1)
    for unit in order:
        end = max((place[user] for user in users[unit]), default=0)
        if end > place[unit]:
            alive[place[unit] + 1] += 1
            alive[end + 1] -= 1
    for index in range(1, len(alive)):
        alive[index] += alive[index - 1]
    cuts: list[tuple[int, int]] = []
    start = 0
    while start < len(order):
        stop = len(order)
        if stop - start > FEW:
            stop = min(range(start + FEW, start + FEW // 2, -1), key=alive.__getitem__)
        cuts.append((start, stop))
        start = stop
    return cuts
