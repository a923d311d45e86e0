"""Sheets put into each other: the places of cards, of frames and of words, and the way of each link."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from autograd_core.show.drawing.diagram import Diagram, Link
from autograd_core.show.drawing.layout.frame_tree import PORT
from autograd_core.show.drawing.layout.hanging import HangingLeaf
from autograd_core.show.drawing.layout.lines import Turn
from autograd_core.show.drawing.layout.measures import Measures
from autograd_core.show.drawing.layout.places import Layout, Point
from autograd_core.show.drawing.layout.ports import inset, port_offsets
from autograd_core.show.drawing.layout.sheet import Sheet
from autograd_core.show.drawing.layout.ways import Station, Way, path_along, straight_across

Words = tuple[Point | None, Point | None]  # the middles of a plate and of a note

_ARROW_RUN = 12.0  # straight before the card


class Placement:
    """The sheets put into each other, and the way of each link."""

    def __init__(self, diagram: Diagram, measures: Measures, sheets: Sequence[Sheet | None]) -> None:
        self.diagram = diagram
        self.measures = measures
        self.sheets = sheets
        self.lying = measures.lying
        tree = measures.tree
        self.hanging = {place.leaf.unit: place for sheet in sheets if sheet for place in sheet.hanging.values()}
        self.corners: list[Point] = [(0.0, 0.0)] * len(sheets)
        for frame in range(tree.whole):
            home = tree.home[tree.cards + frame]
            if home is not None:
                here, there = self._middle(home, tree.cards + frame)
                sheet = self._sheet(frame)
                self.corners[frame] = (here - sheet.length / 2, there - sheet.breadth / 2)
        homes = enumerate(tree.home[: tree.cards])
        self.middles = [self._middle(home, card) for card, home in homes if home is not None]

    def _sheet(self, number: int) -> Sheet:
        sheet = self.sheets[number]
        assert sheet is not None
        return sheet

    def _middle(self, number: int, unit: int) -> Point:
        """The middle of a unit, along and across. One without inputs stands at the end of its layer: near its user."""
        if unit in self.hanging:
            hanging = self.hanging[unit]
            here, there = self._middle(number, hanging.leaf.piece.head)
            return here + hanging.along, there + hanging.across
        sheet, corner = self._sheet(number), self.corners[number]
        vertex = sheet.vertices[unit]
        start, end = sheet.starts[vertex.layer], sheet.ends[vertex.layer]
        along = (start + end) / 2 if vertex.before or not vertex.after else end - vertex.along / 2
        shift = vertex.shift if unit < self.measures.tree.cards else 0.0
        return corner[0] + along, corner[1] + sheet.across(vertex) + shift

    def layout(self) -> Layout:
        tree = self.measures.tree
        whole = self._sheet(tree.whole)
        layout = Layout(
            *self._turn((whole.length, whole.breadth)),
            [self._turn(middle) for middle in self.middles],
            [],
        )
        for frame in range(tree.whole):
            rectangle = None
            if tree.home[tree.cards + frame] is not None:
                (here, there), sheet = self.corners[frame], self._sheet(frame)
                rectangle = *self._turn((here, there)), *self._turn((here + sheet.length, there + sheet.breadth))
            layout.frames.append(rectangle)
        links = self.diagram.links
        standing = [index for index, link in enumerate(links) if link.tail not in self.hanging]
        ways = self._with_ends({index: self._way(index) for index in standing})
        for index, link in enumerate(links):
            if index in ways:
                path, (plate, note) = path_along(ways[index]), self._words(index)
            else:
                path, plate, note = self._hanging_link(self.hanging[link.tail], link)
            layout.paths.append([self._turn(point) for point in path])
            layout.plates.append(self._turn(plate) if plate is not None else None)
            layout.notes.append(self._turn(note) if note is not None else None)
        return layout

    def _turn(self, point: Point) -> Point:
        return point if self.lying else (point[1], point[0])

    # ----------------------------------------------------------------------------------------------- links

    def _way(self, index: int) -> Way:
        """The parts of a link between its cards: through layers, through the borders of frames, and to other lines."""
        way: list[Station | Turn] = []
        link = self.diagram.links[index]
        for number, piece in self.measures.tree.ways[index]:
            sheet, (here, there) = self._sheet(number), self.corners[number]
            chain = sheet.chains[piece.number]
            for place, vertex in enumerate(chain):
                if turn := sheet.turns.get((piece.number, place)):
                    way.append(turn.moved(here, there))
                if vertex.unit in (link.tail, link.head):
                    continue
                start, end = here + sheet.starts[vertex.layer], here + sheet.ends[vertex.layer]
                is_exit = place == 0 and vertex.unit >= 0
                across = there + sheet.across(vertex) + sheet.port(vertex, piece.number, is_exit)
                if vertex.unit >= 0:  # a frame, whose own sheet has the rest of the way
                    middle, half = (start + end) / 2, vertex.along / 2
                    start, end = (middle + half, end) if is_exit else (start, middle - half)
                elif piece.tail == PORT and place == 0:
                    start = here
                elif piece.head == PORT and vertex is chain[-1]:
                    end = here + sheet.length
                way.append((start, end, across))
        return way

    def _with_ends(self, ways: Mapping[int, Way]) -> dict[int, Way]:
        """The ways with their ends at both cards: there links lie side by side, in the order of their other ends."""
        cards = self.diagram.cards
        ends: dict[tuple[int, bool], Station] = {}
        for is_exit in (True, False):
            touching: dict[int, dict[int, list[int]]] = {}
            for index in ways:
                piece = self.measures.tree.ways[index][0 if is_exit else -1][1]
                link = self.diagram.links[index]
                card = link.tail if is_exit else link.head
                touching.setdefault(card, {}).setdefault(piece.number, []).append(index)
            for number, bundles in touching.items():
                (here, there), (along, across) = self.middles[number], self.measures.sizes[number]
                start, end = self._layer(number)
                beside = sorted((self._beside(links[0], ways[links[0]], is_exit), links) for links in bundles.values())
                main = [any(self.measures.main[index] for index in bundle) for _, bundle in beside]
                offsets = port_offsets([place - there for place, _ in beside], main, cards[number], across)
                for (_, bundle), offset in zip(beside, offsets, strict=True):
                    border = along / 2 - (inset(cards[number], offset, is_exit) if self.lying else 0.0)
                    station = (here + border, end, there + offset)
                    if not is_exit:
                        station = (start - _ARROW_RUN, here - border, there + offset)
                    ends |= {(index, is_exit): station for index in bundle}
        return {index: [ends[index, True], *way, ends[index, False]] for index, way in ways.items()}

    def _beside(self, index: int, way: Way, is_exit: bool) -> float:
        """The place across from which a link comes to its head, or to which it goes from its tail."""
        if not way:
            link = self.diagram.links[index]
            return self.middles[link.head if is_exit else link.tail][1]
        part = way[0 if is_exit else -1]
        if isinstance(part, Turn):
            return part.leaves if is_exit else part.arrives
        return part[2]

    def _layer(self, card: int) -> Point:
        """The start and the end of the layer of a card."""
        number = self.measures.tree.home[card]
        assert number is not None
        sheet, (here, _) = self._sheet(number), self.corners[number]
        layer = sheet.vertices[card].layer
        return here + sheet.starts[layer], here + sheet.ends[layer]

    def _words(self, index: int) -> Words:
        """The middles of the plate and of the note of a link: notes stand at the end of their layer, near the tips."""
        number, piece = self.measures.tree.ways[index][-1]
        sheet, (here, there) = self._sheet(number), self.corners[number]
        (plate, note), vertex = self.measures.words[index], sheet.words.get(piece.number)
        if vertex is None:  # a long curve, without a place of its own for words
            head = self.diagram.links[index].head
            here, there = self.middles[head]
            return None, (here - (self.measures.sizes[head][0] + note[0]) / 2 - _ARROW_RUN, there) if note[0] else None
        layer = vertex.layer
        start, end = here + sheet.starts[layer], here + sheet.ends[layer]
        line = there + sheet.across(vertex) + vertex.shift
        above = (plate[1] + note[1]) / 2 if vertex.shift else 0.0
        return (
            ((start + end - sheet.note_room[layer]) / 2, line) if plate[0] else None,
            (end - note[0] / 2, line - above) if note[0] else None,
        )

    def _hanging_link(self, hanging: HangingLeaf, link: Link) -> tuple[list[Point], Point | None, Point | None]:
        """The path of the link of a hanging leaf, and the middles of its words."""
        here, there = self.middles[link.head]
        line, start, end = here + hanging.line, there + hanging.start, there + hanging.end
        if not self.lying:  # then both are touched at a side, which may lean
            is_exit = hanging.start < 0
            side = 1 if is_exit else -1
            start -= side * inset(self.diagram.cards[link.tail], hanging.line - hanging.along, is_exit)
            end += side * inset(self.diagram.cards[link.head], hanging.line, not is_exit)
        words = [
            (line, there + place) if size[0] else None
            for place, size in ((hanging.plate, hanging.leaf.plate), (hanging.note, hanging.leaf.note))
        ]
        return straight_across((line, start), (line, end)), words[0], words[1]
