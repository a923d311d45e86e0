"""The picture as shapes and words with places: what SVG, PDF and PNG draw, so that they all look the same."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from itertools import pairwise

from autograd_core.show.drawing.diagram import Card, Diagram, Frame, Link, Shape, Word
from autograd_core.show.drawing.label_placement import spline_points
from autograd_core.show.drawing.layered_layout import Layout, Point, Rectangle
from autograd_core.show.theme import BORDER, EDGE, HEAVY_BORDER, LINE_HEIGHT, PADDING, SLANT, SMALL, TITLE, text_width

_ARROW = 9.0
_STACK = 5.0  # how far the second sheet of a closed composition sticks out
_RING = 4.5  # between the two lines of a double border
_CURVE = 0.5523  # of the radius: the cubic that comes nearest a quarter of a circle
_WORD_GAP = 6.0


@dataclass(frozen=True, slots=True)
class Outline:
    """A line or an area: `start`, then cubics of three points each (or straight lines where `straight`).

    stroke, fill: roles of look.COLOURS, "" for none. dashes: lengths on and off, () for a solid line.
    """

    points: tuple[Point, ...]
    stroke: str = ""
    fill: str = ""
    width: float = BORDER
    dashes: tuple[float, ...] = ()
    straight: bool = True
    closed: bool = True


@dataclass(frozen=True, slots=True)
class Lettering:
    """A run of text; x is its left end, y its baseline; `anchor` says which end x is."""

    text: str
    x: float
    y: float
    size: float
    role: str
    bold: bool = False
    anchor: str = "start"  # or middle, end


@dataclass(frozen=True, slots=True)
class ScenePart:
    """The marks of one card, link or frame; `kind` names what it is, `data` and `tooltip` what it stands for."""

    kind: str
    marks: tuple[Outline | Lettering, ...]
    tooltip: str = ""
    data: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True)
class Scene:
    """Everything to draw, from the back to the front."""

    title: str
    width: float
    height: float
    groups: list[ScenePart] = field(default_factory=list)


def scene(sheet: Diagram, places: Layout) -> Scene:
    """Put a diagram on its places."""
    made = Scene(sheet.title, math.ceil(places.width), math.ceil(places.height))
    for number, rectangle in enumerate(places.frames):
        if rectangle is not None:
            made.groups.append(_frame(sheet.frames[number], rectangle))
    for link, path in zip(sheet.links, places.paths, strict=True):
        made.groups.append(_link(link, path))
    for index, (card, centre) in enumerate(zip(sheet.cards, places.centres, strict=True)):
        made.groups.append(_card(index, card, centre))
    for number, rectangle in enumerate(places.frames):
        if rectangle is not None:
            made.groups.append(_caption(sheet.frames[number], rectangle))
    for index, (link, path) in enumerate(zip(sheet.links, places.paths, strict=True)):
        if link.note:
            made.groups.append(_note(index, link.note, path))
    return made


# ------------------------------------------------------------------------------------------------------- cards


def _card(index: int, card: Card, centre: Point) -> ScenePart:
    x, y = centre
    w, h = card.width, card.height
    left, top = x - w / 2, y - h / 2
    stroke = "output" if card.is_output and card.kind != "nonfinite" else card.kind
    heavy = HEAVY_BORDER if card.is_output or card.kind == "nonfinite" else BORDER
    dashes = (3.0, 3.0) if card.shape == "pill" else ()
    marks: list[Outline | Lettering] = []
    if card.shape == "stack":
        marks.append(
            _shape("stack", (left + _STACK, top, left + w, top + h - _STACK), stroke, f"{stroke}-fill", BORDER)
        )
        front = (left, top + _STACK, left + w - _STACK, top + h)
    else:
        front = (left, top, left + w, top + h)
    marks.append(_shape(card.shape, front, stroke, f"{stroke}-fill", heavy, dashes))
    if card.is_output or card.shape == "octagon":
        inner = (front[0] + _RING, front[1] + _RING, front[2] - _RING, front[3] - _RING)
        marks.append(_shape(card.shape, inner, stroke, "", 1.0))
    marks.extend(_lines(card, front))
    kind = card.box.kind if card.box is not None else "constant"
    data = [("index", str(index)), ("kind", kind)]
    if card.box is not None:
        data.append(("name", card.box.name))
    classes = f"card {kind}{' output' if card.is_output else ''}{' nonfinite' if card.kind == 'nonfinite' else ''}"
    return ScenePart(classes, tuple(marks), card.tooltip, tuple(data))


def _lines(card: Card, front: Rectangle) -> list[Lettering]:
    slant = SLANT if card.shape in ("parallelogram", "hexagon", "octagon") else 0.0
    left, right = front[0] + PADDING + slant, front[2] - PADDING - slant
    y = (front[1] + front[3]) / 2 - sum(line.height for line in card.lines) / 2
    lettering: list[Lettering] = []
    for line in card.lines:
        baseline = y + line.height * 0.76
        y += line.height
        if line.right:
            lettering += _run(line.left, left, baseline)
            lettering += [_letter(word, right, baseline, "end") for word in line.right]
        elif len(line.left) == 1:
            lettering.append(_letter(line.left[0], (front[0] + front[2]) / 2, baseline, "middle"))
        else:
            width = sum(word.width for word in line.left) + _WORD_GAP * (len(line.left) - 1)
            lettering += _run(line.left, (front[0] + front[2] - width) / 2, baseline)
    return lettering


def _run(words: tuple[Word, ...], x: float, baseline: float) -> list[Lettering]:
    """Words one after the other, each in the middle of the room reserved for it: the reader's font may differ."""
    lettering = []
    for word in words:
        lettering.append(_letter(word, x + word.width / 2, baseline, "middle"))
        x += word.width + _WORD_GAP
    return lettering


