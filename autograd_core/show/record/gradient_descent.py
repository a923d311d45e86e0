"""Gradient descent on the graph of an explanation: each step, with the predicted and the actual change.

new value = value - learning rate x gradient, for every parameter (every input, where there is no parameter). To first
order the output then changes by the sum of gradient x change, which is -learning rate x the sum of gradient squared.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from numbers import Integral

from autograd_core.engine.backward import Node
from autograd_core.engine.gates import Number
from autograd_core.engine.numbers.number import as_number
from autograd_core.graph.boxes import Box, View
from autograd_core.graph.tape import Tape, append_gradients, append_graph

MOST_STEPS = 100


@dataclass(frozen=True, slots=True)
class ParameterRecord:
    """One parameter in one step. change: learning rate x gradient; after = before - change."""

    name: str
    before: float
    gradient: float
    change: float
    after: float


@dataclass(frozen=True, slots=True)
class UpdateRecord:
    """One step of gradient descent. output_before, output_after: the output around it; predicted: the change to
    first order. values, gradients: those of every node at the new point."""

    number: int
    learning_rate: float
    parameters: tuple[ParameterRecord, ...]
    output_before: float
    predicted: float
    output_after: float
    values: Mapping[str, float] = field(repr=False)
    gradients: Mapping[str, float] = field(repr=False)


def descend(view: View, learning_rate: float, steps: int) -> tuple[UpdateRecord, ...]:
    """`steps` steps of gradient descent from where the graph of `view` was computed. The graph does not change.

    Raises ValueError for a learning rate that is not positive, a wrong number of steps, or nothing to update, or a
    node that was used with several numbers.
    """
    rate = as_number(learning_rate, "learning_rate")
    if not 0 < rate < math.inf:
        raise ValueError(f"learning_rate is a positive number such as 0.1, got {learning_rate!r}.")
    if not isinstance(steps, Integral) or isinstance(steps, bool) or not 1 <= steps <= MOST_STEPS:
        raise ValueError(f"steps is a whole number from 1 to {MOST_STEPS}, got {steps!r}.")
    if problem := view.several_numbers:
        raise ValueError(problem)
    boxes = _parameters(view)
    runs = _Runs(view)
    numbers = {box: box.number for box in view.leaves}
    values, gradients = runs.at(numbers)
    updates: list[UpdateRecord] = []
    output = view.boxes[-1].name
    for number in range(1, steps + 1):
        parameters = tuple(_step(box.name, numbers[box], gradients[box.name], rate) for box in boxes)
        numbers |= {box: parameter.after for box, parameter in zip(boxes, parameters, strict=True)}
        before, predicted = values[output], -sum(parameter.gradient * parameter.change for parameter in parameters)
        values, gradients = runs.at(numbers)
        updates.append(UpdateRecord(number, rate, parameters, before, predicted, values[output], values, gradients))
    return tuple(updates)


def _parameters(view: View) -> list[Box]:
    parameters = [box for box in view.leaves if box.kind == "parameter"] or view.leaves
    if not parameters or view.boxes[-1].entry is None:
        raise ValueError("there is nothing to update: the output was not computed from any input or parameter.")
    return parameters


def _step(name: str, before: float, gradient: float, rate: float) -> ParameterRecord:
    change = rate * gradient
    return ParameterRecord(name, before, gradient, change, before - change)


class _Runs:
    """Values and gradients of a graph, computed again at other numbers of its leaves."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._tape = Tape()
        number_of: dict[Node, Number] = {}
        order = append_graph(self._tape, view.root, number_of)
        adjoints = append_gradients(order, number_of)
        self._leaves = [view.box_of[node] for node in order if node.primitive is None]
        self._values = self._registers([number_of[box.node] for box in view.boxes])
        gradients = [adjoints.get(box.node) for box in view.boxes]
        self._gradients = self._registers([0.0 if gradient is None else gradient.number for gradient in gradients])

    def _registers(self, numbers: Sequence[Number]) -> list[int]:
        return [self._tape.register(number).index for number in numbers]

    def at(self, numbers: Mapping[Box, float]) -> tuple[dict[str, float], dict[str, float]]:
        """The value and the gradient of every box, by name."""
        registers = self._tape.run([numbers[box] for box in self._leaves])
        values = {box.name: registers[index] for box, index in zip(self._view.boxes, self._values, strict=True)}
        gradients = {box.name: registers[index] for box, index in zip(self._view.boxes, self._gradients, strict=True)}
        return values, gradients
