"""The step-through as plain data: the steps, each with its words, its formulas and its changes.

Page, film, slides and widget all read these steps, so that they cannot disagree. First come the values, then the
contributions, one edge at a time, then the updates of the parameters.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from autograd_core.formulas.notation import number_text
from autograd_core.formulas.symbols import name_latex, name_text
from autograd_core.show.record import chain_rule
from autograd_core.show.record.gradient_descent import UpdateRecord
from autograd_core.show.record.record import EdgeRecord, Formula, NodeRecord, Record

Phase = Literal["forward", "backward", "update"]


@dataclass(frozen=True, slots=True)
class NumberChange:
    """The value or the gradient of a node from this step on. number: None where there is none, no longer or not yet;
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
    """One formula of a step, its label, and its part in symbols, which stays when the numbers change."""

    label: str
    formula: Formula
    symbols: Formula | None = None


@dataclass(frozen=True, slots=True)
class ExplainedStep:
    """One step: the node, the edge (its `source`, and the number of that `operand`; None where there is no edge), the
    step in words, the formulas (symbols, then numbers, then the sum so far), and the changes."""

    phase: Phase
    node: str
    source: str | None
    operand: int | None
    words: str
    formulas: tuple[StepFormula, ...]
    changes: tuple[NumberChange, ...]


def explained_steps(record: Record) -> tuple[ExplainedStep, ...]:
    """The steps of a record in reverse mode: forward through the nodes, back along the edges, then the updates."""
    updates = (step for update in record.updates for step in _update(update, record))
    first = {node.operation: node for node in reversed(record.nodes)}
    forward = (_value(node, first[node.operation] is node) for node in record.nodes)
    return (*forward, *_backward(record), *updates)


def _value(node: NodeRecord, is_first: bool) -> ExplainedStep:
    """The step that computes a node. is_first: of its operation, whose textbook formula is given once."""
    changes = (NumberChange(node.name, "value", node.value),)
    if not node.expression:  # a leaf
        words = (
            f"{name_text(node.name)} is {_article(node.kind)}: its value is {number_text(node.value)}{_since(node)}."
        )
        formula = StepFormula("value", chain_rule.computation(node), chain_rule.operation(node))
        return ExplainedStep("forward", node.name, None, None, words, (formula,), changes)
    formulas = [StepFormula("value", chain_rule.computation(node), chain_rule.operation(node))]
    words = f"{node.opening} Compute {name_text(node.name)}: {formulas[0].formula.text}.".lstrip()
    if node.textbook:
        textbook = chain_rule.concatenate([node.expression, chain_rule.EQUALS, node.textbook])
        formulas.insert(0, StepFormula("stands for", textbook, textbook))
        if is_first:
            words += f" {node.expression.text} stands for {node.textbook.text}; as computed, {node.why}."
    return ExplainedStep("forward", node.name, None, None, words, tuple(formulas), changes)


def _backward(record: Record) -> Iterator[ExplainedStep]:
    output, symbol = record.output, record.symbol
    seed = chain_rule.gradient_value(symbol, symbol, 1.0)
    words = f"Backward starts at {name_text(output)}{record.meaning_of_symbol}, with {seed.text}."
    formula = StepFormula("start", seed, seed)
    yield ExplainedStep("backward", output, None, None, words, (formula,), (NumberChange(output, "grad", 1.0),))
    kinks = {node.name: node.kink for node in record.nodes}
    for step in record.sweeps[0].steps:
        for edge in step.edges:
            contribution = _contribution(edge, symbol)
            yield replace(contribution, words=f"{contribution.words} {kinks[step.node]}".rstrip())


