"""The reduced value is the mean or the sum of the rows' values, summed once a row, plus what is added once."""

from __future__ import annotations

import importlib.util
import math
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograd_core import (
    CompileError,
    Value,
    compile,  # noqa: A004
    logsumexp,
    sqrt,
    tanh,
)
from autograd_core.compiler.vectorise.vector_program import Affine
from tests.campaigns import reduced

Function = Callable[..., Any]
TOLERANCE = 1e-15  # of the mean of the absolute values
BACKENDS = ["numpy", *(["native"] if importlib.util.find_spec("llvmlite") else [])]

pytestmark = pytest.mark.parametrize("backend", BACKENDS)


def test_what_does_not_depend_on_the_row_counts_in_every_row(backend: str) -> None:
    w = Value(1.0)
    rows = [1.0, 2.0, 3.0, 4.0, 5.0]
    for factor in (2.0, Value(2.0)):
        fn = lambda x, factor=factor: (w * x + 10.0) * factor  # noqa: E731
        program = compile(fn, example=1.0, parameters=[w], reduce="sum", backend=backend)
        value, gradients = program.value_and_grad(rows)
        assert (value, gradients[0]) == (130.0, 30.0)
    constant = compile(lambda x: w * 3.0, example=1.0, reduce="sum", backend=backend)
    assert constant.value_and_grad(rows)[0] == 15.0


@pytest.mark.parametrize("reduce", ["mean", "sum"])
def test_once_is_added_once_with_its_gradient_and_is_no_value_of_a_row(backend: str, reduce: str) -> None:
    w, v = Value(2.0), Value(3.0)
    options: dict[str, Any] = {"example": 1.0, "reduce": reduce, "backend": backend}
    plain = compile(lambda x: w * x, **options)
    program = compile(lambda x: w * x, once=lambda: 0.5 * w * w + v, **options)
    assert program.parameters == [w, v]
    rows = [1.0, 3.0]
    assert program(rows).tolist() == plain(rows).tolist() == [2.0, 6.0]
    (value, (slope,)), (with_once, slopes) = plain.value_and_grad(rows), program.value_and_grad(rows)
    assert with_once == value + 5.0
    assert slopes.tolist() == [slope + 2.0, 1.0]
    w.data = 4.0
    assert program.value_and_grad(rows)[0] == plain.value_and_grad(rows)[0] + 11.0


@pytest.mark.parametrize("reduce", ["mean", "sum"])
def test_once_counts_once_in_training_in_streams_and_in_a_saved_program(
    backend: str, reduce: str, tmp_path: Path
) -> None:
    w = Value(2.0)
    program = compile(lambda x: sqrt(w * x), once=lambda: w * w, example=1.0, reduce=reduce, backend=backend)
    rows = np.array([1.0, 4.0, 0.0, 9.0, 2.0])
    value, gradients = program.value_and_grad(rows[[0, 1, 3, 4]])
    chunks = program.value_and_grad(rows[part : part + 1] for part in (0, 1, 3, 4))
    assert chunks[0] == pytest.approx(value, rel=1e-15)
    assert chunks[1] == pytest.approx(gradients, rel=1e-15)
    program.save(tmp_path / "program.json")
    loaded = type(program).load(tmp_path / "program.json", backend=backend)
    assert loaded.value_and_grad(rows[[0, 1, 3, 4]])[0] == value
    assert program.train(rows[[0, 1, 3, 4]], steps=1, learning_rate=0.1).tolist() == [value]
    assert w.data == 2.0 - 0.1 * gradients[0]


def test_once_counts_once_where_a_part_of_a_stream_is_computed_again(backend: str) -> None:
    """A part with a closed gate beside an infinite partial is computed in another way, and added to the others."""
    from autograd_core import log, where

    w = Value(2.0)
    program = compile(
        lambda x: where(x > 0, log(x * w), x) * w, once=lambda: 7.0 * w, example=1.0, reduce="sum", backend=backend
    )
    rows = np.array([1.0, 0.0, 2.0])
    value, gradients = program.value_and_grad(rows)
    found = program.value_and_grad(rows[part : part + 1] for part in range(3))
    assert found[0] == pytest.approx(value)
    assert found[1] == pytest.approx(gradients)


