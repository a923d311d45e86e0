"""The layout of one frame, or of the whole picture: the order and the places in its layers, its lines and its size."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from itertools import pairwise

from autograd_core.show.drawing.layout.across import find_places, straighten
from autograd_core.show.drawing.layout.layer_order import order_layers
from autograd_core.show.drawing.layout.layered_sheet import WORDS_GAP, LayeredSheet
from autograd_core.show.drawing.layout.lines import AIR, RADIUS, RUN, TRACK, Turn, line_starts
from autograd_core.show.drawing.layout.measures import Measures
from autograd_core.show.drawing.layout.places import FRAME_PADDING
from autograd_core.show.theme import LAYER_GAP, MARGIN

_PORT_GAP, _BEND_GAP, _ARROW_GAP, _WIDEST_GAP = 6.0, 18.0, 18.0, 70.0
_SLOPE = 0.15  # the room for a bend, as a share of its height


class Sheet(LayeredSheet):
    """The layout of sheet `number`, in which places are counted from its border on.

    starts, ends: of its layers. shifts: of the vertices of each layer, across. note_room: for notes, at the ends of the
    layers. turns: by number of a piece and place in its chain, its way to the next line.
    """

    def __init__(self, number: int, measures: Measures, inner: Sequence[LayeredSheet | None]) -> None:
        super().__init__(number, measures, inner)
        order_layers(self.rows)
        find_places(self.rows)
        straighten(self.rows, self.chains.values())
        self.border = MARGIN if self.title is None else FRAME_PADDING
        self.has_entrance = self.has_title_layer or any(not is_exit for _, is_exit in self.ports)
        self.has_exit = any(is_exit for _, is_exit in self.ports)
        self.lengths = [max(vertex.along for vertex in row) for row in self.rows]
        self.gaps = [self._gap(layer) if layer else 0.0 for layer in range(len(self.rows))]
        self.note_room = self._note_room()
        self._set_lines(self._lines(measures.longest))

    def in_lines(self, longest: tuple[float, float]) -> Sheet:
        """The same sheet, with lines of another length."""
        lines = self._lines(longest)
        if len(lines) == 1:
            return self
        sheet = copy(self)
        sheet._set_lines(lines)
        return sheet

    def _gap(self, layer: int) -> float:
        """The room before a layer: enough for the arrow heads and for the bends of the links."""
        cards = self.measures.tree.cards
        segments = [segment for vertex in self.rows[layer] for segment in vertex.before]
        bends = [segment.head.place + segment.arrives - segment.tail.place - segment.leaves for segment in segments]
        bend = max(map(abs, bends), default=0.0)
        units_before, units = (any(vertex.unit >= 0 for vertex in self.rows[place]) for place in (layer - 1, layer))
        if units_before and units:
            return max(LAYER_GAP, min(_ARROW_GAP + 2 * _SLOPE * bend + 0.3 * len(segments), _WIDEST_GAP))
        least = _BEND_GAP if units_before else _PORT_GAP
        if any(0 <= vertex.unit < cards and vertex.before for vertex in self.rows[layer]):
            least = _ARROW_GAP
        return max(least, min(least + _SLOPE * bend + 0.3 * (len(segments) - 1), _WIDEST_GAP))

    # ------------------------------------------------------------------------------------------------- lines

    def _lines(self, longest_lines: tuple[float, float]) -> list[range]:
        """The layers of each line; longest_lines: the length of a line in a frame, and in the whole picture."""
        starts: list[int] = []
        rooms = [length + gap for length, gap in zip(self.lengths, self.gaps, strict=True)]
        is_whole = all(chain[-1].layer - chain[0].layer < len(chain) for chain in self.chains.values())
        longest = longest_lines[self.title is None]
        if is_whole and sum(rooms) > longest:
            words = {vertex.layer for vertex in self.words.values()}
            apart = {0, *(layer + 1 for layer in words)}
            apart |= ({1} if self.has_entrance else set()) | ({len(rooms) - 1} if self.has_exit else set())
            cut = [
                None if layer in apart else sum(len(vertex.before) for vertex in row)
                for layer, row in enumerate(self.rows)
            ]
            starts = line_starts(rooms, cut, longest)
        return [range(start, end) for start, end in pairwise([0, *starts, len(rooms)])]

    def _set_lines(self, lines: Sequence[range]) -> None:
        """Put the lines below each other, and so find the places of all layers and vertices."""
        self.turns: dict[tuple[int, int], Turn] = {}
        self.shifts = [0.0] * len(self.rows)
        line_of = {layer: number for number, line in enumerate(lines) for layer in line}
        turning: list[list[tuple[int, int]]] = [[] for _ in lines]  # for each line the pieces that leave it
        if len(lines) > 1:
            for piece, chain in self.chains.items():
                for place, (tail, head) in enumerate(pairwise(chain), 1):
                    if line_of[tail.layer] != line_of[head.layer]:
                        turning[line_of[tail.layer]].append((piece, place))
        above = self.title[1] if self.title is not None and self.measures.lying else self.border
        left = self.border + max(map(len, turning)) * TRACK + RADIUS if len(lines) > 1 else self.border
        here = [0.0 if self.has_entrance and not number else left for number in range(len(lines))]
        self.starts, self.ends = [0.0] * len(self.rows), [0.0] * len(self.rows)
        bottoms: list[float] = []
        for number, line in enumerate(lines):
            for layer in line:
                if layer > line[0]:
                    here[number] += self.gaps[layer]
                elif number:
                    here[number] += min(self.gaps[layer], _ARROW_GAP)
                self.starts[layer] = here[number]
                self.ends[layer] = here[number] = here[number] + self.lengths[layer]
            vertices = [vertex for layer in line for vertex in self.rows[layer]]
            low = min(vertex.place - vertex.across / 2 for vertex in vertices)
            for layer in line:
                self.shifts[layer] = above - low
            bottoms.append(above - low + max(vertex.place + vertex.across / 2 for vertex in vertices))
            above = bottoms[-1] + 2 * AIR + max(0, len(turning[number]) - 1) * TRACK
        turns = [RUN + RADIUS + len(pieces) * TRACK if pieces else 0.0 for pieces in turning]
        ends = [end + turn + self.border for end, turn in zip(here, turns, strict=True)]
        if self.has_exit:
            ends[-1] = here[-1]
        self.length = max(ends)
        self.breadth = bottoms[-1] + self.border
        self._make_wide_enough_for_title()
        for number, pieces in enumerate(turning):
            self._turn(pieces, self.ends[lines[number][-1]], bottoms[number])

    def _make_wide_enough_for_title(self) -> None:
        if self.title is not None and self.measures.lying:
            spare = max(0.0, self.title[0] - self.length)
            self.starts = [start + spare / 2 for start in self.starts]
            self.ends = [end + spare / 2 for end in self.ends]
            self.length += spare

    def _turn(self, pieces: Sequence[tuple[int, int]], end: float, bottom: float) -> None:
        """The turns of the pieces that leave a line: the first one runs outside at its end, and inside at the start."""

        def ends(piece: tuple[int, int]) -> tuple[float, float]:
            number, place = piece
            tail, head = self.chains[number][place - 1 : place + 1]
            return self.across(tail) + self.port(tail, number, True), self.across(head) + self.port(head, number, False)

        for track, piece in enumerate(sorted(pieces, key=ends, reverse=True)):
            right, channel = end + RUN + RADIUS + track * TRACK, bottom + AIR + track * TRACK
            self.turns[piece] = Turn(right, channel, self.border + track * TRACK, *ends(piece))

    def _note_room(self) -> list[float]:
        """The room for notes at the end of each layer; from left to right they need none, being above the lines."""
        room = [0.0] * len(self.rows)
        for piece, vertex in self.words.items() if not self.measures.lying else ():
            plate, note = self.measures.words[self.links[piece]]
            room[vertex.layer] = max(room[vertex.layer], note[0] + WORDS_GAP * bool(plate[0] and note[0]))
        return room
