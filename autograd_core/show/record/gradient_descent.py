"""Gradient descent on the graph of an explanation: each step whole, with what it promised and what it did.

new value = value - learning rate x gradient, for every parameter (every input, where there is no parameter). To first
order the output then changes by the sum of gradient x change, which is -learning rate x the sum of gradient squared.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from autograd_core.engine.backward import Node
from autograd_core.engine.gates import Number
from autograd_core.engine.number import as_number
from autograd_core.graph.boxes import Box, View
from autograd_core.graph.tape import Tape, pull, push

MOST_STEPS = 100


@dataclass(frozen=True, slots=True)
class ParameterRecord:
    """One parameter in one step. change: learning rate x gradient, what is taken away; after = before - change."""

    name: str
    before: float
    gradient: float
    change: float
    after: float


@dataclass(frozen=True, slots=True)
class UpdateRecord:
    """One step of gradient descent. output_before, output_after: the output around it; predicted: the change that the
    gradient promised. values, gradients: those of every node at the new place."""

    number: int
    learning_rate: float
    parameters: tuple[ParameterRecord, ...]
    output_before: float
    predicted: float
    output_after: float
    values: Mapping[str, float] = field(repr=False)
    gradients: Mapping[str, float] = field(repr=False)


def descend(seen: View, learning_rate: float, steps: int) -> tuple[UpdateRecord, ...]:
    """`steps` steps down from where the graph of `seen` was computed. The graph itself is not touched.

    Raises ValueError for a learning rate that is not positive, a number of steps that is none, or nothing to update.
    """
    rate = as_number(learning_rate, "learning_rate")
    if not 0 < rate < math.inf:
        raise ValueError(f"learning_rate is a positive number such as 0.1, got {learning_rate!r}.")
    if not isinstance(steps, int) or isinstance(steps, bool) or not 1 <= steps <= MOST_STEPS:
        raise ValueError(f"steps is a whole number from 1 to {MOST_STEPS}, got {steps!r}.")
    moved = _moved(seen)
    runs = _Runs(seen)
    numbers = {box: box.number for box in seen.leaves}
    values, gradients = runs.at(numbers)
    updates: list[UpdateRecord] = []
    output = seen.boxes[-1].name
    for number in range(1, steps + 1):
        parameters = tuple(_step(box.name, numbers[box], gradients[box.name], rate) for box in moved)
        numbers |= {box: one.after for box, one in zip(moved, parameters, strict=True)}
        before, predicted = values[output], -sum(one.gradient * one.change for one in parameters)
        values, gradients = runs.at(numbers)
        updates.append(UpdateRecord(number, rate, parameters, before, predicted, values[output], values, gradients))
    return tuple(updates)


def _moved(seen: View) -> list[Box]:
    parameters = [box for box in seen.leaves if box.kind == "parameter"] or seen.leaves
    if not parameters or seen.boxes[-1].entry is None:
        raise ValueError("there is nothing to update: the output was not computed from any input or parameter.")
    return parameters


def _step(name: str, before: float, gradient: float, rate: float) -> ParameterRecord:
    change = rate * gradient
    return ParameterRecord(name, before, gradient, change, before - change)


class _Runs:
    """Values and gradients of a graph, computed again at other numbers of its leaves."""

    def __init__(self, seen: View) -> None:
        self._seen = seen
        self._tape = Tape()
        held: dict[Node, Number] = {}
        order = push(self._tape, seen.root, held)
        adjoints = pull(order, held)
        self._leaves = [seen.box_of[node] for node in order if node.primitive is None]
        self._values = self._registers([held[box.node] for box in seen.boxes])
        arrived = [adjoints.get(box.node) for box in seen.boxes]
        self._gradients = self._registers([0.0 if one is None else one.number for one in arrived])

    def _registers(self, numbers: Sequence[Number]) -> list[int]:
        return [self._tape.register(one).index for one in numbers]

    def at(self, numbers: Mapping[Box, float]) -> tuple[dict[str, float], dict[str, float]]:
        """The value and the gradient of every box, by name."""
        held = self._tape.run([numbers[box] for box in self._leaves])
        values = {box.name: held[index] for box, index in zip(self._seen.boxes, self._values, strict=True)}
        gradients = {box.name: held[index] for box, index in zip(self._seen.boxes, self._gradients, strict=True)}
        return values, gradients
