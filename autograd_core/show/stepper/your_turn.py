"""Your turn: the step-through as an exercise, in which each edge is filled in: upstream · partial = contribution."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from html import escape
from typing import Any

from autograd_core.formulas.aligned_table import AlignedTable
from autograd_core.formulas.labels import visible_sentence
from autograd_core.formulas.symbols import name_text
from autograd_core.formulas.text_report import MarkedLine, Part
from autograd_core.mistakes.misconceptions import paper_mistakes
from autograd_core.mistakes.mistakes import FORGOT_PARTIAL, SIGN, Mistake
from autograd_core.mistakes.student_sweeps import EdgeKey
from autograd_core.show.record import chain_rule
from autograd_core.show.record.record import EdgeRecord, Formula, Record
from autograd_core.show.stepper.ledger import forward_trace
from autograd_core.show.stepper.static_tables import forward_table, table
from autograd_core.show.stepper.step_through import StepThrough

_BLANK = "____"
_GENERAL = (FORGOT_PARTIAL, SIGN)  # the page finds these at any edge, and at any numbers


def turn_parts(record: Record) -> Iterator[Part]:
    """The exercise as lines and tables: the values are given, the numbers of each edge are blanks."""
    yield from forward_trace(record)
    yield ""
    yield MarkedLine("Your turn: fill in each edge, in the order of the sweep", "title")
    yield AlignedTable(
        [(edge, f"{_BLANK} · {_BLANK} = {_BLANK}", total) for edge, total in _blanks(record)],
        ("edge", "upstream · partial = contribution", "gradient"),
        indent="  ",
    )
    yield ""
    yield 'In a notebook the page checks each number at once; in Python quiz(value, "contributions").check(...) does.'


def turn_tables(step_through: StepThrough, write: Callable[[Formula], str]) -> str:
    """The exercise as HTML tables, for readers without scripts and for paper."""
    forward = [step for step in step_through.steps if step.phase == "forward"]
    rows = [
        "".join(f"<td>{escape(visible_sentence(cell))}</td>" for cell in (edge, *[_BLANK] * 3, total))
        for edge, total in _blanks(step_through.record)
    ]
    headings = ("edge", "upstream", "partial", "contribution", "gradient")
    body = [f"<tr>{row}</tr>\n" for row in rows]
    return forward_table(list(enumerate(forward, 1)), write) + table("Your turn: fill in each edge", headings, body)


def turn_data(step_through: StepThrough) -> dict[str, Any]:
    """The wrong rules of each operation for the page. mistakes: [kind, sentence, hint]; partials: {link: [number, the
    index of the mistake that gives it as this partial]}."""
    wrong = _wrong_partials(step_through)
    behind = {
        mistake: index
        for index, mistake in enumerate(dict.fromkeys(m for found in wrong.values() for m in found.values()))
    }
    links = {
        (contribution.edge.node, contribution.edge.operand): contribution.link
        for contribution in step_through.picture.contributions
    }
    return {
        "mistakes": [[mistake.kind, mistake.sentence, mistake.hint] for mistake in behind],
        "partials": {
            links[key]: [[number, behind[mistake]] for number, mistake in found.items()]
            for key, found in wrong.items()
            if key in links
        },
    }


def _wrong_partials(step_through: StepThrough) -> dict[EdgeKey, dict[float, Mistake]]:
    """The mistakes at one operation, by edge and by the partial that they give."""
    wrong: dict[EdgeKey, dict[float, Mistake]] = {}
    for mistake in paper_mistakes(step_through.view):
        if mistake.kind not in _GENERAL and len({node for node, _ in mistake.partials}) == 1:
            for key, number in mistake.partials.items():
                if math.isfinite(number):
                    wrong.setdefault(key, {}).setdefault(float(f"{number:.4g}"), mistake)
    return wrong


def _blanks(record: Record) -> Iterator[tuple[str, str]]:
    """Each edge, and its sum where several contributions are complete with it."""
    for edge in (edge for step in record.sweeps[0].steps for edge in step.edges):
        yield f"{name_text(edge.node)} → {name_text(edge.source)}", _sum(edge, record.symbol)


def _sum(edge: EdgeRecord, symbol: str) -> str:
    if not edge.complete:
        return ""
    return f"{chain_rule.total_derivative(symbol, edge.source).text} = {_BLANK}"
