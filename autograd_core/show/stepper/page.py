"""The step-through as HTML: a whole page to hand out, or the output of a notebook cell.

Both hold the final picture and a table of all steps, for readers without scripts: JavaScript off, an untrusted
notebook, a site that shows notebooks. Where the script runs, it replaces them. Its numbers and words are those of the
steps and the picture, until a reader changes an input.
"""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any

from autograd_core.errors import DrawingError
from autograd_core.formulas.labels import visible_sentence
from autograd_core.formulas.notation import number_text
from autograd_core.formulas.symbols import name_text
from autograd_core.show.page.bundle import module_script, page_script
from autograd_core.show.page.document import document, embedded_json, image, notebook_script
from autograd_core.show.page.mathml import Typesetter, as_lists
from autograd_core.show.page.styles import font_face, notebook_theme, styles
from autograd_core.show.record.record import Formula, Record
from autograd_core.show.record.steps import ExplainedStep, NumberChange, StepFormula
from autograd_core.show.stepper.expression_parts import expression_parts
from autograd_core.show.stepper.final_picture import FinalPicture, number_shown
from autograd_core.show.stepper.panels import panels
from autograd_core.show.stepper.static_tables import tables
from autograd_core.show.stepper.step_through import StepThrough
from autograd_core.show.stepper.your_turn import turn_data, turn_tables
from autograd_core.show.theme import SMALL

_ENTRY = "show/stepper/page.js"
_ATTRIBUTE = "data-autograd-stepper"
MOST_BOXES = 400  # with more, a sheet cannot be read and browsers become slow


def page(step_through: StepThrough, your_turn: bool = False) -> str:
    """A complete HTML document that needs no network; `your_turn` as an exercise.

    Raises `DrawingError` where no page can be made of the record.
    """
    parts = _parts(step_through, _as_text, your_turn)
    return document(_title(step_through.record, your_turn), parts, _style(), page_script(_ENTRY))


def notebook_output(step_through: StepThrough, your_turn: bool = False) -> str:
    """The same as the output of a notebook cell. Raises as `page` does."""
    parts = _parts(step_through, lambda formula: f"${escape(formula.latex)}$" if formula else "", your_turn)
    return f"{parts}\n{notebook_script('stepper', _ENTRY, font_face() + _style())}"


def body_script_style(step_through: StepThrough) -> tuple[str, str, str]:
    """The body, the script and the style sheet, for a widget's front end. Raises as `page` does."""
    return (
        _parts(step_through, _as_text),
        module_script("show/stepper/widget.js"),
        _style() + notebook_theme(_ATTRIBUTE),
    )


def _as_text(formula: Formula) -> str:
    return escape(visible_sentence(formula.text))


def _parts(step_through: StepThrough, write: Callable[[Formula], str], your_turn: bool = False) -> str:
    record, boxes = step_through.record, len(step_through.view.boxes)
    if record.mode != "reverse":
        raise DrawingError(
            "the page steps forward through the values and back through the gradients, which is reverse mode; "
            f"this explanation is in {record.mode} mode. Use explain(value), or .to_text() for this one."
        )
    if boxes > MOST_BOXES:
        raise DrawingError(
            f"{boxes:,} boxes are more than a page can step through (at most {MOST_BOXES}). Explain a node "
            "further down, group nodes with scope(...), or go through closed boxes with draw(value, depth=2); "
            ".to_text() and .steps hold every step of this one."
        )
    data = _data(step_through) | panels(step_through) | {"title": _title(record, your_turn)}
    picture = image(step_through.picture.scene)
    if your_turn:  # the picture at the end is for the script alone
        data["turn"] = turn_data(step_through)
        fallback = f"<p hidden>{picture}</p>\n{turn_tables(step_through, write)}"
    else:
        fallback = f"<p>{picture}</p>\n{tables(record, step_through.steps, write)}"
    return (
        f'<div data-autograd-stepper="">\n<div data-fallback="">\n{fallback}</div>\n'
        f'<script type="application/json">{embedded_json(data)}</script>\n</div>'
    )


def _title(record: Record, your_turn: bool) -> str:
    if your_turn:
        return f"Your turn: the chain rule of {visible_sentence(name_text(record.output))}, edge by edge"
    return f"The chain rule, step by step: {visible_sentence(name_text(record.output))} = {number_text(record.value)}"


# ----------------------------------------------------------------------------------------- what the script reads


def _data(step_through: StepThrough) -> dict[str, Any]:
    picture = step_through.picture
    typesetter = Typesetter()
    sweep = iter(picture.contributions)
    moments = [
        _step(step, None if step.source is None else next(sweep).link, typesetter, picture)
        for step in step_through.steps
    ]
    cards: list[str | None] = [None] * (1 + max(picture.card_of.values()))
    for name, index in picture.card_of.items():
        cards[index] = visible_sentence(name_text(name))
    return {
        "small": SMALL,
        "cards": cards,
        "symbol": visible_sentence(name_text(step_through.record.symbol)),
        "links": picture.links,
        "moments": moments,
        "expression": expression_parts(step_through.view, picture, typesetter),
        "pieces": [as_lists(piece) for piece in typesetter.pieces],
    }


def _step(step: ExplainedStep, link: int | None, typesetter: Typesetter, picture: FinalPicture) -> list[Any]:
    """A step as `Sweep` reads it: phase, node, source, link, words, formulas, changes."""
    return [
        step.phase,
        picture.card_of[step.node],
        None if step.source is None else picture.card_of[step.source],
        link,
        visible_sentence(step.words),
        [_formula(formula, typesetter) for formula in step.formulas],
        [_change(change, picture) for change in step.changes],
    ]


def _formula(formula: StepFormula, typesetter: Typesetter) -> list[Any]:
    """Its label, its pieces, and those of its part in symbols where that is not the whole formula."""
    pieces = [formula.label, typesetter.typeset(formula.formula)]
    if formula.symbols == formula.formula:
        return pieces
    return [*pieces, typesetter.typeset(formula.symbols) if formula.symbols else []]


def _change(change: NumberChange, picture: FinalPicture) -> list[Any]:
    """Card, what of it, text, role."""
    return [picture.card_of[change.node], change.what, *number_shown(change)]


# ------------------------------------------------------------------------------------------------------- look


def _style() -> str:
    shared = ("show/page/player.css", "show/page/camera.css", "show/page/one_screen.css")
    return styles(_ATTRIBUTE, *shared, "show/stepper/stepper.css", "show/stepper/your_turn.css")
