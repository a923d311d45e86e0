"""A sheet in lines, as text is: where a computation is longer than a line, it goes on at the start of the next one.

The links that go on turn down at the end of a line, run back between the two lines, and turn into the next line. Each
has a track of its own; the links keep their order, so that they do not cross.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

RADIUS = 10.0  # of a turn
RUN = 17.0  # before the turn at the end of a line: as long as an arrow head
TRACK = 8.0  # between two links that turn
AIR = 10.0  # between a line and the links below it
_SEARCHED = 0.3  # of a line, from its end: there the layer is sought before which the fewest links are cut


@dataclass(frozen=True, slots=True)
class Turn:
    """The way of a link from one line to the next: down at `right`, back at `channel`, down again at `left`.

    leaves, arrives: its places across at the end of its line and at the start of the next one.
    """

    right: float
    channel: float
    left: float
    leaves: float
    arrives: float

    def moved(self, along: float, across: float) -> Turn:
        """The same turn in a sheet whose corner is elsewhere."""
        leaves, arrives = self.leaves + across, self.arrives + across
        return Turn(self.right + along, self.channel + across, self.left + along, leaves, arrives)


def line_starts(rooms: Sequence[float], cut: Sequence[int | None], longest: float) -> list[int]:
    """The layers that begin a line, after the first.

    rooms: the length of each layer with the gap before it. cut: how many links a break before a layer cuts, None where
    no line can begin.
    """
    starts: list[int] = []
    first, here = 0, 0.0
    layer = 0
    while layer < len(rooms):
        if layer > first and here + rooms[layer] > longest:
            start = _best_start(rooms, cut, first, layer, longest)
            if start is not None:
                starts.append(start)
                first = layer = start
                here = 0.0
        here += rooms[layer]
        layer += 1
    return starts


def _best_start(rooms: Sequence[float], cut: Sequence[int | None], first: int, last: int, longest: float) -> int | None:
    """The layer among those up to `last` that begins the next line: few links cut, then as late as possible."""
    best, fewest = None, 0
    back = 0.0
    for layer in range(last, first, -1):
        links = cut[layer]
        if links is not None and (best is None or links < fewest):
            best, fewest = layer, links
        back += rooms[layer - 1]
        if best is not None and back > _SEARCHED * longest:
            break
    return best
