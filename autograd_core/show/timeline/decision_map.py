"""What a model gives for every point of its one or two inputs, with the data on it: the decision boundary over time."""

from __future__ import annotations

import math
from array import array
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from autograd_core.formulas.labels import visible_text
from autograd_core.formulas.notation import number_text
from autograd_core.show.drawing.layered_layout import Point, Rectangle
from autograd_core.show.drawing.scene import Lettering, Outline, Scene, ScenePart
from autograd_core.show.theme import SMALL, text_width
from autograd_core.show.timeline.axes import Axes, dot, joined, ticks
from autograd_core.show.timeline.record import Snapshot, finite

MapKind = Literal["score", "value", "classes", "curve"]
SIDE, ALONG = 41, 121  # points of the grid: along each side of the plane, or along the line
ROLES = ("input", "positive", "parameter", "composition", "nonfinite", "constant")  # of the classes, in order
MOST_POINTS = 600
_CORNERS = (16, 3, 4, 5, 6, 3)
_WIDTH, _HEIGHT = 380.0, 392.0
_BOX = (46.0, 24.0, 370.0, 314.0)
_EDGE = 0.12  # of the range, around the data


@dataclass(frozen=True, eq=False)
class ModelMap:
    """The plane (or the line) of a model's inputs, with the data, for `Timeline`: it is shown at every moment.

    rows: the data, two numbers each (or one). targets: a number each, the number of its class for "classes". kind:
    "score" for one output with a boundary at `middle` between two classes, "value" for one output that is no class,
    "classes" for one output a class, "curve" over one input. middle, reach: colours are deepest at middle ± reach.
    labels: what the classes are called. followed: the data point that is followed, as (row, target).
    Raises ValueError where rows have not one or two numbers, or there are more classes than colours.

    >>> len(ModelMap([[0.0, 1.0], [1.0, 0.0]], [0, 1], "score", middle=0.5, reach=0.5).grid())
    1681
    """

    rows: Sequence[Sequence[float]]
    targets: Sequence[float]
    kind: MapKind
    middle: float = 0.0
    reach: float = 1.0
    labels: Sequence[str] = ()
    names: Sequence[str] = ("x[0]", "x[1]")
    followed: tuple[Sequence[float], float] | None = None

    def __post_init__(self) -> None:
        wanted = 1 if self.kind == "curve" else 2
        if not self.rows or any(len(row) != wanted for row in self.rows):
            raise ValueError(f"a {self.kind} map is drawn over rows of {wanted} numbers, at least one of them.")
        if self.kind == "classes" and not all(0 <= one < len(ROLES) for one in self.targets):
            raise ValueError(f"a map tells at most {len(ROLES)} classes apart, numbered from 0.")

    def grid(self) -> list[list[float]]:
        """The rows at which a model is asked for its outputs, in the order in which `Timeline.add` takes them."""
        across = self._line(0)
        if self.kind == "curve":
            return [[x] for x in across]
        return [[x, y] for y in reversed(self._line(1)) for x in across]  # from the top row down, as pixels go

    def range_of(self, column: int) -> tuple[float, float]:
        """From where to where an input is shown."""
        numbers = [row[column] for row in self.rows] + ([self.followed[0][column]] if self.followed else [])
        low, high = min(numbers), max(numbers)
        edge = _EDGE * (high - low or 1.0)
        return low - edge, high + edge

    def _line(self, column: int) -> list[float]:
        low, high = self.range_of(column)
        count = ALONG if self.kind == "curve" else SIDE
        return [low + (high - low) * place / (count - 1) for place in range(count)]


@dataclass(frozen=True, slots=True)
class MapSheet:
    """scene: axes and data; box: where the plot lies. lines: for each moment the boundary (or the curves). shades: for
    each moment a byte a grid point, None over one input. drawn: which rows have a point."""

    scene: Scene
    box: Rectangle
    lines: list[list[list[Point]]]
    shades: list[bytes] | None
    drawn: list[int]

    def at(self, moment: int, wrong: Sequence[int]) -> Scene:
        """The sheet at a moment, without its shades."""
        made = Scene(self.scene.title, self.scene.width, self.scene.height)
        line = ScenePart("boundary", tuple(boundary(points) for points in self.lines[moment]))
        for group in self.scene.parts:
            data = dict(group.data)
            if group.kind == "boundary":
                made.parts.append(line)
            elif group.kind == "point" and int(data["row"]) in wrong:
                made.parts.append(replace(group, marks=tuple(_circled(mark) for mark in group.marks)))
            else:
                made.parts.append(group)
        return made


