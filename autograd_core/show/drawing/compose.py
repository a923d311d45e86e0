"""A diagram and its layout as a scene: every card, link and frame as placed shapes and words."""

from __future__ import annotations

import math
from typing import Literal

from autograd_core.show.drawing.bars import Strip, strip_marks
from autograd_core.show.drawing.cards import STACK, Card, LineRole, Shape, Word
from autograd_core.show.drawing.diagram import Diagram, Frame, Link
from autograd_core.show.drawing.layout.places import FRAME_PADDING, Layout, Point, Rectangle, note_size
from autograd_core.show.drawing.layout.ports import ROUND
from autograd_core.show.drawing.scene import Lettering, Outline, Scene, ScenePart
from autograd_core.show.theme import BORDER, EDGE, HEAVY_BORDER, PADDING, SLANT, SMALL

_ARROW = 9.0
_RING = 4.5  # between the two lines of a double border
_CURVE = 0.5523  # of the radius: the cubic that comes nearest a quarter of a circle
_WORD_GAP = 6.0


def compose(diagram: Diagram, layout: Layout) -> Scene:
    """The scene: frames at the back, then links, cards, the words of the frames and the notes on links."""
    scene = Scene(diagram.title, math.ceil(layout.width), math.ceil(layout.height))
    frames = [
        (frame, rectangle)
        for frame, rectangle in zip(diagram.frames, layout.frames, strict=False)
        if rectangle is not None
    ]
    links = list(enumerate(zip(diagram.links, layout.paths, strict=True)))
    cards = enumerate(zip(diagram.cards, layout.centres, strict=True))
    scene.parts += [_frame(frame, rectangle) for frame, rectangle in frames]
    scene.parts += [_link(index, link, path) for index, (link, path) in links]
    scene.parts += [_card(index, card, centre) for index, (card, centre) in cards]
    scene.parts += [_caption(frame, rectangle) for frame, rectangle in frames]
    scene.parts += [
        _note(index, link.note, place)
        for index, (link, place) in enumerate(zip(diagram.links, layout.notes, strict=False))
        if place is not None
    ]
    return scene


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
        marks.append(_shape("stack", (left + STACK, top, left + w, top + h - STACK), stroke, f"{stroke}-fill", BORDER))
        front = (left, top + STACK, left + w - STACK, top + h)
    else:
        front = (left, top, left + w, top + h)
    marks.append(_shape(card.shape, front, stroke, f"{stroke}-fill", heavy, dashes))
    if card.is_output or card.shape == "octagon":
        inner = (front[0] + _RING, front[1] + _RING, front[2] - _RING, front[3] - _RING)
        marks.append(_shape(card.shape, inner, stroke, "", 1.0))
    marks += _lines(card, front, centre)
    kind = card.box.kind if card.box is not None else card.kind
    data = [("index", str(index))]
    if card.box is not None:
        data.append(("name", card.box.name))
    classes = f"{kind}{' output' * card.is_output}{' nonfinite' * (card.kind == 'nonfinite' != kind)}"
    return ScenePart("card", tuple(marks), card.tooltip, tuple(data), index, classes)


def _lines(card: Card, front: Rectangle, centre: Point) -> list[Outline | Lettering]:
    left, y = card.text_corner(centre)
    right = front[2] - PADDING - card.slant
    marks: list[Outline | Lettering] = []
    for number, line in enumerate(card.lines):
        baseline = y + line.height * 0.76
        y += line.height
        if line.right:
            marks += _run(line.left, left, baseline)
            marks += [_letter(word, right, baseline, "end", line.role) for word in line.right]
            if isinstance(line, Strip):
                marks += strip_marks(card, number, line, centre)
        elif len(line.left) == 1:
            marks.append(_letter(line.left[0], (front[0] + front[2]) / 2, baseline, "middle"))
        else:
            width = sum(word.width for word in line.left) + _WORD_GAP * (len(line.left) - 1)
            marks += _run(line.left, (front[0] + front[2] - width) / 2, baseline)
    return marks


def _run(words: tuple[Word, ...], x: float, baseline: float) -> list[Lettering]:
    """Words in sequence, each in the middle of the room reserved for it: the reader's font may differ."""
    lettering = []
    for word in words:
        lettering.append(_letter(word, x + word.width / 2, baseline, "middle"))
        x += word.width + _WORD_GAP
    return lettering


def _letter(
    word: Word, x: float, y: float, anchor: Literal["middle", "end"], line: LineRole | Literal[""] = ""
) -> Lettering:
    return Lettering(word.text, x, y, word.size, word.colour, word.bold, anchor, line)


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
    return _rounded_rectangle(
        box, min(ROUND if shape == "pill" else 6.0, (bottom - top) / 2), stroke, fill, width, dashes
    )


def _rounded_rectangle(
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


def _link(index: int, link: Link, path: list[Point]) -> ScenePart:
    colour = "line" if link.flow == "open" else "muted"
    dashes = {"open": (), "closed": (7.0, 4.0), "none": (2.0, 3.5)}[link.flow]
    tip = path[-1]
    before = next((point for point in reversed(path) if point != tip), path[0])
    angle = math.atan2(tip[1] - before[1], tip[0] - before[0])
    base = (tip[0] - _ARROW * math.cos(angle), tip[1] - _ARROW * math.sin(angle))
    side = (_ARROW * 0.42 * math.sin(angle), -_ARROW * 0.42 * math.cos(angle))
    end = (base, base) if path[-2] == tip else (path[-2], base)
    line = Outline((*path[:-2], *end), colour, "", link.width, dashes, straight=False, closed=False)
    wings = ((base[0] + side[0], base[1] + side[1]), tip, (base[0] - side[0], base[1] - side[1]))
    head = Outline(wings, colour, colour if link.flow == "open" else "page", EDGE)
    data = (("tail", str(link.tail)), ("head", str(link.head)))
    return ScenePart("link", (line, head), "", data, index, link.flow)


def _note(link: int, text: str, middle: Point) -> ScenePart:
    """What is written on a link, on a small plate before the tip."""
    (x, y), (width, height) = middle, note_size(text)
    plate = _rounded_rectangle((x - width / 2, y - height / 2, x + width / 2, y + height / 2), 4.0, "", "page", 0.0)
    lettering = Lettering(text, x, y + SMALL * 0.36, SMALL, "muted", anchor="middle")
    return ScenePart("note", (plate, lettering), "", (("link", str(link)),), link)


# ------------------------------------------------------------------------------------------------------ frames


def _frame(frame: Frame, box: Rectangle) -> ScenePart:
    tooltip = f"{frame.title}: {' '.join(frame.why.splitlines())}" if frame.why else frame.title
    return ScenePart("frame", (_rounded_rectangle(box, 8.0, "frame", "", 1.2, (6.0, 4.0)),), tooltip)


def _caption(frame: Frame, box: Rectangle) -> ScenePart:
    """The words of a frame, on a plate of their own, since links may run below them."""
    left, top = box[0] + FRAME_PADDING, box[1] + 4.0
    marks: list[Outline | Lettering] = []
    for line in frame.lines:
        size = max(word.size for word in line.left)
        baseline = top + size
        plate = (left - 2, top, left + line.width + 2, baseline + size * 0.3)
        marks.append(_rounded_rectangle(plate, 3.0, "", "page", 0.0))
        x = left
        for word in line.left:
            marks.append(Lettering(word.text, x, baseline, word.size, word.colour, word.bold))
            x += word.width + _WORD_GAP
        top += line.height
    return ScenePart("caption", tuple(marks))
