"""Strips of bars on a card: many numbers at a glance.

The height is the size against the largest of the strip; up is positive, down is negative, which a reader sees without
colours too. A bar that fills the strip stands for inf or nan, a bare line for zeros.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from autograd_core.show.drawing.diagram import Card, Line
from autograd_core.show.drawing.layered_layout import Point
from autograd_core.show.drawing.scene import Lettering, Outline
from autograd_core.show.theme import LINE_HEIGHT, PADDING, SLANT, TEXT

MOST_BARS = 32
_BAR, _BAR_GAP = 5.0, 1.0
_STRIP_LEFT = 44.0  # behind the word "value"


@dataclass(frozen=True, slots=True)
class Strip(Line):
    """A line of a card with bars between its words."""

    numbers: tuple[float | None, ...] = ()
    coloured: bool = False

    @property
    def width(self) -> float:
        bars = min(len(self.numbers), MOST_BARS) * (_BAR + _BAR_GAP)
        return _STRIP_LEFT + bars + 10.0 + sum(word.width for word in self.right)

    @property
    def height(self) -> float:
        return TEXT * LINE_HEIGHT + 5.0


def size(number: float) -> float:
    """How large a number is, where nan is larger than anything."""
    return math.inf if math.isnan(number) else abs(number)


def bars(card: Card, centre: Point) -> list[Outline | Lettering]:
    """The bars of all strips of a card that has its place."""
    slant = SLANT if card.shape in ("parallelogram", "hexagon", "octagon") else 0.0
    y = centre[1] - sum(line.height for line in card.lines) / 2
    if card.shape == "stack":
        y += 2.5  # its front sheet lies a little lower
    marks: list[Outline | Lettering] = []
    for line in card.lines:
        if isinstance(line, Strip):
            left = centre[0] - card.width / 2 + PADDING + slant + _STRIP_LEFT
            marks += _strip(line, left, y + 2.0, line.height - 4.0)
        y += line.height
    return marks


def _strip(line: Strip, left: float, top: float, height: float) -> list[Outline]:
    numbers = largest_of_runs(line.numbers, MOST_BARS)
    finite = [one for one in numbers if one is not None and math.isfinite(one)]
    most = max(map(abs, finite), default=0.0)
    above = any(one > 0 for one in finite) or not any(one < 0 for one in finite)
    below = any(one < 0 for one in finite)
    zero = top + height * (0.5 if above and below else 1.0 if above else 0.0)
    room = height * (0.5 if above and below else 1.0)
    end = left + len(numbers) * (_BAR + _BAR_GAP)
    drawn = [Outline(((left, zero), (end, zero)), "muted", "", 0.6, closed=False)]
    for place, number in enumerate(numbers):
        if number is None or number == 0:
            continue
        x = left + place * (_BAR + _BAR_GAP)
        if math.isfinite(number):
            tall = max(room * abs(number) / most, 0.8)
            tip = zero - tall if number > 0 else zero + tall
            role = "line" if not line.coloured else "positive" if number > 0 else "negative"
            start = zero
        else:
            start, tip, role = top + height, top, "nonfinite"
        drawn.append(Outline(((x, start), (x + _BAR, start), (x + _BAR, tip), (x, tip)), "", role, 0.0))
    return drawn


def largest_of_runs(numbers: Sequence[float | None], most: int) -> list[float | None]:
    """At most `most` numbers, each the largest in size of an equal run."""
    if len(numbers) <= most:
        return list(numbers)
    runs = [numbers[len(numbers) * k // most : len(numbers) * (k + 1) // most] for k in range(most)]
    return [max((one for one in run if one is not None), key=size, default=None) for run in runs]
