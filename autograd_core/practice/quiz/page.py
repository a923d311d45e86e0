"""An exercise as HTML: a whole page to hand out, or the output of a notebook cell.

What stands here is the exercise on paper: the picture, the values given, a line for each blank. Where the script runs
it makes fields of the lines and checks what is typed. The page knows answers and mistakes as salted hashes alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from typing import Any

from autograd_core.errors import DrawingError
from autograd_core.formulas.labels import visible_text
from autograd_core.formulas.notation import name_latex
from autograd_core.graph.boxes import View
from autograd_core.mistakes.answers import precision
from autograd_core.practice.quiz.answer_hashes import written_value
from autograd_core.practice.quiz.picture import exercise_picture, mark
from autograd_core.practice.quiz.verdict import Blank
from autograd_core.show.page.document import document, embedded_json, image, script_of, styles
from autograd_core.show.page.mathml import Typesetter
from autograd_core.show.record import chain_rule
from autograd_core.show.record.record import Formula, Record
from autograd_core.show.stepper.page import MOST_BOXES

_SCRIPTS = ("show/page/elements.js", "practice/quiz/quiz.js")
TASK = "The values are given. Fill in the blanks ({}): numbers such as 12.3 or -0.123, or fractions such as 2/7."
_WORDS = {
    "gradient": "gradient of {output} with respect to {node}",
    "partial": "partial derivative of {node} with respect to {source}{nth}",
    "contribution": "contribution of {node} to the gradient of {source}{nth}",
}
Written = Callable[[Formula], str]


def page(made: Record, seen: View, blanks: Sequence[Blank], handout: dict[str, Any], variant: str = "") -> str:
    """A complete HTML document that needs no network. Raises `DrawingError` for more boxes than can be drawn on it.

    handout: what `handout.handout` gives for these blanks. variant: whose exercise it is, for the heading.
    """
    typesetter = Typesetter()

    def written(formula: Formula) -> str:
        return _mathml(typesetter, formula)

    parts = _parts(made, seen, blanks, handout, variant, written, [])
    return document(_title(made, blanks, variant), parts, _style(), script_of(*_SCRIPTS))


def notebook_output(
    made: Record, seen: View, blanks: Sequence[Blank], handout: dict[str, Any], variant: str, example: str
) -> str:
    """The same as the output of a notebook cell. Raises as `page` does.

    Sites that show notebooks typeset $...$ and let neither MathML nor scripts through, so the script brings both its
    style sheet and the MathML along. example: how answers are given in Python.
    """
    typesetter = Typesetter()
    formulas: list[str] = []

    def written(formula: Formula) -> str:
        formulas.append(_mathml(typesetter, formula))
        return f'<span data-formula="{len(formulas) - 1}">${escape(formula.latex)}$</span>'

    parts = _parts(made, seen, blanks, handout, variant, written, formulas, f"quiz.check({example})")
    script = f"window.autogradQuizStyle={embedded_json(_style())};\n{script_of(*_SCRIPTS)}"
    return f"{parts}\n<script>{script}</script>"


def _parts(
    made: Record,
    seen: View,
    blanks: Sequence[Blank],
    handout: dict[str, Any],
    variant: str,
    written: Written,
    formulas: list[str],
    in_python: str = "",
) -> str:
    if len(seen.boxes) > MOST_BOXES:
        raise DrawingError(
            f"{len(seen.boxes):,} boxes are more than a page of an exercise can show (at most {MOST_BOXES}). Ask about "
            "a node further down, or group nodes with scope(...); .to_text() and .check() work at any size."
        )
    drawn = exercise_picture(seen, blanks)
    heading = f"<p data-title=''><strong>{escape(_title(made, blanks, variant))}</strong></p>\n" if in_python else ""
    python = f" In Python, check them with <code>{escape(in_python)}</code>." if in_python else ""
    fields = "".join(_field(number, blank, made.output, written) for number, blank in enumerate(blanks))
    rows = "".join(_row(node.name, node.expression, node.kind, node.value, written) for node in made.nodes)
    data = {
        "title": _title(made, blanks, variant),
        "variant": visible_text(variant),
        "output": made.output,
        "rounds": handout["method"]["rounds"],
        "blanks": [
            {
                **{key: asked[key] for key in ("key", "hint", "salt", "answers", "mistakes")},
                "mark": mark(number),
                "words": _words(blank, made.output),
            }
            for number, (blank, asked) in enumerate(zip(blanks, handout["blanks"], strict=True))
        ],
        "formulas": formulas,
    }
    task = escape(TASK.format(precision(handout["tolerance"])))
    name = "" if variant else '<p data-student="">Name: <span></span></p>\n'
    return (
        f'<div data-autograd-quiz="">\n{heading}<p data-task="">{task}</p>\n{name}<div data-main="">\n'
        f'<div data-picture="">{image(drawn)}</div>\n<div data-work="">\n<ul>\n{fields}</ul>\n'
        f'<p data-static="">The page checks answers where JavaScript runs; here, write them down.{python}</p>\n'
        f'</div>\n<div data-given="">\n<table>\n<caption>Forward: the values</caption>\n'
        '<thead><tr><th scope="col">node</th><th scope="col">computed as</th><th scope="col">value</th></tr></thead>\n'
        f"<tbody>\n{rows}</tbody>\n</table>\n{_textbook(made, written)}</div>\n</div>\n"
        f'<p data-note="">{escape(str(handout["note"]))}</p>\n'
        f'<script type="application/json">{embedded_json(data)}</script>\n</div>'
    )


def _title(made: Record, blanks: Sequence[Blank], variant: str) -> str:
    kinds = list(dict.fromkeys(f"{blank.kind}s" for blank in blanks))
    what = " and ".join(filter(None, (", ".join(kinds[:-1]), kinds[-1])))
    whose = f" · {visible_text(variant)}" if variant else ""
    return f"Exercise on {visible_text(made.output)}: {what}{whose}"


def _words(blank: Blank, output: str) -> str:
    return visible_text(_WORDS[blank.kind].format(output=output, node=blank.node, source=blank.source, nth=blank.nth))


def _field(number: int, blank: Blank, output: str, written: Written) -> str:
    return (
        f'<li data-blank="{number}"><span data-mark="">{mark(number)}</span> '
        f'<span data-asked="">{_asked(blank, output, written)} = </span><span data-line="">____________</span>'
        f'<br><small data-words="">{escape(_words(blank, output))}</small></li>\n'
    )


def _asked(blank: Blank, output: str, written: Written) -> str:
    if blank.kind == "gradient":
        return written(chain_rule.total_derivative(output, blank.node))
    nth = escape(blank.nth)
    if blank.kind == "partial":
        return written(chain_rule.partial_derivative(blank.node, blank.source)) + nth
    latex = rf"{name_latex(blank.node)} \to {name_latex(blank.source)}"
    return written(Formula(f"{blank.node} → {blank.source}", latex)) + nth


def _row(name: str, expression: Formula, kind: str, value: float, written: Written) -> str:
    computed = written(expression) if expression else kind
    number = escape(written_value(value, not expression))
    return f'<tr><th scope="row">{escape(visible_text(name))}</th><td>{computed}</td><td>{number}</td></tr>\n'


def _textbook(made: Record, written: Written) -> str:
    formulas = {node.expression: node.textbook for node in made.nodes if node.textbook}
    told = "; ".join(f"{written(expression)} stands for {written(formula)}" for expression, formula in formulas.items())
    return f'<p data-textbook="">{told}.</p>\n' if told else ""


def _mathml(typesetter: Typesetter, formula: Formula) -> str:
    numbers = typesetter.typeset(formula)
    pieces = typesetter.pieces
    return f"<math><mrow>{''.join(pieces[number] for number in numbers)}</mrow></math>"


# ------------------------------------------------------------------------------------------------------- look


def _style() -> str:
    return styles("data-autograd-quiz", "practice/quiz/quiz.css")
