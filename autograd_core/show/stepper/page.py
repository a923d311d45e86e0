"""The step-through as HTML: a whole page to hand out, or the output of a notebook cell.

Both hold the finished picture and a table of all steps, which stand where no script runs: with JavaScript off, in an
untrusted notebook, on a site that shows notebooks. Where the script runs it takes their place. Its numbers and words
come from the story and the scene, until a reader changes an input in the page.
"""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any, Literal

from autograd_core.errors import DrawingError
from autograd_core.formulas.labels import visible_text
from autograd_core.formulas.notation import number_text
from autograd_core.graph.boxes import View
from autograd_core.show.drawing.signs import role, signed
from autograd_core.show.drawing.svg import svg
from autograd_core.show.page.document import document, embedded_json, image, script_of, styles
from autograd_core.show.page.mathml import Typesetter, as_lists
from autograd_core.show.record.record import Formula, Record, json_safe
from autograd_core.show.record.steps import ExplainedStep, StepFormula, explained_steps
from autograd_core.show.stepper.final_picture import FinalPicture, final_picture
from autograd_core.show.stepper.panels import panels
from autograd_core.show.stepper.static_tables import tables

_OWN = ("operations", "recompute", "panels", "picture", "ledger", "controls", "stepper")
_SCRIPTS = (
    *(f"show/page/{name}.js" for name in ("elements", "player", "numbers")),
    *(f"show/stepper/{name}.js" for name in _OWN),
)

MOST_BOXES = 400  # with more, no sheet can be read and browsers grow slow


def page(made: Record, seen: View) -> str:
    """A complete HTML document that needs no network. Raises `DrawingError` where no page can be made of the record."""
    parts = _parts(made, seen, lambda formula: escape(visible_text(formula.text)))
    return document(_title(made), parts, _style(), script())


def notebook_output(made: Record, seen: View) -> str:
    """The same as the output of a notebook cell. Raises as `page` does.

    Sites that show notebooks let neither style sheets nor scripts through, so the script brings its style sheet along.
    """
    parts = _parts(made, seen, lambda formula: f"${escape(formula.latex)}$" if formula else "")
    return f"{parts}\n<script>window.autogradStepperStyle={embedded_json(_style())};\n{script()}</script>"


def in_parts(made: Record, seen: View) -> tuple[str, str, str]:
    """The body, the script and the style sheet, to be put together by a front end. Raises as `page` does."""
    return _parts(made, seen, lambda formula: escape(visible_text(formula.text))), script(), _style()


def finished_svg(made: Record, seen: View) -> str:
    """The picture the steps end with."""
    return svg(final_picture(seen, made, explained_steps(made)).scene)


def _parts(made: Record, seen: View, written: Callable[[Formula], str]) -> str:
    if made.mode != "reverse":
        raise DrawingError(
            "the page steps forward through the values and back through the gradients, which is reverse mode; "
            f"this explanation is in {made.mode} mode. Use explain(value), or .to_text() for this one."
        )
    if len(seen.boxes) > MOST_BOXES:
        raise DrawingError(
            f"{len(seen.boxes):,} boxes are more than a page can step through (at most {MOST_BOXES}). Explain a node "
            "further down, or group nodes with scope(...); .to_text() and .steps hold every step of this one."
        )
    moments = explained_steps(made)
    ending = final_picture(seen, made, moments)
    data = _data(made, moments, ending) | panels(made, seen, ending)
    return (
        '<div data-autograd-stepper="">\n<div data-fallback="">\n'
        f"<p>{image(ending.scene)}</p>\n"
        f"{tables(made, moments, written)}</div>\n"
        f'<script type="application/json">{embedded_json(json_safe(data))}</script>\n</div>'
    )


def _title(made: Record) -> str:
    return f"The chain rule, step by step: {visible_text(made.output)} = {number_text(made.value)}"


# ----------------------------------------------------------------------------------------- what the script reads


def _data(made: Record, moments: tuple[ExplainedStep, ...], ending: FinalPicture) -> dict[str, Any]:
    typesetter = Typesetter()
    carried = iter(ending.carried)
    told = [
        _moment(moment, next(carried).link if moment.source is not None else None, typesetter, ending)
        for moment in moments
    ]
    cards: list[str | None] = [None] * (1 + max(ending.card_of.values()))
    for name, index in ending.card_of.items():
        cards[index] = visible_text(name)
    return {
        "title": _title(made),
        "cards": cards,
        "links": ending.links,
        "moments": told,
        "pieces": [as_lists(piece) for piece in typesetter.pieces],
    }


def _moment(moment: ExplainedStep, link: int | None, typesetter: Typesetter, ending: FinalPicture) -> dict[str, Any]:
    return {
        "phase": moment.phase,
        "node": ending.card_of[moment.node],
        "source": None if moment.source is None else ending.card_of[moment.source],
        "link": link,
        "words": visible_text(moment.words),
        "formulas": [
            [told.label, typesetter.typeset(told.formula), *_symbols(told, typesetter)] for told in moment.formulas
        ],
        "changes": [
            {"card": ending.card_of[change.node], "what": change.what, **_written(change.what, change.text)}
            for change in moment.changes
        ],
    }


def _symbols(told: StepFormula, typesetter: Typesetter) -> list[list[int]]:
    """The part in symbols, where it is not the whole formula."""
    if told.symbols == told.formula:
        return []
    return [typesetter.typeset(told.symbols) if told.symbols else []]


def _written(what: Literal["value", "grad"], text: str) -> dict[str, str]:
    """A text of the picture and its colour: a gradient has its sign in front once it is complete."""
    try:
        number = float(text)
    except ValueError:
        return {"text": text, "role": "ink"}
    if what == "value":
        return {"text": text, "role": "ink"}
    return {"text": signed(text, number), "role": role(number)}


# ------------------------------------------------------------------------------------------------------- look


def script() -> str:
    """What runs in the page."""
    return script_of(*_SCRIPTS)


def _style() -> str:
    return styles("data-autograd-stepper", "show/page/player.css", "show/stepper/stepper.css")
