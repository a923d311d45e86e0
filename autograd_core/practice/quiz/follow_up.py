"""The next exercise: a small one on which the suspected mistake gives numbers that no other mistake gives."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from random import Random

from autograd_core.engine.value import Value
from autograd_core.errors import ExpressionError
from autograd_core.formulas.expression import Expression
from autograd_core.graph.boxes import Box, View
from autograd_core.mistakes.mistakes import TRANSPOSED, Mistake

INPUTS = ("a", "b", "c")
SIZES = tuple(round(0.3 + 0.1 * step, 1) for step in range(28))
POSITIVE = 0.75  # the share of positive numbers: logarithms need them, gates need others
OPERATORS = {"add": "{} + {}", "subtract": "{} - {}", "multiply": "{} * {}", "divide": "{} / {}", "power": "{}**{}"}
TRIES = 6  # of numbers for each expression
# For a mistake that does not belong to one operation: one path, two paths, a shared node, functions, gates.
EXPRESSIONS = (
    "a * b + c",
    "a * b * a + c",
    "(a + b) * a - c * b",
    "(a - b)**2 * c",
    "sin(a * b) * c",
    "sigmoid(a * b + c)",
    "relu(a * b) * c + a",
    "a / (b + c)",
    "(a * b + c) * (a * b)",
    "mean(a * b, b * c, a)",
)
LAYER = "tanh(a * x + b * y) * (c * x + d * y)"  # its matrix may be transposed


@dataclass(frozen=True, slots=True)
class Drill:
    """An exercise as an expression and the numbers of its inputs."""

    expression: str
    numbers: Mapping[str, float]

    def build(self) -> Value:
        """The output, named y, of the recorded expression."""
        output: Value = Expression(self.expression)(
            {name: Value(number, name) for name, number in self.numbers.items()}
        )
        output.label = "y"
        return output

    def command(self) -> str:
        """The arguments of `python -m autograd_core quiz`."""
        return " ".join([f'"{self.expression}"', *(f"{name}={number:g}" for name, number in self.numbers.items())])


def drills(mistake: Mistake, view: View, seed: int | str) -> Iterator[Drill]:
    """Exercises on which the mistake may be made, the most likely first; `view` is of the graph where it was made."""
    nodes = {*mistake.nodes, *(node for node, _ in mistake.edges)}
    boxes = [box for box in view.boxes if box.name in nodes and box.entry is not None]
    own = [expression for box in boxes[:2] for expression in _around(box)]
    dice = Random(f"follow up {seed}")
    others = (LAYER,) if mistake.kind == TRANSPOSED else EXPRESSIONS
    for expression in dict.fromkeys([*own, *others]):
        try:
            names = Expression(expression).names
        except ExpressionError:  # an operation that the language has no word for
            continue
        for _ in range(TRIES):
            numbers = [size if dice.random() < POSITIVE else -size for size in dice.sample(SIZES, len(names))]
            yield Drill(expression, dict(zip(names, numbers, strict=True)))


def _around(box: Box) -> Iterator[str]:
    for first in ("a", "a * b"):
        operator = OPERATORS.get(box.operation)
        names = iter((f"({first})" if operator and first != "a" else first, *INPUTS[1:]))
        operands = [f"{item.number:g}" if item.box is None else next(names, "b") for item in box.operands]
        call = f"({operator.format(*operands)})" if operator else f"{box.operation}({', '.join(operands)})"
        yield f"c * {call}"
        yield f"b * {call} + a"


def is_finite(view: View) -> bool:
    """Whether every number of a drill can be worked with."""
    return all(math.isfinite(box.number) and abs(box.number) < 1e4 for box in view.boxes)
