"""The step-through as still pictures: one scene a step, for PNG, for a film (GIF) and for slides (PDF).

The final picture is laid out once; a step changes texts and styles only, as the page does it (`graph_picture.js`).
Cards to come are blank paper; the card at work has a heavy ring, its source a dashed one. Going back, a line has its
arrow head at its start, the width of its contribution and the colour of its sign; the words of the step are below.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise

from autograd_core.formulas.labels import visible_text
from autograd_core.show.drawing.layout.places import Point
from autograd_core.show.drawing.scene import Lettering, Outline, Scene, ScenePart
from autograd_core.show.drawing.signs import sign_colour
from autograd_core.show.record.steps import NumberChange
from autograd_core.show.stepper.final_picture import EdgeContribution, FinalPicture, number_shown
from autograd_core.show.stepper.step_through import StepThrough
from autograd_core.show.theme import LINE_HEIGHT, MARGIN, SMALL, TEXT, text_width

_RING, _DASHED_RING = 12.0, 8.0  # how thick; the card hides the inner half
_ARROW, _ARROW_ANGLE = 15.0, 0.45  # of the head on the way back: each side, and half its angle
_BEHIND_ARROW = 12.0  # where its line begins
_AT_WORK = 5.0  # the width of the line at work
_FEEDING = 3.5  # of the lines whose numbers are put in
_WORDS_SIZE = TEXT + 2
_LINES_OF_WORDS = 3
_NARROWEST = 640.0  # so that the words have room

Numbers = Mapping[tuple[str, str], NumberChange]


def frames(step_through: StepThrough) -> list[Scene]:
    """One scene for each step."""
    sweep = _Sweep(step_through)
    return [_frame(sweep, at) for at in range(len(step_through.steps))]


class _Sweep:
    """When each card is computed, when each gradient is complete and when each link carries its contribution."""

    def __init__(self, step_through: StepThrough) -> None:
        self.picture: FinalPicture = step_through.picture
        self.steps = step_through.steps
        self.names = {index: name for name, index in self.picture.card_of.items()}
        self.computed: dict[str, int] = {}
        self.complete: dict[str, int] = {}
        self.carried: dict[int, tuple[int, EdgeContribution]] = {}
        contributions = iter(self.picture.contributions)
        for at, step in enumerate(self.steps):
            if step.phase == "forward":
                self.computed[step.node] = at
            elif step.phase == "backward":
                self.complete |= {change.node: at for change in step.changes if change.what == "grad"}
                if step.source is not None:
                    contribution = next(contributions)
                    self.carried[contribution.link] = (at, contribution)

    def is_to_come(self, name: str, at: int) -> bool:
        """Whether the value of a node is not known yet, or on the way back its gradient."""
        if self.steps[at].phase == "forward":
            return self.computed.get(name, -1) > at
        return self.complete.get(name, -1) > at

    def numbers(self, at: int) -> Numbers:
        """The last number of each kind of every node."""
        return {(change.node, change.what): change for step in self.steps[: at + 1] for change in step.changes}


def _frame(sweep: _Sweep, at: int) -> Scene:
    base, step = sweep.picture.scene, sweep.steps[at]
    width = max(base.width, _NARROWEST)
    words = textwrap.wrap(visible_text(step.words), int((width - 2 * MARGIN) / text_width("n", _WORDS_SIZE)))
    top = base.height + MARGIN
    scene = Scene(f"{base.title}, step {at + 1}", width, top + (_LINES_OF_WORDS + 1) * _WORDS_SIZE * 1.4)
    numbers = sweep.numbers(at)
    for part in base.parts:
        if part.kind == "link":
            scene.parts.append(_link(part, sweep, at))
        elif part.kind == "card" and part.index in sweep.names:
            scene.parts.append(_card(part, sweep, at, numbers))
        elif part.kind != "carried":
            scene.parts.append(part)
    scene.parts += [part for carried in base.parts if carried.kind == "carried" for part in _plate(carried, sweep, at)]
    scene.parts.append(_caption(words, f"{step.phase}, step {at + 1}/{len(sweep.steps)}", top))
    return scene


def _card(part: ScenePart, sweep: _Sweep, at: int, numbers: Numbers) -> ScenePart:
    """A card with the numbers known so far."""
    step, name = sweep.steps[at], sweep.names[part.index]
    marks: list[Outline | Lettering] = []
    to_come = name not in (step.node, step.source) and sweep.is_to_come(name, at)
    for mark in part.marks:
        if isinstance(mark, Outline):
            fill = "page" if step.phase == "forward" and mark.fill else mark.fill
            marks.append(replace(mark, stroke="frame", fill=fill) if to_come else mark)
        elif mark.line in ("value", "grad"):
            change = numbers.get((name, mark.line))
            marks.append(_number(mark, change, any(change is fresh for fresh in step.changes)))
        else:
            marks.append(replace(mark, colour="muted") if to_come else mark)
    if name in (step.node, step.source):
        sheets = [mark for mark in part.marks if isinstance(mark, Outline) and mark.fill]
        dashes, width = ((7.0, 4.0), _DASHED_RING) if name == step.source else ((), _RING)
        marks[:0] = [replace(sheet, stroke="ink", fill="", width=width, dashes=dashes) for sheet in sheets]
    return replace(part, marks=tuple(marks))


def _number(mark: Lettering, change: NumberChange | None, is_fresh: bool) -> Lettering:
    text, colour = number_shown(change) if change else ("–", "ink")
    if mark.line == "value":
        return replace(mark, text=text, bold=is_fresh)
    return replace(mark, text=text, colour=colour, bold=is_fresh or colour != "ink")


def _link(part: ScenePart, sweep: _Sweep, at: int) -> ScenePart:
    """A link at a step: to come, with a number put in, done, or with its contribution on the way back."""
    line, head = part.marks
    assert isinstance(line, Outline)
    assert isinstance(head, Outline)
    if sweep.steps[at].phase == "forward":
        of_head = sweep.computed.get(sweep.names.get(sweep.picture.links[part.index][1], ""), -1)
        if of_head > at:
            return replace(part, marks=(replace(line, stroke="frame"), replace(head, stroke="frame", fill="page")))
        if of_head == at:
            feeding = (replace(line, stroke="ink", width=_FEEDING), replace(head, stroke="ink", fill="ink"))
            return replace(part, marks=feeding)
        return part
    when, carried = sweep.carried.get(part.index, (-1, None))
    if carried is None or sweep.steps[at].phase == "update":
        return part
    if when > at:
        return replace(part, marks=(replace(line, stroke="frame"), replace(head, stroke="frame", fill="page")))
    width = _AT_WORK if when == at else carried.width
    if carried.edge.contribution is None:
        return replace(part, marks=(replace(line, width=width), head))
    colour = sign_colour(carried.edge.contribution)
    return replace(part, marks=_backward(line, head.points[1], colour, width))


def _backward(line: Outline, tip: Point, colour: str, width: float) -> tuple[Outline, Outline]:
    """The line from the card at its tip back to its start, where its head is."""
    start = line.points[0]
    away = next((point for point in line.points if point != start), tip)
    angle = math.atan2(away[1] - start[1], away[0] - start[0])
    wings = [
        (start[0] + _ARROW * math.cos(angle + turn), start[1] + _ARROW * math.sin(angle + turn))
        for turn in (_ARROW_ANGLE, -_ARROW_ANGLE)
    ]
    end = line.points[-1]
    behind = replace(line, points=(*_shorten(line.points, _BEHIND_ARROW), end, tip, tip), stroke=colour, width=width)
    return replace(behind, dashes=()), Outline((start, *wings), colour, colour, 1.0)


def _shorten(points: tuple[Point, ...], distance: float) -> tuple[Point, ...]:
    """Cubics without what lies within `distance` of their start; the last one stays in part."""
    start = points[0]
    while len(points) > 4 and math.dist(start, points[3]) < distance:
        points = points[3:]
    pieces = (_end_of_cubic(points[:4], place / 32) for place in range(32))
    piece = next((piece for piece in pieces if math.dist(start, piece[0]) >= distance), points[:4])
    return (*piece, *points[4:])


def _end_of_cubic(points: tuple[Point, ...], share: float) -> tuple[Point, ...]:
    """The cubic from `share` of the way on, by de Casteljau."""
    end = [points[-1]]
    while len(points) > 1:
        points = tuple((x + share * (x2 - x), y + share * (y2 - y)) for (x, y), (x2, y2) in pairwise(points))
        end.insert(0, points[-1])
    return tuple(end)


def _plate(part: ScenePart, sweep: _Sweep, at: int) -> list[ScenePart]:
    """The contribution on a link, and at its step the product; nothing before."""
    when, carried = sweep.carried[part.index]
    if when > at or sweep.steps[at].phase != "backward":
        return []
    if when < at:
        return [part]
    plate, word = part.marks
    assert isinstance(plate, Outline)
    assert isinstance(word, Lettering)
    (left, top), (right, bottom) = plate.points[0], plate.points[2]
    x, y = (left + right) / 2, (top + bottom) / 2
    wide = max(text_width(line, SMALL, bold=True) for line in carried.lines) / 2 + 5.0
    high = len(carried.lines) * SMALL * LINE_HEIGHT / 2 + 2.0
    corners = ((x - wide, y - high), (x + wide, y - high), (x + wide, y + high), (x - wide, y + high))
    marks: list[Outline | Lettering] = [replace(plate, points=corners, stroke="ink", width=1.2)]
    for place, line in enumerate(carried.lines):
        baseline = y + SMALL * (0.36 + LINE_HEIGHT * (place - (len(carried.lines) - 1) / 2))
        is_result = place == len(carried.lines) - 1
        marks.append(replace(word, text=line, y=baseline, bold=is_result, colour=word.colour if is_result else "ink"))
    return [replace(part, marks=tuple(marks))]


def _caption(words: list[str], number: str, top: float) -> ScenePart:
    baseline = top + _WORDS_SIZE
    marks = [Lettering(number, MARGIN, baseline, SMALL, "muted")]
    if len(words) > _LINES_OF_WORDS:
        words = [*words[: _LINES_OF_WORDS - 1], words[_LINES_OF_WORDS - 1] + " …"]
    for line in words:
        baseline += _WORDS_SIZE * 1.4
        marks.append(Lettering(line, MARGIN, baseline, _WORDS_SIZE, "ink"))
    return ScenePart("words", tuple(marks))
