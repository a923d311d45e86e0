"""Rounds: what can be computed side by side, with the turns of one computation in the same round (`roles.py`).

Where turns depend on each other, such as the steps of a recurrence, there is a round for each.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from heapq import heappop, heappush

from autograd_core.graph.repetition.roles import cycles


def rounds(members: Sequence[int], inputs: Sequence[Sequence[int]], roles: Sequence[int]) -> Iterator[list[int]]:
    """`members` in lists, each computed from members of earlier lists and from other nodes. In `members` each comes
    after its inputs, and so it is within a list.

    Nodes wait until all others with their role can be computed too. Where every role waits, because some of its nodes
    depend on others, the next step of a recurrence goes first: the nodes of a role that depends on itself, at the least
    distance from the inputs. So what each step leaves for later is computed for all steps at once.
    """
    position = dict(zip(members, range(len(members)), strict=True))
    place_of = position.get
    level, pending = [0] * len(members), [0] * len(members)
    readers: list[list[int]] = [[] for _ in members]
    left: dict[int, int] = {}
    sources: dict[int, set[int]] = {}  # the roles that each role is computed from
    for at, index in enumerate(members):
        own = count = 0
        role = roles[index]
        if role in left:
            left[role] += 1
            roles_before = sources[role]
        else:
            left[role] = 1
            roles_before = sources[role] = set()
        for source in inputs[index]:
            if (before := place_of(source)) is not None:
                readers[before].append(at)
                roles_before.add(roles[source])
                count += 1
                if level[before] >= own:
                    own = level[before] + 1
        level[at], pending[at] = own, count
    # Where every role waits, those that depend on themselves go first, then those at the least distance.
    deepest = max(level, default=0) + 1
    first_level = dict.fromkeys(left, deepest) | dict.fromkeys(cycles(sources), 0)
    ready: dict[int, list[int]] = {role: [] for role in left}
    whole: list[int] = []  # the roles of which every node left is ready
    waiting: dict[int, list[int]] = {}  # the nodes that are ready, by their turn
    turns: list[int] = []  # the keys of `waiting`, the least first
    taken = bytearray(len(members))
    entering = [at for at, count in enumerate(pending) if not count]
    while entering or whole or turns:
        for at in entering:
            role = roles[members[at]]
            found = ready[role]
            found.append(at)
            if len(found) == left[role]:
                whole.append(role)
                continue
            turn = first_level[role] + level[at]
            if turn in waiting:
                waiting[turn].append(at)
            else:
                waiting[turn] = [at]
                heappush(turns, turn)
        batch: list[int] = []
        if whole:
            for role in dict.fromkeys(whole):
                if ready[role] and len(ready[role]) == left[role]:
                    batch += ready[role]
                    ready[role], left[role] = [], 0
            whole.clear()
        else:
            while turns and not batch:
                batch = [at for at in waiting.pop(heappop(turns)) if not taken[at]]
            for at in batch:
                taken[at] = 1
            for role in dict.fromkeys(roles[members[at]] for at in batch):
                before_now = len(ready[role])
                ready[role] = [at for at in ready[role] if not taken[at]]
                left[role] -= before_now - len(ready[role])
                if ready[role] and len(ready[role]) == left[role]:
                    whole.append(role)
        entering = []
        for at in batch:
            taken[at] = 1
            for reader in readers[at]:
                pending[reader] -= 1
                if not pending[reader]:
                    entering.append(reader)
        if batch:
            batch.sort()
            yield [members[at] for at in batch]
