"""Sums of products that have the factors on one side in common, such as the scores of one query.

Those that read the same numbers, such as one head of attention, come one after the other: these numbers stay in the
nearest cache.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from autograd_core.compiler.backends.llvm.kernels.lists import GROUP
from autograd_core.compiler.vectorise.vector_program import Dot, Places


class DotGroup(NamedTuple):
    """Sums that are computed together. left: the factors they share. rights: the other factors of each. minus: as in
    `Dot`. out: where each is in its result."""

    left: Places
    rights: list[Places]
    minus: int
    out: list[int]


def dot_groups(step: Dot) -> dict[int, list[DotGroup]]:
    """The sums in groups of `GROUP`, and those that are left over one by one: {size: groups}."""
    alike: dict[tuple[Places, int], list[tuple[int, Places]]] = {}
    for number, (left, right, minus) in enumerate(zip(step.left, step.right, step.minus, strict=True)):
        alike.setdefault((left, minus), []).append((number, right))
        if left != right:
            alike.setdefault((right, minus), []).append((number, left))
    found: dict[int, list[DotGroup]] = {GROUP: [], 1: []}
    done: set[int] = set()
    for size in (GROUP, 1):
        for (left, minus), members in sorted(alike.items(), key=lambda item: -len(item[1])):
            for several in _chunks([member for member in members if member[0] not in done], size):
                numbers = [number for number, _ in several]
                done.update(numbers)
                found[size].append(DotGroup(left, [right for _, right in several], minus, numbers))
    part_of = _parts([group for groups in found.values() for group in groups])
    for groups in found.values():
        groups.sort(key=lambda group: part_of[group.left[0]])
    return found


def _parts(groups: list[DotGroup]) -> dict[int, int]:
    """For each factor a number that is the same for all that are read together, directly or by others."""
    above: dict[int, int] = {}

    def find(place: int) -> int:
        while (upper := above.setdefault(place, place)) != place:
            above[place] = place = above[upper] = above.setdefault(upper, upper)
        return place

    for group in groups:
        top = find(group.left[0])
        for side in (group.left, *group.rights):
            for place in side:
                above[find(place)] = top
    return {place: find(place) for place in above}


def _chunks(members: list[tuple[int, Places]], size: int) -> Iterator[list[tuple[int, Places]]]:
    for start in range(0, len(members) - size + 1, size):
        yield members[start : start + size]
