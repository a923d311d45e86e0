"""The places of the words on links: in the middle of their link, or further along it where they would cover others."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from autograd_core.show.drawing.diagram import Diagram
from autograd_core.show.drawing.layered_layout import Layout, Point

Place = tuple[float, float, float, float]  # centre x and y, width, height

_SAMPLES = 16  # of each piece of a spline
_FRACTIONS = (0.45, 0.55, 0.4, 0.6, 0.35, 0.65, 0.3, 0.7, 0.25, 0.75)  # of a link, nearest its middle first
_ROUNDS = 3  # a label that has moved may cover another


@dataclass(frozen=True, slots=True)
class EdgeLabel:
    """Words of this size on the link of this path; shift: their distance to the right of it."""

    path: list[Point]
    width: float
    height: float
    shift: float = 0.0


def place_labels(labels: Sequence[EdgeLabel], diagram: Diagram, layout: Layout) -> list[Point]:
    """The centre of each label, such that it covers as little of the others and of the cards as its link allows."""
    cards = [(*centre, card.width, card.height) for centre, card in zip(layout.centres, diagram.cards, strict=True)]
    places = [(*_at(label, None), label.width, label.height) for label in labels]
    for _ in range(_ROUNDS):
        for index, label in enumerate(labels):
            others = [*cards, *places[:index], *places[index + 1 :]]
            if _covered_area(places[index], others):
                choices = [(*_at(label, fraction), label.width, label.height) for fraction in _FRACTIONS]
                places[index] = min([places[index], *choices], key=lambda choice: _covered_area(choice, others))
    return [(x, y) for x, y, _, _ in places]


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


def _at(label: EdgeLabel, fraction: float | None) -> Point:
    x, y = _middle(label.path) if fraction is None else _along(label.path, fraction)
    return x + label.shift, y


def _along(path: Sequence[Point], fraction: float) -> Point:
    points = spline_points(path)
    lengths = [math.dist(start, end) for start, end in pairwise(points)]
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


def _covered_area(place: Place, others: Sequence[Place]) -> float:
    """The area that a label at `place` shares with the others."""
    x, y, width, height = place
    area = 0.0
    for other_x, other_y, other_width, other_height in others:
        wide = (width + other_width) / 2 - abs(x - other_x)
        if wide > 0:
            high = (height + other_height) / 2 - abs(y - other_y)
            if high > 0:
                area += wide * high
    return area
