"""Compiled functions: the numbers of eager mode for any rows, and an error where a program would freeze a number."""

from __future__ import annotations

import copy
import math
import pickle
import random
import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograd_core import (
    Value,
    compile,  # noqa: A004
    custom_primitive,
    exp,
    grad,
    hessian,
    hvp,
    jvp,
    log,
    maximum,
    no_grad,
    relu,
    tanh,
    where,
)
from tests.support.programs import assert_agrees

Function = Callable[..., Any]


NAN, INFINITY = math.nan, math.inf


def test_one_value_a_row_and_the_gradient_of_the_mean() -> None:
    w, b = Value(2.0, label="w"), Value(-1.0, label="b")
    program = assert_agrees(lambda x, y: (w * x + b - y) ** 2, (1.0, 1.0), [(1.0, 2.0), (3.0, -1.0), (0.5, 0.0)])
    assert program.parameters == [w, b]
    w.data = 5.0
    assert program([1.0], [0.0]).tolist() == [16.0]


@pytest.mark.parametrize("count", [1, 7, 8, 9, 127, 1000])
def test_any_number_of_rows(count: int) -> None:
    generator = random.Random(count)
    weights = [Value(generator.uniform(-1, 1)) for _ in range(3)]
    rows = [([generator.gauss(0, 1), generator.gauss(0, 1)], generator.gauss(0, 1)) for _ in range(count)]
    assert_agrees(
        lambda x, y: tanh(weights[0] * x[0] + weights[1] * x[1]) * weights[2] * y + relu(x[0] * y - weights[1]),
        ([0.0, 0.0], 0.0),
        rows,
    )


@pytest.mark.parametrize("reduce", ["mean", "sum"])
def test_what_does_not_depend_on_the_row_counts_in_every_row(reduce: str) -> None:
    w = Value(3.0)
    rows = [1.0, 2.0, 4.0]
    program = compile(lambda x: 2.0 * (0.5 * (w * x) - (w * w - w) / 4.0) + w, example=1.0, reduce=reduce)
    share, times = (1 / 3, 1) if reduce == "mean" else (1.0, 3)
    value, gradient = program.value_and_grad(rows)
    assert value == pytest.approx(3 * 7 * share + times * (3 - (9 - 3) / 2))
    assert gradient.tolist() == pytest.approx([7 * share + times * (1 - (6 - 1) / 2)])


@pytest.mark.parametrize(
    "row", [0.0, -0.0, 1.0, -1.0, NAN, INFINITY, -INFINITY, 800.0, -800.0, 1e-9], ids=lambda row: repr(row)
)
def test_behind_a_closed_gate_nothing_arrives_however_large_the_partial(row: float) -> None:
    w, v = Value(2.0), Value(0.0)
    for fn in (
        lambda x: relu(log(x) * w) + relu(-x * w),
        lambda x: where(x > 0, log(x * w), x) * v,
        lambda x: relu(w * x + v),
        lambda x: maximum(w * x, v) + where(v > 0, exp(w * 1000) * v / v, w),
    ):
        assert_agrees(fn, (1.0,), [(row,)])
        assert_agrees(fn, (1.0,), [(0.5,), (row,), (-2.0,)])


def test_gradients_with_respect_to_the_data_have_its_shape() -> None:
    w = Value(3.0)
    program = compile(lambda x, y: w * x[0][1] * y + x[1][0] ** 2, example=([[1.0, 1.0], [1.0, 1.0]], 2.0))
    data = np.arange(8.0).reshape(2, 2, 2)
    value, gradient, (by_x, by_y) = program.value_and_grad(data, [1.0, 2.0], inputs=True)
    assert value == ((3 * 1 * 1 + 4) + (3 * 5 * 2 + 36)) / 2
    assert gradient.tolist() == [(1 * 1 + 5 * 2) / 2]
    assert by_x.tolist() == [[[0.0, 1.5], [2.0, 0.0]], [[0.0, 3.0], [6.0, 0.0]]]
    assert by_y.tolist() == [1.5, 7.5]


