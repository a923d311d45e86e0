"""From scalars back to vectors and matrices: any layered net is found again, and everything else stays right."""

from __future__ import annotations

import math
import random
import tracemalloc
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd_core import (
    COMPOSITIONS,
    PRIMITIVES,
    Value,
    compile,  # noqa: A004
    dot,
    logsumexp,
    mean,
    relu,
    sigmoid,
    tanh,
    where,
)
from autograd_core.compiler.vectorise.vector_program import Affine, Outer
from tests.support.programs import (
    ACTIVATIONS,
    KINKED,
    ORDERS,
    SMOOTH,
    SPECIAL,
    apply_units,
    assert_agrees,
    eagerly,
    is_steady,
    layer,
    programs,
    rows_for,
    same,
    where_steady,
)

Function = Callable[..., Any]


def matrices(program: Any) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """The shapes of the matrices in the rows' part of a program: of products, and of gradients."""
    body = program.vectorised().body
    products = [
        (len(step.terms[0][0]), sum(len(matrix[0]) for matrix, _ in step.terms))
        for step in body
        if isinstance(step, Affine)
        for _ in range(step.turns)
    ]
    gradients = [
        (len(step.sums), len(step.sums[0])) for step in body if isinstance(step, Outer) for _ in range(step.turns)
    ]
    return products, gradients


@pytest.mark.parametrize("add", ORDERS)
@pytest.mark.parametrize("activation", [relu, tanh, sigmoid])
def test_a_layered_net_is_found_in_whatever_order_it_is_added_up(add: Function, activation: Function) -> None:
    generator = random.Random(3)
    sizes = (3, 8, 5, 1)
    layers = [layer(generator, *shape) for shape in pairwise(sizes)]

    def fn(row: list[Any], label: Any) -> Any:
        for units in layers[:-1]:
            row = [activation(z) for z in apply_units(units, row, add)]
        (score,) = apply_units(layers[-1], row, add)
        return relu(1.0 - label * score)

    program = assert_agrees(fn, ([0.1, 0.2, 0.3], 1.0), rows_for(generator, 3, 9))
    products, gradients = matrices(program)
    assert products == [(8, 3), (5, 8), (1, 5), (8, 5)]
    assert sorted(gradients) == [(1, 5), (5, 8), (8, 3)]
    assert len(program.vectorised().body) < 60


def test_one_training_step_of_a_small_net_is_some_thirty_instructions() -> None:
    generator = random.Random(1)
    layers = [layer(generator, *shape) for shape in pairwise((2, 16, 16, 1))]
    parameters = [value for units in layers for weights, bias in units for value in (*weights, bias)]

    def fn(row: list[Any], label: Any) -> Any:
        for units in layers[:-1]:
            row = [relu(z) for z in apply_units(units, row)]
        (score,) = apply_units(layers[-1], row)
        return relu(1.0 - label * score) + 1e-4 * sum(p * p for p in parameters)

    program = assert_agrees(fn, ([0.1, 0.2], 1.0), rows_for(generator, 2, 100))
    assert len(program.vectorised().body) <= 30


def test_the_derivative_of_a_penalty_stays_one_vector() -> None:
    units = layer(random.Random(3), 3, 8)
    parameters = [value for weights, bias in units for value in (*weights, bias)]

    def fn(x: list[Any]) -> Any:
        return sum(tanh(z) for z in apply_units(units, x)) + 0.01 * sum(p * p for p in parameters)

    assert len(compile(fn, example=([0.1, 0.2, 0.3],)).vectorised().after) < 8


@pytest.mark.parametrize("size", [1, 2, 5])
@pytest.mark.parametrize("count", [1, 3])
def test_zero_times_infinity_is_nan_in_products_of_any_shape(size: int, count: int) -> None:
    weights = [[Value(0.0) for _ in range(size)] for _ in range(size)]
    bias = Value(1.0)

    def fn(row: list[Any]) -> Any:
        return sum(tanh(sum((w * x for w, x in zip(unit, row, strict=True)), bias)) for unit in weights)

    rows = [([0.5] * size,), ([math.inf] * size,), ([math.nan] * size,)]
    for row in rows:
        assert_agrees(fn, ([1.0] * size,), [row] * count)


