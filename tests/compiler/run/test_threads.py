"""Two threads give the same bits as one, and an error where there are none."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd_core import Value, compile, relu, tanh  # noqa: A004
from autograd_core.compiler.backends.llvm import backend
from autograd_core.compiler.program import Program
from tests.support.programs import eagerly


@pytest.fixture
def parameters() -> list[Value]:
    rng = np.random.default_rng(5)
    return [Value(number) for number in rng.normal(size=9).tolist()]


def loss_of(parameters: list[Value]) -> Any:
    """A net with shared weights, whose sums stand in no order."""

    def loss(x: Any, y: Any) -> Any:
        a, b, c, d, e, f, g, h, i = parameters
        first, second = tanh(a * x[0] + b * x[1] + c), relu(d * x[0] + e * x[1] + f)
        out = g * first + h * second + a * x[1] + i
        return (out - y) ** 2 * b

    return loss


def penalty_of(parameters: list[Value]) -> Any:
    a, *_, g, h, _ = parameters
    return lambda: 0.01 * (a * a + g * h)


def both(parameters: list[Value], **options: Any) -> list[Program]:
    example = ([0.0, 0.0], 0.0)
    return [
        compile(
            loss_of(parameters),
            example=example,
            backend="native",
            threads=threads,
            once=penalty_of(parameters),
            **options,
        )
        for threads in (1, 2)
    ]


def helpers(program: Program) -> set[str]:
    """What a second thread has run."""
    return {kind for (kind, _), runner in program._running._runners.items() if getattr(runner, "_helper", None)}


def data(rows: int) -> tuple[Any, Any]:
    rng = np.random.default_rng(rows)
    return rng.normal(size=(rows, 2)), rng.normal(size=rows)


@pytest.mark.parametrize("options", [{}, {"dtype": "float32"}, {"reduce": "sum"}])
def test_two_threads_give_the_bits_of_one(parameters: list[Value], options: dict[str, Any]) -> None:
    pytest.importorskip("llvmlite")
    single, double = both(parameters, **options)
    assert helpers(double) == set()
    for rows in (1, 1000, 400_000, 400_001):
        arrays = data(rows)
        results = [program.value_and_grad(*arrays, inputs=True) for program in (single, double, double)]
        for value, gradients, (by_x, by_y) in results[1:]:
            assert value == results[0][0]
            assert np.array_equal(gradients, results[0][1])
            assert np.array_equal(by_x, results[0][2][0])
            assert np.array_equal(by_y, results[0][2][1])
        again = double.value_and_grad(*arrays)
        assert again[0] == results[0][0]
        assert np.array_equal(again[1], results[0][1])
        assert np.array_equal(single(*arrays), double(*arrays))
        assert helpers(double) == (set() if rows < 10_000 else {"gradient", "inputs", "value"})
        assert helpers(single) == set()


def test_halves_are_added_up_as_eager_mode_adds(parameters: list[Value], monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("llvmlite")
    monkeypatch.setattr(backend, "_HALVED", 1)
    arrays = data(1000)
    rows = [tuple(row) for row in zip(*(part.tolist() for part in arrays), strict=True)]
    for program in both(parameters):
        loss, penalty = loss_of(parameters), penalty_of(parameters)
        expected = eagerly(lambda x, y, loss=loss, once=penalty: loss(x, y) + once(), program.parameters, rows)
        value, gradients, *_ = program.value_and_grad(*arrays, inputs=True)
        assert np.isclose(value, expected[0], rtol=1e-12)
        assert np.allclose(gradients, expected[1], rtol=1e-11)


def test_nan_in_one_half_is_found(parameters: list[Value]) -> None:
    pytest.importorskip("llvmlite")
    for place in (3, 399_999):
        x, y = data(400_000)
        x[place, 0] = np.nan
        single, double = (program.value_and_grad(x, y) for program in both(parameters))
        assert np.isnan(single[0])
        assert np.isnan(double[0])
        assert np.array_equal(single[1], double[1], equal_nan=True)


@pytest.mark.parametrize("threads", [0, 3, -1, "2", None, 1.5])
def test_other_numbers_are_refused(threads: Any) -> None:
    with pytest.raises(ValueError, match=r"threads is one of 1, 2, got"):
        compile(lambda x: x, example=0.0, threads=threads)


def test_numpy_has_one() -> None:
    with pytest.raises(ValueError, match=r"threads=2 is for the native backend"):
        compile(lambda x: x, example=0.0, backend="numpy", threads=2)
    assert compile(lambda x: 2.0 * x, example=0.0, threads=2)([3.0]) == [6.0]
