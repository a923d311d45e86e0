"""Bars on the cards of a graph over time, on one scale over the whole run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from autograd_core.show.drawing.bars import BarAxis, bar_axis, bar_heights, finite
from autograd_core.show.drawing.cards import Card
from autograd_core.show.drawing.layout.places import Point

MOST_BARS = 24

MomentNumbers = Sequence[Sequence[float | None]]


@dataclass(frozen=True, slots=True)
class BarSlot:
    """The bars on a line of a card, and the height of each at every moment."""

    card: int
    axis: BarAxis
    heights: tuple[tuple[int, ...], ...]


def bar_slot(index: int, card: Card, line: int, centre: Point, numbers: MomentNumbers) -> BarSlot:
    """The bars on a line of card `index`, placed at `centre`, for the numbers of every moment."""
    every = [number for of_moment in numbers for number in of_moment]
    largest = max(map(abs, finite(every)), default=0.0)
    heights = tuple(bar_heights(of_moment, largest, MOST_BARS) for of_moment in numbers)
    return BarSlot(index, bar_axis(card, line, centre, every), heights)
