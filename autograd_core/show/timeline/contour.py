"""The lines where a field of numbers is zero, by marching squares."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from autograd_core.show.drawing.layout.places import Point, Rectangle

Segment = tuple[Point, Point]


def zero_contour(field: Sequence[float], side: int, box: Rectangle) -> list[list[Point]]:
    """The lines in `box` where a field on a grid of side x side points is zero, linear between the points."""
    left, top, right, bottom = box
    wide, high = (right - left) / (side - 1), (bottom - top) / (side - 1)

    def crossing(start: int, end: int) -> Point | None:
        a, b = field[start], field[end]
        if (a > 0) == (b > 0) or not (math.isfinite(a) and math.isfinite(b)):
            return None
        share = a / (a - b)
        (row, column), (end_row, end_column) = divmod(start, side), divmod(end, side)
        x = left + (column + (end_column - column) * share) * wide
        return round(x, 1), round(top + (row + (end_row - row) * share) * high, 1)

    segments: list[Segment] = []
    for row in range(side - 1):
        for column in range(side - 1):
            a = row * side + column
            b, c, d = a + 1, a + side + 1, a + side
            found = [crossing(*edge) for edge in ((a, b), (b, c), (d, c), (a, d))]
            points = [point for point in found if point is not None]
            if len(points) >= 2:
                segments.append((points[0], points[1]))
            if len(points) == 4:
                segments.append((points[2], points[3]))
    return join_segments(segments)


def join_segments(segments: Iterable[Segment]) -> list[list[Point]]:
    """Segments that meet end to end as lines."""
    at: dict[Point, list[Segment]] = {}
    proper = [segment for segment in segments if segment[0] != segment[1]]
    for segment in proper:
        for end in segment:
            at.setdefault(end, []).append(segment)
    used: set[Segment] = set()

    def walk(here: Point) -> list[Point]:
        points = []
        while (onward := next((segment for segment in at[here] if segment not in used), None)) is not None:
            used.add(onward)
            here = onward[1] if onward[0] == here else onward[0]
            points.append(here)
        return points

    lines = []
    for segment in proper:
        if segment not in used:
            used.add(segment)
            forward, back = walk(segment[1]), walk(segment[0])
            lines.append([*reversed(back), *segment, *forward])
    return lines
