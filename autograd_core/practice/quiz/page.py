"""An exercise as HTML: a whole page to hand out, or the output of a notebook cell.

The HTML is the exercise on paper: the picture, the values, a line for each blank. The script turns the lines into
fields and checks the answers. The page contains answers and mistakes only as salted hashes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Any

from autograd_core.errors import DrawingError
from autograd_core.formulas.labels import visible_sentence, visible_text
from autograd_core.formulas.symbols import name_text
from autograd_core.graph.boxes import View
from autograd_core.mistakes.answers import precision
from autograd_core.practice.quiz.answer_hashes import written_value
from autograd_core.practice.quiz.blanks import Blank
from autograd_core.practice.quiz.exercise_text import blank_in_words, exercise_title
from autograd_core.practice.quiz.picture import exercise_picture, mark
from autograd_core.show.page.bundle import page_script
from autograd_core.show.page.document import document, embedded_json, image, notebook_script
from autograd_core.show.page.mathml import Typesetter
from autograd_core.show.page.styles import styles
from autograd_core.show.record import chain_rule
from autograd_core.show.record.record import Formula, NodeRecord, Record
from autograd_core.show.stepper.page import MOST_BOXES

_ENTRY = "practice/quiz/page.js"
_LINES = 6  # to write on, on paper
TASK = "The values are given. Fill in the blanks ({}): numbers such as 12.3 or -0.123, or fractions such as 2/7."
FormulaWriter = Callable[[Formula], str]


def quiz_page(record: Record, view: View, blanks: Sequence[Blank], data: dict[str, Any], variant: str = "") -> str:
    """A complete HTML document that needs no network. Raises `DrawingError` for too many boxes.

    data: the result of `exercise_data` for these blanks. variant: whose exercise it is, for the heading.
    """
    typesetter = Typesetter()

    def write(formula: Formula) -> str:
        return _mathml(typesetter, formula)

    parts = _parts(record, view, blanks, data, variant, write, [])
    return document(exercise_title(record, blanks, variant), parts, quiz_style(), page_script(_ENTRY))


def notebook_output(
    record: Record, view: View, blanks: Sequence[Blank], data: dict[str, Any], variant: str, example: str
) -> str:
    """The same as the output of a notebook cell. Raises as `quiz_page` does.

    Sites that show notebooks typeset $...$ but remove MathML and scripts, so the script brings its style sheet and the
    MathML. example: the arguments of `quiz.check`.
    """
    typesetter = Typesetter()
    formulas: list[str] = []

    def write(formula: Formula) -> str:
        formulas.append(_mathml(typesetter, formula))
        return f'<span data-formula="{len(formulas) - 1}">${escape(formula.latex)}$</span>'

    parts = _parts(record, view, blanks, data, variant, write, formulas, f"quiz.check({example})")
    return f"{parts}\n{notebook_script('quiz', _ENTRY, quiz_style())}"


def _parts(
    record: Record,
    view: View,
    blanks: Sequence[Blank],
    exercise: dict[str, Any],
    variant: str,
    write: FormulaWriter,
    formulas: list[str],
    in_python: str = "",
) -> str:
    heading = (
        f"<p data-title=''><strong>{escape(exercise_title(record, blanks, variant))}</strong></p>\n"
        if in_python
        else ""
    )
    python = f" In Python, check them with <code>{escape(in_python)}</code>." if in_python else ""
    data = {
        "title": exercise_title(record, blanks, variant),
        "variant": visible_text(variant),
        "output": visible_sentence(name_text(record.output)),
        "rounds": exercise["method"]["rounds"],
        "blanks": [
            {
                **{key: data[key] for key in ("hint", "salt", "answers", "kink") if key in data},
                "mistakes": {known["hash"]: [known["question"], *known["candidates"]] for known in data["mistakes"]},
                **_asked(number, blank, record),
            }
            for number, (blank, data) in enumerate(zip(blanks, exercise["blanks"], strict=True))
        ],
        "formulas": formulas,
        "questions": exercise["questions"],
        **_mistakes(exercise["mistakes"]),
    }
    task = escape(TASK.format(precision(exercise["tolerance"])))
    name = "" if variant else '<p data-student="">Name: <span></span></p>\n'
    static = f"The page checks answers where JavaScript runs; here, write them down.{python}"
    return (
        f'<div data-autograd-quiz="">\n{heading}<p data-task="">{task}</p>\n{name}'
        f"{_main(record, view, blanks, write, static)}\n"
        f'<p data-note="">{escape(str(exercise["note"]))}</p>\n'
        f'<script type="application/json">{embedded_json(data)}</script>\n</div>'
    )


def unmarked_exercise(record: Record, view: View, blanks: Sequence[Blank]) -> tuple[str, list[dict[str, Any]]]:
    """The exercise as HTML for a page that cannot check it, and each blank as the page's script needs it: neither holds
    an answer in any form. Raises as `quiz_page` does."""
    typesetter = Typesetter()
    main = _main(record, view, blanks, lambda formula: _mathml(typesetter, formula))
    return main, [_asked(number, blank, record) for number, blank in enumerate(blanks)]


def _mistakes(mistakes: Sequence[Mapping[str, str]]) -> dict[str, Any]:
    """Kind, sentence and hint of each mistake as places in a list of texts, since many mistakes share them."""
    place: dict[str, int] = {}
    keys = ("kind", "sentence", "hint")
    listed = [[place.setdefault(mistake[key], len(place)) for key in keys] for mistake in mistakes]
    return {"mistakes": listed, "texts": list(place)}


def _main(record: Record, view: View, blanks: Sequence[Blank], write: FormulaWriter, static: str = "") -> str:
    """The picture, a line for each blank, and the values, as on paper. static: what replaces the script's buttons."""
    if len(view.boxes) > MOST_BOXES:
        raise DrawingError(
            f"{len(view.boxes):,} boxes are more than the page of an exercise can show (at most {MOST_BOXES}). Ask "
            "about a node further down, or group nodes with scope(...); .to_text() and .check() work at any size."
        )
    drawn = exercise_picture(view, blanks)
    fields = "".join(_field(number, blank, record, write) for number, blank in enumerate(blanks))
    rows = "".join(_row(node, write) for node in record.nodes)
    below = f'<p data-static="">{static}</p>\n' if static else ""
    return (
        f'<div data-main="">\n<div data-picture="">{image(drawn)}</div>\n'
        f'<div data-work="">\n<ul>\n{fields}</ul>\n{below}<div data-lines="">{"<hr>" * _LINES}</div>\n</div>\n'
        f'<div data-given="" role="region" aria-label="The values" tabindex="0">\n'
        f"<table>\n<caption>Forward: the values</caption>\n"
        '<thead><tr><th scope="col">node</th><th scope="col">computed as</th><th scope="col">value</th></tr></thead>\n'
        f"<tbody>\n{rows}</tbody>\n</table>\n{_textbook(record, write)}</div>\n</div>"
    )


