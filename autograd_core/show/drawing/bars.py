"""Bars on a card: many numbers at a glance.

The height grows with the square root of the number's size, so that small numbers stay visible; up is positive, down is
negative. A bar that fills the strip stands for inf or nan, a bare line for zeros.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from autograd_core.show.drawing.cards import Card, Line
from autograd_core.show.drawing.layout.places import Point
from autograd_core.show.drawing.scene import Outline
from autograd_core.show.theme import LINE_HEIGHT, TEXT

MOST_BARS = 32
BAR, BAR_STEP = 5.0, 6.0
TALLEST, NOTHING, NOT_FINITE = 100, -128, 127  # the height of a bar, in hundredths of the room, or one of the other two
LOWEST = 3
STRIP_LEFT = 44.0  # from the word "value" on


@dataclass(frozen=True, slots=True)
class Strip(Line):
    """A line of a card with room for `count` bars between its words; numbers: those whose bars are drawn on it."""

    count: int = 0
    numbers: tuple[float | None, ...] = ()

    @property
    def width(self) -> float:
        return STRIP_LEFT + self.count * BAR_STEP + 10.0 + sum(word.width for word in self.right)

    @property
    def height(self) -> float:
        return TEXT * LINE_HEIGHT + 5.0


@dataclass(frozen=True, slots=True)
class BarAxis:
    """The place of the bars of a strip: from `left` on, at the height `zero`, between `top` and `bottom`.

    room: the height of the tallest; signed: whether they have the colours of their signs.
    """

    left: float
    zero: float
    top: float
    bottom: float
    room: float
    signed: bool


def bar_axis(card: Card, line: int, centre: Point, numbers: Iterable[float | None]) -> BarAxis:
    """The axis on a line of a placed card, with room up and down for all of `numbers`."""
    left, top = card.text_corner(centre)
    top += sum(above.height for above in card.lines[:line]) + 2.0
    height = card.lines[line].height - 4.0
    known = finite(numbers)
    down = any(number < 0 for number in known)
    up = any(number > 0 for number in known) or not down
    zero = top + height * (0.5 if up and down else 1.0 if up else 0.0)
    room = height * (0.5 if up and down else 1.0)
    return BarAxis(left + STRIP_LEFT, zero, top, top + height, room, card.lines[line].role == "grad")


def bar_heights(numbers: Sequence[float | None], largest: float, most: int = MOST_BARS) -> tuple[int, ...]:
    """The height of the bar of each number, up to ±TALLEST for `largest`, or NOTHING or NOT_FINITE.

    Of more than `most` numbers there is a bar for the largest of each equal run.
    """
    return tuple(_height(number, largest) for number in largest_of_runs(numbers, most))


def _height(number: float | None, largest: float) -> int:
    if number is None:
        return NOTHING
    if not math.isfinite(number):
        return NOT_FINITE
    if number == 0:
        return 0
    return round(math.copysign(max(TALLEST * math.sqrt(abs(number) / largest), LOWEST), number))


def bar_marks(axis: BarAxis, heights: Sequence[int]) -> tuple[Outline, ...]:
    """The bars and their base line."""
    end = axis.left + len(heights) * BAR_STEP
    marks = [Outline(((axis.left, axis.zero), (end, axis.zero)), "muted", "", 0.6, closed=False)]
    for place, height in enumerate(heights):
        if height in (NOTHING, 0):
            continue
        start, tip = axis.zero, axis.zero - axis.room * height / TALLEST
        colour = "line" if not axis.signed else "positive" if height > 0 else "negative"
        if height == NOT_FINITE:
            start, tip, colour = axis.bottom, axis.top, "nonfinite"
        x = axis.left + place * BAR_STEP
        marks.append(Outline(((x, start), (x + BAR, start), (x + BAR, tip), (x, tip)), "", colour, 0.0))
    return tuple(marks)


def strip_marks(card: Card, line: int, strip: Strip, centre: Point) -> tuple[Outline, ...]:
    """The bars of the numbers of a strip, the tallest for the largest of them."""
    if not strip.numbers:
        return ()
    largest = max(map(abs, finite(strip.numbers)), default=0.0)
    return bar_marks(bar_axis(card, line, centre, strip.numbers), bar_heights(strip.numbers, largest))


def finite(numbers: Iterable[float | None]) -> list[float]:
    """Those that are numbers, and neither inf nor nan."""
    return [number for number in numbers if number is not None and math.isfinite(number)]


def size(number: float) -> float:
    """The size of a number; nan is larger than any other."""
    return math.inf if math.isnan(number) else abs(number)


def largest_of(numbers: Iterable[float | None]) -> float | None:
    """The number that is the largest in size; None where there is none."""
    return max((number for number in numbers if number is not None), key=size, default=None)


def largest_of_runs(numbers: Sequence[float | None], most: int) -> list[float | None]:
    """At most `most` numbers, each the largest in size of an equal run."""
    if len(numbers) <= most:
        return list(numbers)
    return [largest_of(numbers[len(numbers) * k // most : len(numbers) * (k + 1) // most]) for k in range(most)]