def boundary(points: Sequence[Point]) -> Outline:
    """A line of the boundary, or a curve."""
    return Outline(tuple(points), "ink", "", 2.2, closed=False)


def _circled(mark: Outline | Lettering) -> Outline | Lettering:
    return replace(mark, stroke="ink", width=2.2) if isinstance(mark, Outline) else mark


def map_sheet(given: ModelMap, frames: Sequence[Snapshot]) -> MapSheet:
    """The map of a run."""
    x = given.range_of(0)
    y = _heights(given, frames) if given.kind == "curve" else given.range_of(1)
    axes = Axes(_BOX, x, y)
    made = Scene("what the model gives over its inputs", _WIDTH, _HEIGHT)
    names = (visible_text(given.names[0]), "output" if given.kind == "curve" else visible_text(given.names[1]))
    made.parts.append(axes.drawn(ticks(*x), ticks(*y), names))
    made.parts.append(ScenePart("boundary", ()))
    every = math.ceil(len(given.rows) / MOST_POINTS)
    drawn = list(range(0, len(given.rows), every))
    classes = sorted(set(given.targets)) if given.kind == "score" else []
    for row in drawn:
        target = given.targets[row]
        at = axes.place(given.rows[row][0], target if given.kind == "curve" else given.rows[row][1])
        number = classes.index(target) if classes else int(target) if given.kind == "classes" else _side(given, target)
        made.parts.append(_point(at, number, row, _tooltip(given, row)))
    if given.followed is not None:
        row_followed, target = given.followed
        made.parts.append(_followed(axes.place(row_followed[0], target if given.kind == "curve" else row_followed[1])))
    made.parts.append(_legend(given, classes, any(frame.wrong for frame in frames)))
    shades = None if given.kind == "curve" else [_shades(given, frame) for frame in frames]
    lines = [_lines(given, frame, axes) for frame in frames]
    return MapSheet(made, _BOX, lines, shades, drawn)


def _heights(given: ModelMap, frames: Sequence[Snapshot]) -> tuple[float, float]:
    """All outputs of the run are shown, unless they lie farther from the data than the data are wide."""
    low, high = min(given.targets), max(given.targets)
    far = (high - low or 1.0) * 0.6
    numbers = finite([number for frame in frames for column in frame.outputs for number in column])
    lowest, highest = max(min([low, *numbers]), low - far), min(max([high, *numbers]), high + far)
    edge = 0.06 * (highest - lowest or 1.0)
    return lowest - edge, highest + edge


def _side(given: ModelMap, target: float) -> int:
    return 0 if given.kind == "curve" else int(target > given.middle)


def _tooltip(given: ModelMap, row: int) -> str:
    told = ", ".join(number_text(number) for number in given.rows[row])
    return f"row {row}: ({told}), target {_label(given, given.targets[row])}"


def _label(given: ModelMap, target: float) -> str:
    if given.labels and given.kind in ("score", "classes"):
        place = int(target) if given.kind == "classes" else sorted(set(given.targets)).index(target)
        return visible_text(str(given.labels[place]))
    return number_text(target)


# ----------------------------------------------------------------------------------------------------- what is on it


def _point(at: Point, number: int, row: int, tooltip: str) -> ScenePart:
    role = ROLES[number % len(ROLES)]
    corners = dot(*at, 4.6 if number % 6 else 4.2, _CORNERS[number % 6])
    return ScenePart("point", (Outline(corners, "page", role, 1.0),), tooltip, (("row", str(row)),))


def _followed(at: Point) -> ScenePart:
    rings = (Outline(dot(*at, 9.5, 24), "page", "", 5.0), Outline(dot(*at, 9.5, 24), "ink", "", 2.4))
    return ScenePart("followed", rings, "the data point that is followed")


