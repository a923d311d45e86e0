"""What is in which layer of one frame, or of the whole picture, with the frames in it as finished boxes.

The first of the classic steps (Sugiyama, Tagawa and Toda 1981): a layer for every unit, and vertices where a link
passes a layer. The words on links have layers of their own, just before the cards they lead to, so they lie on nothing.
A link enters and leaves a frame through a port on its border.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from itertools import pairwise

from autograd_core.show.drawing.layout import hanging
from autograd_core.show.drawing.layout.frame_tree import PORT, Piece
from autograd_core.show.drawing.layout.hanging import HangingLeaf, Leaf
from autograd_core.show.drawing.layout.layer_assignment import layers
from autograd_core.show.drawing.layout.measures import Measures
from autograd_core.show.drawing.layout.vertices import Segment, Vertex
from autograd_core.show.theme import ROW_GAP

WORDS_GAP = 6.0  # between a plate and a note
_LINE_MARGIN, _WORDS_MARGIN, _LEAF_MARGIN, _UNIT_MARGIN = 5.0, 3.0, 7.0, ROW_GAP / 2
_HUB = 34.0  # the length of the part that bundles share
_YIELDING = -0.0999  # the strength of a title, which makes room for all others
_MANY = 6  # leaves or words in one layer
_MOST_DUMMIES = 12_000  # past this number, a link across layers is one long curve


class LayeredSheet:
    """The layers of sheet `number`; `inner` has the sheets of the frames in it.

    rows: the vertices of each layer. has_many: whether one has so many leaves or words that they may be spread. length,
    breadth: its size along and across, once it is measured. By number of a piece: links: its first link; chains: the
    vertices that it runs through; words: the one that holds its words; hanging: the leaf that it comes from; ports:
    where a piece outside comes in (False) and goes out (True).
    """

    length = breadth = 0.0
    has_many = False
    shifts: Sequence[float] = ()

    def __init__(self, number: int, measures: Measures, inner: Sequence[LayeredSheet | None]) -> None:
        self.measures = measures
        self.inner = inner
        self.title = None if number == measures.tree.whole else measures.titles[number]
        self.has_title_layer = self.title is not None and not measures.lying
        self.chains: dict[int, list[Vertex]] = {}
        self.words: dict[int, Vertex] = {}
        self.ports: dict[tuple[int, bool], Vertex] = {}
        self.hanging: dict[int, HangingLeaf] = {}
        self.vertices = {unit: self._vertex(unit) for unit in measures.tree.units[number]}
        self.links = {piece.number: piece.link for piece in measures.tree.pieces[number]}
        pieces = self._hang(measures.tree.pieces[number])
        self.strength = max(vertex.strength for vertex in self.vertices.values())
        self.rows = self._layers(pieces)
        self._connect(pieces)

    def _vertex(self, unit: int) -> Vertex:
        measures = self.measures
        if unit < measures.tree.cards:
            return Vertex(unit, *measures.sizes[unit], _UNIT_MARGIN, measures.depths[unit])
        if unit >= measures.tree.cards + measures.tree.whole:
            return Vertex(-1, _HUB, 0.0, _UNIT_MARGIN)
        sheet = self.inner[unit - measures.tree.cards]
        assert sheet is not None
        return Vertex(unit, sheet.length, sheet.breadth, _UNIT_MARGIN, sheet.strength)

    def _hang(self, pieces: Sequence[Piece]) -> Sequence[Piece]:
        """Hang up the leaves that can, if that saves a layer; returns the other pieces."""
        measures = self.measures
        if not measures.hangs:
            return pieces
        hung: dict[int, list[HangingLeaf]] = {}
        for unit, ropes in hanging.candidates(self.vertices, pieces, measures.tree.cards).items():
            leaves = [
                Leaf(piece.tail, piece, measures.sizes[piece.tail], *measures.words[piece.link]) for piece in ropes
            ]
            if places := hanging.hang(measures.sizes[unit], leaves):
                hung[unit] = places
        gone = {place.leaf.unit: place for places in hung.values() for place in places}
        others = [piece for piece in pieces if piece.tail not in gone]
        if not gone or len(set(_layer_of(self.vertices, pieces).values())) == len(
            set(_layer_of(self.vertices.keys() - gone.keys(), others).values())
        ):
            return pieces
        for unit, places in hung.items():
            vertex, size = self.vertices[unit], measures.sizes[unit]
            vertex.along, above, below = hanging.room(size, places)
            vertex.across = size[1] + above + below
            vertex.shift = (above - below) / 2
        self.hanging = {place.leaf.piece.number: place for place in gone.values()}
        self.vertices = {unit: vertex for unit, vertex in self.vertices.items() if unit not in gone}
        return others

    def _layers(self, pieces: Sequence[Piece]) -> list[list[Vertex]]:
        """The layers: ports, then words and units in turn, then ports again; those of no use are left out.

        A layer of many leaves, or of many words, is spread over several columns.
        """
        columns = self.measures.columns
        slots = 2 * columns  # of the columns of leaves, of words and of other units that follow each other
        for unit, layer in _layer_of(self.vertices, pieces).items():
            self.vertices[unit].layer = slots * (layer + 1)
        worded = [piece for piece in pieces if self._has_words(piece)]
        words = self._spread([self.vertices[piece.head].layer - 1 for piece in worded])
        users = Counter(piece.tail for piece in pieces)
        fed = {piece.head for piece in pieces}
        leaves = [self.vertices[unit] for unit, count in users.items() if count == 1 and unit not in fed | {PORT}]
        for leaf, layer in zip(leaves, self._spread([leaf.layer for leaf in leaves]), strict=True):
            leaf.layer = layer if layer == leaf.layer else layer - columns + 1  # from the first column of words on
        used = {vertex.layer for vertex in self.vertices.values()}
        last = max(used) + 1
        used |= set(words)
        used |= {0} if self.has_title_layer or any(piece.tail == PORT for piece in pieces) else set()
        used |= {last} if any(piece.head == PORT for piece in pieces) else set()
        place = {layer: index for index, layer in enumerate(sorted(used))}
        self.word_layer = {piece.number: place[layer] for piece, layer in zip(worded, words, strict=True)}
        rows: list[list[Vertex]] = [[] for _ in used]
        for vertex in self.vertices.values():
            vertex.layer = place[vertex.layer]
            rows[vertex.layer].append(vertex)
        if self.has_title_layer and self.title is not None:
            rows[0].append(Vertex(-1, *self.title, _LINE_MARGIN, _YIELDING))
        return rows

    def _spread(self, layers: Sequence[int]) -> list[int]:
        """Things in layers, spread in turn over the columns before their layer where there are many of them."""
        counts, met = Counter(layers), Counter[int]()
        self.has_many = self.has_many or any(count >= _MANY for count in counts.values())
        spread = []
        for layer in layers:
            spread.append(layer - met[layer] % self.measures.columns if counts[layer] >= _MANY else layer)
            met[layer] += 1
        return spread

    def _has_words(self, piece: Piece) -> bool:
        return 0 <= piece.head < self.measures.tree.cards and any(map(any, self.measures.words[piece.link]))

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
            if number in self.word_layer:
                self.words[number] = passed[self.word_layer[number] - tail.layer - 1]
                self._give_room(self.words[number], *measures.words[link])
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

    def _give_room(self, vertex: Vertex, plate: tuple[float, float], note: tuple[float, float]) -> None:
        """Make a vertex as large as words: a note stands above a line that runs to the right, else after the plate."""
        vertex.margin = _WORDS_MARGIN
        has_both = bool(plate[0] and note[0])
        if self.measures.lying:
            vertex.along, vertex.across = max(plate[0], note[0]), plate[1] + note[1]
            vertex.shift = note[1] / 2 if has_both else 0.0
        else:
            vertex.along = plate[0] + note[0] + WORDS_GAP * has_both
            vertex.across = max(plate[1], note[1])

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

    def across(self, vertex: Vertex) -> float:
        """The middle of a vertex, from the border of the sheet on, once that is measured."""
        return vertex.place + self.shifts[vertex.layer]

    def port(self, vertex: Vertex, number: int, is_exit: bool) -> float:
        """How far from the middle of a vertex a piece touches it, or crosses the border of the frame that it is."""
        frame = vertex.unit - self.measures.tree.cards
        sheet = self.inner[frame] if frame >= 0 else None
        return vertex.shift if sheet is None else sheet.across(sheet.ports[number, is_exit]) - sheet.breadth / 2


def _layer_of(units: Iterable[int], pieces: Sequence[Piece]) -> dict[int, int]:
    """The layer of each unit."""
    ordered = _in_order(list(units), pieces)
    number = {unit: place for place, unit in enumerate(ordered)}
    ends = [(number[piece.tail], number[piece.head]) for piece in pieces if PORT not in (piece.tail, piece.head)]
    return dict(zip(ordered, layers(len(ordered), ends), strict=True))


def _in_order(units: Collection[int], pieces: Sequence[Piece]) -> list[int]:
    """The units, each behind all that it depends on."""
    missing = dict.fromkeys(units, 0)
    users: dict[int, list[int]] = {unit: [] for unit in units}
    for piece in pieces:
        if PORT not in (piece.tail, piece.head):
            users[piece.tail].append(piece.head)
            missing[piece.head] += 1
    ordered = [unit for unit, count in missing.items() if not count]
    for unit in ordered:
        for user in users[unit]:
            missing[user] -= 1
            if not missing[user]:
                ordered.append(user)
    return ordered
