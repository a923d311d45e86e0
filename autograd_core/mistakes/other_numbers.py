"""Answers to another question: the value for the gradient, the updated weight, a gradient with a factor too many."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import permutations

from autograd_core.formulas.symbols import name_text
from autograd_core.graph.boxes import View
from autograd_core.mistakes.borrowed_numbers import borrowed_numbers
from autograd_core.mistakes.chain_rule_mistakes import sums_for_products
from autograd_core.mistakes.mistakes import FACTOR, MIXED_UP, RATE, STEP, UPDATED, Mistake, gradient_mistake
from autograd_core.mistakes.student_sweeps import Graph, right
from autograd_core.mistakes.wrong_combinations import wrong_combinations
from autograd_core.mistakes.wrong_forward_passes import wrong_forward_passes

RATES = {0.1: 1, 0.01: 1, 0.001: 2, 0.5: 2, 0.2: 2, 0.3: 2, 0.05: 2, 0.02: 2, 0.005: 2}  # with the answers it takes
_NAMES_OF_RATES = ("rate", "lr", "eta", "η", "learning_rate", "step")


def other_questions(graph: Graph, view: View) -> Iterator[Mistake]:
    """The value of a node for its gradient, a contribution for a partial, a whole gradient for a contribution."""
    total, sent = graph.sweep(right)
    gradients = {graph.names[node]: gradient for node, gradient in total.items()}
    yield from _values({box.name: box.number for box in view.boxes}, graph.names[-1], graph.is_large)
    yield from _other_edges(graph, gradients, {edge.key: amount for edge, amount in sent.items()})


def scaled_gradients(view: View) -> list[Mistake]:
    """Right gradients with a factor too many, or used in a step of gradient descent; and sums taken for products."""
    graph = Graph(view)
    total, _ = graph.sweep(right)
    gradients = {graph.names[node]: gradient for node, gradient in total.items()}
    values = {box.name: box.number for box in view.boxes}
    leaves = {box.name: gradients[box.name] for box in view.leaves if box.name in gradients}
    rates = RATES | {box.number: 1 for box in view.leaves if box.name in _NAMES_OF_RATES}
    steps, factors = _steps(values, leaves, rates), _factors(leaves, values[graph.names[-1]])
    others = [*_other_gradients(graph, leaves), *borrowed_numbers(graph), *wrong_forward_passes(graph)]
    return [*steps, *factors, *sums_for_products(graph), *others, *wrong_combinations(graph)]


def wrong_steps(view: View, rate: float) -> Iterator[Mistake]:
    """Steps of gradient descent with a right gradient: uphill, without the rate, without the old number."""
    graph = Graph(view)
    total, _ = graph.sweep(right)
    rule = "a step goes against the gradient: the new number is the old one minus learning rate x gradient."
    steps: dict[str, Callable[[float, float], float]] = {
        "the step was taken up the slope": lambda number, gradient: number + rate * gradient,
        "the gradient was subtracted without the learning rate": lambda number, gradient: number - gradient,
        "the gradient was added without the learning rate": lambda number, gradient: number + gradient,
        "that is the gradient, not the number after the step": lambda number, gradient: gradient,
        "that is the step alone, without the number it starts from": lambda number, gradient: -rate * gradient,
        "that is learning rate x gradient alone": lambda number, gradient: rate * gradient,
        "that is the number before the step": lambda number, gradient: number,
        "the gradient was divided by the learning rate": lambda number, gradient: number - gradient / rate,
    }
    leaves = {node: box for node, box in enumerate(graph.boxes) if box.entry is None and node in total}
    for sentence, step in steps.items():
        updates = {box.name: step(box.number, total[node]) for node, box in leaves.items()}
        yield Mistake(STEP, sentence, rule, (), (), {}, {}, {}, updates=updates)


def _values(values: dict[str, float], output: str, is_large: bool) -> Iterator[Mistake]:
    hint = "the value was computed forward; the gradient comes back from the output."
    for name, value in () if is_large else values.items():
        sentence = f"that is the value of {name_text(name)}, not its gradient"
        yield gradient_mistake(MIXED_UP, sentence, hint, {name: value}, nodes=[name])
    yield gradient_mistake(MIXED_UP, "the values were given for the gradients", hint, values)
    sentence = f"that is the value of the output {name_text(output)}, not a gradient"
    yield gradient_mistake(MIXED_UP, sentence, hint, dict.fromkeys(values, values[output]))


def _other_edges(graph: Graph, gradients: dict[str, float], sent: dict[tuple[str, int], float]) -> Iterator[Mistake]:
    for edge in () if graph.is_large else graph.all_edges():
        if edge.key not in sent:
            continue
        node, source, to = graph.symbols[edge.node], graph.symbols[edge.source], graph.names[edge.source]
        yield Mistake(
            MIXED_UP,
            f"that is the contribution of {node} to {source}, not the partial",
            "the partial depends on this operation alone, not on the operations after it.",
            (),
            (edge.key,),
            {},
            {},
            {edge.key: sent[edge.key]},
        )
        for sentence, number in (
            (f"that is the whole gradient of {source}, not the contribution of {node} to it", gradients[to]),
            (f"that is the partial, not the contribution of {node} to {source}", edge.partial),
        ):
            hint = "each edge carries one contribution, upstream · partial; the gradient is the sum of all of them."
            yield Mistake(MIXED_UP, sentence, hint, (to,), (edge.key,), {}, {edge.key: number}, {})


def _other_gradients(graph: Graph, leaves: dict[str, float]) -> Iterator[Mistake]:
    """The gradient of another input, which goes into the same operations."""
    uses = {
        graph.names[node]: sorted(graph.boxes[edge.node].operation for edge in graph.users[node])
        for node in graph.order
    }
    for name, other in permutations(() if graph.is_large else leaves, 2):
        if uses[name] == uses[other]:
            sentence = f"that is the gradient of {name_text(other)}, not of {name_text(name)}"
            hint = f"start at {name_text(name)}: which operations use it?"
            yield gradient_mistake(MIXED_UP, sentence, hint, {name: leaves[other]}, nodes=[name])


def _steps(values: dict[str, float], leaves: dict[str, float], rates: dict[float, int]) -> Iterator[Mistake]:
    for rate, least in rates.items():
        for sign, what in ((1.0, "multiplied by a learning rate"), (-1.0, "turned into a step, −rate · gradient")):
            yield gradient_mistake(
                RATE,
                f"the gradient was {what}, or its decimal point was moved",
                "the gradient is asked for. The learning rate belongs to the step of the optimiser.",
                {name: sign * rate * gradient for name, gradient in leaves.items()},
                least if sign > 0 else 2,
            )
        for name, gradient in leaves.items() if least == 1 else ():
            moved = {name: rate * gradient}
            yield gradient_mistake(RATE, _ONE_RATE, "the gradient is asked for. Count the digits again.", moved)
            stepped = {name: values[name] - rate * gradient}
            yield gradient_mistake(UPDATED, _ONE_STEP, "the gradient is asked for, not the number after it.", stepped)
    for rate, least in ({1.0: 2} | rates).items():
        for sign, what in ((-1.0, "with the step already taken"), (1.0, "with a step up the slope")):
            yield gradient_mistake(
                UPDATED,
                f"that is the updated number, {what}, not the gradient",
                "the gradient is asked for, not the number after the step.",
                {name: values[name] + sign * rate * gradient for name, gradient in leaves.items()},
                least if sign < 0 else 2,
            )


_ONE_RATE = "one gradient was multiplied by a learning rate, or its decimal point was moved"
_ONE_STEP = "that is the number after the step, not the gradient"


def _factors(leaves: dict[str, float], output: float) -> Iterator[Mistake]:
    hint = "the sweep starts at the output with the gradient dy/dy. Follow one path from there, factor by factor."
    for sentence, factor, least in (
        ("the sweep was started with the value of the output", output, 1),
        ("every gradient has a factor of two too many", 2.0, 2),
        ("every gradient lacks a factor of two", 0.5, 2),
        ("every decimal point was moved to the right", 10.0, 1),
        ("every decimal point was moved to the right", 100.0, 1),
    ):
        yield gradient_mistake(
            FACTOR, sentence, hint, {name: factor * number for name, number in leaves.items()}, least
        )
    for factor in (10.0, 100.0):
        for name, number in leaves.items():
            sentence = "the decimal point of one gradient was moved to the right"
            yield gradient_mistake(FACTOR, sentence, "count the digits again.", {name: factor * number})
    inverted = {name: 1.0 / gradient for name, gradient in leaves.items() if gradient}
    yield gradient_mistake(
        FACTOR,
        "that is the inverse of the gradient",
        "dy/dx is asked for: by how much does y change for a small change of x?",
        inverted,
    )
