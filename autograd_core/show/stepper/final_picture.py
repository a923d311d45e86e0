"""The picture at the end of a step-through: every value, every gradient, and the contribution on each edge.

It is laid out once, with room for the longest text of each card; the steps change only texts and styles.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from autograd_core.formulas.notation import number_text
from autograd_core.graph.boxes import View
from autograd_core.show.drawing.cards import Word, number_line
from autograd_core.show.drawing.compose import compose
from autograd_core.show.drawing.diagram import Diagram
from autograd_core.show.drawing.graphviz import lay_out
from autograd_core.show.drawing.layout.places import Direction, Layout
from autograd_core.show.drawing.scene import Lettering, Outline, Scene, ScenePart
from autograd_core.show.drawing.signs import sign_colour, with_sign
from autograd_core.show.drawing.view_diagram import tooltip, view_diagram
from autograd_core.show.record import chain_rule
from autograd_core.show.record.record import EdgeRecord, Record
from autograd_core.show.record.steps import ExplainedStep, NumberChange
from autograd_core.show.theme import LINE_HEIGHT, SMALL, TEXT, text_width

_WIDEST_EDGE, _THINNEST_EDGE = 6.0, 1.5
_PLATE_PADDING, _PLATE_BORDER = 5.0, 2.0
_MOST_TALL = 4  # contributions of a card; with more, each product has one line, which takes less height
_ANY_NUMBER = number_text(-0.08888)  # the page draws a wider number, when it recomputes one, with narrower letters


@dataclass(frozen=True, slots=True)
class EdgeContribution:
    """The words on a link: the contribution, and at its step the product, which has these lines; and its width."""

    link: int
    edge: EdgeRecord
    text: str
    product: str
    lines: tuple[str, ...]
    width: float


@dataclass(frozen=True, slots=True)
class FinalPicture:
    """The scene; the number of each node's card; the contribution on each link, in the order of the sweep; and the two
    cards of each link."""

    scene: Scene
    card_of: dict[str, int]
    contributions: tuple[EdgeContribution, ...]
    links: tuple[tuple[int, int], ...]


def final_picture(
    view: View, record: Record, steps: Sequence[ExplainedStep], direction: Direction = "LR"
) -> FinalPicture:
    """The picture at the end of the reverse sweep of `record`, which is the record of `view`, with these `steps`."""
    backward = [change for step in steps if step.phase == "backward" for change in step.changes]
    diagram = view_diagram(view, {change.node: change.number for change in backward if change.what == "grad"})
    card_of = {card.box.name: index for index, card in enumerate(diagram.cards) if card.box is not None}
    _write_gradients(diagram, card_of, steps)
    contributions = _contributions(diagram, record, card_of)
    for contribution in contributions:
        diagram.links[contribution.link] = replace(diagram.links[contribution.link], plate=_plate_size(contribution))
    layout = lay_out(diagram, direction)
    scene = compose(diagram, layout)
    scene.parts += _plates(contributions, layout)
    return FinalPicture(scene, card_of, contributions, tuple((link.tail, link.head) for link in diagram.links))


def number_shown(change: NumberChange) -> tuple[str, str]:
    """The text of a number of the picture and its colour: a gradient has its sign in front once it is complete."""
    if change.what == "value" or not change.complete:
        return change.text, "ink"
    return with_sign(change.number), sign_colour(change.number)


def _write_gradients(diagram: Diagram, card_of: dict[str, int], steps: Sequence[ExplainedStep]) -> None:
    """Give every card room for each gradient of the sweep, and the last of them."""
    changes: dict[int, list[NumberChange]] = {}
    for step in steps:
        if step.phase == "backward":
            for change in step.changes:
                changes.setdefault(card_of[change.node], []).append(change)
    for index, card in enumerate(diagram.cards):
        place = next((place for place, line in enumerate(card.lines) if line.role == "grad"), None)
        if place is None or card.box is None:
            continue
        of_card = changes.get(index, [])
        texts = [_ANY_NUMBER, *(f"{'+' * (not change.text.startswith('−'))}{change.text}" for change in of_card)]
        widest = max(texts, key=lambda text: text_width(text, TEXT, bold=True))
        lines = list(card.lines)
        lines[place] = number_line("grad", Word(widest, bold=True))
        card = diagram.cards[index] = replace(card, lines=lines, tooltip=tooltip(card.box, leave_out=("grad",)))
        text, colour = number_shown(of_card[-1]) if of_card else ("–", "ink")
        card.lines[place] = number_line("grad", Word(text, colour=colour, bold=colour != "ink"))


def _contributions(diagram: Diagram, record: Record, card_of: dict[str, int]) -> tuple[EdgeContribution, ...]:
    operands: dict[int, list[int]] = {}
    for index, link in enumerate(diagram.links):
        operands.setdefault(link.head, []).append(index)
    edges = [edge for step in record.sweeps[0].steps for edge in step.edges]
    sizes = [abs(edge.contribution) for edge in edges if edge.contribution is not None]
    largest = max((size for size in sizes if math.isfinite(size)), default=0.0)
    counts = Counter(edge.node for edge in edges)
    return tuple(
        _contribution(edge, operands[card_of[edge.node]][edge.operand], largest, counts[edge.node] <= _MOST_TALL)
        for edge in edges
    )


def _contribution(edge: EdgeRecord, link: int, largest: float, is_tall: bool) -> EdgeContribution:
    if edge.contribution is None:
        blocked = edge.blocked or "nothing arrived"
        return EdgeContribution(link, edge, "", blocked, (blocked,), _THINNEST_EDGE)
    product = chain_rule.contribution(edge).text
    share = abs(edge.contribution) / largest if largest and math.isfinite(edge.contribution) else 0.0
    width = _THINNEST_EDGE + (_WIDEST_EDGE - _THINNEST_EDGE) * math.sqrt(share)
    lines = tuple(re.split(r" (?=[=≈] )", product)) if is_tall else (product,)
    return EdgeContribution(link, edge, with_sign(edge.contribution), product, lines, round(width, 1))


def _plates(contributions: Sequence[EdgeContribution], layout: Layout) -> Iterator[ScenePart]:
    """The plate with the contribution on each link that carries one."""
    for contribution in contributions:
        place, link = layout.plates[contribution.link], contribution.link
        if place is None or contribution.edge.contribution is None:
            continue
        x, y = place
        wide, high = text_width(contribution.text, SMALL, bold=True) / 2 + _PLATE_PADDING, SMALL * LINE_HEIGHT / 2
        corners = ((x - wide, y - high), (x + wide, y - high), (x + wide, y + high), (x - wide, y + high))
        colour = sign_colour(contribution.edge.contribution)
        lettering = Lettering(contribution.text, x, y + SMALL * 0.36, SMALL, colour, bold=True, anchor="middle")
        is_flat = len(contribution.lines) == 1
        yield ScenePart(
            "carried",
            (Outline(corners, "", "page", 0.0), lettering),
            "",
            (("link", str(link)),),
            link,
            "flat" * is_flat,
        )


def _plate_size(contribution: EdgeContribution) -> tuple[float, float]:
    """The room for the plate, which holds the product at one step."""
    *factors, result = contribution.lines
    widths = [text_width(line, SMALL, bold=True) for line in (contribution.text, result)]
    width = max(widths + [text_width(line, SMALL) for line in factors])
    return width + 2 * _PLATE_PADDING, len(contribution.lines) * SMALL * LINE_HEIGHT + 2 * _PLATE_BORDER