def _asked(number: int, blank: Blank, record: Record) -> dict[str, Any]:
    # An edge goes from its source to the node.
    nodes = [visible_text(name) for name in (blank.source, blank.node) if name]
    return {"key": blank.key, "mark": mark(number), "words": blank_in_words(blank, record), "nodes": nodes}


def _field(number: int, blank: Blank, record: Record, write: FormulaWriter) -> str:
    return (
        f'<li data-blank="{number}"><span data-mark="">{mark(number)}</span> '
        f'<span data-asked="">{_prompt(blank, record, write)} = </span><span data-line="">____________</span>'
        f'<br><small data-words="">{escape(blank_in_words(blank, record))}</small></li>\n'
    )


def _prompt(blank: Blank, record: Record, write: FormulaWriter) -> str:
    of = record.symbol if blank.node == record.output else blank.node
    if blank.kind == "gradient":
        return write(chain_rule.total_derivative(record.symbol, of))
    if blank.kind == "update":
        rate = Formula(f" − {blank.rate:g}·", rf" - {blank.rate:g} \cdot ")
        return write(
            chain_rule.concatenate([chain_rule.name(of), rate, chain_rule.total_derivative(record.symbol, of)])
        )
    nth = escape(blank.nth)
    if blank.kind == "partial":
        return write(chain_rule.partial_derivative(of, blank.source)) + nth
    ends = [chain_rule.name(blank.node), Formula(" → ", r" \to "), chain_rule.name(blank.source)]
    return write(chain_rule.concatenate(ends)) + nth


def _row(node: NodeRecord, write: FormulaWriter) -> str:
    computed = write(node.expression) if node.expression else node.kind
    computed += escape(f" ({node.changed})") if node.changed else ""
    number = escape(written_value(node.value, not node.expression))
    name = escape(visible_sentence(name_text(node.name)))
    raw = escape(visible_text(node.name))
    return f'<tr data-node="{raw}"><th scope="row">{name}</th><td>{computed}</td><td>{number}</td></tr>\n'


def _textbook(record: Record, write: FormulaWriter) -> str:
    formulas = {node.expression: node.textbook for node in record.nodes if node.textbook}
    text = "; ".join(f"{write(expression)} stands for {write(formula)}" for expression, formula in formulas.items())
    return f'<p data-textbook="">{text}.</p>\n' if text else ""


def _mathml(typesetter: Typesetter, formula: Formula) -> str:
    numbers = typesetter.typeset(formula)
    pieces = typesetter.pieces
    return f"<math><mrow>{''.join(pieces[number] for number in numbers)}</mrow></math>"


# ------------------------------------------------------------------------------------------------------- look


def quiz_style() -> str:
    """The style sheet of every exercise."""
    shared = ("show/page/camera.css", "show/page/one_screen.css")
    return styles("data-autograd-quiz", *shared, "practice/quiz/quiz.css")