def test_lists_of_different_lengths_in_a_row() -> None:
    w = Value(2.0)
    program = compile(lambda x: w * x[0] + x[1][0] * x[1][1], example=[1.0, [2.0, 3.0]])
    assert program([[1.0, [2.0, 3.0]], [4.0, [5.0, 6.0]]]).tolist() == [8.0, 38.0]
    _, _, by_row = program.value_and_grad([[1.0, [2.0, 3.0]]], inputs=True)
    assert by_row.tolist() == [[2.0, 3.0, 2.0]]


def test_backward_fills_grad_as_eager_mode_does() -> None:
    w = Value(2.0)
    program = compile(lambda x: w * x, example=1.0)
    assert program.backward([1.0, 3.0]) == 4.0
    assert program.backward([1.0, 3.0]) == 4.0
    assert w.grad == 4.0
    w.grad = None


def test_numbers_instead_of_the_parameters() -> None:
    w = Value(2.0)
    program = compile(lambda x: w * x, example=1.0)
    assert program.value_and_grad([1.0, 3.0], parameters=[10.0])[0] == 20.0
    assert w.data == 2.0


def test_parameters_named_first_come_first_reached_or_not() -> None:
    a, b, idle = Value(1.0), Value(2.0), Value(3.0)
    program = compile(lambda x: a * x + b, example=1.0, parameters=[idle, b])
    assert program.parameters == [idle, b, a]
    assert program.value_and_grad([5.0])[1].tolist() == [0.0, 1.0, 5.0]
    with pytest.raises(ValueError, match="twice"):
        compile(lambda x: x, example=1.0, parameters=[a, a])
    with pytest.raises(TypeError, match="computed"):
        compile(lambda x: x, example=1.0, parameters=[a * 2])


def test_values_made_inside_are_constants_and_cut_histories_carry_nothing() -> None:
    w, outside = Value(2.0), Value(3.0).detach()

    def fn(x: Any) -> Any:
        total = Value(0.0)
        with no_grad():
            scale = w * x
        return total + scale * x + (w * x).detach() * w + outside * x

    program = compile(fn, example=1.0)
    assert program.parameters == [w]
    assert program([3.0]).tolist() == [2 * 9 + 6 * 2 + 9]
    assert program.value_and_grad([3.0])[1].tolist() == [6.0]
    outside.data = 4.0
    assert program([3.0]).tolist() == [2 * 9 + 6 * 2 + 12]


def test_no_parameters_no_inputs_or_no_dependence_at_all() -> None:
    assert compile(lambda x: x * x, example=1.0).value_and_grad([3.0])[1].tolist() == []
    assert compile(lambda x: 7.0, example=1.0)([1.0, 2.0]).tolist() == [7.0, 7.0]
    w = Value(3.0)
    assert compile(lambda: w * w, example=()).value_and_grad() == (9.0, [6.0])
    assert compile(lambda x: w, example=1.0)([1.0, 2.0]).tolist() == [3.0, 3.0]


def test_a_custom_primitive_runs_by_its_own_rule() -> None:
    cube = custom_primitive("cube", lambda a: a * a * a, [lambda y, a: 3 * a**2])
    w = Value(2.0)
    assert_agrees(lambda x: cube(w * x), (1.0,), [(1.0,), (-2.0,)])


def test_a_program_on_values_is_a_graph() -> None:
    w = Value(2.0)
    program = compile(lambda x, y: w * x[0] * y + x[1] ** 3, example=([1.0, 1.0], 1.0))
    x = Value(3.0)
    (y,) = program([[x, 2.0]], [5.0])
    y.backward()
    assert (y.data, x.grad, w.grad) == (38.0, 10.0, 15.0)
    x.grad = w.grad = None
    outer = compile(lambda a: program([[a, a]], [1.0])[0] * a, example=1.0)
    assert outer([2.0]).tolist() == [(2 * 2 + 8) * 2]
    assert outer.parameters == [w]
    with pytest.raises(ValueError, match="row of 3"):
        program([[x]], [1.0])


def test_a_program_on_values_reads_detached_numbers_in_their_own_places() -> None:
    w, v = Value(2.0), Value(3.0)
    detached = (w * 5.0).detach()
    program = compile(lambda x: detached * x + v, example=1.0)
    assert program([2.0]).tolist() == [number.data for number in program([Value(2.0)])] == [23.0]


