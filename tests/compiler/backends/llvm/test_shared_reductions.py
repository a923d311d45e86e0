"""The slope of tanh is computed beside its value, to the same exactness."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

import mpmath
import numpy as np
import pytest

from autograd_core import (
    Value,
    compile,  # noqa: A004
    cos,
    grad,
    sigmoid,
    sin,
    softplus,
    tanh,
)
from autograd_core.engine import primitives

pytest.importorskip("llvmlite")

from autograd_core.compiler.backends.llvm.functions.table import DECAY, FUNCTIONS
from autograd_core.compiler.vectorise.vector_program import Elementwise


def primitives_of(program: Any) -> list[Any]:
    runner = program._running._runners["gradient", False]
    return [getattr(step, "primitive", None) for step in runner.program.steps()]


@pytest.mark.parametrize("rows", [1, 9])
def test_a_net_has_no_exponential_of_its_slopes(rows: int) -> None:
    rng = np.random.default_rng(rows)
    w = [[Value(float(number)) for number in line] for line in rng.normal(size=(5, 3))]
    v = [Value(float(number)) for number in rng.normal(size=5)]

    def fn(x: Any) -> Any:
        h = [tanh(sum(a * b for a, b in zip(line, x, strict=True))) for line in w]
        return sum(a * tanh(b) for a, b in zip(v, h, strict=True))

    parameters = [*(value for line in w for value in line), *v]
    native, on_numpy = (
        compile(fn, example=([0.0] * 3,), parameters=parameters, backend=name) for name in ("native", "numpy")
    )
    data = rng.normal(size=(rows, 3))
    value, gradients = native.value_and_grad(data)
    expected = on_numpy.value_and_grad(data)
    np.testing.assert_allclose([value, *gradients], [expected[0], *expected[1]], rtol=1e-13)
    found = primitives_of(native)
    assert DECAY in found
    assert primitives.exp not in found
    assert primitives.exp in [getattr(step, "primitive", None) for step in native.vectorised().steps()]


@pytest.mark.parametrize("count", [1, 20])
def test_slopes_at_every_size_of_argument(count: int) -> None:
    numbers = [0.0, -0.0, 5e-324, 1e-8, 0.2, 0.549, -0.55, 1.0, -3.0, 19.0, 30.0, -200.0, 354.0, 371.0, 400.0, 1e300]
    numbers += [math.inf, -math.inf, math.nan, 0.7]
    a = Value(1.0)
    program = compile(lambda x: tanh(a * x), example=0.5, parameters=[a], backend="native")
    for start in range(0, len(numbers), count):
        part = numbers[start : start + count]
        program.value_and_grad(part)
        _, _, slopes = program.value_and_grad(part, inputs=True)
        for x, slope in zip(part, slopes * len(part), strict=True):
            exact = math.nan if math.isnan(x) else float(mpmath.sech(x) ** 2) if math.isfinite(x) else 0.0
            assert slope == pytest.approx(exact, rel=2e-15, abs=1e-322, nan_ok=True), x


def test_second_derivatives_and_waves() -> None:
    a = Value(0.7)

    def fn(x: Any) -> Any:
        return grad(lambda t: tanh(a * t))(x) + sin(a * x) * cos(a * x)

    program = compile(fn, example=0.5, parameters=[a], backend="native")
    for x in (0.3, -1.7):
        with mpmath.workdps(30):
            value = 0.7 * mpmath.sech(0.7 * x) ** 2 + mpmath.sin(1.4 * x) / 2
            slope = mpmath.diff(lambda b, x=x: b * mpmath.sech(b * x) ** 2 + mpmath.sin(2 * b * x) / 2, 0.7)
        got, gradients = program.value_and_grad([x])
        assert got == pytest.approx(float(value), rel=1e-14)
        assert gradients[0] == pytest.approx(float(slope), rel=1e-13)


def test_the_slopes_of_several_steps_are_computed_beside_their_values() -> None:
    rng = np.random.default_rng(4)
    w = [[Value(float(number)) for number in line] for line in rng.normal(size=(8, 4))]
    start = [Value(float(number)) for number in rng.normal(size=4)]

    def fn(xs: Any) -> Any:
        h = start
        for x in xs:
            z = [sum((a * b for a, b in zip(line, h, strict=True)), x) for line in w]
            h = [a + tanh(0.5 * a) * tanh(b) for a, b in zip(z[:4], z[4:], strict=True)]
        return sum(h)

    parameters = [*(value for line in w for value in line), *start]
    native, on_numpy = (
        compile(fn, example=([0.0] * 6,), parameters=parameters, backend=name) for name in ("native", "numpy")
    )
    data = 0.3 * rng.normal(size=(9, 6))
    value, gradients = native.value_and_grad(data)
    expected = on_numpy.value_and_grad(data)
    np.testing.assert_allclose([value, *gradients], [expected[0], *expected[1]], rtol=1e-11)
    found = primitives_of(native)
    assert DECAY in found
    assert primitives.exp not in found


@pytest.mark.parametrize("order", [0, 1, 2])
@pytest.mark.parametrize("function", [sigmoid, softplus, tanh])
def test_value_and_slopes_have_one_exponential_of_each_number(function: Any, order: int) -> None:
    """A derivative of some order and its gradient."""
    w = [Value(0.3 * i - 0.8) for i in range(6)]

    def derivative(x: Any) -> Any:
        return sum(function(w[i] * x + w[i + 3]) for i in range(3))

    for _ in range(order):
        derivative = grad(derivative)
    program = compile(derivative, example=0.1, parameters=w, backend="native")
    program.value_and_grad([0.1, -0.2])
    counted: Counter[str] = Counter()
    for step in program._running._runners["gradient", False].program.steps():
        if isinstance(step, Elementwise) and step.primitive in FUNCTIONS:
            counted[step.primitive.name] += step.out.size
    assert counted["exp"] + counted["decay"] == 3
    assert max(counted.values()) == 3
