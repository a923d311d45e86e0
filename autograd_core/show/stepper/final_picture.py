"""The picture a step-through ends with: every value, every gradient, and on each edge what it carried.

It is laid out once, with room for the longest text each card will bear on the way; the steps change only texts and
looks.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from autograd_core.graph.boxes import View
from autograd_core.show.drawing.diagram import Card, Diagram, Line, Link, Word, diagram
from autograd_core.show.drawing.graphviz import placed
from autograd_core.show.drawing.label_placement import EdgeLabel, place_labels
from autograd_core.show.drawing.layered_layout import Layout
from autograd_core.show.drawing.scene import Lettering, Outline, Scene, ScenePart, scene
from autograd_core.show.drawing.signs import role, signed
from autograd_core.show.record import chain_rule
from autograd_core.show.record.record import EdgeRecord, Record
from autograd_core.show.record.steps import ExplainedStep
from autograd_core.show.theme import SMALL, TEXT, text_width

_WIDEST_EDGE, _THINNEST_EDGE = 6.0, 1.5
_ANY_NUMBER = "-8.888e-8"  # the widest a number can become when the page computes it anew


@dataclass(frozen=True, slots=True)
class EdgeContribution:
    """What is written on one link: the contribution, the product at the moment it is made; and how thick it is."""

    link: int
    edge: EdgeRecord
    text: str
    product: str
    width: float


@dataclass(frozen=True, slots=True)
class FinalPicture:
    """The scene; the number of each node's card; what each link carries, in the order of the sweep; and for each link
    its two cards."""

    scene: Scene
    card_of: dict[str, int]
    carried: tuple[EdgeContribution, ...]
    links: tuple[tuple[int, int], ...]


def final_picture(seen: View, made: Record, moments: tuple[ExplainedStep, ...]) -> FinalPicture:
    """The picture at the end of `moments`, which tell the reverse sweep of `made`, a record of `seen`."""
    sheet = diagram(seen)
    card_of = {card.box.name: index for index, card in enumerate(sheet.cards) if card.box is not None}
    _write_on_cards(sheet, card_of, moments)
    carried = _carried(sheet, made, card_of)
    links = list(sheet.links)
    products = {one.link: one.product for one in carried}
    for index, link in enumerate(links):
        written = [link.note, *_in_two_lines(products.get(index, ""))]
        room = max(written, key=lambda text: text_width(text, SMALL))
        sheet.links[index] = Link(link.tail, link.head, link.flow, room)
    places = placed(sheet, "LR")
    sheet.links[:] = links
    drawn = scene(sheet, places)
    drawn.groups += _labels(carried, sheet, places)
    return FinalPicture(drawn, card_of, carried, tuple((link.tail, link.head) for link in links))


def _write_on_cards(sheet: Diagram, card_of: dict[str, int], moments: tuple[ExplainedStep, ...]) -> None:
    texts: dict[int, list[str]] = {}
    swept = [moment for moment in moments if moment.phase == "backward"]
    for change in (change for moment in swept for change in moment.changes):
        texts.setdefault(card_of[change.node], []).append(change.text)
    for index, card in enumerate(sheet.cards):
        if not card.lines or not card.lines[-1].right or card.lines[-1].left[0].text != "grad":
            continue
        shown = texts.get(index, ["–"])
        widest = max((*shown, _ANY_NUMBER), key=lambda text: text_width(f"+{text}", TEXT, bold=True))
        roomy = [*card.lines[:-1], _gradient(f"+{widest}", "ink")]
        made = Card(card.kind, card.shape, roomy, _timeless(card.tooltip), card.box, card.is_output, card.frame)
        made.lines[-1] = _gradient(*_final(shown[-1]))
        sheet.cards[index] = made


def _timeless(tooltip: str) -> str:
    """A tooltip without the `.grad` of the moment it was made: the steps tell the gradient."""
    first, *rest = tooltip.splitlines()
    return "\n".join([first, *(line for line in rest if not line.startswith(("no gradient yet", "gradient ")))])


def _final(text: str) -> tuple[str, str]:
    try:
        number = float(text)
    except ValueError:
        return text, "ink"
    return signed(text, number), role(number)


def _gradient(text: str, colour: str) -> Line:
    return Line((Word("grad", SMALL, "muted"),), (Word(text, role=colour, bold=colour != "ink"),))


def _carried(sheet: Diagram, made: Record, card_of: dict[str, int]) -> tuple[EdgeContribution, ...]:
    operands: dict[int, list[int]] = {}
    for index, link in enumerate(sheet.links):
        operands.setdefault(link.head, []).append(index)
    edges = [edge for step in made.sweeps[0].steps for edge in step.edges]
    sizes = [abs(edge.contribution) for edge in edges if edge.contribution is not None]
    largest = max((size for size in sizes if math.isfinite(size)), default=0.0)
    return tuple(_carried_by(edge, operands[card_of[edge.node]][edge.operand], largest) for edge in edges)


def _carried_by(edge: EdgeRecord, link: int, largest: float) -> EdgeContribution:
    if edge.contribution is None:
        return EdgeContribution(link, edge, "", edge.blocked or "nothing arrived", _THINNEST_EDGE)
    text = signed(chain_rule.number(edge.contribution).text, edge.contribution)
    product = chain_rule.contribution(edge).text.replace(" x ", " × ")
    part = abs(edge.contribution) / largest if largest and math.isfinite(edge.contribution) else 0.0
    width = _THINNEST_EDGE + (_WIDEST_EDGE - _THINNEST_EDGE) * math.sqrt(part)
    return EdgeContribution(link, edge, text, product, round(width, 1))


def _labels(carried: Sequence[EdgeContribution], sheet: Diagram, places: Layout) -> Iterator[ScenePart]:
    """The contribution on each link that carries one."""
    shown = [one for one in carried if one.edge.contribution is not None]
    plates = [EdgeLabel(places.paths[one.link], *_room(one)) for one in shown]
    for one, (x, y) in zip(shown, place_labels(plates, sheet, places), strict=True):
        wide, high = text_width(one.text, SMALL, bold=True) / 2 + 3.0, SMALL * 0.6
        corners = ((x - wide, y - high), (x + wide, y - high), (x + wide, y + high), (x - wide, y + high))
        text = Lettering(one.text, x, y + SMALL * 0.36, SMALL, role(one.edge.contribution), bold=True, anchor="middle")
        yield ScenePart("carried", (Outline(corners, "", "page", 0.0), text), "", (("link", str(one.link)),))


def _room(one: EdgeContribution) -> tuple[float, float]:
    """Halfway between the contribution and the product, in two lines of larger words: one link at a time shows that."""
    small = text_width(one.text, SMALL, bold=True) + 6.0
    large = max(text_width(line, TEXT, bold=True) for line in _in_two_lines(one.product)) + 8.0
    return (small + large) / 2, (SMALL + 3 * TEXT) / 2


def _in_two_lines(product: str) -> list[str]:
    """A product as the page writes it: the result below its factors."""
    return re.split(r" (?=[=~] )", product)
