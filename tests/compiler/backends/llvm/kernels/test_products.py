"""The kernels of the native backend at the edges of what fills a vector, against sums in exact arithmetic."""

from __future__ import annotations

import math
import random
from typing import Any

import numpy as np
import pytest

from autograd_core import (
    Value,
    compile,  # noqa: A004
    dot,
    relu,
)

pytest.importorskip("llvmlite")


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("count", [1, 8, 9, 31, 150])
def test_a_sum_of_squares_of_parameters(count: int, dtype: str) -> None:
    generator = random.Random(count)
    numbers = [generator.uniform(-1.0, 1.0) for _ in range(count)]
    parameters = [Value(number) for number in numbers]

    def loss(x: Any) -> Any:
        return x * parameters[0] + 0.25 * sum(p * p for p in parameters)

    shuffled = generator.sample(parameters, count)
    data = np.array([1.0, 2.0, 6.0])
    tolerance = 1e-13 if dtype == "float64" else 1e-5
    for order in (parameters, shuffled):
        program: Any = compile(loss, example=(0.0,), backend="native", dtype=dtype, parameters=order)
        value, gradient = program.value_and_grad(data)
        assert value == pytest.approx(
            3.0 * numbers[0] + 0.25 * math.fsum(number * number for number in numbers), rel=tolerance, abs=tolerance
        )
        expected = [0.5 * parameter.data + (3.0 if parameter is parameters[0] else 0.0) for parameter in order]
        assert gradient == pytest.approx(expected, rel=tolerance, abs=tolerance)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(("inputs", "units", "outputs"), [(2, 16, 1), (5, 7, 3), (1, 9, 6), (3, 15, 5)])
def test_a_layer_and_its_gradients(inputs: int, units: int, outputs: int, dtype: str) -> None:
    """Products finished before they are stored, and gradients of weights and biases from one look at the rows; a unit
    is read twice, before and behind its gate."""
    generator = np.random.default_rng(units)
    hidden, last = generator.normal(size=(units, inputs + 1)), generator.normal(size=(outputs, units + 1))
    first, second = ([[Value(number) for number in row] for row in matrix.tolist()] for matrix in (hidden, last))

    def loss(x: Any, y: Any) -> Any:
        before = [dot(row[:-1], x) + row[-1] for row in first]
        behind = [relu(number - 0.25) for number in before]
        out = [dot(row[:-1], behind) + row[-1] for row in second]
        return sum((number - y) * (number - y) for number in out) + before[0] * before[-1]

    x, y = generator.normal(size=(37, inputs)), generator.normal(size=37)
    program: Any = compile(
        loss,
        example=([0.0] * inputs, 0.0),
        backend="native",
        dtype=dtype,
        parameters=[weight for row in [*first, *second] for weight in row],
    )
    value, gradient = program.value_and_grad(x, y)
    z = x @ hidden[:, :-1].T + hidden[:, -1]
    h = np.where(z > 0.25, z - 0.25, 0.0)
    errors = h @ last[:, :-1].T + last[:, -1] - y[:, None]
    delta = np.where(z > 0.25, 2 * errors @ last[:, :-1], 0.0)
    delta[:, 0] += z[:, -1]
    delta[:, -1] += z[:, 0]
    expected = [np.c_[left.T @ right, left.sum(axis=0)].ravel() / 37 for left, right in ((delta, x), (2 * errors, h))]
    sizes = np.abs(np.concatenate(expected)).max()
    tolerance = 1e-13 if dtype == "float64" else 2e-6
    assert value == pytest.approx(((errors**2).sum() + z[:, 0] @ z[:, -1]) / 37, rel=tolerance * 10)
    assert np.abs(gradient - np.concatenate(expected)).max() < tolerance * sizes
    again, same = program.value_and_grad(x, y)
    assert (again, same.tobytes()) == (value, gradient.tobytes())