def test_skip_connections_and_shared_weights() -> None:
    generator = random.Random(5)
    first, second, last = layer(generator, 4, 6), layer(generator, 6, 6), layer(generator, 10, 1)

    def fn(row: list[Any], label: Any) -> Any:
        hidden = [tanh(z) for z in apply_units(first, row)]
        for _ in range(3):  # the same weights three times, each with a skip
            hidden = [a + tanh(b) for a, b in zip(hidden, apply_units(second, hidden), strict=True)]
        (score,) = apply_units(last, [*hidden, *row])
        return (score - label) ** 2

    program = assert_agrees(fn, ([0.1] * 4, 1.0), rows_for(generator, 4, 7))
    products, gradients = matrices(program)
    assert sorted(products) == [(1, 10), (6, 4), *[(6, 6)] * 6]
    assert gradients.count((6, 6)) == 3


def test_two_towers_with_the_same_weights() -> None:
    generator = random.Random(5)
    units = layer(generator, 3, 4)

    def fn(a: list[Any], b: list[Any]) -> Any:
        return dot(apply_units(units, a), [relu(z) for z in apply_units(units, b)])

    rows = [([generator.gauss(0, 1) for _ in range(3)], [generator.gauss(0, 1) for _ in range(3)]) for _ in range(8)]
    program = assert_agrees(fn, ([0.1] * 3, [0.2] * 3), rows)
    assert matrices(program)[0].count((4, 3)) == 2


def test_cross_entropy_over_a_net() -> None:
    generator = random.Random(6)
    layers = [layer(generator, 5, 7), layer(generator, 7, 4)]

    def fn(row: list[Any], target: list[Any]) -> Any:
        scores = apply_units(layers[1], [relu(z) for z in apply_units(layers[0], row)], dot_and_bias)
        return logsumexp(scores) - dot(target, scores) + 1e-3 * mean([w * w for units in layers for _, w in units])

    def dot_and_bias(terms: list[Any], bias: Any) -> Any:
        return sum(terms[1:], terms[0]) + bias

    rows = [([generator.gauss(0, 1) for _ in range(5)], [0.0, 1.0, 0.0, 0.0]) for _ in range(8)]
    assert_agrees(fn, ([0.1] * 5, [1.0, 0.0, 0.0, 0.0]), rows)


def test_a_weight_used_at_every_place_as_in_a_convolution() -> None:
    generator = random.Random(8)
    kernel, bias = [Value(generator.uniform(-1, 1)) for _ in range(3)], Value(0.1)

    def fn(row: list[Any], label: Any) -> Any:
        places = [dot(kernel, row[start : start + 3]) + bias for start in range(8)]
        return (mean([tanh(z) for z in places]) - label) ** 2

    assert_agrees(fn, ([0.1] * 10, 1.0), rows_for(generator, 10, 6))


@pytest.mark.parametrize("count", [1, 2, 7, 8, 9, 100])
def test_a_sum_of_many_and_a_deep_chain(count: int) -> None:
    w = [Value(0.5 + 0.01 * i) for i in range(count)]

    def fn(x: Any) -> Any:
        y = x
        for weight in w:
            y = tanh(weight * y) + x
        return y * sum(w) + sum([x + weight for weight in w])

    assert_agrees(fn, (0.3,), [(0.1,), (2.0,), (-1.5,)])


# ------------------------------------------------------------------------------------------------ random programs


def test_rounding_is_distinguished_from_errors() -> None:
    w = Value(1.3)

    def wild(x: Any, y: Any) -> Any:
        return PRIMITIVES["sin"](1e9 * tanh(w * x)) + y

    def tame(x: Any, y: Any) -> Any:
        return PRIMITIVES["sin"](3.0 * tanh(w * x)) + relu(y)

    rows = [(0.3, -0.7), (1.1, 0.0)]
    assert not is_steady(wild, [w], rows)
    assert is_steady(tame, [w], rows)
    assert w.data == 1.3
    with where_steady(wild, [w], rows):
        raise AssertionError
    with pytest.raises(AssertionError), where_steady(tame, [w], rows):
        raise AssertionError


