"""A sum of products is one instruction, and so is what goes back through it; all numbers stay as they were."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest

from autograd_core import (
    Value,
    compile,  # noqa: A004
    grad,
    relu,
    tanh,
)
from autograd_core.compiler.frontend.gradient import differentiate
from autograd_core.compiler.frontend.sums_of_products import gather_products
from autograd_core.compiler.frontend.trace import Trace, trace_function
from tests.support.backends import INSTALLED
from tests.support.programs import ORDERS, apply_units, assert_agrees, layer


def recurrent(generator: random.Random, size: int, add: Any = ORDERS[0]) -> Any:
    units = layer(generator, 2 * size, size)

    def fn(xs: list[list[Any]]) -> Any:
        h: list[Any] = [0.5] * size
        for x in xs:
            h = [tanh(z) for z in apply_units(units, [*x, *h], add)]
        return sum([a * a for a in h])

    return fn


def gathered(trace: Trace) -> int:
    """How many instructions compute the loss and its gradient, if each sum of products is one; what is dead is not
    counted."""
    short = gather_products(trace)
    gradient = differentiate(short.tape, short.root, None, short.columns, short.registers, "sum")
    tape = short.tape
    is_needed = tape.needed([gradient.value, *gradient.shared])
    return sum(
        [line.primitive is not None for line, needed in zip(tape.instructions, is_needed, strict=True) if needed]
    )


def test_a_gradient_has_an_instruction_for_each_number_and_weight_not_for_each_product() -> None:
    steps, size = 6, 8
    trace = trace_function(recurrent(random.Random(1), size), ([[0.1] * size] * steps,), [])
    # A sum, tanh and its slope, and what goes back, for each unit and step; two for each weight.
    assert gathered(trace) < 16 * steps * size + 2 * (2 * size + 1) * size
    assert len(trace.tape.instructions) > 4 * steps * size * size


@pytest.mark.parametrize("add", ORDERS)
def test_a_shortened_tape_gives_the_same_numbers(add: Any) -> None:
    generator = random.Random(2)
    trace = trace_function(recurrent(generator, 5, add), ([[0.1] * 5] * 3,), [])
    short = gather_products(trace)
    assert len(short.tape.instructions) < len(trace.tape.instructions) / 2
    numbers = [generator.gauss(0, 1) for _ in trace.tape.leaves]
    before, after = trace.tape.run(numbers), short.tape.run(numbers)
    assert after[short.root] == pytest.approx(before[trace.root], rel=1e-13)
    assert [after[index] for index in short.columns] == [before[index] for index in trace.columns]


@pytest.mark.parametrize("backend", INSTALLED)
@pytest.mark.parametrize("add", ORDERS)
def test_weights_that_are_used_in_unequal_ways(add: Any, backend: str) -> None:
    """Each weight in another number of sums, in a product by itself, and as a bias."""
    generator = random.Random(3)
    units = layer(generator, 4, 3)

    def fn(x: list[Any]) -> Any:
        total: Any = 0.0
        for start in range(-3, 8):  # windows over the edges
            inside = [j for j in range(4) if 0 <= start + j < 8]
            part = [([weights[j] for j in inside], bias) for weights, bias in units]
            total = total + sum([relu(z) for z in apply_units(part, [x[start + j] for j in inside], add)])
        (weights, bias), *_ = units
        return total + weights[0] * x[0] + tanh(weights[1] + x[1]) - bias * x[2] * x[2] + x[3] * x[3] * weights[2]

    rows = [([generator.gauss(0, 1) for _ in range(8)],) for _ in range(5)]
    assert_agrees(fn, ([0.1] * 8,), rows, backend=backend)


@pytest.mark.parametrize("backend", INSTALLED)
def test_squares_and_products_of_two_numbers_of_the_row(backend: str) -> None:
    generator = random.Random(4)
    units = layer(generator, 6, 6)

    def fn(x: list[Any]) -> Any:
        z = apply_units(units, x)
        scale = (sum([a * a for a in z]) / 6.0 + 0.1) ** -0.5
        query, key = [a * scale for a in z], [tanh(a) for a in z]
        return sum([a * b for a, b in zip(query, key, strict=True)]) - sum([a * b for a, b in zip(x, key, strict=True)])

    def slope(x: list[Any]) -> Any:
        return grad(lambda first: fn([first, *x[1:]]))(x[0])

    rows = [([generator.gauss(0, 1) for _ in range(6)],) for _ in range(4)]
    for function in (fn, slope):
        assert_agrees(function, ([0.1] * 6,), rows, backend=backend)


@pytest.mark.parametrize("backend", INSTALLED)
def test_what_is_not_finite_behind_a_closed_gate_does_not_arrive(backend: str) -> None:
    w = [[Value(0.1 * (i + j)) for j in range(5)] for i in range(5)]

    def fn(x: list[Any]) -> Any:
        hidden = [relu(sum([a * b for a, b in zip(row, x, strict=True)]) - 5.0) for row in w]
        return sum([sum([a * b for a, b in zip(row, hidden, strict=True)]) for row in w]) ** 0.5 + x[0]

    program = compile(fn, example=([0.1] * 5,), backend=backend)
    value, gradient = program.value_and_grad([[1.0, 2.0, 3.0, 4.0, 5.0]])
    y = fn([1.0, 2.0, 3.0, 4.0, 5.0])
    y.backward()
    assert value == pytest.approx(y.data, rel=1e-12)
    np.testing.assert_allclose(gradient, [p.grad or 0.0 for p in program.parameters], rtol=1e-12)
    for parameter in program.parameters:
        parameter.grad = None
    _, closed = program.value_and_grad([[0.0, 0.0, 0.0, 0.0, 0.0]])
    y = fn([0.0] * 5)
    y.backward()
    np.testing.assert_array_equal(closed, [p.grad or 0.0 for p in program.parameters])