def _letter(word: Word, x: float, y: float, anchor: str) -> Lettering:
    return Lettering(word.text, x, y, word.size, word.role, word.bold, anchor)


def _shape(
    shape: Shape, box: Rectangle, stroke: str, fill: str, width: float, dashes: tuple[float, ...] = ()
) -> Outline:
    left, top, right, bottom = box
    middle = (top + bottom) / 2
    points: tuple[Point, ...]
    if shape == "parallelogram":
        points = ((left + SLANT, top), (right, top), (right - SLANT, bottom), (left, bottom))
        return Outline(points, stroke, fill, width, dashes)
    if shape == "hexagon":
        points = (
            (left + SLANT, top), (right - SLANT, top), (right, middle),
            (right - SLANT, bottom), (left + SLANT, bottom), (left, middle),
        )  # fmt: skip
        return Outline(points, stroke, fill, width, dashes)
    if shape == "octagon":
        points = (
            (left + SLANT, top), (right - SLANT, top), (right, top + SLANT), (right, bottom - SLANT),
            (right - SLANT, bottom), (left + SLANT, bottom), (left, bottom - SLANT), (left, top + SLANT),
        )  # fmt: skip
        return Outline(points, stroke, fill, width, dashes)
    return _rounded(box, min(14.0 if shape == "pill" else 6.0, (bottom - top) / 2), stroke, fill, width, dashes)


def _rounded(
    box: Rectangle, radius: float, stroke: str, fill: str, width: float, dashes: tuple[float, ...] = ()
) -> Outline:
    left, top, right, bottom = box
    points: list[Point] = [(left + radius, top)]
    # Each corner: where the straight side ends, the corner itself, where the next side begins.
    for begin, corner, end in (
        ((right - radius, top), (right, top), (right, top + radius)),
        ((right, bottom - radius), (right, bottom), (right - radius, bottom)),
        ((left + radius, bottom), (left, bottom), (left, bottom - radius)),
        ((left, top + radius), (left, top), (left + radius, top)),
    ):
        points += [points[-1], begin, begin, _towards(begin, corner), _towards(end, corner), end]
    return Outline(tuple(points), stroke, fill, width, dashes, straight=False)


