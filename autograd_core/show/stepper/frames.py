"""The step-through as still pictures: one scene a step, for PNG, for a film (GIF) and for slides (PDF).

The final picture is laid out once; a step changes texts and styles only. Later parts are grey, the node at work
has a heavy ring and its source a dashed one, every edge of the sweep so far has its contribution, and the words of the
step are below.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from dataclasses import replace

from autograd_core.formulas.labels import visible_text
from autograd_core.show.drawing.scene import Lettering, Outline, Scene, ScenePart
from autograd_core.show.drawing.signs import sign_colour
from autograd_core.show.record.steps import ExplainedStep, NumberChange
from autograd_core.show.stepper.final_picture import EdgeContribution, FinalPicture, number_shown
from autograd_core.show.stepper.step_through import StepThrough
from autograd_core.show.theme import MARGIN, SMALL, TEXT, text_width

_RING, _RING_WIDTH = 7.0, 4.0  # how far around its card, and how thick
_WORDS_SIZE = TEXT + 2
_LINES_OF_WORDS = 3
_NARROWEST = 640.0  # so that the words have room

Numbers = Mapping[tuple[str, str], NumberChange]


def frames(step_through: StepThrough) -> list[Scene]:
    """One scene for each step."""
    steps, picture = step_through.steps, step_through.picture
    numbers: dict[tuple[str, str], NumberChange] = {}
    so_far: dict[int, EdgeContribution] = {}
    sweep = iter(picture.contributions)
    scenes: list[Scene] = []
    for number, step in enumerate(steps, 1):
        numbers |= {(change.node, change.what): change for change in step.changes}
        if step.phase == "update" and any(change.number is None for change in step.changes):
            so_far.clear()  # the contributions belong to the numbers before the update
        at_work = None if step.source is None else next(sweep)
        if at_work is not None:
            so_far[at_work.link] = at_work
        scenes.append(_frame(picture, step, f"{number}/{len(steps)}", numbers, so_far, at_work))
    return scenes


def _frame(
    picture: FinalPicture,
    step: ExplainedStep,
    number: str,
    numbers: Numbers,
    so_far: Mapping[int, EdgeContribution],
    at_work: EdgeContribution | None,
) -> Scene:
    base = picture.scene
    width = max(base.width, _NARROWEST)
    words = textwrap.wrap(visible_text(step.words), int((width - 2 * MARGIN) / text_width("n", _WORDS_SIZE)))
    top = base.height + MARGIN
    scene = Scene(f"{base.title}, step {number}", width, top + (_LINES_OF_WORDS + 1) * _WORDS_SIZE * 1.4)
    names = {index: name for name, index in picture.card_of.items()}
    for part in base.parts:
        if part.kind == "link":
            part = _link(part, so_far.get(part.index), at_work is not None and at_work.link == part.index)
        elif part.kind == "card" and part.index in names:
            part = _card(part, names[part.index], step, numbers)
        elif part.kind == "carried" and part.index not in so_far:
            continue
        scene.parts.append(part)
    scene.parts.append(_caption(words, f"{step.phase}, step {number}", top))
    return scene


def _card(part: ScenePart, name: str, step: ExplainedStep, numbers: Numbers) -> ScenePart:
    """A card with the numbers known so far."""
    marks: list[Outline | Lettering] = []
    known = (name, "value") in numbers
    for mark in part.marks:
        if isinstance(mark, Outline):
            marks.append(mark if known else replace(mark, stroke=mark.stroke and "frame", fill=mark.fill and "page"))
        elif mark.line in ("value", "grad"):
            marks.append(_number(mark, numbers.get((name, mark.line))))
        else:
            marks.append(mark if known else replace(mark, colour="muted"))
    if name in (step.node, step.source):
        marks.insert(0, _ring(part, dashed=name == step.source))
    return replace(part, marks=tuple(marks))


def _number(mark: Lettering, change: NumberChange | None) -> Lettering:
    text, colour = number_shown(change) if change else ("–", "ink")
    if mark.line == "value":
        return replace(mark, text=text)
    return replace(mark, text=text, colour=colour, bold=colour != "ink")


def _ring(part: ScenePart, dashed: bool) -> Outline:
    corners = [point for mark in part.marks if isinstance(mark, Outline) for point in mark.points]
    left, right = min(x for x, _ in corners) - _RING, max(x for x, _ in corners) + _RING
    top, bottom = min(y for _, y in corners) - _RING, max(y for _, y in corners) + _RING
    dashes = (8.0, 5.0) if dashed else ()
    return Outline(((left, top), (right, top), (right, bottom), (left, bottom)), "ink", "", _RING_WIDTH, dashes)


def _link(part: ScenePart, contribution: EdgeContribution | None, at_work: bool) -> ScenePart:
    """A link with its contribution, if it has one yet: in the width of its size and the colour of its sign."""
    if contribution is None or contribution.edge.contribution is None:
        return part
    line, *rest = part.marks
    assert isinstance(line, Outline)
    width = contribution.width + (2.0 if at_work else 0.0)
    coloured = replace(line, stroke=sign_colour(contribution.edge.contribution), width=width)
    return replace(part, marks=(coloured, *rest))


def _caption(words: list[str], number: str, top: float) -> ScenePart:
    baseline = top + _WORDS_SIZE
    marks = [Lettering(number, MARGIN, baseline, SMALL, "muted")]
    if len(words) > _LINES_OF_WORDS:
        words = [*words[: _LINES_OF_WORDS - 1], words[_LINES_OF_WORDS - 1] + " …"]
    for line in words:
        baseline += _WORDS_SIZE * 1.4
        marks.append(Lettering(line, MARGIN, baseline, _WORDS_SIZE, "ink"))
    return ScenePart("words", tuple(marks))
