"""The way of a link, as a spline along its straight parts and its turns."""

from __future__ import annotations

import math
from collections.abc import Sequence

from autograd_core.show.drawing.layout.lines import RADIUS, Turn
from autograd_core.show.drawing.layout.places import Point

Station = tuple[float, float, float]  # a straight part of a link: its start and its end along, and its place across
Way = Sequence[Station | Turn]

_CURVE = 0.5523  # of the radius: the cubic that comes nearest a quarter of a circle
_LONGEST_BEND = 120.0


def path_along(way: Way) -> list[Point]:
    """Through the stations as one spline, bent between them, and in corners where it turns into the next line."""
    path: list[Point] = []
    end = across = 0.0
    turn: Turn | None = None
    for part in way:
        if isinstance(part, Turn):
            turn = part
            continue
        start, next_end, next_across = part
        if not path:
            path.append((start, next_across))
        elif turn is not None:
            corners = [
                (turn.right, across), (turn.right, turn.channel), (turn.left, turn.channel), (turn.left, next_across),
            ]  # fmt: skip
            _round(path, corners, (start, next_across))
            turn = None
        elif abs(next_across - across) >= 0.05:
            _straight(path, (end, across))
            bend = min((start - end) / 2, _LONGEST_BEND)
            path += [(end + bend, across), (start - bend, next_across), (start, next_across)]
        else:
            next_across = across
        end, across = next_end, next_across
    _straight(path, (end, across))
    return path


def straight_across(start: Point, end: Point) -> list[Point]:
    """One straight line."""
    return [start, start, end, end]


def _round(path: list[Point], corners: Sequence[Point], end: Point) -> None:
    """On through corners, which are made round."""
    for corner, after in zip(corners, [*corners[1:], end], strict=True):
        before = path[-1]
        radius = min(RADIUS, math.dist(before, corner), math.dist(corner, after) / 2)
        begin, finish = _towards(corner, before, radius), _towards(corner, after, radius)
        _straight(path, begin)
        rest = (1 - _CURVE) * radius
        path += [_towards(corner, before, rest), _towards(corner, after, rest), finish]
    _straight(path, end)


def _towards(start: Point, end: Point, distance: float) -> Point:
    length = math.dist(start, end)
    share = distance / length if length else 0.0
    return start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1])


def _straight(path: list[Point], end: Point) -> None:
    if math.dist(path[-1], end) > 0.1:
        path += [path[-1], end, end]
