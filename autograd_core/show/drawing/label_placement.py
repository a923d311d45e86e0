"""Where the words on links stand: in the middle of their link, or further along it where they would cover others."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from autograd_core.show.drawing.diagram import Diagram
from autograd_core.show.drawing.layered_layout import Layout, Point

Placed = tuple[float, float, float, float]  # centre x and y, width, height

_SAMPLES = 16  # of each piece of a spline
_FRACTIONS = (0.45, 0.55, 0.4, 0.6, 0.35, 0.65, 0.3, 0.7, 0.25, 0.75)  # of a link, nearest its middle first
_ROUNDS = 3  # who makes way may be in the way of the next


@dataclass(frozen=True, slots=True)
class EdgeLabel:
    """Words of this size on the link of this path; shift: how far they stand to the right of it."""

    path: list[Point]
    width: float
    height: float
    shift: float = 0.0


def place_labels(plates: Sequence[EdgeLabel], sheet: Diagram, places: Layout) -> list[Point]:
    """The centre of each plate, such that they cover as little of each other and of the cards as their links allow."""
    cards = [(*centre, card.width, card.height) for centre, card in zip(places.centres, sheet.cards, strict=True)]
    put = [(*_at(plate, None), plate.width, plate.height) for plate in plates]
    for _ in range(_ROUNDS):
        for index, plate in enumerate(plates):
            others = [*cards, *put[:index], *put[index + 1 :]]
            if _covered(put[index], others):
                choices = [(*_at(plate, fraction), plate.width, plate.height) for fraction in _FRACTIONS]
                put[index] = min([put[index], *choices], key=lambda choice: _covered(choice, others))
    return [(x, y) for x, y, _, _ in put]


def spline_points(path: Sequence[Point]) -> list[Point]:
    """Points along a spline, from its start to its end."""
    points: list[Point] = []
    for start in range(0, len(path) - 1, 3):
        a, b, c, d = path[start : start + 4]
        for step in range(_SAMPLES):
            t = step / _SAMPLES
            s = 1 - t
            weights = (s * s * s, 3 * s * s * t, 3 * s * t * t, t * t * t)
            points.append(
                (
                    weights[0] * a[0] + weights[1] * b[0] + weights[2] * c[0] + weights[3] * d[0],
                    weights[0] * a[1] + weights[1] * b[1] + weights[2] * c[1] + weights[3] * d[1],
                )
            )
    return [*points, path[-1]]


def _at(plate: EdgeLabel, fraction: float | None) -> Point:
    x, y = _middle(plate.path) if fraction is None else _along(plate.path, fraction)
    return x + plate.shift, y


def _along(path: Sequence[Point], fraction: float) -> Point:
    points = spline_points(path)
    lengths = [math.dist(one, other) for one, other in pairwise(points)]
    left = fraction * sum(lengths)
    for point, length in zip(points, lengths, strict=False):
        if left <= length:
            return point
        left -= length
    return points[-1]


def _middle(path: Sequence[Point]) -> Point:
    """The middle of a spline's middle piece (the point between its two middle pieces): where there is room."""
    pieces = (len(path) - 1) // 3
    if pieces % 2 == 0:
        return path[3 * (pieces // 2)]
    a, b, c, d = path[3 * (pieces // 2) :][:4]
    return (a[0] + 3 * b[0] + 3 * c[0] + d[0]) / 8, (a[1] + 3 * b[1] + 3 * c[1] + d[1]) / 8


def _covered(one: Placed, others: Sequence[Placed]) -> float:
    """The area that `one` shares with the others."""
    x, y, width, height = one
    return sum(
        max((width + wide) / 2 - abs(x - at), 0.0) * max((height + high) / 2 - abs(y - down), 0.0)
        for at, down, wide, high in others
    )
