"""The steps as HTML tables, for readers without scripts: JavaScript off, untrusted notebooks, sites, paper."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

from autograd_core.formulas.labels import visible_sentence
from autograd_core.formulas.notation import number_text
from autograd_core.formulas.symbols import name_text
from autograd_core.show.record.record import Formula, Record
from autograd_core.show.record.steps import ExplainedStep

Write = Callable[[Formula], str]
Numbered = list[tuple[int, ExplainedStep]]


def tables(record: Record, steps: tuple[ExplainedStep, ...], write: Write) -> str:
    """One table for each phase; `write` writes a formula into a cell."""
    numbered = list(enumerate(steps, 1))
    forward, backward, update = (
        [(number, step) for number, step in numbered if step.phase == phase]
        for phase in ("forward", "backward", "update")
    )
    text = forward_table(forward, write) + _boxes(record) + _backward(record, backward, write)
    return text + (_update(record, update, write) if update else "")


def forward_table(steps: Numbered, write: Write) -> str:
    """The values, a row for each numbered step."""
    rows = [_row(number, name_text(step.node), write(step.formulas[-1].formula)) for number, step in steps]
    return table("Forward: the values", ("step", "node", "value"), rows)


def _boxes(record: Record) -> str:
    """The formula of each composition, and why it is computed in another form."""
    first = {node.operation: node for node in reversed(record.nodes) if node.textbook}
    sentences = [
        f"{node.expression.text} stands for {node.textbook.text}; as computed, {node.why}."
        for node in record.nodes
        if first.get(node.operation) is node
    ]
    sentences += [f"At {name_text(node.name)}: {node.opening}" for node in record.nodes if node.opening]
    return "".join(f"<p>{escape(visible_sentence(sentence))}</p>\n" for sentence in sentences)


def _backward(record: Record, steps: Numbered, write: Write) -> str:
    rows = []
    for number, step in steps:
        by_label = {formula.label: formula.formula for formula in step.formulas}
        middle = (write(by_label.get(label, Formula())) for label in ("partial", "upstream · partial"))
        edge = " → ".join(map(name_text, filter(None, (step.node, step.source))))
        rows.append(_row(number, edge, *middle, write(step.formulas[-1].formula)))
    caption = f"Backward: how {visible_sentence(name_text(record.output))} changes with each node"
    return table(caption, ("step", "edge", "partial", "upstream · partial", "arrived"), rows)


def _update(record: Record, steps: Numbered, write: Write) -> str:
    rows = []
    for number, step in steps:
        *_, middle, last = ["", *(write(formula.formula) for formula in step.formulas)]
        if step.formulas[-1].label == "gradient":
            middle, last = ", ".join(write(formula.formula) for formula in step.formulas), ""
        rows.append(_row(number, name_text(step.node), middle, last))
    caption = f"Update: gradient descent at learning rate {number_text(record.updates[0].learning_rate)}"
    return table(caption, ("step", "node", "gradient, rate · gradient, or predicted", "new value"), rows)


def _row(number: int, name: str, *cells: str) -> str:
    filled = "".join(f"<td>{cell}</td>" for cell in (escape(visible_sentence(name)), *cells))
    return f'<tr><th scope="row">{number}</th>{filled}</tr>\n'


def table(caption: str, headings: tuple[str, ...], rows: list[str]) -> str:
    """A table with its caption; `rows` are elements."""
    head = "".join(f'<th scope="col">{heading}</th>' for heading in headings)
    return (
        f"<table>\n<caption>{escape(caption)}</caption>\n<thead><tr>{head}</tr></thead>\n"
        f"<tbody>\n{''.join(rows)}</tbody>\n</table>\n"
    )
