"""Which of many boxes side by side are put into one: repeats, chains, and parts of a long computation.

Whatever is put together here is convex: no path leaves it and comes back, so that the boxes never form a ring.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Collection, Mapping, Sequence

Unit = int
Users = Mapping[Unit, Sequence[Unit]]
FEW = 24  # boxes one sheet shows with ease, and the length of a part


def ordered(units: Sequence[Unit], users: Users, ranks: Mapping[Unit, int]) -> tuple[list[Unit], dict[Unit, int]]:
    """The units with each behind those it uses (of several the least rank first), and the level of each.

    users: of each unit that has any, and a user twice counts as once. Units that use each other in a ring are left out
    of the order.
    """
    order = sorted(units, key=ranks.__getitem__)
    level = dict.fromkeys(units, 0)
    if not _raise(level, order, users, ranks):
        order = _sorted_by_use(units, users, ranks)
        _raise(level, order, users, dict.fromkeys(units, len(order)) | {unit: at for at, unit in enumerate(order)})
    return order, level


def _raise(level: dict[Unit, int], order: Sequence[Unit], users: Users, ranks: Mapping[Unit, int]) -> bool:
    """Lift each unit above those it uses; False where it turns out to stand before one of them."""
    for unit in order:
        if unit in users:
            further, own = level[unit] + 1, ranks[unit]
            for user in users[unit]:
                if ranks[user] < own:
                    return False
                if level[user] < further:
                    level[user] = further
    return True


def _sorted_by_use(units: Sequence[Unit], users: Users, ranks: Mapping[Unit, int]) -> list[Unit]:
    missing = dict.fromkeys(units, 0)
    for following in users.values():
        for user in following:
            missing[user] += 1
    ready = [(ranks[unit], unit) for unit in units if not missing[unit]]
    heapq.heapify(ready)
    order: list[Unit] = []
    while ready:
        _, unit = heapq.heappop(ready)
        order.append(unit)
        for user in users.get(unit, ()):
            missing[user] -= 1
            if not missing[user]:
                heapq.heappush(ready, (ranks[user], user))
    return order


def after_merging(users: Users, merged: Mapping[Unit, Unit]) -> dict[Unit, list[Unit]]:
    """The users where some units have been put into others."""
    found: dict[Unit, list[Unit]] = {}
    into = merged.get
    for unit, following in users.items():
        found.setdefault(into(unit, unit), []).extend([into(user, user) for user in following])
    return {unit: [user for user in dict.fromkeys(following) if user != unit] for unit, following in found.items()}


def chained(order: Sequence[Unit], users: Users, kind: Mapping[Unit, int]) -> list[list[Unit]]:
    """Runs of units of one kind in which each but the last serves only the next: a long sum, a power by products.

    Several may serve the same next one, as in a sum added up in pairs. kind: equal for units that look the same,
    negative for those to be left alone.
    """
    last: dict[Unit, Unit] = {}
    runs: dict[Unit, list[Unit]] = {}
    for unit in reversed(order):
        following = users.get(unit, (unit,))
        after = following[0] if len(following) == 1 or following.count(following[0]) == len(following) else unit
        last[unit] = last[after] if after != unit and kind[unit] == kind[after] >= 0 else unit
        runs.setdefault(last[unit], []).append(unit)
    return [run[::-1] for run in runs.values() if len(run) > 2]


def repeated(
    order: Sequence[Unit], level: Mapping[Unit, int], kind: Mapping[Unit, int], least: int
) -> list[list[Unit]]:
    """Units of one kind on one level, none of which can depend on another."""
    alike: dict[tuple[int, int], list[Unit]] = {}
    for unit in order:
        if kind[unit] >= 0:
            alike.setdefault((level[unit], kind[unit]), []).append(unit)
    return [same for same in alike.values() if len(same) >= least]


def stepwise(
    order: Sequence[Unit], level: Mapping[Unit, int], users: Users, name: Callable[[Unit], str], least: int
) -> list[list[Unit]]:
    """Units of one name that come one after the other, as the steps of a loop over time do.

    Not those between which a path leads outside: the box of these steps would not be convex. name: "" for units to be
    left alone; no single node is asked for one.
    """
    alike: dict[str, list[Unit]] = {}
    for unit in order:
        if unit < 0 and (called := name(unit)):
            alike.setdefault(called, []).append(unit)
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
            for user in users.get(unit, ()):
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
    for unit, following in users.items():
        end = max([place[user] for user in following], default=0)
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