def _towards(start: Point, end: Point) -> Point:
    return start[0] + (end[0] - start[0]) * _CURVE, start[1] + (end[1] - start[1]) * _CURVE


# ------------------------------------------------------------------------------------------------------- links


def _link(link: Link, path: list[Point]) -> ScenePart:
    role = "line" if link.flow == "open" else "muted"
    dashes = {"open": (), "closed": (7.0, 4.0), "none": (2.0, 3.5)}[link.flow]
    tip, before = path[-1], path[-2]
    angle = math.atan2(tip[1] - before[1], tip[0] - before[0])
    base = (tip[0] - _ARROW * math.cos(angle), tip[1] - _ARROW * math.sin(angle))
    side = (_ARROW * 0.42 * math.sin(angle), -_ARROW * 0.42 * math.cos(angle))
    # The line starts inside its card, which is painted over it: so it touches a slanted side too.
    start, away = path[0], path[1]
    length = math.dist(start, away) or 1.0
    inside = (start[0] + (start[0] - away[0]) / length * SLANT, start[1] + (start[1] - away[1]) / length * SLANT)
    points = (inside, inside, start, *path[:-1], base)
    line = Outline(points, role, "", EDGE, dashes, straight=False, closed=False)
    wings = ((base[0] + side[0], base[1] + side[1]), tip, (base[0] - side[0], base[1] - side[1]))
    head = Outline(wings, role, role if link.flow == "open" else "page", EDGE)
    return ScenePart(f"link {link.flow}", (line, head), "", (("tail", str(link.tail)), ("head", str(link.head))))


def _note(link: int, text: str, path: list[Point]) -> ScenePart:
    """What is written on a link: on a small plate a little before the tip."""
    x, y = _before_tip(path, _ARROW + 6.0 + text_width(text, SMALL) / 2)
    width, height = text_width(text, SMALL) + 8.0, SMALL * LINE_HEIGHT
    plate = _rounded((x - width / 2, y - height / 2, x + width / 2, y + height / 2), 4.0, "", "page", 0.0)
    lettering = Lettering(text, x, y + SMALL * 0.36, SMALL, "muted", anchor="middle")
    return ScenePart("note", (plate, lettering), "", (("link", str(link)),))


def _before_tip(path: list[Point], distance: float) -> Point:
    """The point of a spline that lies `distance` before its end, but not before its middle."""
    points = spline_points(path)
    lengths = [math.dist(one, other) for one, other in pairwise(points)]
    distance = min(distance, sum(lengths) / 2)
    for index in range(len(lengths) - 1, -1, -1):
        if lengths[index] >= distance and lengths[index] > 0:
            part = distance / lengths[index]
            (x, y), (from_x, from_y) = points[index + 1], points[index]
            return x + (from_x - x) * part, y + (from_y - y) * part
        distance -= lengths[index]
    return points[0]


# ------------------------------------------------------------------------------------------------------ frames


def _frame(frame: Frame, box: Rectangle) -> ScenePart:
    tooltip = f"{frame.title}: {frame.why}" if frame.why else frame.title
    return ScenePart("frame", (_rounded(box, 8.0, "frame", "", 1.2, (6.0, 4.0)),), tooltip)


def _caption(frame: Frame, box: Rectangle) -> ScenePart:
    """The words of a frame, on a plate of their own, since links may run below them."""
    left, baseline = box[0] + 12.0, box[1] + TITLE + 4.0
    marks: list[Outline | Lettering] = []
    for text, size, role, bold in ((frame.title, TITLE, "ink", True), (frame.why, SMALL, "muted", False)):
        if text:
            plate = (left - 2, baseline - size, left + text_width(text, size, bold) + 2, baseline + size * 0.3)
            marks.append(_rounded(plate, 3.0, "", "page", 0.0))
            marks.append(Lettering(text, left, baseline, size, role, bold))
        baseline += SMALL * LINE_HEIGHT
    return ScenePart("caption", tuple(marks))
