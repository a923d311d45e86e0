"""The script that pages run, under Node: the numbers of eager mode, and the steps of the NumPy backend."""

from __future__ import annotations

import random
import shutil
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd_core import (
    COMPOSITIONS,
    CompileError,
    NonFiniteError,
    Value,
    choose,
    compile,  # noqa: A004
    custom_primitive,
    dot,
    exp,
    logsumexp,
    relu,
    tanh,
)
from autograd_core.compiler.vectorise import vector_program
from tests.support.programs import (
    ACTIVATIONS,
    KINKED,
    ORDERS,
    SMOOTH,
    SPECIAL,
    Function,
    apply_units,
    assert_agrees,
    eagerly,
    layer,
    programs,
    rows_for,
    same,
    where_steady,
)

pytestmark = pytest.mark.skipif(shutil.which("node") is None, reason="runs under Node.js: apt-get install nodejs")


def net(generator: random.Random, inputs: int, width: int, name: str, add: Function) -> Function:
    """The hinge loss of a net whose second hidden layer is used twice."""
    first, again, last = layer(generator, inputs, width), layer(generator, width, width), layer(generator, width, 1)
    activation = COMPOSITIONS[name]

    def loss(row: list[Any], label: Any) -> Any:
        hidden = [activation(z) for z in apply_units(first, row, add)]
        for _ in range(2):
            hidden = [a + activation(b) for a, b in zip(hidden, apply_units(again, hidden, add), strict=True)]
        (score,) = apply_units(last, hidden, add)
        return relu(1.0 - label * score) + 1e-3 * dot(first[0][0], first[0][0])

    return loss


@pytest.mark.parametrize("count", [1, 9, 700])
@settings(deadline=None, max_examples=4)
@given(
    inputs=st.integers(1, 6),
    width=st.integers(1, 9),
    name=st.sampled_from(ACTIVATIONS),
    add=st.sampled_from(ORDERS),
    seed=st.integers(0, 1000),
)
def test_random_nets_to_1e_12(count: int, inputs: int, width: int, name: str, add: Function, seed: int) -> None:
    generator = random.Random(seed)
    loss = net(generator, inputs, width, name, add)
    rows = rows_for(generator, inputs, count)
    program = compile(loss, example=([0.1] * inputs, 1.0), backend="javascript")
    data = [list(column) for column in zip(*rows, strict=True)]
    values = np.array([loss(*row).data for row in rows])
    np.testing.assert_allclose(program(*data), values, rtol=1e-12, atol=1e-12)
    value, gradient = program.value_and_grad(*data)
    expected, expected_gradient, sizes = eagerly(loss, program.parameters, rows)
    assert abs(value - expected) <= 1e-12 * (1 + np.abs(values).mean())
    assert (np.abs(gradient - expected_gradient) <= 1e-12 * (1 + sizes)).all()


@settings(deadline=None, max_examples=40)
@given(
    generated=programs((*SMOOTH, *KINKED, *ACTIVATIONS)),
    usual=st.lists(st.tuples(st.floats(-2, 2), st.floats(-2, 2)), min_size=1, max_size=4),
    special=st.tuples(st.sampled_from(SPECIAL), st.sampled_from(SPECIAL)),
)
def test_random_programs_with_a_special_number_among_the_rows(generated: Any, usual: Any, special: Any) -> None:
    fn, parameters = generated
    rows = [*usual, special, *usual]
    numbers = [value.data if isinstance(value, Value) else value for value in (fn(*row) for row in rows)]
    expected, gradient, sizes = eagerly(fn, parameters, rows)
    program = compile(fn, example=(0.3, -0.7), parameters=parameters, backend="javascript")
    columns = [list(column) for column in zip(*rows, strict=True)]
    with where_steady(fn, parameters, rows):
        value, got = program.value_and_grad(*columns)
        all_found = [*program(*columns), value, *got]
        # A sum of terms that cancel inside a row is known to the size of its terms only.
        all_sizes = [*(10 * abs(number) for number in numbers), 10 * abs(expected), *(100 * size for size in sizes)]
        for a, b, size in zip(all_found, [*numbers, expected, *gradient], all_sizes, strict=True):
            assert same(a, b) or abs(a - b) <= 1e-12 * (1 + size)


