"""Which cards and frames lie side by side in each frame, and the pieces of each link in the frames it runs through.

A unit is a card, or a frame with what is in it. Units are numbered: the cards first, then the frames. The last sheet is
the whole picture; the others are the frames.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from autograd_core.show.drawing.diagram import Diagram, Link

_LEAST_CROSSED = 24  # links that a hub replaces
PORT = -1  # an end of a piece on the border of its frame


@dataclass(frozen=True, slots=True)
class Piece:
    """The part of links between two units of a sheet, or between a unit and the border of the sheet.

    number: of all pieces. link: the first that runs through it. border: the piece that goes on outside the sheet.
    """

    number: int
    link: int
    tail: int
    head: int
    border: int = -1


class FrameTree:
    """The units and the pieces of links of each sheet.

    home: the sheet of each unit, None for a frame that is not drawn, since links would lead out of it and back into it;
    what is in it belongs to the frame around it. ways: for each link its pieces with their sheets, from tail to head.
    Bundled links have pieces in common, and where several cards hand the same numbers to many units, these meet in a
    hub, which is a unit numbered after the frames.
    """

    def __init__(self, diagram: Diagram) -> None:
        self.cards = len(diagram.cards)
        self.whole = len(diagram.frames)
        parents = [card.frame for card in diagram.cards] + [frame.parent for frame in diagram.frames]
        self.home: list[int | None] = [self.whole if parent is None else parent for parent in parents]
        occupied = {card.frame for card in diagram.cards}
        for frame in reversed(range(self.whole)):
            if frame in occupied:
                occupied.add(diagram.frames[frame].parent)
            else:
                self.home[self.cards + frame] = None
        self._dissolve_loops(diagram.links)
        self.units: list[list[int]] = [[] for _ in range(self.whole + 1)]
        for unit, sheet in enumerate(self.home):
            if sheet is not None:
                self.units[sheet].append(unit)
        self.pieces: list[list[Piece]] = [[] for _ in range(self.whole + 1)]
        self._known: dict[tuple[int, int, int, int, int], Piece] = {}
        hubs = self._hubs(diagram) if diagram.bundled else {}
        self.ways = [self._way(index, link, diagram.bundled, hubs) for index, link in enumerate(diagram.links)]

    def _way(
        self, index: int, link: Link, bundled: bool, hubs: Mapping[tuple[int, int, int], int]
    ) -> list[tuple[int, Piece]]:
        """The pieces of a link from tail to head, each with its sheet."""

        def enter(sheet: int, tail: int, head: int, border: int = -1) -> tuple[int, Piece]:
            key = (sheet, tail, head, border, -1 if bundled else index)
            if key not in self._known:
                self._known[key] = Piece(len(self._known), index, tail, head, border)
                self.pieces[sheet].append(self._known[key])
            return sheet, self._known[key]

        inner, (meeting, tail, head), outer = self._cut(link)
        hub = hubs.get((meeting, tail, head))
        way = [enter(meeting, tail, head)] if hub is None else [enter(meeting, tail, hub), enter(meeting, hub, head)]
        for sheet, unit in outer:
            way.append(enter(sheet, PORT, unit, way[-1][1].number))
        for sheet, unit in inner:
            way.insert(0, enter(sheet, unit, PORT, way[0][1].number))
        return way

    def _hubs(self, diagram: Diagram) -> dict[tuple[int, int, int], int]:
        """The hub for links between two units of a sheet, by (sheet, tail, head), where there is one."""
        leaving: dict[tuple[int, int], dict[int, set[int]]] = {}
        for link in diagram.links:
            _, (sheet, tail, head), _ = self._cut(link)
            leaving.setdefault((sheet, tail), {}).setdefault(head, set()).update(link.sources)
        alike: dict[tuple[int, frozenset[int]], list[int]] = {}
        for (sheet, tail), heads in leaving.items():
            if tail < self.cards and len(heads) > 2 and len(set(map(frozenset, heads.values()))) == 1:
                alike.setdefault((sheet, frozenset(heads)), []).append(tail)
        hubs: dict[tuple[int, int, int], int] = {}
        for (sheet, heads_of_hub), tails in alike.items():
            if len(tails) > 1 and len(tails) * len(heads_of_hub) >= _LEAST_CROSSED:
                self.units[sheet].append(len(self.home))
                hubs |= {(sheet, tail, head): len(self.home) for tail in tails for head in heads_of_hub}
                self.home.append(sheet)
        return hubs

    def _around(self, unit: int) -> list[int]:
        """The sheets around a unit, the innermost first."""
        sheets: list[int] = []
        while (sheet := self.home[unit]) is not None:
            sheets.append(sheet)
            if sheet == self.whole:
                break
            unit = self.cards + sheet
        return sheets

    def _cut(self, link: Link) -> tuple[list[tuple[int, int]], tuple[int, int, int], list[tuple[int, int]]]:
        """Where a link runs, as (sheet, unit): out of the frames around its tail, across the sheet where it meets its
        head, from unit to unit, and into the frames around its head. The frames follow from this sheet on inwards."""
        inner, outer = self._around(link.tail), self._around(link.head)
        while len(inner) > 1 and len(outer) > 1 and inner[-2] == outer[-2]:
            inner.pop()
            outer.pop()
        meeting = inner.pop()
        outer.pop()
        ways = [
            [(sheet, self.cards + sheets[place - 1] if place else card) for place, sheet in enumerate(sheets)][::-1]
            for sheets, card in ((inner, link.tail), (outer, link.head))
        ]
        tail = self.cards + inner[-1] if inner else link.tail
        head = self.cards + outer[-1] if outer else link.head
        return ways[0], (meeting, tail, head), ways[1]

    def _dissolve_loops(self, links: Sequence[Link]) -> None:
        """Leave out the frames that would make a loop with their neighbours, outer frames before inner ones."""
        if not self.whole:
            return
        while True:
            edges: list[set[tuple[int, int]]] = [set() for _ in range(self.whole + 1)]
            for link in links:
                _, (sheet, tail, head), _ = self._cut(link)
                edges[sheet].add((tail, head))
            looping = {unit for of_sheet in edges for unit in _on_loops(of_sheet) if unit >= self.cards}
            if not looping:
                return
            for unit in looping:
                outer, self.home[unit] = self.home[unit], None
                frame = unit - self.cards
                self.home = [outer if sheet == frame else sheet for sheet in self.home]


def _on_loops(edges: set[tuple[int, int]]) -> set[int]:
    """The units on loops, or between two of them: what is left when ends without a way in or out are taken away."""
    for start, end in ((0, 1), (1, 0)):
        beside: dict[int, list[int]] = {}
        for edge in edges:
            beside.setdefault(edge[start], []).append(edge[end])
        missing = Counter(edge[end] for edge in edges)
        free = [unit for unit in beside if not missing[unit]]
        for unit in free:
            for other in beside.get(unit, ()):
                missing[other] -= 1
                if not missing[other]:
                    free.append(other)
        gone = set(free)
        edges = {edge for edge in edges if edge[start] not in gone}
    return {unit for edge in edges for unit in edge}