def test_once_is_a_function_of_the_parameters(backend: str) -> None:
    w, left_behind = Value(2.0), []
    with pytest.raises(TypeError, match="once is a function without arguments"):
        compile(lambda x: w * x, example=1.0, once=w * w, backend=backend)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="once is a function without arguments"):
        compile(lambda x: w * x, example=1.0, once=lambda v: v * w, backend=backend)  # type: ignore[misc,arg-type]
    by_default = compile(lambda x: w * x, example=1.0, once=lambda v=w: v * v, backend=backend)
    assert by_default.value_and_grad([1.0])[0] == 6.0

    def fn(x: Any) -> Any:
        left_behind.append(x)
        return w * x

    with pytest.raises(CompileError, match="once= depends on a number of a row"):
        compile(fn, example=1.0, once=lambda: left_behind[0] * w, backend=backend)
    with pytest.raises(CompileError, match=r"where\(w > 0, a, b\)"):
        compile(lambda x: w * x, example=1.0, once=lambda: w if w > 0 else -w, backend=backend)


@pytest.mark.parametrize("count", [1, 3, 72, 4096, 100_003, 1_000_003])
@pytest.mark.parametrize("reduce", ["mean", "sum"])
def test_the_values_of_the_rows_are_summed_within_1e_15(backend: str, reduce: str, count: int) -> None:
    program = compile(lambda x: x * 1.0, example=1.0, reduce=reduce, backend=backend)
    rng = np.random.default_rng(count)
    for rows in (
        np.full(count, 0.1),
        rng.normal(size=count),
        rng.normal(size=count) * 10.0 ** rng.uniform(-9, 9, count),
    ):
        share = count if reduce == "mean" else 1
        exact, size = math.fsum(rows) / share, math.fsum(abs(rows)) / share
        assert abs(program.value_and_grad(rows)[0] - exact) <= TOLERANCE * size
        chunks = [rows[start : start + 1000] for start in range(0, count, 1000)]
        assert abs(program.value_and_grad(iter(chunks))[0] - exact) <= TOLERANCE * size


@pytest.mark.parametrize(
    "fn", [lambda w, x, d: (x - d) * w, lambda w, x, d: w * x - w * d, lambda w, x, d: w * x * x - w * d * d]
)
def test_large_terms_that_cancel_in_each_row(backend: str, fn: Function) -> None:
    w = Value(1.0)
    program = compile(lambda x, d: fn(w, x, d), example=(1.0, 1.0), backend=backend)
    large = np.array([3e7, 4e7, 5e7]) + 0.25
    data = (large, large - 0.25)
    values = program(*data).tolist()
    value, gradients = program.value_and_grad(*data)
    assert value == pytest.approx(math.fsum(values) / 3, rel=1e-15)
    assert gradients[0] == pytest.approx(value, rel=1e-15)
    huge = np.full(10, 1e154)
    assert program.value_and_grad(huge, huge)[0] == 0.0


def test_differences_near_the_largest_numbers(backend: str) -> None:
    w = Value(1.0)
    program = compile(lambda x, d: w * x - w * d, example=(1.0, 1.0), reduce="sum", backend=backend)
    rows = np.full(100, 3e15 + 0.5)
    assert program.value_and_grad(rows, np.full(100, 3e15)) == (50.0, [50.0])
    rows[-1] = 3e15
    assert program.value_and_grad(rows, np.full(100, 3e15)) == (49.5, [49.5])
    assert program.value_and_grad(np.full(9, 1.5e308), np.full(9, 1.5e308)) == (0.0, [0.0])


def test_a_small_cross_entropy_keeps_its_digits(backend: str) -> None:
    one = Value(1.0)
    program = compile(lambda s: logsumexp([(v - s[0]) * one for v in s]), example=[0.0] * 4, backend=backend)
    value, _ = program.value_and_grad([[1000.0, 980.0, 979.0, 975.0]] * 3)
    assert value == pytest.approx(math.log1p(math.exp(-20) + math.exp(-21) + math.exp(-25)), rel=1e-14)