def _legend(given: ModelMap, classes: Sequence[float], some_wrong: bool) -> ScenePart:
    marks: list[Outline | Lettering] = []
    x, y = _BOX[0], _HEIGHT - 20.0
    entries: list[tuple[int, str]] = []
    if given.kind == "classes":
        entries = [(int(one), _label(given, one)) for one in sorted(set(given.targets))]
    elif classes:
        entries = [(place, _label(given, one)) for place, one in enumerate(classes)]
    elif given.kind == "value":
        entries = [(0, f"below {number_text(given.middle)}"), (1, "above")]
    for number, text in entries:
        text = text if len(text) <= 16 else text[:15] + "…"
        marks.append(Outline(dot(x + 5, y - 4, 4.6, _CORNERS[number % 6]), "", ROLES[number % 6], 0.0))
        marks.append(Lettering(text, x + 14, y, SMALL, "ink"))
        x += 28 + text_width(text, SMALL)
    if given.followed is not None:
        marks.append(Outline(dot(x + 5, y - 4, 5.5, 24), "ink", "", 2.0))
        marks.append(Lettering("followed", x + 16, y, SMALL, "ink"))
        x += 30 + text_width("followed", SMALL)
    if some_wrong:
        marks.append(Outline(dot(x + 5, y - 4, 4.2), "ink", "page", 2.2))
        marks.append(Lettering("told wrong", x + 15, y, SMALL, "ink"))
    return ScenePart("legend", tuple(marks))


# ----------------------------------------------------------------------------------------------- what changes on it


def _shades(given: ModelMap, frame: Snapshot) -> bytes:
    """One byte a grid point: 0 to 254 from one side of the middle to the other; for classes 42 a class, its lead."""
    if given.kind != "classes":
        return bytes([round(127 + 127 * _share(one - given.middle, given.reach)) for one in frame.outputs[0]])
    shades = bytearray()
    for scores in zip(*frame.outputs, strict=True):
        best = max(range(len(scores)), key=scores.__getitem__)
        lead = scores[best] - max((score for place, score in enumerate(scores) if place != best), default=0.0)
        shades.append(42 * best + round(41 * max(_share(lead, 1.0), 0.0)))
    return bytes(shades)


def _share(number: float, reach: float) -> float:
    return 0.0 if math.isnan(number) else min(max(number / reach, -1.0), 1.0)


def _lines(given: ModelMap, frame: Snapshot, axes: Axes) -> list[list[Point]]:
    if given.kind == "curve":
        across = [row[0] for row in given.grid()]
        return [run for column in frame.outputs for run in axes.lines(across, column)]
    if given.kind == "score":
        return _contour([score - given.middle for score in frame.outputs[0]])
    if given.kind == "value":
        return []
    lines = []
    for place, own in enumerate(frame.outputs):
        others = [column for number, column in enumerate(frame.outputs) if number != place]
        lead = [score - max(rest) for score, *rest in zip(own, *others, strict=True)]
        lines += _contour(lead)
    return lines


def _contour(field: Sequence[float] | array[float]) -> list[list[Point]]:
    """Where a field over the grid is 0: marching squares, the edges crossed by straight lines."""
    left, top, right, bottom = _BOX
    wide, high = (right - left) / (SIDE - 1), (bottom - top) / (SIDE - 1)

    def crossing(one: int, other: int) -> Point | None:
        a, b = field[one], field[other]
        if (a > 0) == (b > 0) or not (math.isfinite(a) and math.isfinite(b)):
            return None
        share = a / (a - b)
        (row, column), (end_row, end_column) = divmod(one, SIDE), divmod(other, SIDE)
        x = left + (column + (end_column - column) * share) * wide
        return round(x, 1), round(top + (row + (end_row - row) * share) * high, 1)

    segments = []
    for row in range(SIDE - 1):
        for column in range(SIDE - 1):
            a = row * SIDE + column
            b, c, d = a + 1, a + SIDE + 1, a + SIDE
            found = [crossing(*pair) for pair in ((a, b), (b, c), (d, c), (a, d))]
            points = [point for point in found if point is not None]
            if len(points) >= 2:
                segments.append((points[0], points[1]))
            if len(points) == 4:
                segments.append((points[2], points[3]))
    return joined(segments)
