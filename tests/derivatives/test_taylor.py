"""Taylor series: every order against mpmath, against derivatives of derivatives, at kinks, of Values and at length."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import mpmath
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd_core
from autograd_core import (
    PRIMITIVES,
    GraphError,
    Value,
    custom_primitive,
    detect_anomaly,
    exp,
    grad,
    maximum,
    nth_derivative,
    relu,
    series,
    sin,
    sqrt,
    where,
)
from tests.derivatives.test_transformations import FUNCTIONS

SMOOTH = FUNCTIONS | {
    "exp(sin x)/(1 + x**2)": (
        lambda x: exp(sin(x)) / (1 + x**2),
        lambda x: mpmath.exp(mpmath.sin(x)) / (1 + x**2),
        0.7,
    ),
    "tan": (autograd_core.tan, mpmath.tan, 0.5),
    "atan": (autograd_core.atan, mpmath.atan, 0.8),
    "expm1": (autograd_core.expm1, mpmath.expm1, 0.4),
    "log1p": (autograd_core.log1p, mpmath.log1p, 0.4),
    "erfc": (autograd_core.erfc, mpmath.erfc, 2.4),
    "1e20 in a denominator": (lambda x: 1 / (1e20 * (1 + x)), lambda x: 1 / (mpmath.mpf(1e20) * (1 + x)), 0.5),
    "1e-20 in a denominator": (lambda x: 1 / (1e-20 * (1 + x)), lambda x: 1 / (mpmath.mpf(1e-20) * (1 + x)), 0.5),
    "root of 1e20": (lambda x: (1e20 * (1 + x)) ** 0.5, lambda x: mpmath.sqrt(mpmath.mpf(1e20) * (1 + x)), 0.5),
    "x**-3": (lambda x: x**-3.0, lambda x: x**-3, 0.9),
}


@pytest.mark.parametrize("name", SMOOTH)
def test_thirty_orders_against_mpmath(name: str) -> None:
    f, truth, x = SMOOTH[name]
    with mpmath.workdps(120):
        expected = mpmath.taylor(truth, mpmath.mpf(x), 30)
        assert series(f, x, 30) == pytest.approx([float(c) for c in expected], rel=1e-10, abs=1e-300)
        assert nth_derivative(f, 30)(x) == pytest.approx(float(expected[30] * mpmath.factorial(30)), rel=1e-10)


@pytest.mark.parametrize("name", [name for name, primitive in PRIMITIVES.items() if primitive.rules])
def test_each_operation_has_the_derivatives_of_its_derivatives(name: str) -> None:
    primitive = PRIMITIVES[name]
    for place, (low, high) in enumerate(primitive.domain):
        inputs: list[Any] = [a + 0.37 * (b - a) for a, b in primitive.domain]

        def f(x: Any, inputs: list[Any] = inputs, place: int = place) -> Any:
            return primitive(*inputs[:place], x, *inputs[place + 1 :]) * x

        derivative: Callable[..., Any] = f
        x = low + 0.37 * (high - low)
        for n in range(1, 5):
            derivative = grad(derivative)
            assert nth_derivative(f, n)(x) == pytest.approx(derivative(x), rel=1e-11, abs=1e-13), (place, n)


@given(st.floats(-2.0, 2.0), st.integers(0, 12))
def test_polynomials_are_exact_and_end(x: float, degree: int) -> None:
    def f(x: Any) -> Any:
        return x**degree + 3 * x

    coefficients = series(f, x, degree + 3)
    expected = [math.comb(degree, k) * x ** (degree - k) for k in range(degree + 1)] + [0.0, 0.0, 0.0]
    expected[0] += 3 * x
    expected[1] += 3.0
    assert coefficients == pytest.approx(expected, rel=1e-12, abs=1e-300)
    assert coefficients[max(degree, 1) + 1 :] == [0.0] * (degree + 3 - max(degree, 1))


def test_at_a_kink_every_order_follows_the_conventions() -> None:
    assert series(relu, 0.0, 3) == [0.0, 0.0, 0.0, 0.0]
    assert series(lambda x: maximum(x, 3 * x) * x, 0.0, 3) == [0.0, 0.0, 2.0, 0.0]  # a tie: the mean of the slopes
    assert series(lambda x: where(x > 0, sqrt(x), x * x), 0.0, 3) == [0.0, 0.0, 1.0, 0.0]  # a closed edge passes no nan
    assert series(lambda x: x**5, 0.0, 6) == [0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0]
    assert series(lambda x: autograd_core.floor(x) * x, 1.5, 2) == [1.5, 1.0, 0.0]


def test_coefficients_of_values_are_values_that_can_be_differentiated() -> None:
    w = Value(0.7, label="w")
    third = nth_derivative(lambda x: sin(w * x), 3)(2.0)
    third.backward()
    assert third.data == pytest.approx(-(0.7**3) * math.cos(1.4), rel=1e-13)
    assert w.grad == pytest.approx(-3 * 0.7**2 * math.cos(1.4) + 2 * 0.7**3 * math.sin(1.4), rel=1e-13)
    assert grad(lambda x: nth_derivative(lambda y: exp(x * y) / y, 2)(x))(0.9) == pytest.approx(
        grad(lambda x: grad(grad(lambda y: exp(x * y) / y))(x))(0.9), rel=1e-12
    )
    x = Value(0.4, label="x")
    for coefficient in series(lambda x: autograd_core.tanh(x) ** 1.5, x, 3):
        assert isinstance(coefficient, Value)
    assert grad(lambda x: series(exp, x, 4)[4])(0.3) == pytest.approx(math.exp(0.3) / 24, rel=1e-13)


def test_compiled_derivatives_choose_the_gate_of_each_row() -> None:
    program = autograd_core.compile(
        lambda x: nth_derivative(lambda y: relu(y) ** 3, 2)(x), example=1.0, backend="numpy"
    )
    assert program([2.0, -1.0, 0.5]).tolist() == [12.0, 0.0, 3.0]
    assert autograd_core.compile(lambda x: series(relu, x, 1)[1], example=1.0, backend="numpy")(
        [2.0, -1.0]
    ).tolist() == [
        1.0,
        0.0,
    ]


def test_long_chains_and_high_orders_need_no_recursion() -> None:
    def chain(x: Any) -> Any:
        for _ in range(5_000):
            x = sin(x) * 1.0001
        return x

    assert nth_derivative(chain, 2)(0.5) == pytest.approx(grad(grad(chain))(0.5), rel=1e-9)
    assert nth_derivative(lambda x: 1 / x, 300)(10.0) == math.inf  # 300! / 10**301 is 3.1e313
    assert nth_derivative(lambda x: 1 / x, 200)(1e3) == pytest.approx(float(mpmath.factorial(200) / 10**603), rel=1e-10)


def test_a_rule_of_ones_own_gives_the_orders_it_is_written_for() -> None:
    numbers_only = custom_primitive("numbers_only", math.sin, [lambda y, a: math.cos(a)])
    assert nth_derivative(numbers_only, 1)(0.3) == math.cos(0.3)
    with pytest.raises(GraphError, match="Write partials with operators and the functions of this package"):
        nth_derivative(numbers_only, 2)(0.3)
    cube = custom_primitive("cube", lambda a: a * a * a, [lambda y, a: 3 * a**2])
    assert series(cube, 2.0, 4) == [8.0, 12.0, 6.0, 1.0, 0.0]


def test_an_order_that_is_not_finite_is_named() -> None:
    with detect_anomaly():
        assert series(lambda x: where(x > 0.0, sqrt(x), x), 0.0, 2) == [0.0, 1.0, 0.0]
        with pytest.raises(autograd_core.NonFiniteError, match=r"derivative of order 2 of .*power.* became inf"):
            series(lambda x: x**1.5, 0.0, 2)


def test_what_has_no_series_is_refused() -> None:
    with pytest.raises(ValueError, match="no derivative of order -1"):
        series(sin, 0.0, -1)
    with pytest.raises(TypeError, match=r"series needs a whole number n, got 2\.5"):
        series(sin, 0.0, 2.5)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="series is for a function of one number"):
        series(lambda x: x[0], [1.0, 2.0], 2)