def _contribution(edge: EdgeRecord, symbol: str) -> ExplainedStep:
    node, source = name_text(edge.node), chain_rule.name(edge.source)
    upstream = chain_rule.total_derivative(symbol, edge.of)
    local = chain_rule.partial_derivative(edge.of, edge.source)
    so_far = _sum_so_far(edge, symbol)
    number = edge.total if edge.terms else 0.0 if edge.complete else None
    change = NumberChange(edge.source, "grad", number, edge.complete)
    partial = StepFormula("partial", chain_rule.partial(edge), chain_rule.partial_in_symbols(edge))
    if edge.complete:
        sum_formula = StepFormula("gradient", so_far, chain_rule.total_derivative(symbol, edge.source))
    else:
        at_source = Formula(f"At {source.text} so far:", rf"\text{{at }} {source.latex}:")
        sum_formula = StepFormula("arrived", so_far, at_source)
    if edge.contribution is None:
        reason = edge.blocked or f"nothing has arrived at {node}"
        words = f"From {node} to {source.text} nothing flows: {reason}."
        return ExplainedStep("backward", edge.node, edge.source, edge.operand, words, (partial, sum_formula), (change,))
    result = chain_rule.contribution(edge)
    symbols = Formula(
        f"contribution to {source.text} = {upstream.text} · {local.text}",
        rf"\text{{contribution to }} {source.latex} = {upstream.latex} \cdot {local.latex}",
    )
    words = (
        f"Back from {node} to {source.text}: upstream {number_text(edge.carried)} times partial "
        f"{number_text(edge.partial)} is {number_text(edge.contribution)}. {so_far.text}"
        + ("." if edge.complete else ", more is to come.")
    )
    product = StepFormula("upstream · partial", result)
    formulas = (StepFormula("chain rule", symbols, symbols), partial, product, sum_formula)
    return ExplainedStep("backward", edge.node, edge.source, edge.operand, words, formulas, (change,))


def _sum_so_far(edge: EdgeRecord, symbol: str) -> Formula:
    total = chain_rule.running_sum(edge.terms, edge.total, edge.complete)
    if not edge.complete:
        source = chain_rule.name(edge.source)
        return Formula(f"At {source.text} so far: {total.text}", rf"\text{{at }} {source.latex}: \; {total.latex}")
    left = chain_rule.total_derivative(symbol, edge.source)
    return chain_rule.concatenate([left, chain_rule.EQUALS, total])


def _since(node: NodeRecord) -> str:
    return f" ({node.changed})" if node.changed else ""


def _article(kind: str) -> str:
    return f"an {kind}" if kind[0] in "aeio" else f"a {kind}"


def _update(update: UpdateRecord, record: Record) -> Iterator[ExplainedStep]:
    output, rate = record.output, update.learning_rate
    of_inputs = not any(node.kind == "parameter" for node in record.nodes)
    for parameter in update.parameters:
        name = parameter.name
        slope = chain_rule.total_derivative(record.symbol, name)
        rule = Formula(
            f"new {name_text(name)} = {name_text(name)} − rate · {slope.text}",
            rf"\text{{new }} {name_latex(name)} = {name_latex(name)} - \text{{rate}} \cdot {slope.latex}",
        )
        product, after = chain_rule.rate_times_gradient(parameter, rate), chain_rule.new_value(parameter)
        formulas = (
            StepFormula("update", rule, rule),
            StepFormula("rate · gradient", product),
            StepFormula("new value", after),
        )
        words = f"Step {update.number} of gradient descent: rate times gradient is {product.text}; {after.text}."
        if of_inputs and update.number == 1 and parameter is update.parameters[0]:
            words += " There is no parameter here, so every input takes a step."
        change = NumberChange(name, "value", parameter.after)
        yield ExplainedStep("update", name, None, None, words, formulas, (change,))
    predicted = update.output_before + update.predicted
    actual_change = update.output_after - update.output_before
    terms = [-parameter.gradient * parameter.change for parameter in update.parameters]
    formulas = (
        StepFormula(
            "predicted change: the sum of −gradient · change", chain_rule.running_sum(terms, update.predicted, True)
        ),
        StepFormula("predicted", chain_rule.new_output(output, update.output_before, update.predicted, predicted)),
        StepFormula("actual", chain_rule.new_output(output, update.output_before, actual_change, update.output_after)),
    )
    words = (
        f"{name_text(output)} at the new point: {number_text(update.output_before)} before, {number_text(predicted)} "
        f"predicted from the gradient, {number_text(update.output_after)} in fact."
    )
    if update.output_after > update.output_before:
        words += " It rose: the step was too long, since the slope changes along it."
    values = [NumberChange(name, "value", value) for name, value in update.values.items()]
    cleared = [NumberChange(name, "grad", None, complete=False) for name in update.gradients]
    yield ExplainedStep("update", output, None, None, words, formulas, (*values, *cleared))
    if update.number < len(record.updates):
        words = f"The gradient at the new point, from one sweep: the slopes for step {update.number + 1}."
        slopes = [
            StepFormula(
                "gradient", chain_rule.gradient_value(record.symbol, parameter.name, update.gradients[parameter.name])
            )
            for parameter in update.parameters[: chain_rule.MOST_TERMS]
        ]
        changes = tuple(NumberChange(name, "grad", value) for name, value in update.gradients.items())
        yield ExplainedStep("update", output, None, None, words, tuple(slopes), changes)
