"""`choose` compiled: one gather and one scatter-add, with eager mode's numbers; every index is checked."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd_core import (
    Value,
    choose,
    compile,  # noqa: A004
    dot,
    exp,
    floor,
    grad,
    log,
    logsumexp,
    relu,
    tanh,
    where,
)
from autograd_core.compiler.program import Program
from autograd_core.compiler.vectorise.vector_program import Choose, ScatterAdd
from tests.support.backends import INSTALLED as BACKENDS

numbers = st.floats(-2, 2).map(lambda x: round(x, 3))


def table_of(rows: int, width: int, seed: int = 0) -> list[list[Value]]:
    generator = random.Random(seed)
    return [[Value(generator.gauss(0, 1), label=f"E[{k}][{j}]") for j in range(width)] for k in range(rows)]


def embed(table: list[list[Value]], index: Any) -> list[Any]:
    return [choose(index, column) for column in zip(*table, strict=True)]


def eagerly(fn: Any, rows: list[tuple[Any, ...]], parameters: list[Value]) -> tuple[list[float], float, list[float]]:
    """The values, their mean, and its gradients."""
    for parameter in parameters:
        parameter.grad = None
    values = [
        fn(*[[Value(x) for x in part] if isinstance(part, list) else Value(part) for part in row]) for row in rows
    ]
    total = sum(values) / float(len(values))
    total.backward()
    return [value.data for value in values], total.data, [parameter.grad or 0.0 for parameter in parameters]


def columns_of(rows: list[tuple[Any, ...]]) -> list[Any]:
    return [np.array(part, float) for part in zip(*rows, strict=True)]


def assert_as_eager(
    fn: Any, rows: list[tuple[Any, ...]], backend: str, tolerance: float = 1e-12, **options: Any
) -> Any:
    program = compile(fn, example=rows[0], backend=backend, **options)
    data = columns_of(rows)
    values, total, gradients = eagerly(fn, rows, program.parameters)
    assert program(*data) == pytest.approx(values, rel=tolerance, abs=tolerance)
    value, gradient = program.value_and_grad(*data)
    assert value == pytest.approx(total, rel=tolerance, abs=tolerance)
    assert gradient == pytest.approx(gradients, rel=tolerance, abs=tolerance)
    return program


@st.composite
def cases(draw: Any) -> tuple[int, int, list[tuple[list[int], float]]]:
    rows, width, reads = draw(st.integers(1, 9)), draw(st.integers(1, 3)), draw(st.integers(1, 4))
    indices = st.lists(st.integers(0, rows - 1), min_size=reads, max_size=reads)
    return rows, width, draw(st.lists(st.tuples(indices, numbers), min_size=1, max_size=9))


@pytest.mark.parametrize("backend", BACKENDS)
@settings(deadline=None, max_examples=8)
@given(case=cases())
def test_random_embeddings(backend: str, case: Any) -> None:
    """Equal indices, unequal ones, values that are parameters, constants, computed from parameters or from the row."""
    count, width, rows = case
    table = table_of(count, width)
    weights = [Value(0.1 * k - 0.3) for k in range(width * len(rows[0][0]))]

    def fn(indices: list[Any], y: Any) -> Any:
        x = [number for index in indices for number in embed(table, index)]
        of_row = choose(indices[0], [tanh(table[k][0] * y) for k in range(count)])
        once = choose(indices[-1], [exp(row[0]) if k % 2 else 0.5 for k, row in enumerate(table)])
        return tanh(dot(weights, x) - y) * of_row + once * x[0]

    assert_as_eager(fn, rows, backend)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("count", [1, 2, 30, 10_000])
def test_any_number_of_rows_of_the_table(backend: str, count: int) -> None:
    table = table_of(count, 2)
    rows = [((k * 7919) % count, 0.25 * k) for k in range(4)]

    def fn(index: Any, y: Any) -> Any:
        return dot(embed(table, index), embed(table, index)) * y

    program = assert_as_eager(fn, rows, backend)
    steps = program.vectorised().steps()
    assert [sum(isinstance(step, kind) for step in steps) for kind in (Choose, ScatterAdd)] == [1, 1]


@pytest.mark.parametrize("backend", BACKENDS)
def test_what_is_chosen_is_the_number_to_the_last_bit(backend: str) -> None:
    values = [Value(x) for x in (0.1, -0.0, 1e-310, 1e308, float("inf"), float("-inf"), -1.5)]
    program = compile(lambda i: choose(i, values), example=0.0, backend=backend)
    found = program(np.arange(7.0))
    assert [x.hex() for x in found.tolist()] == [v.data.hex() for v in values]


def test_the_backends_have_the_same_bits() -> None:
    pytest.importorskip("llvmlite")
    table = table_of(11, 3)

    def fn(indices: list[Any], y: Any) -> Any:
        first, second = (embed(table, index) for index in indices)
        return first[0] * y + second[1] * first[2]

    rows = [([k % 11, k * k % 11], 0.1 * k) for k in range(50)]
    results = [compile(fn, example=rows[0], backend=name).value_and_grad(*columns_of(rows)) for name in BACKENDS]
    assert all(np.array_equal(results[0][1], gradient) for _, gradient in results)


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_gradient_of_a_score_among_those_of_the_row(backend: str) -> None:
    def cross_entropy(scores: list[Any], target: Any) -> Any:
        return logsumexp(scores) - choose(target, scores)

    generator = np.random.default_rng(0)
    scores, target = generator.normal(size=(20, 6)), np.arange(20) % 6
    program = compile(cross_entropy, example=([0.0] * 6, 0.0), backend=backend)
    _, _, (by_scores, by_target) = program.value_and_grad(scores, target, inputs=True)
    shares = np.exp(scores) / np.exp(scores).sum(1, keepdims=True)
    assert by_scores == pytest.approx((shares - np.eye(6)[target]) / 20, abs=1e-15)
    assert not by_target.any()
    assert program(scores, target) == pytest.approx(-np.log(shares[np.arange(20), target]))


@pytest.mark.parametrize("backend", BACKENDS)
def test_second_derivatives(backend: str) -> None:
    table = table_of(4, 1)
    column = [row[0] for row in table]

    def slope(index: Any, y: Any) -> Any:
        def f(values: list[Any]) -> Any:
            return choose(index, values) ** 3 * y + values[0] * choose(index, values)

        return dot(grad(f)(column), [1.0, 2.0, 3.0, 4.0])

    assert_as_eager(slope, [(k % 4, 0.5 * k) for k in range(9)], backend)


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_closed_gate_keeps_inf_from_the_table(backend: str) -> None:
    """Behind it lies a partial that is infinite: log'(0)."""
    roots = [Value(0.0), Value(1.0), Value(2.0)]

    def fn(index: Any, x: Any) -> Any:
        return relu(x) * choose(index, [log(root) for root in roots]) + x

    program = compile(fn, example=(1, 1.0), backend=backend)
    value, gradient = program.value_and_grad([1.0, 2.0, 2.0], [1.0, -1.0, 3.0])
    assert value == pytest.approx((1.0 - 1.0 + 3.0 * np.log(2.0) + 3.0) / 3)
    assert gradient[1:].tolist() == pytest.approx([1 / 3, 0.5])


