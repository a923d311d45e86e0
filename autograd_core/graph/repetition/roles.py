"""Roles: which nodes of a graph are the same computation.

Two nodes have the same role if they are computed by the same operation from nodes of the same roles. A reader may give
a node a role of its own, where it knows better: all sums with the same weights have one role, whatever they are sums
of. Nodes of one role that do not depend on each other are turns of one computation, in whatever order they were
recorded: the positions of a sequence, the windows of a convolution.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence

from autograd_core.graph.affine.affine_sums import SUMS

DEPTH = 4  # operations before a node by which steps without a parameter are told apart
_RECURS = 16  # times that a step of a recurrence recurs at least, on average
LARGEST = 64  # roles of the terms of one sum that are told apart, whatever their order


class Roles:
    """The role of each node, as a number, in `of`; -1 for one without a role. A role is larger than those it is made
    of."""

    def __init__(self, count: int) -> None:
        self.of = [-1] * count
        self._known: dict[Hashable, int] = {}
        self._terms: dict[int, frozenset[int]] = {}  # the roles of the terms of a role of sums

    def give(self, index: int, *kind: Hashable) -> None:
        """Give a node the role of all nodes of this kind."""
        self.of[index] = self._number(kind)

    def compute(self, index: int, operation: Hashable, inputs: Sequence[int]) -> None:
        """Give a node the role that follows from its operation and the roles of its inputs. A sum has the role of all
        sums of such terms, however many there are and in whatever order they are added."""
        roles = tuple([self.of[source] for source in inputs])
        if operation in SUMS:
            terms = frozenset().union(*[self._terms.get(role) or (role,) for role in roles])
            if len(terms) <= LARGEST:
                own = self._number(("sum", terms))
                self._terms[own] = terms
                self.of[index] = own
                return
        self.of[index] = self._number((operation, *roles))

    def find_steps(
        self, members: Sequence[int], operations: Sequence[Hashable], inputs: Sequence[Sequence[int]]
    ) -> None:
        """Give equal steps of a serial recurrence, which all have roles of their own, one role: the operations nearest
        to a node are its role where most members have none in common and few kinds remain. Otherwise nothing changes.
        These roles are not larger than those they are made of."""
        of = self.of
        if 2 * len({of[index] for index in members}) <= len(members):
            return
        near = of.copy()
        for index in members:
            near[index] = -1
        known: dict[Hashable, int] = {}
        found: list[int] = []
        for _ in range(DEPTH):
            known, before = {}, near.__getitem__
            found = [
                known.setdefault((operation, *map(before, inputs[index])), len(known))
                for index, operation in zip(members, operations, strict=True)
            ]
            if _RECURS * len(known) > len(members):
                return
            for index, role in zip(members, found, strict=True):
                near[index] = role
        first = len(self._known)
        self._known.update({(first, kind): first + role for kind, role in known.items()})
        for index, role in zip(members, found, strict=True):
            of[index] = first + role

    def _number(self, kind: Hashable) -> int:
        return self._known.setdefault(kind, len(self._known))


def cycles(sources: Mapping[int, Iterable[int]]) -> dict[int, int]:
    """{role: the number of its cycle} of the roles with a way back to themselves, if `sources` has the roles that each
    is computed from: the strongly connected components of more than one role, or with an edge to itself (Tarjan,
    1972)."""
    found: dict[int, int] = {}
    number: dict[int, int] = {}
    lowest: dict[int, int] = {}
    path: list[int] = []  # roles of components that are not complete
    on_path: set[int] = set()
    for start in sources:
        if start in number:
            continue
        number[start] = lowest[start] = len(number)
        path.append(start)
        on_path.add(start)
        waiting = [(start, iter(sources[start]))]
        while waiting:
            role, left = waiting[-1]
            for source in left:
                if source not in number:
                    number[source] = lowest[source] = len(number)
                    path.append(source)
                    on_path.add(source)
                    waiting.append((source, iter(sources.get(source, ()))))
                    break
                if source in on_path:
                    lowest[role] = min(lowest[role], number[source])
            else:
                waiting.pop()
                if waiting:
                    reader = waiting[-1][0]
                    lowest[reader] = min(lowest[reader], lowest[role])
                if lowest[role] == number[role]:
                    component = [path.pop()]
                    while component[-1] != role:
                        component.append(path.pop())
                    on_path.difference_update(component)
                    if len(component) > 1 or role in sources.get(role, ()):
                        found.update(dict.fromkeys(component, len(found)))
    return found