def steps_of(program: Any, kind: type) -> list[Any]:
    return [step for step in program.vectorised().steps() if isinstance(step, kind)]


def test_turns_products_of_rows_folds_and_choices() -> None:
    generator = random.Random(4)
    units, table = layer(generator, 3, 3), [[Value(0.1 * i + j) for j in range(3)] for i in range(5)]

    def attention(xs: list[list[Any]], index: Any) -> Any:
        queries = [[tanh(z) for z in apply_units(units, x)] for x in xs]
        chosen = [choose(index, column) for column in zip(*table, strict=True)]
        scores = [dot(query, chosen) + dot(query, queries[0]) for query in queries]
        return logsumexp(scores) + sum(exp(-score * score) for score in scores)

    rows = [([[generator.gauss(0, 1) for _ in range(3)] for _ in range(6)], i % 5) for i in range(12)]
    program = assert_agrees(attention, ([[0.1] * 3] * 6, 1.0), rows, backend="javascript")
    for kind in ("Affine", "Dot", "Outer", "Choose", "ScatterAdd"):
        assert steps_of(program, getattr(vector_program, kind)), kind


@pytest.mark.parametrize("numbers", [{}, {"rule": "sgd", "momentum": 0.9}, {"rule": "adam"}, {"rule": "adamw"}])
def test_steps_of_an_optimiser_on_batches_are_those_of_numpy(numbers: dict[str, Any]) -> None:
    rows = rows_for(random.Random(2), 2, 50)
    data = [list(column) for column in zip(*rows, strict=True)]
    found = []
    for backend in ("numpy", "javascript"):
        program = compile(net(random.Random(3), 2, 5, "sigmoid", ORDERS[0]), example=([0.1] * 2, 1.0), backend=backend)
        state: dict[str, Any] = {}
        losses = program.train(*data, steps=40, learning_rate=0.05, batch_size=8, state=state, **numbers)
        found.append([*losses, *(value.data for value in program.parameters), state["row"]])
    np.testing.assert_allclose(*found, rtol=1e-11, atol=1e-12)


def test_programs_that_take_turns_in_the_memory_keep_their_constants() -> None:
    pair = [
        compile(lambda x: relu(2.5 * x + 1.5) * 3.5, example=1.0, backend="javascript"),
        compile(lambda x: relu(4.5 - x * x) + 7.5 * x, example=1.0, backend="javascript"),
    ]
    rows = np.linspace(-3.0, 3.0, 9)
    expected = [np.maximum(2.5 * rows + 1.5, 0.0) * 3.5, np.maximum(4.5 - rows * rows, 0.0) + 7.5 * rows]
    for turn in (0, 1, 0, 0, 1):
        np.testing.assert_allclose(pair[turn](rows), expected[turn], rtol=1e-15)


def test_a_gradient_that_is_not_finite_stops_it_before_the_step() -> None:
    w = Value(1.0)
    program = compile(lambda x: exp(w * x), example=1.0, backend="javascript")
    with pytest.raises(NonFiniteError):
        program.train([1.0, 1000.0], steps=3, learning_rate=0.1)
    assert w.data == 1.0


def test_what_it_cannot_do_is_refused() -> None:
    with pytest.raises(ValueError, match="float64"):
        compile(lambda x: x, example=1.0, backend="javascript", dtype="float32")
    with pytest.raises(ValueError, match="threads=2 is for"):
        compile(lambda x: x, example=1.0, backend="javascript", threads=2)
    cube = custom_primitive("cube", lambda a: a**3, [lambda y, a: 3 * a * a])
    with pytest.raises(CompileError, match="no rule for cube"):
        compile(lambda x: cube(x), example=1.0, backend="javascript")([1.0])
