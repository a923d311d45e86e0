"""The steps as HTML tables, which stand where no script runs: JavaScript off, untrusted notebooks, sites, paper."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

from autograd_core.formulas.labels import visible_text
from autograd_core.formulas.notation import number_text
from autograd_core.show.record.record import Formula, Record
from autograd_core.show.record.steps import ExplainedStep

Written = Callable[[Formula], str]
Numbered = list[tuple[int, ExplainedStep]]


def tables(made: Record, moments: tuple[ExplainedStep, ...], written: Written) -> str:
    """One table for each phase of the story; `written` says how a formula stands in a cell."""
    numbered = list(enumerate(moments, 1))
    forward, backward, update = (
        [(number, moment) for number, moment in numbered if moment.phase == phase]
        for phase in ("forward", "backward", "update")
    )
    made_up = _forward(forward, written) + _boxes(made) + _backward(made, backward, written)
    return made_up + (_update(made, update, written) if update else "")


def _forward(moments: Numbered, written: Written) -> str:
    rows = [_row(number, moment.node, written(moment.formulas[-1].formula)) for number, moment in moments]
    return _table("Forward: the values", ("step", "node", "value"), rows)


def _boxes(made: Record) -> str:
    """What each composition stands for, and why it is computed in another form."""
    first = {node.operation: node for node in reversed(made.nodes) if node.textbook}
    sentences = [
        f"{node.expression.text} stands for {node.textbook.text}; as computed, {node.why}."
        for node in made.nodes
        if first.get(node.operation) is node
    ]
    sentences += [f"At {node.name}: {node.opening}" for node in made.nodes if node.opening]
    return "".join(f"<p>{escape(visible_text(sentence))}</p>\n" for sentence in sentences)


def _backward(made: Record, moments: Numbered, written: Written) -> str:
    rows = []
    for number, moment in moments:
        by_label = {told.label: told.formula for told in moment.formulas}
        middle = (written(by_label.get(label, Formula())) for label in ("partial", "upstream × partial"))
        edge = f"{moment.node} → {moment.source}" if moment.source else moment.node
        rows.append(_row(number, edge, *middle, written(moment.formulas[-1].formula)))
    caption = f"Backward: how {visible_text(made.output)} changes with each node"
    return _table(caption, ("step", "edge", "partial", "upstream × partial", "arrived"), rows)


def _update(made: Record, moments: Numbered, written: Written) -> str:
    rows = []
    for number, moment in moments:
        *_, middle, last = ["", *(written(told.formula) for told in moment.formulas)]
        if moment.formulas[-1].label == "gradient":
            middle, last = ", ".join(written(told.formula) for told in moment.formulas), ""
        rows.append(_row(number, moment.node, middle, last))
    caption = f"Update: down the gradient at learning rate {number_text(made.updates[0].learning_rate)}"
    return _table(caption, ("step", "node", "gradient, rate × gradient, or predicted", "new value"), rows)


def _row(number: int, name: str, *cells: str) -> str:
    filled = "".join(f"<td>{cell}</td>" for cell in (escape(visible_text(name)), *cells))
    return f'<tr><th scope="row">{number}</th>{filled}</tr>\n'


def _table(caption: str, headings: tuple[str, ...], rows: list[str]) -> str:
    head = "".join(f'<th scope="col">{heading}</th>' for heading in headings)
    return (
        f"<table>\n<caption>{escape(caption)}</caption>\n<thead><tr>{head}</tr></thead>\n"
        f"<tbody>\n{''.join(rows)}</tbody>\n</table>\n"
    )
