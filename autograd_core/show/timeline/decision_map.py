"""The output of a model over its one or two inputs, with the data: the decision boundary over time."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from autograd_core.formulas.labels import visible_text
from autograd_core.formulas.notation import number_text
from autograd_core.formulas.symbols import name_text
from autograd_core.show.drawing.bars import finite
from autograd_core.show.drawing.layout.places import Point, Rectangle
from autograd_core.show.drawing.scene import Lettering, Outline, Scene, ScenePart
from autograd_core.show.theme import MARKERS, SERIES_ROLES, SMALL, text_width
from autograd_core.show.timeline.axes import Axes, dot, ticks
from autograd_core.show.timeline.contour import zero_contour
from autograd_core.show.timeline.record import Snapshot

MapKind = Literal["score", "value", "classes", "curve"]
DEEPEST = 0.5  # the share of a class's colour where the model is most certain
LEVELS = 42  # of the lead of a class, each a byte
SIDE, ALONG = 41, 121  # points of the grid: along each side of the plane, or along the line
ROLES = SERIES_ROLES[:6]  # of the classes, in order
MOST_POINTS = 600
_WIDTH, _HEIGHT = 380.0, 392.0
_BOX = (46.0, 24.0, 370.0, 314.0)
_EDGE = 0.12  # of the range, around the data


@dataclass(frozen=True, eq=False)
class ModelMap:
    """The plane (or the line) of a model's inputs, with the data, which `Timeline` shows at every moment.

    rows: the data, two numbers each (or one). targets: a number for each row; for "classes", the number of its class.
    kind: "score" for one output with a boundary at `middle` between two classes, "value" for one output without
    classes, "classes" for one output for each class, "curve" over one input. middle, reach: colours are strongest at
    middle ± reach. labels: names of the classes. followed: the data point that is followed, as (row, target).
    Raises ValueError for rows of another length, or more classes than colours.

    >>> len(ModelMap([[0.0, 1.0], [1.0, 0.0]], [0, 1], "score", middle=0.5, reach=0.5).grid())
    1681
    """

    rows: Sequence[Sequence[float]]
    targets: Sequence[float]
    kind: MapKind
    middle: float = 0.0
    reach: float = 1.0
    labels: Sequence[str] = ()
    names: Sequence[str] = ("x1", "x2")
    followed: tuple[Sequence[float], float] | None = None

    def __post_init__(self) -> None:
        width = 1 if self.kind == "curve" else 2
        if not self.rows or any(len(row) != width for row in self.rows):
            raise ValueError(f"a {self.kind} map is drawn over rows of {width} numbers, at least one of them.")
        if self.kind == "classes" and not all(0 <= target < len(ROLES) for target in self.targets):
            raise ValueError(f"a map shows at most {len(ROLES)} classes, numbered from 0.")

    def grid(self) -> list[list[float]]:
        """The rows at which the outputs of a model are needed, in the order for `Timeline.add`."""
        across = self._line(0)
        if self.kind == "curve":
            return [[x] for x in across]
        return [[x, y] for y in reversed(self._line(1)) for x in across]  # from the top row down, as pixels go

    def range_of(self, column: int) -> tuple[float, float]:
        """The range in which an input is shown."""
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
    """scene: axes and data. box: that of the plot. lines: for each moment the boundary (or the curves). shades: for
    each moment a byte for each grid point, None over one input. drawn: the rows with a point."""

    scene: Scene
    box: Rectangle
    lines: list[list[list[Point]]]
    shades: list[bytes] | None
    drawn: list[int]

    def at(self, moment: int, wrong: Sequence[int]) -> Scene:
        """The sheet at a moment, without its shades."""
        scene = Scene(self.scene.title, self.scene.width, self.scene.height)
        line = ScenePart("boundary", tuple(boundary(points) for points in self.lines[moment]))
        for part in self.scene.parts:
            data = dict(part.data)
            if part.kind == "boundary":
                scene.parts.append(line)
            elif part.kind == "point" and int(data["row"]) in wrong:
                scene.parts.append(replace(part, marks=tuple(_circle(mark) for mark in part.marks)))
            else:
                scene.parts.append(part)
        return scene


def boundary(points: Sequence[Point]) -> Outline:
    """A line of the boundary, or a curve."""
    return Outline(tuple(points), "ink", "", 2.2, closed=False)


def _circle(mark: Outline | Lettering) -> Outline | Lettering:
    return replace(mark, stroke="ink", width=2.2) if isinstance(mark, Outline) else mark


def map_sheet(model_map: ModelMap, frames: Sequence[Snapshot]) -> MapSheet:
    """The map of a run."""
    is_curve = model_map.kind == "curve"
    x = model_map.range_of(0)
    y = _heights(model_map, frames) if is_curve else model_map.range_of(1)
    axes = Axes(_BOX, x, y)
    scene = Scene("the output of the model over its inputs", _WIDTH, _HEIGHT)
    names = name_text(model_map.names[0]), "output" if is_curve else name_text(model_map.names[1])
    scene.parts.append(axes.part(ticks(*x), ticks(*y), names))
    scene.parts.append(ScenePart("boundary", ()))
    every = math.ceil(len(model_map.rows) / MOST_POINTS)
    drawn = list(range(0, len(model_map.rows), every))
    classes = sorted(set(model_map.targets)) if model_map.kind == "score" else []
    for row in drawn:
        target = model_map.targets[row]
        at = axes.place(model_map.rows[row][0], target if is_curve else model_map.rows[row][1])
        number = classes.index(target) if classes else _class_or_side(model_map, target)
        scene.parts.append(_point(at, number, row, _tooltip(model_map, row)))
    if model_map.followed is not None:
        row_followed, target = model_map.followed
        scene.parts.append(_followed_point(axes.place(row_followed[0], target if is_curve else row_followed[1])))
    scene.parts.append(_legend(model_map, classes, any(frame.wrong for frame in frames)))
    shades = None if is_curve else [_shades(model_map, frame) for frame in frames]
    lines = [_lines(model_map, frame, axes) for frame in frames]
    return MapSheet(scene, _BOX, lines, shades, drawn)


def _heights(model_map: ModelMap, frames: Sequence[Snapshot]) -> tuple[float, float]:
    """The range of all outputs of the run, limited to 0.6 times the range of the data on both sides."""
    low, high = min(model_map.targets), max(model_map.targets)
    far = (high - low or 1.0) * 0.6
    numbers = finite([number for frame in frames for column in frame.outputs for number in column])
    lowest, highest = max(min([low, *numbers]), low - far), min(max([high, *numbers]), high + far)
    edge = 0.06 * (highest - lowest or 1.0)
    return lowest - edge, highest + edge


def _class_or_side(model_map: ModelMap, target: float) -> int:
    if model_map.kind == "classes":
        return int(target)
    return 0 if model_map.kind == "curve" else int(target > model_map.middle)


def _tooltip(model_map: ModelMap, row: int) -> str:
    numbers = ", ".join(number_text(number) for number in model_map.rows[row])
    return f"row {row}: ({numbers}), target {_label(model_map, model_map.targets[row])}"


def _label(model_map: ModelMap, target: float) -> str:
    if model_map.labels and model_map.kind in ("score", "classes"):
        place = int(target) if model_map.kind == "classes" else sorted(set(model_map.targets)).index(target)
        return visible_text(str(model_map.labels[place]))
    return number_text(target)


# ----------------------------------------------------------------------------------------------------- what is on it


def _point(at: Point, number: int, row: int, tooltip: str) -> ScenePart:
    role = ROLES[number % len(ROLES)]
    return ScenePart("point", (Outline(_corners(at, number), "page", role, 1.0),), tooltip, (("row", str(row)),))


def _corners(at: Point, number: int) -> tuple[Point, ...]:
    """The marker of a class."""
    return dot(*at, 4.9 if number else 4.2, *MARKERS[number % len(ROLES)])


def _followed_point(at: Point) -> ScenePart:
    rings = (Outline(dot(*at, 9.5, 24), "page", "", 5.0), Outline(dot(*at, 9.5, 24), "ink", "", 2.4))
    return ScenePart("followed", rings, "the data point that is followed")


def _legend(model_map: ModelMap, classes: Sequence[float], has_wrong: bool) -> ScenePart:
    marks: list[Outline | Lettering] = []
    x, y = _BOX[0], _HEIGHT - 20.0
    entries: list[tuple[int, str]] = []
    if model_map.kind == "classes":
        entries = [(int(target), _label(model_map, target)) for target in sorted(set(model_map.targets))]
    elif classes:
        entries = [(place, _label(model_map, target)) for place, target in enumerate(classes)]
    elif model_map.kind == "value":
        entries = [(0, f"below {number_text(model_map.middle)}"), (1, "above")]
    for number, text in entries:
        text = text if len(text) <= 16 else text[:15] + "…"
        marks.append(Outline(_corners((x + 5, y - 4), number), "", ROLES[number % 6], 0.0))
        marks.append(Lettering(text, x + 14, y, SMALL, "ink"))
        x += 28 + text_width(text, SMALL)
    if model_map.followed is not None:
        marks.append(Outline(dot(x + 5, y - 4, 5.5, 24), "ink", "", 2.0))
        marks.append(Lettering("followed", x + 16, y, SMALL, "ink"))
        x += 30 + text_width("followed", SMALL)
    if has_wrong:
        marks.append(Outline(dot(x + 5, y - 4, 4.2), "ink", "page", 2.2))
        marks.append(Lettering("wrong", x + 15, y, SMALL, "ink"))
    return ScenePart("legend", tuple(marks))


# ----------------------------------------------------------------------------------------------- what changes on it


def _shades(model_map: ModelMap, frame: Snapshot) -> bytes:
    """One byte for each grid point: 0 to 254 across the middle; for classes, LEVELS times the class plus its lead."""
    if model_map.kind != "classes":
        return bytes(
            [round(127 + 127 * _share(score - model_map.middle, model_map.reach)) for score in frame.outputs[0]]
        )
    shades = bytearray()
    for scores in zip(*frame.outputs, strict=True):
        best = max(range(len(scores)), key=scores.__getitem__)
        lead = scores[best] - max((score for place, score in enumerate(scores) if place != best), default=0.0)
        shades.append(LEVELS * best + round((LEVELS - 1) * max(_share(lead, 1.0), 0.0)))
    return bytes(shades)


def _share(number: float, reach: float) -> float:
    return 0.0 if math.isnan(number) else min(max(number / reach, -1.0), 1.0)


def _lines(model_map: ModelMap, frame: Snapshot, axes: Axes) -> list[list[Point]]:
    if model_map.kind == "curve":
        across = [row[0] for row in model_map.grid()]
        return [run for column in frame.outputs for run in axes.lines(across, column)]
    if model_map.kind == "score":
        return zero_contour([score - model_map.middle for score in frame.outputs[0]], SIDE, _BOX)
    if model_map.kind == "value":
        return []
    lines = []
    for place, own in enumerate(frame.outputs):
        others = [column for number, column in enumerate(frame.outputs) if number != place]
        lead = [score - max(rest) for score, *rest in zip(own, *others, strict=True)]
        lines += zero_contour(lead, SIDE, _BOX)
    return lines
