"""Random graphs, many at a kink: the derivative from either side, and the engine's, must be accepted as answers.

The one-sided derivatives are computed here, by numbers with a slope whose comparisons look at the slope in a tie.
"""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from autograd_core import (
    Value,
    abs,  # noqa: A004
    compare,
    elu,
    equal,
    floor,
    leaky_relu,
    maximum,
    minimum,
    prelu,
    quiz,
    relu,
    sigmoid,
    softplus,
    tanh,
    threshold,
    where,
)

GRAPHS = 10_000


@dataclass(frozen=True)
class Germ:
    """A number and its slope to one side."""

    number: float
    slope: float

    def is_above(self, other: Germ) -> bool:
        return (self.number, self.slope) > (other.number, other.slope)


def _if_above_zero(a: Germ, then: Germ, otherwise: Germ) -> Germ:
    return then if a.is_above(Germ(0.0, 0.0)) else otherwise


def _smooth(value: Callable[[float], float], slope: Callable[[float], float]) -> Callable[[Germ], Germ]:
    return lambda a: Germ(value(a.number), slope(a.number) * a.slope)


def _scaled(a: Germ, factor: float) -> Germ:
    return Germ(factor * a.number, factor * a.slope)


def _logistic(x: float) -> float:
    return 1.0 / (1.0 + math.exp(-x))


ZERO = Germ(0.0, 0.0)
UNARY: list[tuple[Callable[[Any], Any], Callable[[Germ], Germ]]] = [
    (abs, lambda a: _if_above_zero(a, a, _scaled(a, -1.0))),
    (relu, lambda a: _if_above_zero(a, a, ZERO)),
    (lambda x: leaky_relu(x, 0.25), lambda a: _if_above_zero(a, a, _scaled(a, 0.25))),
    (lambda x: prelu(x, 0.5), lambda a: _if_above_zero(a, a, _scaled(a, 0.5))),
    (elu, lambda a: _if_above_zero(a, a, _smooth(math.expm1, math.exp)(a))),
    (sigmoid, _smooth(_logistic, lambda x: _logistic(x) * _logistic(-x))),
    (tanh, _smooth(math.tanh, lambda x: 1.0 - math.tanh(x) ** 2)),
    (softplus, _smooth(lambda x: math.log1p(math.exp(x)), _logistic)),
    (lambda x: x**2, _smooth(lambda x: x * x, lambda x: 2.0 * x)),
    (lambda x: -2.0 * x, lambda a: _scaled(a, -2.0)),
    (floor, lambda a: Germ(math.floor(a.number) - (a.number == math.floor(a.number) and a.slope < 0.0), 0.0)),
    (threshold, lambda a: _if_above_zero(a, Germ(1.0, 0.0), ZERO)),
]
BINARY: list[tuple[Callable[[Any, Any], Any], Callable[[Germ, Germ], Germ]]] = [
    (lambda a, b: a + b, lambda a, b: Germ(a.number + b.number, a.slope + b.slope)),
    (lambda a, b: a - b, lambda a, b: Germ(a.number - b.number, a.slope - b.slope)),
    (lambda a, b: a * b, lambda a, b: Germ(a.number * b.number, a.slope * b.number + a.number * b.slope)),
    (maximum, lambda a, b: a if a.is_above(b) else b),
    (minimum, lambda a, b: b if a.is_above(b) else a),
    (lambda a, b: where(equal(a < b, 0.0), a, b), lambda a, b: a if a.is_above(b) else b),
    (lambda a, b: where(a > b, a, b), lambda a, b: a if a.is_above(b) else b),
    (lambda a, b: where(a <= b, 3.0 * a, a + 2.0 * b),
     lambda a, b: Germ(a.number + 2.0 * b.number, a.slope + 2.0 * b.slope) if a.is_above(b) else _scaled(a, 3.0)),
]  # fmt: skip
Program = list[tuple[int, tuple[int, ...]]]


def random_program(rng: random.Random, inputs: int) -> Program:
    """Operations on the numbers so far: an index into UNARY, or beyond it into BINARY, and its operands."""
    program: Program = []
    for count in range(inputs, inputs + rng.randint(1, 6)):
        operation = rng.randrange(len(UNARY) + len(BINARY))
        arity = 1 if operation < len(UNARY) else 2
        program.append((operation, tuple(rng.randrange(max(0, count - 4), count) for _ in range(arity))))
    return program


def run_program(program: Program, numbers: list[Any], column: int) -> Any:
    """The last number. column: 0 to record Values, 1 to compute germs."""
    numbers = list(numbers)
    for operation, operands in program:
        rule = (*UNARY, *BINARY)[operation][column]
        numbers.append(rule(*(numbers[index] for index in operands)))
    return numbers[-1]


def refused_answers(count: int, seed: int) -> tuple[list[str], Counter[str]]:
    """The right answers that were called wrong, and the wrong ones called right; how many of each kind were tried."""
    rng = random.Random(seed)
    faults: list[str] = []
    tried = Counter[str]()
    while tried["graphs"] < count:
        point = [float(rng.randint(-1, 1)) for _ in range(rng.randint(1, 3))]
        program = random_program(rng, len(point))
        values = [Value(number, label=f"x{index}") for index, number in enumerate(point)]
        output = run_program(program, values, 0)
        if not isinstance(output, Value) or output.primitive is None:
            continue
        exercise = quiz(output)
        tried["graphs"] += 1
        for place, allowed in exercise._allowed.items():
            tried["at a kink"] += allowed.is_choice
            right = [allowed.exact]
            if place.key.startswith("x"):
                for direction in (1.0, -1.0):
                    at = int(place.key[1:])
                    germs = [Germ(x, direction if i == at else 0.0) for i, x in enumerate(point)]
                    side = run_program(program, germs, 1)
                    if math.isclose(side.number, output.data, abs_tol=1e-12):  # no jump
                        right.append(side.slope * direction)
            tried["right answers"] += len(right)
            for answer in right:
                agrees = compare({place.key: answer}, of=output, tolerance=1e-9).agrees
                if not (agrees and exercise.check({place.key: answer}).verdicts[exercise.blanks.index(place)].right):
                    faults.append(f"{answer!r} for {place.key} is called wrong: {program} at {point}")
            for answer in (allowed.low - 0.5, allowed.high + 0.5):
                tried["wrong answers"] += 1
                if allowed.allow(answer):
                    faults.append(f"{answer!r} for {place.key} is called right: {program} at {point}")
    return faults, tried


def run(part: float) -> str:
    faults, tried = refused_answers(round(GRAPHS * part), seed=2026)
    print(*faults, sep="\n")
    return ", ".join(f"{number:,} {what}" for what, number in tried.items()) + f"; {len(faults)} judged wrongly"
