"""Bars on the cards of a graph over time: many numbers at a glance, on one scale over the whole run.

A bar's height is the square root of its number's size, so that small ones are seen too; up is positive, down negative.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from autograd_core.show.drawing.bars import largest_of_runs
from autograd_core.show.drawing.diagram import Card, Line
from autograd_core.show.drawing.layered_layout import Point
from autograd_core.show.drawing.scene import Outline
from autograd_core.show.theme import LINE_HEIGHT, PADDING, SLANT, TEXT
from autograd_core.show.timeline.record import finite

MOST_BARS = 24
NOTHING, NOT_FINITE, TALLEST = -128, 127, 100  # a bar in a page: its height in hundredths of the room, or one of these
BAR, BAR_STEP = 5.0, 6.0
_LEFT = 46.0

Numbers = Sequence[Sequence[float | None]]


@dataclass(frozen=True, slots=True)
class Bars(Line):
    """A line of a card with bars between its words; count: how many."""

    count: int = 0

    @property
    def width(self) -> float:
        return _LEFT + self.count * BAR_STEP + 8.0 + sum(word.width for word in self.right)

    @property
    def height(self) -> float:
        return TEXT * LINE_HEIGHT + 8.0


@dataclass(frozen=True, slots=True)
class BarSlot:
    """The bars on a line of a card. left, zero: where they start and stand; room: the height of the tallest.
    heights: for each moment that of every bar, up to ±TALLEST, or NOTHING or NOT_FINITE. coloured: by sign."""

    card: int
    left: float
    zero: float
    room: float
    heights: tuple[tuple[int, ...], ...]
    coloured: bool


def bar_slot(index: int, card: Card, line: int, centre: Point, numbers: Numbers) -> BarSlot:
    """The bars on a line of card `index`, which has its place, for the numbers of every moment."""
    slant = SLANT if card.shape in ("parallelogram", "hexagon", "octagon") else 0.0
    top = centre[1] - sum(one.height for one in card.lines) / 2 + (2.5 if card.shape == "stack" else 0.0)
    top += sum(one.height for one in card.lines[:line]) + 2.0
    height = card.lines[line].height - 4.0
    known = [number for of_moment in numbers for number in finite(of_moment)]
    most = max(map(abs, known), default=0.0)
    above, below = any(number > 0 for number in known), any(number < 0 for number in known)
    both = above and below
    zero = top + height * (0.5 if both else 0.0 if below else 1.0)
    heights = tuple(tuple(_height(one, most) for one in largest_of_runs(some, MOST_BARS)) for some in numbers)
    left = centre[0] - card.width / 2 + PADDING + slant + _LEFT
    coloured = card.lines[line].left[0].text == "grad"
    return BarSlot(index, left, zero, height * (0.5 if both else 1.0), heights, coloured)


def _height(number: float | None, most: float) -> int:
    if number is None:
        return NOTHING
    if not math.isfinite(number):
        return NOT_FINITE
    if number == 0:
        return 0
    return round(math.copysign(max(TALLEST * math.sqrt(abs(number) / most), 3), number))


def painted_bars(slot: BarSlot, moment: int) -> tuple[Outline, ...]:
    """The bars of one moment, on the line they stand on."""
    heights = slot.heights[moment]
    end = slot.left + len(heights) * BAR_STEP
    drawn = [Outline(((slot.left, slot.zero), (end, slot.zero)), "muted", "", 0.6, closed=False)]
    for place, height in enumerate(heights):
        if height in (NOTHING, 0):
            continue
        x, tip = slot.left + place * BAR_STEP, slot.zero - slot.room * height / TALLEST
        role = "line" if not slot.coloured else "positive" if height > 0 else "negative"
        if height == NOT_FINITE:
            role, tip = "nonfinite", slot.zero - slot.room
        corners = ((x, slot.zero), (x + BAR, slot.zero), (x + BAR, tip), (x, tip))
        drawn.append(Outline(corners, "", role, 0.0))
    return tuple(drawn)
