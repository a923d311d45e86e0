"""The picture of an exercise: the graph with its blanks, without any answer."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from autograd_core.graph.boxes import View
from autograd_core.practice.quiz.blanks import Blank
from autograd_core.show.drawing.cards import Card, LineRole, Word, number_line
from autograd_core.show.drawing.compose import compose
from autograd_core.show.drawing.diagram import Diagram, Link
from autograd_core.show.drawing.graphviz import lay_out
from autograd_core.show.drawing.layout.places import Layout, Point
from autograd_core.show.drawing.scene import Lettering, Outline, Scene, ScenePart
from autograd_core.show.drawing.view_diagram import tooltip, view_diagram
from autograd_core.show.theme import SMALL, TEXT, text_width

_LONGEST_ANSWER = "-0.00000"  # for which there is room
_BLANK_WIDE = text_width(_LONGEST_ANSWER, SMALL, bold=True) + 4
_ROW = SMALL * 1.5 + 4
_LINES: dict[str, LineRole] = {"gradient": "grad", "update": "new"}  # of a card, where there is room for a blank
_ANSWERS = ("derivative", "grad", "partial", "kink")  # what a tooltip must not give away


def mark(number: int) -> str:
    """The mark of blank `number` (from 0) in the picture and in the list of questions."""
    return f"?{number + 1}"


def exercise_picture(view: View, blanks: Sequence[Blank]) -> Scene:
    """The scene of an exercise: the values, and a marked blank for each question. No gradient is shown."""
    sheet = view_diagram(view, {})
    sheet.title += f", {len(blanks)} blank{'s' * (len(blanks) != 1)}"
    on_card: dict[int, dict[LineRole, int]] = {}
    for index, card in enumerate(sheet.cards):
        if card.box is not None:
            on_card[index] = {
                _LINES[blank.kind]: number
                for number, blank in enumerate(blanks)
                if blank.kind in _LINES and blank.node == card.box.name
            }
            sheet.cards[index] = _without_answer(card, on_card[index])
    on_link = _on_links(sheet, blanks)
    for index, link in enumerate(sheet.links):
        sheet.links[index] = replace(_without_gate(link), plate=_plate_size(on_link.get(index, ())))
    places = lay_out(sheet, "LR")
    drawn = compose(sheet, places)
    for place, part in enumerate(list(drawn.parts)):
        if part.kind == "card" and part.index in on_card:
            for line, number in on_card[part.index].items():
                part = drawn.parts[place]
                [answer] = (word for word in part.marks if isinstance(word, Lettering) and word.line == line)
                marks = tuple(other for other in part.marks if other is not answer)
                drawn.parts[place] = replace(part, marks=marks)
                drawn.parts.append(_on_card(answer, number))
    drawn.parts += _on_edges(places, on_link)
    return drawn


def _without_answer(card: Card, blanks: Collection[LineRole]) -> Card:
    """The card without its gradient and derivatives, with a place for each of its blanks."""
    lines = [line for line in card.lines if line.role not in ("grad", "derivative")]
    lines += [number_line(role, Word(_LONGEST_ANSWER, bold=True)) for role in blanks]
    assert card.box is not None
    return replace(card, lines=lines, tooltip=tooltip(card.box, leave_out=_ANSWERS))


def _without_gate(link: Link) -> Link:
    """The link as if its gate were open: a closed one would reveal that no gradient flows."""
    if link.flow != "closed":
        return link
    return replace(link, flow="open", note=link.note.removesuffix("closed").removesuffix(": "))


def _plate_size(on_link: Sequence[tuple[int, Blank]]) -> tuple[float, float]:
    """The room on a link for its blanks, one below the other."""
    wide = max((_caption_width(blank) + _BLANK_WIDE + 8 for _, blank in on_link), default=0.0)
    return wide, len(on_link) * _ROW


def _on_links(sheet: Diagram, blanks: Sequence[Blank]) -> dict[int, list[tuple[int, Blank]]]:
    """The blanks for partials and contributions, by link."""
    operands: dict[str, list[int]] = {}
    for index, link in enumerate(sheet.links):
        box = sheet.cards[link.head].box
        assert box is not None
        operands.setdefault(box.name, []).append(index)
    found: dict[int, list[tuple[int, Blank]]] = {}
    for number, blank in enumerate(blanks):
        if blank.kind not in _LINES:
            found.setdefault(operands[blank.node][blank.operand], []).append((number, blank))
    return found


def _caption(blank: Blank) -> str:
    return "∂ = " if blank.kind == "partial" else "sends "


def _on_card(place: Lettering, number: int) -> ScenePart:
    wide, high = text_width(_LONGEST_ANSWER, TEXT, bold=True), TEXT * 1.35
    middle = place.x - wide / 2, place.y - TEXT * 0.36
    word = replace(place, text=mark(number), x=middle[0], colour="ink", anchor="middle", bold=True, line="")
    return ScenePart("blank", (_box(middle, wide + 4, high), word), "", (("blank", str(number)),))


def _on_edges(places: Layout, on_link: Mapping[int, list[tuple[int, Blank]]]) -> Iterator[ScenePart]:
    """The blanks on links, each a plate with caption and blank; those of one link are stacked."""
    for index, blanks in on_link.items():
        x, y = places.plates[index] or (0.0, 0.0)
        for place, (number, blank) in enumerate(blanks):
            yield _on_edge((x, y + (place - (len(blanks) - 1) / 2) * _ROW), number, blank)


def _on_edge(centre: Point, number: int, blank: Blank) -> ScenePart:
    before = _caption_width(blank)
    left, middle = centre[0] - (before + _BLANK_WIDE) / 2, centre[1]
    plate = Outline(_corners(*centre, before + _BLANK_WIDE + 8, _ROW), "", "page", 0.0)
    words = Lettering(_caption(blank).rstrip(), left, middle + SMALL * 0.36, SMALL, "muted")
    box = left + before + _BLANK_WIDE / 2
    answer = Lettering(mark(number), box, middle + SMALL * 0.36, SMALL, "ink", True, "middle")
    marks = (plate, words, _box((box, middle), _BLANK_WIDE, _ROW - 4), answer)
    return ScenePart("blank", marks, "", (("blank", str(number)),))


def _caption_width(blank: Blank) -> float:
    return text_width(_caption(blank), SMALL)


def _box(middle: Point, wide: float, high: float) -> Outline:
    return Outline(_corners(*middle, wide, high), "ink", "page", 1.4)


def _corners(x: float, y: float, wide: float, high: float) -> tuple[Point, Point, Point, Point]:
    left, top, right, bottom = x - wide / 2, y - high / 2, x + wide / 2, y + high / 2
    return (left, top), (right, top), (right, bottom), (left, bottom)
