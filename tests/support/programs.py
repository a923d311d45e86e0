"""Functions for the tests of the compiler: nets with sums in any order, random programs, and eager mode to compare."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import reduce
from typing import Any

import numpy as np
from hypothesis import strategies as st

from autograd_core import (
    COMPOSITIONS,
    PRIMITIVES,
    Value,
    compile,  # noqa: A004
)

Function = Callable[..., Any]


def eagerly(fn: Function, parameters: Sequence[Value], rows: Sequence[tuple[Any, ...]], reduce: str = "mean") -> Any:
    """(the reduced value, the gradients, and for each the sum of its absolute terms) row by row."""
    for parameter in parameters:
        parameter.grad = None
    scale = 1.0 / len(rows) if reduce == "mean" else 1.0
    value, sizes = 0.0, np.zeros(len(parameters))
    total = np.zeros(len(parameters))
    for row in rows:
        for parameter in parameters:
            parameter.grad = None
        y = fn(*row)
        y = y * scale if isinstance(y, Value) else Value(y * scale)
        if y.inputs:
            y.backward()
        gradient = np.array([parameter.grad or 0.0 for parameter in parameters])
        value, total, sizes = value + y.data, total + gradient, sizes + np.abs(gradient)
        for parameter in parameters:
            parameter.grad = None
    return value, total, sizes


def assert_agrees(
    fn: Function, example: tuple[Any, ...], rows: Sequence[tuple[Any, ...]], reduce: str = "mean", backend: str = "auto"
) -> Any:
    """The program of `fn` gives the values and gradients of eager mode on `rows`; returns it."""
    program = compile(fn, example=example, reduce=reduce, backend=backend)
    data = [list(column) for column in zip(*rows, strict=True)]
    with np.errstate(all="ignore"):
        each = [fn(*row) for row in rows]
        np.testing.assert_allclose(
            program(*data),
            [result.data if isinstance(result, Value) else result for result in each],
            rtol=1e-11,
            atol=1e-11,
        )
        value, gradients = program.value_and_grad(*data)
        expected, expected_gradients, sizes = eagerly(fn, program.parameters, rows, reduce)
        np.testing.assert_allclose(value, expected, rtol=1e-11, atol=1e-11)
        for got, wanted, size in zip(gradients, expected_gradients, sizes, strict=True):
            assert got == wanted or (math.isnan(got) and math.isnan(wanted)) or abs(got - wanted) <= 1e-11 * (1 + size)
    return program


def left(terms: list[Any], bias: Any) -> Any:
    return sum(terms, bias)


def left_from_zero(terms: list[Any], bias: Any) -> Any:
    return sum(terms) + bias


def right(terms: list[Any], bias: Any) -> Any:
    total = bias
    for term in reversed(terms):
        total = term + total
    return total


def tree(terms: list[Any], bias: Any) -> Any:
    terms = [*terms, bias]
    while len(terms) > 1:
        paired = [a + b for a, b in zip(terms[::2], terms[1::2], strict=False)]
        terms = paired + ([terms[-1]] if len(terms) % 2 else [])
    return terms[0]


def minus_signs(terms: list[Any], bias: Any) -> Any:
    return -reduce(lambda total, term: total - term, terms, -bias)


ORDERS = [left, left_from_zero, right, tree, minus_signs]


def layer(generator: random.Random, inputs: int, outputs: int) -> list[tuple[list[Value], Value]]:
    scale = inputs**-0.5
    return [
        ([Value(generator.uniform(-scale, scale)) for _ in range(inputs)], Value(generator.uniform(-1, 1)))
        for _ in range(outputs)
    ]


def apply_units(units: Any, row: list[Any], add: Function = left) -> list[Any]:
    return [add([w * x for w, x in zip(weights, row, strict=True)], bias) for weights, bias in units]


def rows_for(generator: random.Random, columns: int, count: int) -> list[tuple[list[float], float]]:
    return [([generator.gauss(0, 1) for _ in range(columns)], generator.choice([-1.0, 1.0])) for _ in range(count)]


# Of the table: operations that take any number, without a kink and with one.
SMOOTH = tuple(name for name, entry in PRIMITIVES.items() if not entry.kink and set(entry.domain) == {(-3.0, 3.0)})
KINKED = tuple(name for name, entry in PRIMITIVES.items() if entry.kink and name != "power")
ACTIVATIONS = ("relu", "sigmoid", "elu", "softplus", "gelu", "swish", "leaky_relu")


SPECIAL = [0.0, 1.0, -1.0, 800.0, -800.0, math.inf, -math.inf, math.nan, 1e-9]


@st.composite
def programs(draw: Any, names: tuple[str, ...]) -> tuple[Function, list[Value]]:
    """A function of two numbers and three parameters, of up to forty random operations."""
    parameters = [Value(number) for number in draw(st.lists(st.floats(-2, 2), min_size=3, max_size=3))]
    choices = draw(
        st.lists(
            st.tuples(st.sampled_from(names), st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 10**6)),
            min_size=1,
            max_size=40,
        )
    )

    def fn(x: Any, y: Any) -> Any:
        known: list[Any] = [x, y, *parameters, 0.5]
        for name, *picks in choices:
            operation = PRIMITIVES.get(name) or COMPOSITIONS[name]
            count = len(operation.arguments) - len(getattr(operation, "defaults", ()))
            # Recent numbers more often, so that graphs are deep as well as wide.
            inputs = [known[-1 - pick % min(len(known), 12)] for pick in picks[:count]]
            if name == "choose":  # among two
                inputs[0] = PRIMITIVES["greater"](inputs[0], 0.0)
            known.append(operation(*inputs))
        return sum(known[-4:])

    return fn, parameters


def is_steady(fn: Function, parameters: Sequence[Value], rows: Sequence[tuple[Any, ...]]) -> bool:
    """Whether eager mode stays within a tenth of what the tests allow when all numbers change in their last places.

    Where it does not (the sine of a billion, a comparison of numbers that differ in the last digit), two correct ways
    to compute a number may differ.
    """

    def measure(rows: Sequence[tuple[Any, ...]]) -> list[tuple[float, float]]:
        each = [result.data if isinstance(result, Value) else result for result in (fn(*row) for row in rows)]
        value, gradients, sizes = eagerly(fn, parameters, rows)
        return list(zip([*each, value, *gradients], [*map(abs, each), abs(value), *sizes], strict=True))

    def move(number: float) -> float:
        return number * (1.0 + generator.choice((-4e-15, 4e-15)))

    expected, before = measure(rows), [value.data for value in parameters]
    for seed in range(8):
        generator = random.Random(seed)
        try:
            for parameter, number in zip(parameters, before, strict=True):
                parameter.data = move(number)
            found = measure([tuple(map(move, row)) for row in rows])
        finally:
            for parameter, number in zip(parameters, before, strict=True):
                parameter.data = number
        for (a, size), (b, _) in zip(expected, found, strict=True):
            if not (abs(a - b) <= 1e-12 * (1 + size) or same(a, b)):
                return False
    return True


@contextmanager
def where_steady(fn: Function, parameters: Sequence[Value], rows: Sequence[tuple[Any, ...]]) -> Iterator[None]:
    """Lets a disagreement pass that eager mode has with itself, see `is_steady`."""
    try:
        yield
    except AssertionError:
        if is_steady(fn, parameters, rows):
            raise


def same(a: float, b: float) -> bool:
    return a == b or (math.isnan(a) and math.isnan(b))


def agree(got: Any, expected: Any, sizes: Any) -> bool:
    """Whether numbers agree to 1e-12 of the sum of their absolute terms; inf and nan where the other has them."""
    return all(
        abs(a - b) <= 1e-12 * (1 + abs(size)) if math.isfinite(a) and math.isfinite(b) else same(a, b)
        for a, b, size in zip(got, expected, sizes, strict=True)
    )
