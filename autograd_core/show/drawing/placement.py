"""Sheets put into each other: the places of cards, of frames and of words, and the way of each link."""

from __future__ import annotations

from collections.abc import Sequence

from autograd_core.show.drawing.diagram import Diagram
from autograd_core.show.drawing.frame_tree import PORT
from autograd_core.show.drawing.layout import Layout, Point
from autograd_core.show.drawing.ports import inset, port_offsets
from autograd_core.show.drawing.sheet import Measures, Sheet

Station = tuple[float, float, float]  # a straight part of a link: its start and its end along, and its place across

_ARROW_RUN = 12.0  # straight before the card


class Placement:
    """The sheets put into each other, and the way of each link."""

    def __init__(self, diagram: Diagram, measures: Measures, sheets: Sequence[Sheet | None], lying: bool) -> None:
        self.diagram = diagram
        self.measures = measures
        self.sheets = sheets
        self.lying = lying
        tree = measures.tree
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
        sheet, corner = self._sheet(number), self.corners[number]
        vertex = sheet.vertices[unit]
        start, end = sheet.starts[vertex.layer], sheet.ends[vertex.layer]
        along = (start + end) / 2 if vertex.before or not vertex.after else end - vertex.along / 2
        return corner[0] + along, corner[1] + vertex.place

    def layout(self) -> Layout:
        tree = self.measures.tree
        whole = self._sheet(tree.whole)
        ways = self._with_ends([self._stations(index) for index in range(len(self.diagram.links))])
        layout = Layout(
            *self._turn((whole.length, whole.breadth)),
            [self._turn(middle) for middle in self.middles],
            [[self._turn(point) for point in _path(way)] for way in ways],
        )
        for frame in range(tree.whole):
            rectangle = None
            if tree.home[tree.cards + frame] is not None:
                (here, there), sheet = self.corners[frame], self._sheet(frame)
                rectangle = *self._turn((here, there)), *self._turn((here + sheet.length, there + sheet.breadth))
            layout.frames.append(rectangle)
        for index, way in enumerate(ways):
            plate, note = self._words(index, way[-1])
            layout.plates.append(plate)
            layout.notes.append(note)
        return layout

    def _turn(self, point: Point) -> Point:
        return point if self.lying else (point[1], point[0])

    # ----------------------------------------------------------------------------------------------- links

    def _stations(self, index: int) -> list[Station]:
        """The straight parts of a link between its two cards: through layers, and through the borders of frames."""
        stations: list[Station] = []
        link = self.diagram.links[index]
        for number, piece in self.measures.tree.ways[index]:
            sheet, (here, there) = self._sheet(number), self.corners[number]
            chain = sheet.chains[piece.number]
            for place, vertex in enumerate(chain):
                if vertex.unit in (link.tail, link.head):
                    continue
                start, end = here + sheet.starts[vertex.layer], here + sheet.ends[vertex.layer]
                is_exit = place == 0 and vertex.unit >= 0
                across = there + vertex.place + sheet.port(vertex, piece.number, is_exit)
                if vertex.unit >= 0:  # a frame, whose own sheet has the rest of the way
                    middle, half = (start + end) / 2, vertex.along / 2
                    start, end = (middle + half, end) if is_exit else (start, middle - half)
                elif piece.tail == PORT and place == 0:
                    start = here
                elif piece.head == PORT and vertex is chain[-1]:
                    end = here + sheet.length
                stations.append((start, end, across))
        return stations

    def _with_ends(self, ways: Sequence[list[Station]]) -> list[list[Station]]:
        """The stations with those at both cards: there the links lie side by side, in the order of their other ends."""
        links, cards = self.diagram.links, self.diagram.cards
        ends: list[tuple[list[Station], list[Station]]] = [([], []) for _ in links]
        for is_exit in (True, False):
            touching: dict[int, dict[int, list[int]]] = {}
            for index, link in enumerate(links):
                piece = self.measures.tree.ways[index][0 if is_exit else -1][1]
                touching.setdefault(link.tail if is_exit else link.head, {}).setdefault(piece.number, []).append(index)
            for number, bundles in touching.items():
                card, (here, there), (along, across) = cards[number], self.middles[number], self.measures.sizes[number]
                start, end = self._layer(number)
                beside = sorted((self._beside(bundle[0], ways, is_exit), bundle) for bundle in bundles.values())
                main = [any(self.measures.main[index] for index in bundle) for _, bundle in beside]
                offsets = port_offsets([place - there for place, _ in beside], main, card, across)
                for (_, bundle), offset in zip(beside, offsets, strict=True):
                    border = along / 2 - (inset(card, offset, is_exit) if self.lying else 0.0)
                    station = (here + border, end, there + offset)
                    if not is_exit:
                        station = (start - _ARROW_RUN, here - border, there + offset)
                    for index in bundle:
                        ends[index][0 if is_exit else 1].append(station)
        return [[*start, *way, *end] for (start, end), way in zip(ends, ways, strict=True)]

    def _beside(self, index: int, ways: Sequence[list[Station]], is_exit: bool) -> float:
        """The place across from which a link comes to its head, or to which it goes from its tail."""
        if ways[index]:
            return ways[index][0 if is_exit else -1][2]
        link = self.diagram.links[index]
        return self.middles[link.head if is_exit else link.tail][1]

    def _layer(self, card: int) -> Point:
        """The start and the end of the layer of a card."""
        number = self.measures.tree.home[card]
        assert number is not None
        sheet, (here, _) = self._sheet(number), self.corners[number]
        layer = sheet.vertices[card].layer
        return here + sheet.starts[layer], here + sheet.ends[layer]

    def _words(self, index: int, last: Station) -> tuple[Point | None, Point | None]:
        """The middles of the plate and of the note of a link: notes stand at the end of their layer, near the tips."""
        number, piece = self.measures.tree.ways[index][-1]
        sheet, (here, there) = self._sheet(number), self.corners[number]
        (plate, note), vertex = self.measures.words[index], sheet.words.get(piece.number)
        if vertex is None:  # a long curve, without a place of its own for words
            return None, self._turn((last[1] - _ARROW_RUN - note[0] / 2, last[2])) if note[0] else None
        layer = vertex.layer
        room = sheet.note_room[layer]
        start, end = here + sheet.starts[layer], here + sheet.ends[layer]
        middle = (start + end - room) / 2
        return (
            self._turn((middle, there + vertex.place)) if plate[0] else None,
            self._turn((end - note[0] / 2, there + vertex.place)) if note[0] else None,
        )


def _path(stations: Sequence[Station]) -> list[Point]:
    """Through the stations as one spline, bent between them."""
    (start, end, across), *rest = stations
    path = [(start, across)]
    for next_start, next_end, next_across in rest:
        if abs(next_across - across) < 0.05:
            end = next_end
            continue
        _straight(path, end)
        bend = min((next_start - end) / 2, 120.0)
        path += [(end + bend, across), (next_start - bend, next_across), (next_start, next_across)]
        end, across = next_end, next_across
    _straight(path, end)
    return path


def _straight(path: list[Point], end: float) -> None:
    along, across = path[-1]
    if abs(end - along) > 0.1:
        path += [(along, across), (end, across), (end, across)]
