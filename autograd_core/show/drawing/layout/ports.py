"""The points at which links touch their cards: apart from each other, and on the border of the card's shape."""

from __future__ import annotations

from collections.abc import Sequence

from autograd_core.show.drawing.cards import Card
from autograd_core.show.drawing.layout.across import rising
from autograd_core.show.theme import SLANT

_REACH = 0.37  # of a side, from its middle
ROUND = 14.0  # the corners of a pill
_GAP = 16.0  # between two links, where the side has room


def port_offsets(wanted: Sequence[float], is_main: Sequence[bool], card: Card, size: float) -> list[float]:
    """How far from the middle of a side of a card each link touches it: near where it comes from, in the same order.

    is_main: the links that are to run straight on. size: of the side.
    """
    last = len(wanted) - 1
    reach = max(0.0, size / 2 - ROUND) if card.shape == "pill" else _REACH * size
    gap = min(_GAP, 2 * reach / max(last, 1))
    shifts = [max(-reach, min(want, reach)) - place * gap for place, want in enumerate(wanted)]
    offsets = rising(shifts, [100.0 if main else 1.0 for main in is_main])
    return [
        min(max(shift + place * gap, place * gap - reach), reach - (last - place) * gap)
        for place, shift in enumerate(offsets)
    ]


def inset(card: Card, offset: float, is_exit: bool) -> float:
    """How far inside the rectangle of a card its left (right: is_exit) border lies, `offset` below the middle."""
    half = card.height / 2
    if card.shape == "hexagon":
        return SLANT * abs(offset) / half
    if card.shape == "octagon":
        return max(0.0, abs(offset) - half + SLANT)
    if card.shape == "parallelogram":
        return SLANT * (half + offset if is_exit else half - offset) / card.height
    return 0.0
