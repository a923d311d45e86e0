"""Which of many items side by side go into one box: repeats, chains, and parts of a long computation.

Every such box is convex: no path leaves it and returns, so the boxes never form a cycle.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Collection, Mapping, Sequence

Item = int  # of a group: a node by its index i, an inner group by the complement ~g of its own
Users = Mapping[Item, Sequence[Item]]
FEW = 24  # boxes that fit well on one sheet, and the length of a part
MOST_SIDE_BY_SIDE = 8  # equal boxes


def sort_by_use(items: Sequence[Item], users: Users, ranks: Mapping[Item, int]) -> tuple[list[Item], dict[Item, int]]:
    """The items, each after those it uses (among several, the lowest rank first), and the level of each.

    users: for each item that has any; a user listed twice counts once. Items in a cycle are left out of the order.
    """
    order = sorted(items, key=ranks.__getitem__)
    level = dict.fromkeys(items, 0)
    if not _raise(level, order, users, ranks):
        order = _topological_sort(items, users, ranks)
        _raise(level, order, users, dict.fromkeys(items, len(order)) | {item: at for at, item in enumerate(order)})
    return order, level


def _raise(level: dict[Item, int], order: Sequence[Item], users: Users, ranks: Mapping[Item, int]) -> bool:
    """Raise each item above those it uses; False where the order puts an item before one it uses."""
    for item in order:
        if item in users:
            further, own = level[item] + 1, ranks[item]
            for user in users[item]:
                if ranks[user] < own:
                    return False
                if level[user] < further:
                    level[user] = further
    return True


def _topological_sort(items: Sequence[Item], users: Users, ranks: Mapping[Item, int]) -> list[Item]:
    missing = dict.fromkeys(items, 0)
    for following in users.values():
        for user in following:
            missing[user] += 1
    ready = [(ranks[item], item) for item in items if not missing[item]]
    heapq.heapify(ready)
    order: list[Item] = []
    while ready:
        _, item = heapq.heappop(ready)
        order.append(item)
        for user in users.get(item, ()):
            missing[user] -= 1
            if not missing[user]:
                heapq.heappush(ready, (ranks[user], user))
    return order


def after_merging(users: Users, merged: Mapping[Item, Item]) -> dict[Item, list[Item]]:
    """The users after some items have been put into others; an item used only inside itself has none."""
    found: dict[Item, dict[Item, None]] = {}
    into = merged.get
    for item, following in users.items():
        merged_item = into(item, item)
        outside = dict.fromkeys(user for user in (into(user, user) for user in following) if user != merged_item)
        if outside:
            found.setdefault(merged_item, {}).update(outside)
    return {item: list(following) for item, following in found.items()}


def chains(order: Sequence[Item], users: Users, kind: Mapping[Item, int]) -> list[list[Item]]:
    """Runs of items of one kind in which only the next item uses each one: a long sum, a power by products.

    Several items may have the same user, as in a pairwise sum. kind: equal for items of the same operations, negative
    for items to leave alone.
    """
    last: dict[Item, Item] = {}
    runs: dict[Item, list[Item]] = {}
    for item in reversed(order):
        following = users.get(item, (item,))
        after = following[0] if len(following) == 1 or following.count(following[0]) == len(following) else item
        last[item] = last[after] if after != item and kind[item] == kind[after] >= 0 else item
        runs.setdefault(last[item], []).append(item)
    return [run[::-1] for run in runs.values() if len(run) > 2]


def repeats(order: Sequence[Item], level: Mapping[Item, int], kind: Mapping[Item, int], least: int) -> list[list[Item]]:
    """Items of one kind on one level; none of them can depend on another."""
    alike: dict[tuple[int, int], list[Item]] = {}
    for item in order:
        if kind[item] >= 0:
            alike.setdefault((level[item], kind[item]), []).append(item)
    return [same for same in alike.values() if len(same) >= least]


def sequences(
    order: Sequence[Item], level: Mapping[Item, int], users: Users, name: Callable[[Item], str], least: int
) -> list[list[Item]]:
    """Items of one name that follow each other, as the steps of a loop over time do.

    Items between which a path leads outside are left out: their box would not be convex. name: of a group; "" for a
    group to leave alone.
    """
    alike: dict[str, list[Item]] = {}
    for item in order:
        if item < 0 and (called := name(item)):
            alike.setdefault(called, []).append(item)
    found = []
    for same in alike.values():
        levels = {level[item] for item in same}
        if len(same) >= least and len(levels) == len(same) and not _leaves_and_returns(order, users, set(same)):
            found.append(same)
    return found


def _leaves_and_returns(order: Sequence[Item], users: Users, inside: Collection[Item]) -> bool:
    """Whether a path leads from these items outside and back again."""
    beyond: set[Item] = set()
    for item in order:
        if item in inside or item in beyond:
            for user in users.get(item, ()):
                if user not in inside:
                    beyond.add(user)
                elif item in beyond:
                    return True
    return False


def parts(order: Sequence[Item], users: Users) -> list[tuple[int, int]]:
    """(start, stop) of the parts of a long order, at most FEW items each, cut where the fewest values are alive.

    A stretch of a topological order is convex.
    """
    place = {item: index for index, item in enumerate(order)}
    alive = [0] * (len(order) + 1)
    for item, following in users.items():
        end = max([place[user] for user in following], default=0)
        if end > place[item]:
            alive[place[item] + 1] += 1
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