def test_random_programs(backend: str) -> None:
    if backend == "numpy":  # each check is of both
        for seed in range(reduced.COUNT // 100):
            reduced.check(seed)


# ------------------------------------------------------------------------------------------------ sums keep their order


def error_of_sum(x: Any, y: Any) -> Any:
    total = x + y
    share = total - x
    return (x - (total - share)) + (y - share)


@pytest.mark.parametrize("factor", [1.0, Value(1.0)])
def test_compensated_summation_survives(backend: str, factor: Any) -> None:
    program = compile(lambda x, y: error_of_sum(x * factor, y) * factor, example=(1.0, 1.0), backend=backend)
    rng = np.random.default_rng(0)
    x, y = np.append(rng.normal(size=200) * 1e16, 1e16), np.append(rng.normal(size=200), 1.2345)
    assert program(x, y).tolist() == [error_of_sum(*pair) for pair in zip(x, y, strict=True)]
    assert program(x, y)[-1] == pytest.approx(-0.7655)

    def neumaier(numbers: list[Any]) -> Any:
        total, error = numbers[0], 0.0
        for number in numbers[1:]:
            error = error + error_of_sum(total, number)
            total = total + number
        return (total + error) * factor

    row = [1e16, 1.0, -1e16, 1.0, 1.0, 1e-3]
    assert compile(neumaier, example=row, backend=backend)([row]).tolist() == [math.fsum(row)]


def test_bare_sums_are_added_from_left_to_right(backend: str) -> None:
    w = [Value(1e16), Value(1.0), Value(-1e16), Value(1.0), Value(0.5)]
    program = compile(lambda x: sum(w) + x, example=1.0, backend=backend)
    assert program([0.25]).tolist() == [((((1e16 + 1.0) - 1e16) + 1.0) + 0.5) + 0.25]
    columns = compile(lambda x: sum(x) * w[1], example=[1.0] * 5, backend=backend)
    assert columns([[value.data for value in w]]).tolist() == [1.5]


@pytest.mark.parametrize("signs", [(1, -1), (-1, 1)])
@pytest.mark.parametrize("learnt", [(), (0,), (0, 2), (1, 2), (0, 1, 2, 3)])
def test_two_products_are_rounded_before_they_are_added(
    backend: str, signs: tuple[int, int], learnt: tuple[int, ...]
) -> None:
    rng = np.random.default_rng(1)
    for _ in range(5):
        u, x = rng.normal(size=2).tolist()
        numbers: list[Any] = [u, x, u, x]
        operands: list[Any] = [Value(number) if i in learnt else None for i, number in enumerate(numbers)]

        def fn(row: list[Any], operands: list[Any] = operands) -> Any:
            a, b, c, d = (row[i] if operand is None else operand for i, operand in enumerate(operands))
            return sqrt(a * b - c * d) if signs[0] > 0 else sqrt(-(a * b) + c * d)

        program = compile(fn, example=[1.0] * 4, backend=backend)
        assert program([numbers]).tolist() == [0.0]
        assert program.value_and_grad([numbers])[0] == 0.0


def test_products_of_matrices_keep_their_promise(backend: str) -> None:
    """A sum of products in another order is within n * eps * sum |a * b| of the exact sum."""
    rng = np.random.default_rng(2)
    weights = [[Value(number) for number in row] for row in (rng.normal(size=(3, 6)) * 1e8).tolist()]
    program = compile(
        lambda x: (
            sum([sum([w * v for w, v in zip(row, x, strict=True)]) for row in weights[1:]], 0.0 * weights[0][0])
            + sum([w * v for w, v in zip(weights[0], x, strict=True)])
        ),
        example=[1.0] * 6,
        backend=backend,
    )
    assert any(isinstance(step, Affine) for step in program.vectorised("value").body)
    X = rng.normal(size=(50, 6))
    for row, found in zip(X.tolist(), program(X).tolist(), strict=True):
        products = [
            weight.data * number for weights_of in weights for weight, number in zip(weights_of, row, strict=True)
        ]
        assert abs(found - math.fsum(products)) <= 20 * 2.3e-16 * math.fsum(map(abs, products))


def test_a_net_is_still_made_of_matrices(backend: str) -> None:
    rng = np.random.default_rng(3)
    sizes = (4, 5, 3, 4)
    layers = [[[Value(n) for n in row] for row in rng.normal(size=shape[::-1]).tolist()] for shape in pairwise(sizes)]

    def fn(x: list[Any]) -> Any:
        for rows in layers:
            x = [tanh(sum([w * v for w, v in zip(row, x, strict=True)])) for row in rows]
        return x[0] * x[1]

    steps = compile(fn, example=[1.0] * 4, backend=backend).vectorised("value").body
    assert [step.out.size for step in steps if isinstance(step, Affine)] == [5, 3, 2]
