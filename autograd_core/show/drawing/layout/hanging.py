"""Leaves that hang above or below the only card that uses them.

Parameters and constants would take a layer of their own at the start of a frame. Where all of that layer can hang, they
do, and the link drops straight into the card. `across` is measured from the middle of the card, as `along` is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise

from autograd_core.show.drawing.layout.frame_tree import PORT, Piece
from autograd_core.show.theme import SLANT

Size = tuple[float, float]  # along the computation, and across it

_SLOT_GAP = 8.0  # between two leaves
_TAIL_RUN, _HEAD_RUN = 17.0, 14.0  # of a link, before and after its words: as long as an arrow head
_BARE_RUN = 30.0  # of a link without words
_FROM_CORNER = 16.0
_WORDS_GAP = 6.0


@dataclass(frozen=True, slots=True)
class Leaf:
    """A leaf that may hang: its number, its link's piece, its size, and the sizes of the plate and the note."""

    unit: int
    piece: Piece
    size: Size
    plate: Size
    note: Size

    @property
    def words(self) -> Size:
        return max(self.plate[0], self.note[0]), self.plate[1] + self.note[1]


@dataclass(frozen=True, slots=True)
class HangingLeaf:
    """A leaf in its place. line: where its link runs, along. across: the middle of the leaf. start, end: of the link.
    plate, note: the middle of these words, across."""

    leaf: Leaf
    along: float
    across: float
    line: float
    start: float
    end: float
    plate: float
    note: float


def candidates(units: Collection[int], pieces: Sequence[Piece], cards: int) -> dict[int, list[Piece]]:
    """For each card of a sheet the pieces from leaves that may hang there.

    These are used nowhere else, and the card has another input, which is no leaf of the sheet.
    """
    leaving = Counter(piece.tail for piece in pieces)
    fed = {piece.head for piece in pieces}
    found: dict[int, list[Piece]] = {}
    for piece in pieces:
        if 0 <= piece.tail < cards and 0 <= piece.head < cards and piece.tail not in fed and leaving[piece.tail] == 1:
            found.setdefault(piece.head, []).append(piece)
    others = {piece.head for piece in pieces if piece.tail == PORT or piece.tail in fed or piece.tail >= cards}
    return {unit: found[unit] for unit in units if unit in found and unit in others}


def hang(card: Size, leaves: Sequence[Leaf]) -> list[HangingLeaf] | None:
    """The places of leaves: above their card, or half of them below it; None where a link would not be straight."""
    half = (len(leaves) + 1) // 2
    for above in (leaves, leaves[:half]):
        below = leaves[len(above) :]
        sides = [_row(card, row, side) for row, side in ((above, -1), (below, 1)) if row]
        if all(sides):
            return [leaf for row in sides for leaf in row]
    return None


def _row(card: Size, leaves: Sequence[Leaf], side: int) -> list[HangingLeaf]:
    """Leaves side by side; none where a link would leave its leaf or its card, or come too near another one's words."""
    slots = [max(leaf.size[0], leaf.words[0]) for leaf in leaves]
    here = -(sum(slots) + _SLOT_GAP * (len(slots) - 1)) / 2
    reach = max(0.0, card[0] / 2 - _FROM_CORNER)
    run = max(_TAIL_RUN + _HEAD_RUN + leaf.words[1] if leaf.words[1] else _BARE_RUN for leaf in leaves)
    end = card[1] / 2
    start = end + run
    row = []
    for leaf, slot in zip(leaves, slots, strict=True):
        along = here + slot / 2
        here += slot + _SLOT_GAP
        line = max(-reach, min(along, reach))
        if abs(line - along) > max(0.0, leaf.size[0] / 2 - SLANT - 4.0):
            return []
        note = end + _HEAD_RUN + leaf.note[1] / 2
        plate = end + _HEAD_RUN + leaf.note[1] + leaf.plate[1] / 2
        places = (start + leaf.size[1] / 2, start, end, plate, note)
        across, *others = (side * place for place in places)
        row.append(HangingLeaf(leaf, along, across, line, *others))
    for first, second in pairwise(row):
        if second.line - first.line < (first.leaf.words[0] + second.leaf.words[0]) / 2 + _WORDS_GAP:
            return []
    return row


def room(card: Size, leaves: Sequence[HangingLeaf]) -> tuple[float, float, float]:
    """The length of a card with its leaves, and the room that they take above and below it."""
    ends = [abs(leaf.along) + max(leaf.leaf.size[0], leaf.leaf.words[0]) / 2 for leaf in leaves]
    low = min([-card[1] / 2, *(leaf.across - leaf.leaf.size[1] / 2 for leaf in leaves)])
    high = max([card[1] / 2, *(leaf.across + leaf.leaf.size[1] / 2 for leaf in leaves)])
    return max(card[0], 2 * max(ends)), -card[1] / 2 - low, high - card[1] / 2
