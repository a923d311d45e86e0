"""The expression of the output in terms of the inputs, as one formula for each node, with places for its operands.

The page puts the formulas into each other: all of them, or those around the node at work where a line has no room.
"""

from __future__ import annotations

from typing import Any

from autograd_core.engine.scope import Composition
from autograd_core.formulas.labels import visible_sentence
from autograd_core.formulas.notation import Style, Written, write, write_formula
from autograd_core.formulas.symbols import name_latex, name_text
from autograd_core.graph.boxes import Box, View
from autograd_core.show.page.mathml import Typesetter
from autograd_core.show.record.record import Formula
from autograd_core.show.stepper.final_picture import FinalPicture

_FIRST_PLACE = 0xE000  # a character for private use stands for an operand


def expression_parts(view: View, picture: FinalPicture, typesetter: Typesetter) -> dict[int, list[Any]]:
    """By card: the pieces of its name, the length of its name, and of a computed one also the pieces of its formula,
    the length of the formula without its operands, and the cards of these."""
    bindings: dict[Box, int] = {}
    cards = {}
    for box in view.boxes:
        name = Formula(visible_sentence(name_text(box.name)), name_latex(box.name))
        parts: list[Any] = [typesetter.typeset(name), len(name.text)]
        if box.entry is not None:
            latex, text = _formula(box, bindings, "latex"), _formula(box, bindings, "text")
            bindings[box] = latex.binding
            operands = [None if operand.box is None else picture.card_of[operand.box.name] for operand in box.operands]
            parts += [typesetter.typeset(Formula(text.text, latex.text)), len(text.text), operands]
        cards[picture.card_of[box.name]] = parts
    return cards


def _formula(box: Box, bindings: dict[Box, int], style: Style) -> Written:
    """Its operation on places; a composition without a sign of its own as its textbook formula."""
    places = []
    for index, operand in enumerate(box.operands):
        character = chr(_FIRST_PLACE + index)
        place = Written(rf"\text{{{character}}}" if style == "latex" else character)
        written = operand.written(style)
        places.append(place._replace(binding=bindings.get(operand.box, place.binding)) if operand.box else written)
    entry = box.entry
    if isinstance(entry, Composition) and entry.symbol == entry.name:
        names = dict(zip(entry.input_names(len(places)), places, strict=True))
        return write_formula(entry.formula(len(places)), names, style)
    return write(entry, places, style)
