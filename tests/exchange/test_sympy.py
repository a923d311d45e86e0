"""Expressions of SymPy from graphs and back: SymPy computes the same values and derives the same derivatives."""

from __future__ import annotations

import math
import random
from typing import Any

import pytest

from autograd_core import (
    COMPOSITIONS,
    PRIMITIVES,
    ExchangeError,
    Value,
    choose,
    custom_primitive,
    exp,
    grad,
    log,
    maximum,
    no_grad,
    sigmoid,
    sin,
    where,
)
from autograd_core.exchange import from_sympy, to_sympy

sympy = pytest.importorskip("sympy", reason="compares with SymPy: pip install -e '.[sympy]'")

FLAT = {"less", "less_equal", "greater", "greater_equal", "equal", "floor", "threshold"}
OPERATIONS = [*PRIMITIVES, *COMPOSITIONS]


def sampled(entry: Any) -> list[float]:
    source = random.Random(entry.name)
    count = 3 if getattr(entry, "takes_lists", False) or entry.name == "choose" else len(entry.domain)
    domain = entry.domain if len(entry.domain) == count else ((-2.0, 2.0),) * count
    return [source.uniform(*interval) for interval in domain]


@pytest.mark.parametrize("name", [name for name in OPERATIONS if name not in ("choose", "dot")])
def test_every_operation_has_its_value_and_derivatives_in_sympy_and_comes_back(name: str) -> None:
    entry: Any = {**PRIMITIVES, **COMPOSITIONS}[name]
    numbers = sampled(entry)
    inputs = [Value(number, f"x{i}") for i, number in enumerate(numbers)]
    node = entry.of_flat(inputs) if name in COMPOSITIONS else entry(*inputs)
    expression = to_sympy(node)
    at = {sympy.Symbol(value.label, real=True): sympy.Float(value.data, 30) for value in inputs}
    assert float(expression.subs(at)) == pytest.approx(node.data, rel=1e-12, abs=1e-12)
    again = from_sympy(expression, {value.label: value.data for value in inputs})
    assert float(again) == pytest.approx(node.data, rel=1e-12, abs=1e-12)
    node.backward()
    if name not in FLAT:
        for value in inputs:
            derivative = sympy.diff(expression, sympy.Symbol(value.label, real=True))
            expected = float(derivative.subs(at).doit())
            assert (value.grad or 0.0) == pytest.approx(expected, rel=1e-11, abs=1e-11), value.label


def test_a_formula_reads_as_one_writes_it() -> None:
    x, w = Value(2.0, "x"), Value(-0.5, "w")
    assert str(to_sympy(sigmoid(w * x + 1))) == "1/(exp(-w*x - 1) + 1)"
    assert str(to_sympy(where(x > 0, x**2, 0.25))) == "Piecewise((x**2, x > 0), (0.25, True))"
    assert str(to_sympy(choose(Value(1.0, "i"), [x, w]))) == "Piecewise((x, Eq(i, 0)), (w, Eq(i, 1)), (nan, True))"
    with no_grad():
        frozen = x * 3
    assert str(to_sympy(frozen + x)) == "x + 6"
    assert len(to_sympy(Value(1.0, "a") + Value(2.0, "a")).free_symbols) == 2


def test_an_operation_of_your_own_needs_its_formula() -> None:
    cube = custom_primitive("cube", lambda a: a**3, [lambda y, a: 3 * a**2], formula="a**3 + sigmoid(a)")
    assert str(to_sympy(cube(Value(2.0, "x")))) == "x**3 + 1/(1 + exp(-x))"
    plain = custom_primitive("mine", lambda a: a, [1.0])
    with pytest.raises(ExchangeError, match="mine is an operation of your own without a formula"):
        to_sympy(plain(Value(2.0, "x")))


def test_an_expression_becomes_a_graph_with_its_derivatives() -> None:
    x, y = sympy.symbols("x y", real=True)
    expression = sympy.Rational(1, 3) * x**2 / y - sympy.sqrt(x) * sympy.cosh(y) + sympy.Max(x, y, 0) - sympy.pi
    expression += sympy.Piecewise((x * y, sympy.And(x > 0, y < 5)), (0, True)) + sympy.sign(x) * sympy.exp(-y)

    def function(a: Any, b: Any) -> Any:
        return from_sympy(expression, {"x": a, y: b})

    found = grad(function)(1.5, 0.7)
    at = {x: 1.5, y: 0.7}
    assert float(function(1.5, 0.7)) == pytest.approx(float(expression.evalf(subs=at)), rel=1e-13)
    for symbol, derivative in zip((x, y), found, strict=True):
        assert derivative == pytest.approx(float(sympy.diff(expression, symbol).evalf(subs=at)), rel=1e-12)


@pytest.mark.parametrize("number", [1e-10, -1e-3, 2.0, -30.0])
def test_hyperbolic_functions_keep_their_digits_near_0(number: float) -> None:
    x = sympy.Symbol("x", real=True)
    assert float(from_sympy(sympy.sinh(x), {"x": number})) == pytest.approx(math.sinh(number), rel=1e-13, abs=0.0)
    assert float(from_sympy(sympy.cosh(x), {"x": number})) == pytest.approx(math.cosh(number), rel=1e-13, abs=0.0)


def test_a_derivative_of_sympy_is_that_of_the_chain_rule() -> None:
    x = Value(0.7, "x")
    y = maximum(exp(x) * sin(x), log(x))
    derivative = sympy.diff(to_sympy(y), sympy.Symbol("x", real=True))
    y.backward()
    assert float(from_sympy(derivative.rewrite(sympy.Piecewise), {"x": 0.7})) == pytest.approx(x.grad, rel=1e-12)


REWRITTEN = (
    "sec(x) cot(x) csc(x) sech(x) coth(x) csch(x) acot(x) asin(x) acos(x) asinh(x) acosh(x+1) atanh(x) sinc(x) "
    "frac(-x) ceiling(x) Heaviside(x) Mod(x,1/3) Derivative(x*sin(x),x) Sum(x**k,(k,0,3)) Product(x+k,(k,1,3))"
)


@pytest.mark.parametrize("text", REWRITTEN.split())
def test_what_sympy_writes_by_other_functions_is_read(text: str) -> None:
    x = sympy.Symbol("x", real=True)
    expression = sympy.sympify(text, {"x": x}, evaluate=False)
    expected = float(expression.doit().subs(x, sympy.Float("0.6", 30)).evalf(20))
    assert float(from_sympy(expression, {x: 0.6})) == pytest.approx(expected, rel=1e-13)


def test_what_cannot_be_read_is_refused() -> None:
    x = sympy.Symbol("x")
    with pytest.raises(ExchangeError, match="the symbol x has no value"):
        from_sympy(x + 1, {})
    with pytest.raises(ExchangeError, match="the expression has gamma"):
        from_sympy(sympy.gamma(x), {x: 1.0})
    with pytest.raises(sympy.SympifyError):
        from_sympy("__import__('os').getcwd()", {})
