"""The layout of one frame, or of the whole picture, with the frames in it as finished boxes.

The classic steps (Sugiyama, Tagawa and Toda 1981): a layer for every unit, vertices where a link passes a layer, an
order in every layer, then places. The words on links have layers of their own, just before the cards they lead to, so
they lie on nothing. A link enters and leaves a frame through a port on its border.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from autograd_core.show.drawing.frame_tree import PORT, FrameTree, Piece
from autograd_core.show.drawing.layer_assignment import layers
from autograd_core.show.drawing.layer_order import Segment, Vertex, find_places, order_layers, straighten
from autograd_core.show.drawing.layout import FRAME_PADDING
from autograd_core.show.theme import LAYER_GAP, MARGIN, ROW_GAP

Size = tuple[float, float]  # along the computation, and across it

_WORDS_GAP = 6.0  # between a plate and a note
_LINE_MARGIN, _WORDS_MARGIN, _LEAF_MARGIN, _UNIT_MARGIN = 5.0, 3.0, 7.0, ROW_GAP / 2
_PORT_GAP, _BEND_GAP, _ARROW_GAP, _WIDEST_GAP = 8.0, 14.0, 26.0, 110.0
_HUB = 34.0  # the length of the part that bundles share
_YIELDING = -0.0999  # the strength of a title, which makes room for all others
_MOST_DUMMIES = 12_000  # past this number, a link across layers is one long curve


@dataclass(frozen=True, slots=True)
class Measures:
    """What all sheets of a picture share.

    sizes: of each card. depths: the operations before each card. tails: of each link the card it comes from. main: for
    each link, whether it comes from the longest of the computations that meet at its head. words: the sizes of the
    plate and of the note on each link. titles: of each frame. titles_beside: whether titles lie beside the links that
    come in; else they lie in their layer.
    """

    tree: FrameTree
    sizes: Sequence[Size]
    depths: Sequence[int]
    tails: Sequence[int]
    main: Sequence[bool]
    words: Sequence[tuple[Size, Size]]
    titles: Sequence[Size]
    titles_beside: bool


class Sheet:
    """The layout of sheet `number`; `inner` has those of the frames in it.

    length, breadth: its size along and across. starts, ends: of its layers. note_room: for notes, at their ends.
    By number of a piece: chains: the vertices that it runs through; words: the one that holds its words; links: its
    first link; ports: where a piece outside comes in (False) and goes out (True).
    """

    def __init__(self, number: int, measures: Measures, inner: Sequence[Sheet | None]) -> None:
        self.measures = measures
        self.inner = inner
        self.title = None if number == measures.tree.whole else measures.titles[number]
        self.has_title_layer = self.title is not None and not measures.titles_beside
        self.chains: dict[int, list[Vertex]] = {}
        self.words: dict[int, Vertex] = {}
        self.ports: dict[tuple[int, bool], Vertex] = {}
        pieces = measures.tree.pieces[number]
        self.links = {piece.number: piece.link for piece in pieces}
        self.vertices = {unit: self._vertex(unit) for unit in measures.tree.units[number]}
        self.strength = max(vertex.strength for vertex in self.vertices.values())
        self.rows = self._layers(pieces)
        self._connect(pieces)
        order_layers(self.rows)
        find_places(self.rows)
        straighten(self.rows, self.chains.values())
        self._measure()

    def _vertex(self, unit: int) -> Vertex:
        measures = self.measures
        if unit < measures.tree.cards:
            return Vertex(unit, *measures.sizes[unit], _UNIT_MARGIN, measures.depths[unit])
        if unit >= measures.tree.cards + measures.tree.whole:
            return Vertex(-1, _HUB, 0.0, _UNIT_MARGIN)
        sheet = self.inner[unit - measures.tree.cards]
        assert sheet is not None
        return Vertex(unit, sheet.length, sheet.breadth, _UNIT_MARGIN, sheet.strength)

    # ------------------------------------------------------------------------------------------------- layers

    def _layers(self, pieces: Sequence[Piece]) -> list[list[Vertex]]:
        """The layers: ports, then words and units in turn, then ports again; those of no use are left out."""
        units = self._in_order(pieces)
        number = {unit: place for place, unit in enumerate(units)}
        ends = [(number[piece.tail], number[piece.head]) for piece in pieces if PORT not in (piece.tail, piece.head)]
        for unit, layer in zip(units, layers(len(units), ends), strict=True):
            self.vertices[unit].layer = 2 * layer + 2
        used = {vertex.layer for vertex in self.vertices.values()}
        last = max(used) + 1
        used |= {self.vertices[piece.head].layer - 1 for piece in pieces if self._has_words(piece)}
        used |= {0} if self.has_title_layer or any(piece.tail == PORT for piece in pieces) else set()
        used |= {last} if any(piece.head == PORT for piece in pieces) else set()
        place = {layer: index for index, layer in enumerate(sorted(used))}
        rows: list[list[Vertex]] = [[] for _ in used]
        for vertex in self.vertices.values():
            vertex.layer = place[vertex.layer]
            rows[vertex.layer].append(vertex)
        if self.has_title_layer and self.title is not None:
            rows[0].append(Vertex(-1, *self.title, _LINE_MARGIN, _YIELDING))
        return rows

    def _has_words(self, piece: Piece) -> bool:
        return 0 <= piece.head < self.measures.tree.cards and any(map(any, self.measures.words[piece.link]))

    def _in_order(self, pieces: Sequence[Piece]) -> list[int]:
        """The units, each behind all that it depends on."""
        missing = dict.fromkeys(self.vertices, 0)
        users: dict[int, list[int]] = {unit: [] for unit in self.vertices}
        for piece in pieces:
            if PORT not in (piece.tail, piece.head):
                users[piece.tail].append(piece.head)
                missing[piece.head] += 1
        units = [unit for unit, count in missing.items() if not count]
        for unit in units:
            for user in users[unit]:
                missing[user] -= 1
                if not missing[user]:
                    units.append(user)
        return units

    def _connect(self, pieces: Sequence[Piece]) -> None:
        """The chain of vertices of each piece, one in each layer, with the segments between them."""
        measures, budget = self.measures, _MOST_DUMMIES
        ends = [(self._end(piece, False), self._end(piece, True), piece) for piece in pieces]
        for tail, head, piece in sorted(ends, key=lambda item: item[1].layer - item[0].layer):
            link, number, strength = piece.link, piece.number, measures.depths[measures.tails[piece.link]]
            between = range(tail.layer + 1, head.layer)
            if len(between) > budget:
                self.chains[number] = [tail, head]
                continue
            budget -= len(between)
            passed = [Vertex(-1, 0.0, 0.0, _LINE_MARGIN, strength, layer) for layer in between]
            if self._has_words(piece):
                self.words[number] = passed[-1]
                (plate, note), vertex = measures.words[link], passed[-1]
                vertex.along = plate[0] + note[0] + (_WORDS_GAP if plate[0] and note[0] else 0.0)
                vertex.across, vertex.margin = max(plate[1], note[1]), _WORDS_MARGIN
            for vertex in passed:
                self.rows[vertex.layer].append(vertex)
            self.chains[number] = [tail, *passed, head]
            for start, end in pairwise(self.chains[number]):
                segment = Segment(link, start, end, strength, measures.main[link])
                segment.leaves, segment.arrives = self.port(start, number, True), self.port(end, number, False)
                start.after.append(segment)
                end.before.append(segment)
        for vertex in self.vertices.values():
            if not vertex.before:
                vertex.margin = _LEAF_MARGIN

    def _end(self, piece: Piece, is_head: bool) -> Vertex:
        unit = piece.head if is_head else piece.tail
        if unit != PORT:
            return self.vertices[unit]
        if (piece.border, is_head) in self.ports:
            return self.ports[piece.border, is_head]
        strength = self.measures.depths[self.measures.tails[piece.link]]
        port = Vertex(-1, 0.0, 0.0, _LINE_MARGIN, strength, len(self.rows) - 1 if is_head else 0)
        self.rows[port.layer].append(port)
        self.ports[piece.border, is_head] = port
        return port

    def port(self, vertex: Vertex, number: int, is_exit: bool) -> float:
        """How far from its middle a piece crosses the border of the frame at `vertex`; 0 where that is no frame."""
        frame = vertex.unit - self.measures.tree.cards
        sheet = self.inner[frame] if frame >= 0 else None
        return sheet.ports[number, is_exit].place - sheet.breadth / 2 if sheet is not None else 0.0

    # ------------------------------------------------------------------------------------------------- places

    def _measure(self) -> None:
        """The layers along, and the size of the sheet; places are counted from its border on."""
        border = MARGIN if self.title is None else FRAME_PADDING
        here = 0.0 if self.has_title_layer or any(not is_exit for _, is_exit in self.ports) else border
        self.starts: list[float] = []
        self.ends: list[float] = []
        for layer, row in enumerate(self.rows):
            here += self._gap(layer) if layer else 0.0
            self.starts.append(here)
            here += max(vertex.along for vertex in row)
            self.ends.append(here)
        self.note_room = [0.0] * len(self.rows)
        for plate, note, vertex in (
            (*self.measures.words[self.links[key]], vertex) for key, vertex in self.words.items()
        ):
            room = note[0] + (_WORDS_GAP if plate[0] and note[0] else 0.0)
            self.note_room[vertex.layer] = max(self.note_room[vertex.layer], room)
        self.length = here if any(is_exit for _, is_exit in self.ports) else here + border
        everything = [vertex for row in self.rows for vertex in row]
        low = min(vertex.place - vertex.across / 2 for vertex in everything)
        high = max(vertex.place + vertex.across / 2 for vertex in everything)
        above = border
        if self.title is not None and self.measures.titles_beside:
            above += self.title[1]
            spare = max(0.0, self.title[0] - self.length)
            self.starts = [start + spare / 2 for start in self.starts]
            self.ends = [end + spare / 2 for end in self.ends]
            self.length += spare
        for vertex in everything:
            vertex.place += above - low
        self.breadth = high - low + above + border

    def _gap(self, layer: int) -> float:
        """The room before a layer: enough for the arrow heads and for the bends of the links."""
        cards = self.measures.tree.cards
        segments = [segment for vertex in self.rows[layer] for segment in vertex.before]
        bends = [segment.head.place + segment.arrives - segment.tail.place - segment.leaves for segment in segments]
        bend = max(map(abs, bends), default=0.0)
        units_before, units = (any(vertex.unit >= 0 for vertex in self.rows[place]) for place in (layer - 1, layer))
        if units_before and units:
            return max(LAYER_GAP, min(_ARROW_GAP + 0.3 * bend + 0.3 * len(segments), _WIDEST_GAP))
        if any(0 <= vertex.unit < cards and vertex.before for vertex in self.rows[layer]):
            least = _ARROW_GAP
        else:
            least = _BEND_GAP if units_before or units else _PORT_GAP
        return max(least, min(least + 0.25 * bend + 0.3 * (len(segments) - 1), _WIDEST_GAP))
