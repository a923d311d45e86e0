"""An exercise as HTML: a whole page to hand out, or the output of a notebook cell.

The HTML is the exercise on paper: the picture, the values, a line for each blank. The script turns the lines into
fields and checks the answers. The page contains answers and mistakes only as salted hashes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from typing import Any

from autograd_core.errors import DrawingError
from autograd_core.formulas.labels import visible_sentence, visible_text
from autograd_core.formulas.symbols import name_text
from autograd_core.graph.boxes import View
from autograd_core.mistakes.answers import precision
from autograd_core.practice.quiz.answer_hashes import written_value
from autograd_core.practice.quiz.blanks import Blank
from autograd_core.practice.quiz.picture import exercise_picture, mark
from autograd_core.show.page.bundle import page_script
from autograd_core.show.page.document import document, embedded_json, image, notebook_script, styles
from autograd_core.show.page.mathml import Typesetter
from autograd_core.show.record import chain_rule
from autograd_core.show.record.record import Formula, NodeRecord, Record
from autograd_core.show.stepper.page import MOST_BOXES

_ENTRY = "practice/quiz/page.js"
TASK = "The values are given. Fill in the blanks ({}): numbers such as 12.3 or -0.123, or fractions such as 2/7."
_WORDS = {
    "gradient": "gradient of {output} with respect to {node}",
    "partial": "partial derivative of {node} with respect to {source}{nth}",
    "contribution": "contribution of {node} to the gradient of {source}{nth}",
    "update": "{node} after one step of gradient descent",
}
FormulaWriter = Callable[[Formula], str]


def quiz_page(record: Record, view: View, blanks: Sequence[Blank], data: dict[str, Any], variant: str = "") -> str:
    """A complete HTML document that needs no network. Raises `DrawingError` for too many boxes.

    data: the result of `exercise_data` for these blanks. variant: whose exercise it is, for the heading.
    """
    typesetter = Typesetter()

    def write(formula: Formula) -> str:
        return _mathml(typesetter, formula)

    parts = _parts(record, view, blanks, data, variant, write, [])
    return document(_title(record, blanks, variant), parts, _style(), page_script(_ENTRY))


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
    return f"{parts}\n{notebook_script('quiz', _ENTRY, _style())}"


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
    if len(view.boxes) > MOST_BOXES:
        raise DrawingError(
            f"{len(view.boxes):,} boxes are more than the page of an exercise can show (at most {MOST_BOXES}). Ask "
            "about a node further down, or group nodes with scope(...); .to_text() and .check() work at any size."
        )
    drawn = exercise_picture(view, blanks)
    heading = f"<p data-title=''><strong>{escape(_title(record, blanks, variant))}</strong></p>\n" if in_python else ""
    python = f" In Python, check them with <code>{escape(in_python)}</code>." if in_python else ""
    fields = "".join(_field(number, blank, record, write) for number, blank in enumerate(blanks))
    rows = "".join(_row(node, write) for node in record.nodes)
    data = {
        "title": _title(record, blanks, variant),
        "variant": visible_text(variant),
        "output": visible_sentence(name_text(record.output)),
        "rounds": exercise["method"]["rounds"],
        "blanks": [
            {
                **{key: data[key] for key in ("key", "hint", "salt", "answers", "mistakes", "kink") if key in data},
                "mark": mark(number),
                "words": _words(blank, record),
            }
            for number, (blank, data) in enumerate(zip(blanks, exercise["blanks"], strict=True))
        ],
        "formulas": formulas,
        "mistakes": exercise["mistakes"],
    }
    task = escape(TASK.format(precision(exercise["tolerance"])))
    name = "" if variant else '<p data-student="">Name: <span></span></p>\n'
    return (
        f'<div data-autograd-quiz="">\n{heading}<p data-task="">{task}</p>\n{name}<div data-main="">\n'
        f'<div data-picture="">{image(drawn)}</div>\n<div data-work="">\n<ul>\n{fields}</ul>\n'
        f'<p data-static="">The page checks answers where JavaScript runs; here, write them down.{python}</p>\n'
        f'</div>\n<div data-given="" role="region" aria-label="The values" tabindex="0">\n'
        f"<table>\n<caption>Forward: the values</caption>\n"
        '<thead><tr><th scope="col">node</th><th scope="col">computed as</th><th scope="col">value</th></tr></thead>\n'
        f"<tbody>\n{rows}</tbody>\n</table>\n{_textbook(record, write)}</div>\n</div>\n"
        f'<p data-note="">{escape(str(exercise["note"]))}</p>\n'
        f'<script type="application/json">{embedded_json(data)}</script>\n</div>'
    )


def _title(record: Record, blanks: Sequence[Blank], variant: str) -> str:
    kinds = list(dict.fromkeys(f"{blank.kind}s" for blank in blanks))
    what = " and ".join(filter(None, (", ".join(kinds[:-1]), kinds[-1])))
    whose = f" · {visible_text(variant)}" if variant else ""
    return f"Exercise on {visible_sentence(name_text(record.output))}: {what}{whose}"


def _words(blank: Blank, record: Record) -> str:
    output, node, source = map(name_text, (record.output, blank.node, blank.source))
    return visible_sentence(_WORDS[blank.kind].format(output=output, node=node, source=source, nth=blank.nth))


def _field(number: int, blank: Blank, record: Record, write: FormulaWriter) -> str:
    return (
        f'<li data-blank="{number}"><span data-mark="">{mark(number)}</span> '
        f'<span data-asked="">{_prompt(blank, record, write)} = </span><span data-line="">____________</span>'
        f'<br><small data-words="">{escape(_words(blank, record))}</small></li>\n'
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
    return f'<tr><th scope="row">{name}</th><td>{computed}</td><td>{number}</td></tr>\n'


def _textbook(record: Record, write: FormulaWriter) -> str:
    formulas = {node.expression: node.textbook for node in record.nodes if node.textbook}
    text = "; ".join(f"{write(expression)} stands for {write(formula)}" for expression, formula in formulas.items())
    return f'<p data-textbook="">{text}.</p>\n' if text else ""


def _mathml(typesetter: Typesetter, formula: Formula) -> str:
    numbers = typesetter.typeset(formula)
    pieces = typesetter.pieces
    return f"<math><mrow>{''.join(pieces[number] for number in numbers)}</mrow></math>"


# ------------------------------------------------------------------------------------------------------- look


def _style() -> str:
    shared = ("show/page/camera.css", "show/page/one_screen.css")
    return styles("data-autograd-quiz", *shared, "practice/quiz/quiz.css")
