"""The step-through as plain data: one moment after another, each with its words, its formulas and what changes.

Text, page, film, LaTeX and widget all read the story, so that none of them can disagree with another. First every
value is computed, then every edge carries its contribution back, one at a time; then the parameters take their steps.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from autograd_core.formulas.notation import name_latex, number_text
from autograd_core.show.record import chain_rule
from autograd_core.show.record.gradient_descent import UpdateRecord
from autograd_core.show.record.record import EdgeRecord, Formula, NodeRecord, Record

Phase = Literal["forward", "backward", "update"]


@dataclass(frozen=True, slots=True)
class NumberChange:
    """The value or the gradient of a node from this step on. number: None where there is none any more, or none yet;
    complete: whether the number is final, and not a sum with terms to come."""

    node: str
    what: Literal["value", "grad"]
    number: float | None
    complete: bool = True

    @property
    def text(self) -> str:
        """The number as the picture shows it."""
        shown = number_text(self.number)
        return shown if self.complete or self.number is None else f"{shown} + …"


@dataclass(frozen=True, slots=True)
class StepFormula:
    """One formula of a step, what it is called, and its part in symbols, which stays when the numbers change."""

    label: str
    formula: Formula
    symbols: Formula | None = None


@dataclass(frozen=True, slots=True)
class ExplainedStep:
    """One step: the node at work, the edge at work (its `source`, and which `operand` of the node that is; None for
    none), the step in words, the formulas (symbols, then numbers, then what has arrived), and the changes."""

    phase: Phase
    node: str
    source: str | None
    operand: int | None
    words: str
    formulas: tuple[StepFormula, ...]
    changes: tuple[NumberChange, ...]


def explained_steps(record: Record) -> tuple[ExplainedStep, ...]:
    """The moments of a record in reverse mode: forward through the nodes, back along the edges, then the updates."""
    updates = (moment for one in record.updates for moment in _update(one, record))
    first = {node.operation: node for node in reversed(record.nodes)}
    forward = (_computed(node, explained=first[node.operation] is not node) for node in record.nodes)
    return (*forward, *_backward(record), *updates)


def _computed(node: NodeRecord, explained: bool) -> ExplainedStep:
    """The step that computes a node; `explained`: what it stands for was said of another of its kind."""
    changes = (NumberChange(node.name, "value", node.value),)
    if not node.expression:  # a leaf
        words = f"{node.name} is {_article(node.kind)}: its value is {number_text(node.value)}."
        told = StepFormula("value", chain_rule.computation(node), chain_rule.operation(node))
        return ExplainedStep("forward", node.name, None, None, words, (told,), changes)
    formulas = [StepFormula("value", chain_rule.computation(node), chain_rule.operation(node))]
    words = f"{node.opening} Compute {node.name}: {formulas[0].formula.text}.".lstrip()
    if node.textbook:
        latex = rf"{node.expression.latex} = {node.textbook.latex}"
        textbook = Formula(f"{node.expression.text} = {node.textbook.text}", latex)
        formulas.insert(0, StepFormula("stands for", textbook, textbook))
        if not explained:
            words += f" {node.expression.text} stands for {node.textbook.text}; as computed, {node.why}."
    return ExplainedStep("forward", node.name, None, None, words, tuple(formulas), changes)


def _backward(record: Record) -> Iterator[ExplainedStep]:
    output = record.output
    start = chain_rule.total_derivative(output, output)
    seed = Formula(f"{start.text} = 1", f"{start.latex} = 1")
    words = f"Backward starts at {output}: it changes with itself one to one, {seed.text}."
    told = StepFormula("start", seed, seed)
    yield ExplainedStep("backward", output, None, None, words, (told,), (NumberChange(output, "grad", 1.0),))
    for step in record.sweeps[0].steps:
        for edge in step.edges:
            yield _carried(edge, output)


def _carried(edge: EdgeRecord, output: str) -> ExplainedStep:
    upstream = chain_rule.total_derivative(output, edge.node)
    local = chain_rule.partial_derivative(edge.node, edge.source)
    arrived = _arrived(edge, output)
    arrived_number = (edge.total if edge.terms else 0.0) if edge.complete or edge.terms else None
    change = NumberChange(edge.source, "grad", arrived_number, edge.complete)
    partial = StepFormula("partial", chain_rule.partial(edge), chain_rule.partial_in_symbols(edge))
    sum_so_far = (
        StepFormula("gradient", arrived, chain_rule.total_derivative(output, edge.source))
        if edge.complete
        else StepFormula(
            "arrived", arrived, Formula(f"At {edge.source} so far:", rf"\text{{at }} {name_latex(edge.source)}:")
        )
    )
    if edge.contribution is None:
        reason = edge.blocked or f"nothing has arrived at {edge.node}"
        words = f"From {edge.node} to {edge.source} nothing flows: {reason}."
        nothing = (partial, sum_so_far)
        return ExplainedStep("backward", edge.node, edge.source, edge.operand, words, nothing, (change,))
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
    product = StepFormula("upstream × partial", numbers)
    formulas = (StepFormula("chain rule", symbols, symbols), partial, product, sum_so_far)
    return ExplainedStep("backward", edge.node, edge.source, edge.operand, words, formulas, (change,))


def _arrived(edge: EdgeRecord, output: str) -> Formula:
    total = chain_rule.running_sum(edge.terms, edge.total, edge.complete)
    if not edge.complete:
        name = name_latex(edge.source)
        return Formula(f"At {edge.source} so far: {total.text}", rf"\text{{at }} {name}: \; {total.latex}")
    left = chain_rule.total_derivative(output, edge.source)
    return Formula(f"{left.text} = {total.text}", f"{left.latex} = {total.latex}")


def _article(kind: str) -> str:
    return f"an {kind}" if kind[0] in "aeio" else f"a {kind}"


def _update(one: UpdateRecord, record: Record) -> Iterator[ExplainedStep]:
    output, rate = record.output, one.learning_rate
    of_inputs = not any(node.kind == "parameter" for node in record.nodes)
    for parameter in one.parameters:
        name = parameter.name
        slope = chain_rule.total_derivative(output, name)
        rule = Formula(
            f"new {name} = {name} - rate x {slope.text}",
            rf"\text{{new }} {name_latex(name)} = {name_latex(name)} - \text{{rate}} \cdot {slope.latex}",
        )
        product, after = chain_rule.rate_times_gradient(parameter, rate), chain_rule.updated(parameter)
        told = (
            StepFormula("update", rule, rule),
            StepFormula("rate × gradient", product),
            StepFormula("new value", after),
        )
        words = f"Step {one.number} down the gradient: rate times gradient is {product.text}; {after.text}."
        if of_inputs and one.number == 1 and parameter is one.parameters[0]:
            words += " There is no parameter here, so every input takes a step."
        moved = (NumberChange(name, "value", parameter.after),)
        yield ExplainedStep("update", name, None, None, words, told, moved)
    promised = one.output_before + one.predicted
    really = one.output_after - one.output_before
    terms = [-parameter.gradient * parameter.change for parameter in one.parameters]
    told = (
        StepFormula(
            "predicted change: the sum of −gradient × change", chain_rule.running_sum(terms, one.predicted, True)
        ),
        StepFormula("predicted", chain_rule.changed(output, one.output_before, one.predicted, promised)),
        StepFormula("really", chain_rule.changed(output, one.output_before, really, one.output_after)),
    )
    words = (
        f"{output} at the new place: the gradient promised {number_text(promised)}, and it is "
        f"{number_text(one.output_after)}; it was {number_text(one.output_before)}."
    )
    if one.output_after > one.output_before:
        words += " It rose: the step was too long for a slope that is not the same all along it."
    values = [NumberChange(name, "value", value) for name, value in one.values.items()]
    cleared = [NumberChange(name, "grad", None, complete=False) for name in one.gradients]
    yield ExplainedStep("update", output, None, None, words, told, (*values, *cleared))
    if one.number < len(record.updates):
        words = f"The gradient at the new place, in one sweep as before: the slopes for step {one.number + 1}."
        slopes = [
            StepFormula("gradient", chain_rule.gradient_value(output, parameter.name, one.gradients[parameter.name]))
            for parameter in one.parameters[: chain_rule.MOST_TERMS]
        ]
        changes = tuple(NumberChange(name, "grad", value) for name, value in one.gradients.items())
        yield ExplainedStep("update", output, None, None, words, tuple(slopes), changes)
