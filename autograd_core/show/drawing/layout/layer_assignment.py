"""The layer of each unit of a sheet."""

from __future__ import annotations

from collections.abc import Sequence


def layers(count: int, ends: Sequence[tuple[int, int]]) -> list[int]:
    """The layer of each of `count` units, which come inputs first: behind all its inputs.

    A unit without inputs, or whose inputs have no other user, comes just before its first user.
    """
    layer = [0] * count
    before: list[list[int]] = [[] for _ in range(count)]
    after: list[list[int]] = [[] for _ in range(count)]
    for tail, head in ends:
        before[head].append(tail)
        after[tail].append(head)
    for unit in range(count):
        if before[unit]:
            layer[unit] = 1 + max([layer[source] for source in before[unit]])
    shared = [len(set(users)) > 1 for users in after]
    for unit in reversed(range(count)):
        if after[unit] and not any(shared[source] for source in before[unit]):
            layer[unit] = min([layer[user] for user in after[unit]]) - 1
    return layer