@pytest.mark.parametrize(
    "inner",
    [
        lambda w, x: grad(lambda t: relu(w * t) * t)(x),
        lambda w, x: grad(grad(lambda t: log(relu(t)) * t * w))(x),
        lambda w, x: jvp(lambda t: relu(t) * t * w, x, 1.0)[1],
        lambda w, x: hvp(lambda t: relu(t[0]) * t[1] ** 2 * w, [x, x], [1.0, w])[1][0],
        lambda w, x: hessian(lambda t: maximum(t[0], w) * t[1] * t[0])([x, x * x])[0][1],
    ],
)
@pytest.mark.parametrize("at", [1.0, -1.0])
def test_gates_of_derivatives_inside_stay_open_to_every_row(inner: Function, at: float) -> None:
    w = Value(1.5)
    rows = [(-1.0,), (2.0,), (0.0,), (0.25,)]
    assert_agrees(lambda x: inner(w, x), (at,), rows)


def test_derivatives_of_a_program() -> None:
    w = Value(1.5)
    program = compile(lambda x, y: relu(w * x) ** 2 * y, example=(-1.0, 1.0))
    rows = hessian(lambda x, y: program([x], [y])[0])(2.0, 3.0)
    assert [[entry.data for entry in row] for row in rows] == [[2 * 2.25 * 3, 2 * 2.25 * 2], [2 * 2.25 * 2, 0.0]]


@pytest.mark.parametrize("backend", ["numpy", "auto"])
def test_pickled_and_copied(backend: str) -> None:
    w = Value(0.5, label="w")
    program = compile(lambda x, y: (tanh(w * x) - y) ** 2, example=(1.0, 1.0), backend=backend, reduce="sum")
    data = [1.0, 2.0], [0.0, 1.0]
    value, gradient = program.value_and_grad(*data)
    together = copy.deepcopy((w, program)), pickle.loads(pickle.dumps((w, program)))
    for own, again in ((w, copy.copy(program)), *together):
        assert again.parameters == [own]
        assert again.value_and_grad(*data) == (value, gradient)
        own.data = 2.0
        assert again.value_and_grad(*data)[0] != value
        own.data = 0.5


def test_the_tape_prints_as_numbered_lines() -> None:
    w = Value(1.5, label="w")
    lines = str(compile(lambda x: exp(w * x) + exp(w * x) * 0, example=1.0)).splitlines()
    assert lines[:4] == ["r0 = leaf x", "r1 = leaf w", "r2 = multiply(r1, r0)", "r3 = exp(r2)"]
    assert lines[-1].startswith("d value / d r1 = r")
    assert not any("exp" in line for line in lines[4:])
    squared = str(compile(lambda x: (w * x) ** 2, example=1.0))
    assert "equal" not in squared  # the guard of the base of a power, which a constant exponent makes dead


def test_choices_that_do_not_exist_are_refused() -> None:
    for choice in ({"backend": "abacus"}, {"dtype": "int8"}, {"reduce": "max"}):
        with pytest.raises(ValueError, match="is one of"):
            compile(lambda x: x, example=1.0, **choice)
    with pytest.raises(TypeError, match="takes a function"):
        compile(Value(1.0), example=1.0)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="no rows"):
        compile(lambda x: x, example=1.0).value_and_grad([])


def test_float32() -> None:
    w = Value(0.1)
    program = compile(lambda x: exp(w * x), example=1.0, dtype="float32")
    assert program([1.0, 2.0]).dtype == np.float32
    np.testing.assert_allclose(program([1.0, 2.0]), np.exp([0.1, 0.2]), rtol=1e-6)


def test_threads_take_turns() -> None:
    w = Value(1.5)
    program = compile(lambda x: tanh(w * x), example=1.0)
    data = [np.full(500, float(number)) for number in range(4)]
    expected = [program.value_and_grad(rows)[1].tolist() for rows in data]
    wrong: list[int] = []

    def work(number: int) -> None:
        for _ in range(50):
            if program.value_and_grad(data[number])[1].tolist() != expected[number]:
                wrong.append(number)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_a_quotient_by_a_parameter_is_not_split() -> None:
    """(y + 0.5) / p at y = p = 0 is inf, where y / p + 0.5 / p is nan."""
    p = Value(0.0, label="p")
    program = compile(lambda x, y: (y + 0.5) / p + x, example=(1.0, 1.0))
    value, _ = program.value_and_grad([2.0], [0.0])
    assert value == math.inf