BAD = [3.0, -1.0, 0.5, float("nan"), float("inf")]


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("bad", BAD)
def test_a_column_is_checked_before_the_run(backend: str, bad: float) -> None:
    column = [Value(1.0), Value(2.0), Value(3.0)]
    program = compile(lambda i, y: (choose(i[1], column) - y) ** 2, example=([0, 0], 1.0), backend=backend)
    program.value_and_grad([[0, 1], [0, 2]], [1.0, 2.0])
    index, y = np.array([[9.0, 2.0], [9.0, 0.0], [9.0, bad], [9.0, 1.0]]), np.ones(4)
    for call in (
        lambda: program(index, y),
        lambda: program([[Value(9.0), Value(k)] for k in (0, bad)], [1.0, 1.0]),
        lambda: program.value_and_grad(index, y),
        lambda: program.value_and_grad(index.tolist(), y.tolist()),
        lambda: program.train(index, y, steps=9, learning_rate=0.1, batch_size=1),
        lambda: program.train(index[2:3], y[2:3], steps=1, learning_rate=0.1, parameters=np.ones(3)),
        lambda: program.value_and_grad(part for part in [(index, y)]),
    ):
        with pytest.raises(ValueError, match=r"choose among 3 values .* in row [012]( of i\[1\])?"):
            call()
    assert [v.data for v in column] == [1.0, 2.0, 3.0]


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_computed_index_is_checked_after_the_run(backend: str) -> None:
    column = [Value(1.0), Value(2.0), Value(3.0)]

    def fn(x: Any, y: Any) -> Any:
        return where(y > 0.0, 1.0, choose(floor(3.0 * x), column)) * y  # also behind a closed gate

    program = compile(fn, example=(-5.0, 1.0), backend=backend)  # the numbers of the example do not matter
    x, y = np.array([0.1, 0.4, 0.9, 0.2]), np.array([-1.0, 1.0, -1.0, 1.0])
    assert program(x, y).tolist() == [-1.0, 1.0, -3.0, 1.0]
    x[3] = 1.25
    for call in (
        lambda: program(x, y),
        lambda: program.value_and_grad(x, y),
        lambda: program.value_and_grad((x[k : k + 2], y[k : k + 2]) for k in (0, 2)),
        lambda: list(program(part for part in [(x, y)])),
    ):
        with pytest.raises(ValueError, match=r"choose among 3 values .* got 3.0 in row 3\."):
            call()
    with pytest.raises(ValueError, match=r"in row 3\."):
        program.train(x, y, steps=4, learning_rate=0.5, batch_size=1)
    assert [v.data for v in column] == [1.5, 2.0, 3.5]  # as the three steps before it left them


@pytest.mark.parametrize("backend", BACKENDS)
def test_float32(backend: str) -> None:
    table = table_of(50, 4)
    rows = [([k % 50, 3 * k % 50], 0.1) for k in range(70)]

    def fn(indices: list[Any], y: Any) -> Any:
        first, second = (embed(table, index) for index in indices)
        return tanh(dot(first, second) - y)

    assert_as_eager(fn, rows, backend, 2e-6, dtype="float32")


