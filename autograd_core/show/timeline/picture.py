"""The sheet of a graph over time, laid out once with room for the longest text of every moment.

Cards, links and frames keep their places; a moment changes texts, bars, and the width and colour of links. Bars and
widths have one scale for the whole run, so that moments can be compared. Both grow with the square root of the size, so
that small numbers stay visible.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from autograd_core.formulas.labels import cut_short, visible_text
from autograd_core.formulas.symbols import name_text
from autograd_core.graph.folding.partition import Item
from autograd_core.show.drawing.bars import Strip, bar_marks, largest_of
from autograd_core.show.drawing.cards import Card, Line, Word, note_line, number_line, number_word
from autograd_core.show.drawing.compose import compose
from autograd_core.show.drawing.diagram import Diagram
from autograd_core.show.drawing.folded_diagram import (
    count_bundles,
    frame_numbers,
    frames_of,
    kind_and_shape,
    links_of,
    node_heading,
)
from autograd_core.show.drawing.graphviz import lay_out
from autograd_core.show.drawing.scene import Lettering, Outline, Scene, ScenePart
from autograd_core.show.theme import EDGE, SMALL, TITLE
from autograd_core.show.timeline.layer_bars import MOST_BARS, BarSlot, MomentNumbers, bar_slot
from autograd_core.show.timeline.record import LinkGradient, Snapshot, Structure

_LONGEST_FORMULA = 26
_WIDEST_LINK = 7.0


@dataclass(frozen=True, slots=True)
class WordSlot:
    """A word of a card that changes. place: its index among the words of the card. words: one for each moment."""

    card: int
    place: int
    words: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class LinkSlot:
    """The width and the role of a link at each moment."""

    widths: tuple[float, ...]
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TimelineSheet:
    """scene: the sheet with its fixed parts. slots, bars, links: the changing parts; links as in the scene.

    card_of: the card on which each node is, by its name.
    """

    scene: Scene
    slots: list[WordSlot]
    bars: list[BarSlot]
    links: list[LinkSlot]
    card_of: dict[str, int]

    def at(self, moment: int) -> Scene:
        """The sheet at a moment, counted from 0."""
        words = {(slot.card, slot.place): slot.words[moment] for slot in self.slots}
        scene = Scene(self.scene.title, self.scene.width, self.scene.height)
        links = iter(self.links)
        for part in self.scene.parts:
            if part.kind == "link":
                scene.parts.append(_link_at(part, next(links), moment))
            elif part.kind == "card":
                scene.parts.append(_card_at(part, words))
            else:
                scene.parts.append(part)
        scene.parts += [ScenePart("bars", bar_marks(bars.axis, bars.heights[moment])) for bars in self.bars]
        return scene


def timeline_sheet(structure: Structure, moments: Sequence[Snapshot], title: str) -> TimelineSheet:
    """The sheet for these moments of a graph."""
    cut = structure.sheet
    frame_of = frame_numbers(cut)
    cards, rows = [], []
    for place, item in enumerate(cut.items):
        values: MomentNumbers = [moment.values[place] for moment in moments]
        gradients: MomentNumbers = [moment.gradients[place] for moment in moments]
        card, changing = _card(structure, item, values, gradients, frame_of.get(structure.folding.parent(item)))
        cards.append(card)
        rows.append(changing)
    links = links_of(cut)
    sheet = Diagram(title, cards, links, frames_of(cut, _LONGEST_FORMULA), bundled=True)
    count_bundles(sheet)
    places = lay_out(sheet, "LR")
    slots, bars = [], []
    for index, changing in enumerate(rows):
        for line, (words, numbers) in changing.items():
            card = cards[index]
            before = sum(len(above.left) + len(above.right) for above in card.lines[:line])
            slots.append(WordSlot(index, before + len(card.lines[line].left), words))
            if isinstance(card.lines[line], Strip):
                bars.append(bar_slot(index, card, line, places.centres[index], numbers))
    gradients_of_links = [gradient for moment in moments for gradient in moment.link_gradients if gradient]
    largest = max((link.size for link in gradients_of_links if math.isfinite(link.size)), default=0.0)
    link_slots = [
        LinkSlot(
            tuple(_link_width(moment.link_gradients[place], largest) for moment in moments),
            tuple(_link_role(moment.link_gradients[place]) for moment in moments),
        )
        for place in range(len(links))
    ]
    card_of = {
        structure.names[node]: card for card, item in enumerate(cut.items) for node in structure.all_nodes_in(item)
    }
    return TimelineSheet(compose(sheet, places), slots, bars, link_slots, card_of)


# -------------------------------------------------------------------------------------------------------- cards


Changing = dict[int, tuple[tuple[Word, ...], MomentNumbers]]


def _card(
    structure: Structure, item: Item, values: MomentNumbers, gradients: MomentNumbers, frame: int | None
) -> tuple[Card, Changing]:
    """A card with room for all moments, and its lines that change."""
    kind, shape = kind_and_shape(structure.folding, item)
    lines = _heading(structure, item, kind)
    changing: Changing = {}
    shown_numbers: list[tuple[Literal["value", "grad"], MomentNumbers]] = [("value", values)]
    if kind != "constant":
        shown_numbers.append(("grad", gradients))
    for role, numbers in shown_numbers:
        words = tuple(number_word(largest_of(of_moment), signed=role == "grad") for of_moment in numbers)
        changing[len(lines)] = words, numbers
        line = number_line(role, max(words, key=lambda word: word.width))
        count = min(len(numbers[0]), MOST_BARS)
        lines.append(line if count == 1 else Strip(line.left, line.right, role, count))
    is_root = len(structure.names) - 1 in structure.nodes_of(item)
    return Card(kind, lines, _tooltip(structure, item), None, is_root, frame, shape), changing


def _heading(structure: Structure, item: Item, kind: str) -> list[Line]:
    if item >= 0:
        return [node_heading(structure.folding, item, cut_short(name_text(structure.names[item]), _LONGEST_FORMULA))]
    group = structure.folding.groups[~item]
    name = Word(cut_short(visible_text(group.name), _LONGEST_FORMULA), TITLE, bold=True)
    formula = cut_short(structure.folding.formula_text(group), _LONGEST_FORMULA)
    if group.kind == "leaves":
        return [Line((name, Word(f"{kind} {formula}", SMALL, "muted")))]
    return [Line((name,)), *([note_line(formula)] if formula else [])]


def _tooltip(structure: Structure, item: Item) -> str:
    if item >= 0:
        lines = [structure.names[item]]
    else:
        group = structure.folding.groups[~item]
        lines = [visible_text(group.name), *([structure.folding.formula_text(group)] if group.formula else [])]
        if len(structure.nodes_of(item)) > 1:
            lines.append("the number beside the bars is the largest")
    return "\n".join([*lines, *(f"inside {visible_text(outer.name)}" for outer in structure.folding.path(item))])


def _card_at(part: ScenePart, words: dict[tuple[int, int], Word]) -> ScenePart:
    card = part.index
    marks: list[Outline | Lettering] = []
    place = 0
    for mark in part.marks:
        if isinstance(mark, Lettering):
            word = words.get((card, place))
            place += 1
            if word is not None:
                marks.append(replace(mark, text=word.text, colour=word.colour, bold=word.bold))
                continue
        marks.append(mark)
    return replace(part, marks=tuple(marks))


# -------------------------------------------------------------------------------------------------------- links


def _link_width(gradient: LinkGradient | None, largest: float) -> float:
    if gradient is None or not largest:
        return EDGE
    share = min(gradient.size / largest, 1.0) if math.isfinite(gradient.size) else 1.0
    return round(1.0 + (_WIDEST_LINK - 1.0) * math.sqrt(share), 1)


def _link_role(gradient: LinkGradient | None) -> str:
    if gradient is None or gradient.size == 0:
        return "muted"
    if not math.isfinite(gradient.size):
        return "nonfinite"
    return {1: "positive", -1: "negative", 0: "line"}[gradient.sign]


def _link_at(part: ScenePart, slot: LinkSlot, moment: int) -> ScenePart:
    line, head = part.marks
    assert isinstance(line, Outline)
    assert isinstance(head, Outline)
    colour = slot.roles[moment]
    coloured = replace(line, width=slot.widths[moment], stroke=colour), replace(head, stroke=colour, fill=colour)
    return replace(part, marks=coloured)
