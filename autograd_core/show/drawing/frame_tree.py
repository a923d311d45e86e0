"""Which cards and frames lie side by side in each frame, and the pieces of each link in the frames it runs through.

A unit is a card, or a frame with what is in it. Units are numbered: the cards first, then the frames. The last sheet is
the whole picture; the others are the frames.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from autograd_core.show.drawing.diagram import Diagram, Link

PORT = -1  # an end of a piece on the border of its frame


@dataclass(frozen=True, slots=True)
class Piece:
    """The part of a link between two units of a sheet, or between a unit and the border of the sheet."""

    link: int
    tail: int
    head: int


class FrameTree:
    """The units and the pieces of links of each sheet.

    home: the sheet of each unit, None for a frame that is not drawn, since links would lead out of it and back into it;
    what is in it belongs to the frame around it. ways: for each link the sheets of its pieces, from tail to head.
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
        self.ways: list[list[int]] = []
        for index, link in enumerate(diagram.links):
            self.ways.append([])
            for sheet, tail, head in self._cut(link):
                self.pieces[sheet].append(Piece(index, tail, head))
                self.ways[-1].append(sheet)

    def _around(self, unit: int) -> list[int]:
        """The sheets around a unit, the innermost first."""
        sheets: list[int] = []
        while (sheet := self.home[unit]) is not None:
            sheets.append(sheet)
            if sheet == self.whole:
                break
            unit = self.cards + sheet
        return sheets

    def _cut(self, link: Link) -> Iterator[tuple[int, int, int]]:
        """The pieces of a link, as (sheet, tail, head)."""
        inner, outer = self._around(link.tail), self._around(link.head)
        while len(inner) > 1 and len(outer) > 1 and inner[-2] == outer[-2]:
            inner.pop()
            outer.pop()
        meeting = inner.pop()
        outer.pop()
        tail, head = link.tail, link.head
        for sheet in inner:
            yield sheet, tail, PORT
            tail = self.cards + sheet
        yield meeting, tail, self.cards + outer[-1] if outer else head
        for place in reversed(range(len(outer))):
            yield outer[place], PORT, self.cards + outer[place - 1] if place else head

    def _dissolve_loops(self, links: Sequence[Link]) -> None:
        """Leave out the frames that would make a loop with their neighbours, outer frames before inner ones."""
        if not self.whole:
            return
        while True:
            edges: list[set[tuple[int, int]]] = [set() for _ in range(self.whole + 1)]
            for link in links:
                for sheet, tail, head in self._cut(link):
                    if PORT not in (tail, head):
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