def test_two_threads_have_the_same_bits() -> None:
    pytest.importorskip("llvmlite")
    table = table_of(20, 8)
    weights = [[Value(0.01 * (i - j)) for i in range(8)] for j in range(8)]

    def fn(index: Any, y: Any) -> Any:
        x = embed(table, index)
        return sum(tanh(dot(row, x) - y) for row in weights)

    generator = np.random.default_rng(0)
    index, y = generator.integers(0, 20, 60_000), generator.normal(size=60_000)
    one, two = (compile(fn, example=(0, 1.0), backend="native", threads=n).value_and_grad(index, y) for n in (1, 2))
    assert one[0] == two[0]
    assert np.array_equal(one[1], two[1])


@pytest.mark.parametrize("backend", BACKENDS)
def test_training_is_that_of_eager_mode(backend: str) -> None:
    table = table_of(6, 3)
    weights = [Value(0.3), Value(-0.2), Value(0.5)]
    rows = [(k % 6, 0.1 * k) for k in range(12)]

    def fn(index: Any, y: Any) -> Any:
        return (tanh(dot(weights, embed(table, index))) - y) ** 2

    program = compile(fn, example=(0, 1.0), backend=backend)
    start = [p.data for p in program.parameters]
    losses = program.train(*columns_of(rows), steps=100, learning_rate=0.3)
    for parameter, number in zip(program.parameters, start, strict=True):
        parameter.data = number
    for loss in losses:
        _, expected, gradients = eagerly(fn, rows, program.parameters)
        assert loss == pytest.approx(expected, rel=1e-9)
        for parameter, gradient in zip(program.parameters, gradients, strict=True):
            parameter.data -= 0.3 * gradient


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_saved_program_chooses_the_same(backend: str, tmp_path: Path) -> None:
    table = table_of(9, 2)
    program = compile(lambda i, y: dot(embed(table, i), [y, 2.0]), example=(0, 1.0), backend=backend)
    program.save(tmp_path / "program.json")
    loaded = Program.load(tmp_path / "program.json", backend=backend)
    data = np.arange(9), np.linspace(0, 1, 9)
    assert np.array_equal(loaded(*data), program(*data))
    assert all(map(np.array_equal, loaded.value_and_grad(*data), program.value_and_grad(*data)))
    with pytest.raises(ValueError, match=r"choose among 9 values"):
        loaded([9.0], [1.0])


def test_a_constant_index_is_the_value_itself() -> None:
    column = [Value(1.0), Value(2.0)]
    program = compile(lambda x: choose(1, column) * x, example=1.0)
    assert program.value_and_grad([3.0])[1].tolist() == [0.0, 3.0]
    assert "choose" not in str(program)
    for outside in (lambda x: choose(2, column) * x, lambda x: choose(Value(2.0), column) * x):
        with pytest.raises(ValueError, match="choose among 2 values"):
            compile(outside, example=1.0)


@pytest.mark.parametrize("backend", BACKENDS)
def test_an_optimiser_may_choose_by_the_count_of_steps(backend: str) -> None:
    def rule(parameter: Any, gradient: Any, state: Any, learning_rate: Any) -> tuple[Any, dict[str, Any]]:
        factor = choose(state["step"], [1.0, 0.5, 0.0])
        return parameter - learning_rate * factor * gradient, {"step": state["step"] + 1.0}

    w = Value(0.0)
    program = compile(lambda x: w * x, example=1.0, backend=backend)
    program.train([1.0], steps=3, learning_rate=0.1, rule=rule)
    assert w.data == pytest.approx(-0.15)


def test_explain_names_the_table() -> None:
    table = table_of(5, 3)
    program = compile(lambda token, y: tanh(dot(embed(table, token), [1.5, -2.0, 0.3]) - y), example=(0, 1.0))
    text = program.explain()
    assert "v1 = E1[token]" in text
    assert "dJ/dE1 = sum over the rows of" in " ".join(text.split())


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_table_with_constants_and_rows_that_recur(backend: str) -> None:
    a, b = Value(0.5), Value(-0.75)

    def fn(index: Any, y: Any) -> Any:
        return (choose(index, [a, 1.0, b, a, 2.0]) - y) ** 2 + choose(index, [b, b, b, b, b])

    assert_as_eager(fn, [(k % 5, 0.1 * k) for k in range(13)], backend)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("kinds", ["pc", "cp", "pcc", "cpc", "ppc", "xpc", "pxc", "pcx"])
def test_a_constant_takes_no_gradient_from_its_neighbours(backend: str, kinds: str) -> None:
    """A table of parameters (p), constants (c) and parameters that no gradient is asked of (x), in any order."""
    values = [(0.5 if kind == "c" else Value(0.25 * k - 1.0)) for k, kind in enumerate(kinds)]
    asked = [value for value, kind in zip(values, kinds, strict=True) if kind == "p"]
    rows = [(k % len(kinds), 0.5 * k) for k in range(7)]
    assert_as_eager(lambda index, y: choose(index, values) * y, rows, backend, parameters=asked)
