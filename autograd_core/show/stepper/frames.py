"""The step-through as still pictures: one scene a step, for PNG, for a film (GIF) and for slides (PDF).

The scene the steps end with is laid out once; a step changes texts and looks only. What is still to come is grey, the
node at work wears a heavy ring and its source a dashed one, every edge that has worked bears its contribution, and the
words stand below.
"""

from __future__ import annotations

import textwrap
from dataclasses import replace

from autograd_core.formulas.labels import visible_text
from autograd_core.graph.boxes import View
from autograd_core.show.drawing.scene import Lettering, Outline, Scene, ScenePart
from autograd_core.show.drawing.signs import role, signed
from autograd_core.show.record.record import Record
from autograd_core.show.record.steps import ExplainedStep, explained_steps
from autograd_core.show.stepper.final_picture import EdgeContribution, FinalPicture, final_picture
from autograd_core.show.theme import MARGIN, SMALL, TEXT, text_width

_RING, _RING_WIDTH = 7.0, 4.0  # how far around its card, and how thick
_WORDS_SIZE = TEXT + 2
_LINES_OF_WORDS = 3
_NARROWEST = 640.0  # so that the words have room


def frames(seen: View, made: Record) -> list[Scene]:
    """One scene for each moment of the story."""
    moments = explained_steps(made)
    last = final_picture(seen, made, moments)
    shown: dict[tuple[str, str], str] = {}
    arrived: list[EdgeContribution] = []
    sweep = iter(last.carried)
    scenes: list[Scene] = []
    for number, moment in enumerate(moments, 1):
        shown |= {(change.node, change.what): change.text for change in moment.changes}
        if any(change.what == "grad" and change.text == "–" for change in moment.changes):
            arrived.clear()  # the numbers have moved on from what the edges carried
        if moment.source is not None:
            arrived.append(next(sweep))
        scenes.append(_frame(last, moment, f"{number}/{len(moments)}", shown, arrived))
    return scenes


def _frame(
    last: FinalPicture,
    moment: ExplainedStep,
    number: str,
    shown: dict[tuple[str, str], str],
    arrived: list[EdgeContribution],
) -> Scene:
    base = last.scene
    width = max(base.width, _NARROWEST)
    words = textwrap.wrap(visible_text(moment.words), int((width - 2 * MARGIN) / text_width("n", _WORDS_SIZE)))
    top = base.height + MARGIN
    made = Scene(f"{base.title}, step {number}", width, top + (_LINES_OF_WORDS + 1) * _WORDS_SIZE * 1.4)
    names = {index: name for name, index in last.card_of.items()}
    at_work = arrived[-1] if moment.source is not None else None
    carried = {one.link: one for one in arrived}
    link = -1
    for group in base.groups:
        data = dict(group.data)
        if group.kind.startswith("link"):
            link += 1
            made.groups.append(_link(group, carried.get(link), at_work is not None and at_work.link == link))
        elif group.kind == "carried":
            made.groups += [group] * (int(data["link"]) in carried)
        elif group.kind.startswith("card") and int(data["index"]) in names:
            made.groups.append(_card(group, names[int(data["index"])], moment, shown))
        else:
            made.groups.append(group)
    made.groups.append(_caption(words, f"{moment.phase}, step {number}", top))
    return made


def _card(group: ScenePart, name: str, moment: ExplainedStep, shown: dict[tuple[str, str], str]) -> ScenePart:
    """A card with what is known of it so far: its numbers stand at its right side, the value above the gradient."""
    marks: list[Outline | Lettering] = []
    known = (name, "value") in shown
    numbers = iter(("value", "grad"))
    for mark in group.marks:
        if isinstance(mark, Lettering) and mark.anchor == "end":
            marks.append(_number(mark, next(numbers), name, shown))
        elif isinstance(mark, Lettering):
            marks.append(mark if known else replace(mark, role="muted"))
        else:
            marks.append(mark if known else replace(mark, stroke=mark.stroke and "frame", fill=mark.fill and "page"))
    if name in (moment.node, moment.source):
        marks.insert(0, _ring(group, dashed=name == moment.source))
    return replace(group, marks=tuple(marks))


def _number(mark: Lettering, what: str, name: str, shown: dict[tuple[str, str], str]) -> Lettering:
    text = shown.get((name, what), "–")
    if what == "value":
        return replace(mark, text=text)
    try:
        number = float(text)
    except ValueError:  # a sum that more is to come of
        return replace(mark, text=text, role="ink", bold=False)
    return replace(mark, text=signed(text, number), role=role(number), bold=number != 0)


def _ring(group: ScenePart, dashed: bool) -> Outline:
    corners = [point for mark in group.marks if isinstance(mark, Outline) for point in mark.points]
    left, right = min(x for x, _ in corners) - _RING, max(x for x, _ in corners) + _RING
    top, bottom = min(y for _, y in corners) - _RING, max(y for _, y in corners) + _RING
    dashes = (8.0, 5.0) if dashed else ()
    return Outline(((left, top), (right, top), (right, bottom), (left, bottom)), "ink", "", _RING_WIDTH, dashes)


def _link(group: ScenePart, carried: EdgeContribution | None, at_work: bool) -> ScenePart:
    """A link, and what has come back along it: as thick as its contribution is large, in the colour of its sign."""
    if carried is None or carried.edge.contribution is None:
        return group
    colour = role(carried.edge.contribution)
    width = carried.width + (2.0 if at_work else 0.0)
    line, *rest = group.marks
    assert isinstance(line, Outline)
    return replace(group, marks=(replace(line, stroke=colour, width=width), *rest))


def _caption(words: list[str], number: str, top: float) -> ScenePart:
    baseline = top + _WORDS_SIZE
    marks = [Lettering(number, MARGIN, baseline, SMALL, "muted")]
    if len(words) > _LINES_OF_WORDS:
        words = [*words[: _LINES_OF_WORDS - 1], words[_LINES_OF_WORDS - 1] + " …"]
    for line in words:
        baseline += _WORDS_SIZE * 1.4
        marks.append(Lettering(line, MARGIN, baseline, _WORDS_SIZE, "ink"))
    return ScenePart("words", tuple(marks))
