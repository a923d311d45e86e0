"""The step-through as plain data: one moment after another, each with its words, its formulas and what changes.

Text, page, film, LaTeX and widget all read the story, so that none of them can disagree with another. First every
value is computed, then every edge carries its contribution back, one at a time.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from autograd_core.show import chain_rule
from autograd_core.show.notation import name_latex, number_text
from autograd_core.show.record import EdgeRecord, Formula, NodeRecord, Record

Phase = Literal["forward", "backward"]


@dataclass(frozen=True, slots=True)
class Change:
    """A text of the picture from this moment on: the `value` or the `grad` of a node; complete: it is final."""

    node: str
    what: Literal["value", "grad"]
    text: str
    complete: bool = True


@dataclass(frozen=True, slots=True)
class Moment:
    """One step: the node at work, the edge at work (its `source`, and which `operand` of the node that is; None for
    none), the step in words, the formulas (symbols, then numbers, then what has arrived), and the changes."""

    phase: Phase
    node: str
    source: str | None
    operand: int | None
    words: str
    formulas: tuple[Formula, ...]
    changes: tuple[Change, ...]


def story(record: Record) -> tuple[Moment, ...]:
    """The moments of a record in reverse mode: forward through the nodes, then back along the edges."""
    return (*map(_computed, record.nodes), *_backward(record))


def _computed(node: NodeRecord) -> Moment:
    changes = (Change(node.name, "value", number_text(node.value)),)
    if not node.expression:
        words = f"{node.name} is {_article(node.kind)}: its value is {number_text(node.value)}."
        return Moment("forward", node.name, None, None, words, (chain_rule.computation(node),), changes)
    formulas = [chain_rule.computation(node)]
    words = f"Compute {node.name}: {formulas[0].text}."
    if node.textbook:
        latex = rf"{node.expression.latex} = {node.textbook.latex}"
        formulas.insert(0, Formula(f"{node.expression.text} = {node.textbook.text}", latex))
        words += f" {node.expression.text} stands for {node.textbook.text}; as computed, {node.why}."
    return Moment("forward", node.name, None, None, words, tuple(formulas), changes)


def _backward(record: Record) -> Iterator[Moment]:
    output = record.output
    start = chain_rule.total_derivative(output, output)
    seed = Formula(f"{start.text} = 1", f"{start.latex} = 1")
    words = f"Backward starts at {output}: it changes with itself one to one, {seed.text}."
    yield Moment("backward", output, None, None, words, (seed,), (Change(output, "grad", "1"),))
    for step in record.sweeps[0].steps:
        for edge in step.edges:
            yield _carried(edge, output)


def _carried(edge: EdgeRecord, output: str) -> Moment:
    upstream = chain_rule.total_derivative(output, edge.node)
    local = chain_rule.partial_derivative(edge.node, edge.source)
    arrived = _arrived(edge, output)
    change = Change(edge.source, "grad", _shown(edge), edge.complete)
    if edge.contribution is None:
        reason = edge.blocked or f"nothing has arrived at {edge.node}"
        words = f"From {edge.node} to {edge.source} nothing flows: {reason}."
        nothing = (chain_rule.partial(edge), arrived)
        return Moment("backward", edge.node, edge.source, edge.operand, words, nothing, (change,))
    result = chain_rule.contribution(edge)
    symbols = Formula(
        f"contribution to {edge.source} = {upstream.text} x {local.text}",
        rf"\text{{contribution to }} {name_latex(edge.source)} = {upstream.latex} \cdot {local.latex}",
    )
    numbers = Formula(f"upstream {result.text.replace(' x ', ' x partial ', 1)}", result.latex)
    words = (
        f"Back from {edge.node} to {edge.source}: upstream {number_text(edge.carried)} times partial "
        f"{number_text(edge.partial)} is {number_text(edge.contribution)}. {arrived.text}"
        + ("." if edge.complete else ", more is to come.")
    )
    formulas = (symbols, chain_rule.partial(edge), numbers, arrived)
    return Moment("backward", edge.node, edge.source, edge.operand, words, formulas, (change,))


def _arrived(edge: EdgeRecord, output: str) -> Formula:
    total = chain_rule.running_sum(edge.terms, edge.total, edge.complete)
    if not edge.complete:
        name = name_latex(edge.source)
        return Formula(f"At {edge.source} so far: {total.text}", rf"\text{{at }} {name}: \; {total.latex}")
    left = chain_rule.total_derivative(output, edge.source)
    return Formula(f"{left.text} = {total.text}", f"{left.latex} = {total.latex}")


def _shown(edge: EdgeRecord) -> str:
    total = number_text(edge.total if edge.terms else 0.0)
    return total if edge.complete else f"{total} + …" if edge.terms else "–"


def _article(kind: str) -> str:
    return f"an {kind}" if kind[0] in "aeio" else f"a {kind}"