@settings(deadline=None, max_examples=120)
@given(
    generated=programs(SMOOTH + KINKED + ACTIVATIONS),
    rows=st.lists(st.tuples(st.floats(-2, 2), st.floats(-2, 2)), min_size=1, max_size=9),
)
def test_random_programs_agree_with_eager_mode(generated: Any, rows: Any) -> None:
    fn, parameters = generated
    with where_steady(fn, parameters, rows):
        assert_agrees(fn, (0.3, -0.7), rows)


@settings(deadline=None, max_examples=150)
@given(
    generated=programs((*SMOOTH, *KINKED, *ACTIVATIONS, "exp", "log", "sqrt", "divide", "log1p", "expm1", "power")),
    row=st.tuples(st.sampled_from(SPECIAL), st.one_of(st.sampled_from(SPECIAL), st.floats(-2, 2))),
)
def test_random_programs_at_special_values(generated: Any, row: Any) -> None:
    """Where eager mode gives nan or inf, so does the program, and nothing that eager mode keeps out gets in."""
    fn, parameters = generated
    program = compile(fn, example=(0.3, -0.7), parameters=parameters)
    value, gradients = program.value_and_grad([row[0]], [row[1]])
    expected, expected_gradients, sizes = eagerly(fn, parameters, [row])
    with where_steady(fn, parameters, [row]):
        for got, wanted, size in zip(
            [value, *gradients], [expected, *expected_gradients], [abs(expected), *sizes], strict=True
        ):
            finite = math.isfinite(got) and math.isfinite(wanted)
            assert abs(got - wanted) <= 1e-9 * (1 + size) if finite else same(got, wanted), (row, got, wanted)


@settings(deadline=None, max_examples=30)
@given(
    sizes=st.lists(st.integers(1, 9), min_size=2, max_size=4),
    orders=st.lists(st.sampled_from(ORDERS), min_size=4, max_size=4),
    names=st.lists(st.sampled_from(ACTIVATIONS), min_size=4, max_size=4),
    count=st.sampled_from([1, 7, 8, 9, 127]),
    seed=st.integers(0, 1000),
)
def test_random_nets_agree_with_eager_mode(
    sizes: list[int], orders: list[Function], names: list[str], count: int, seed: int
) -> None:
    generator = random.Random(seed)
    layers = [layer(generator, *shape) for shape in pairwise([*sizes, 1])]

    def fn(row: list[Any], label: Any) -> Any:
        for units, add, name in zip(layers, orders, names, strict=False):
            row = [COMPOSITIONS[name](z) for z in apply_units(units, row, add)]
        return (row[0] - label) ** 2 + where(label > 0, row[0], 0.0)

    assert_agrees(fn, ([0.1] * sizes[0], 1.0), rows_for(generator, sizes[0], min(count, 127)))


def test_the_same_call_gives_the_same_bits_and_keeps_no_memory() -> None:
    generator = random.Random(2)
    units = layer(generator, 3, 9)
    program = compile(lambda row: sum(tanh(z) for z in apply_units(units, row)), example=[0.0] * 3)
    data = np.array([row for row, _ in rows_for(generator, 3, 5000)])
    first = program.value_and_grad(data)
    again = compile(lambda row: sum(tanh(z) for z in apply_units(units, row)), example=[0.0] * 3)
    assert again.value_and_grad(data)[1].tobytes() == first[1].tobytes()
    small = data[:20]
    program.value_and_grad(small)
    tracemalloc.start()
    for _ in range(1000):
        program.value_and_grad(small)
    before = tracemalloc.get_traced_memory()[0]
    for _ in range(1000):
        assert program.value_and_grad(data[:20])[0] is not None
    grown = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert grown < 10_000
    assert program.value_and_grad(data)[1].tobytes() == first[1].tobytes()
