"""Which of many boxes side by side are put into one: repeats, chains, and parts of a long computation.

Whatever is put together here is convex: no path leaves it and comes back, so that the boxes never form a ring.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Sequence

Unit = int
FEW = 24  # boxes one sheet shows with ease, and the length of a part


def ordered(
    units: Sequence[Unit], edges: Iterable[tuple[Unit, Unit]], rank: Callable[[Unit], int]
) -> tuple[list[Unit], dict[Unit, int], dict[Unit, set[Unit]]]:
    """The units with each behind those it uses (of several the least rank first), the level of each, and its users.

    Units that use each other in a ring are left out of the order.
    """
    users: dict[Unit, set[Unit]] = {unit: set() for unit in units}
    missing = dict.fromkeys(units, 0)
    for source, user in edges:
        if user not in users[source]:
            users[source].add(user)
            missing[user] += 1
    level = dict.fromkeys(units, 0)
    ready = [(rank(unit), unit) for unit in units if not missing[unit]]
    heapq.heapify(ready)
    order: list[Unit] = []
    while ready:
        _, unit = heapq.heappop(ready)
        order.append(unit)
        for user in users[unit]:
            level[user] = max(level[user], level[unit] + 1)
            missing[user] -= 1
            if not missing[user]:
                heapq.heappush(ready, (rank(user), user))
    return order, level, users


def chained(order: Sequence[Unit], users: dict[Unit, set[Unit]], kind: Callable[[Unit], int]) -> list[list[Unit]]:
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


def parts(order: Sequence[Unit], users: dict[Unit, set[Unit]]) -> list[tuple[int, int]]:
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
