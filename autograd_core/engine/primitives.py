"""The table of primitives: every operation the engine knows, with its partials, its notation and its domain.

Read an entry as a line of a calculus handbook. `partials` are computed with: one callable per input, given the
output y and then the inputs, written in operators and other primitives only, so that numbers give a number and
Values give a graph (which is how second derivatives come about). `formula` and `derivatives` are the same
mathematics as a textbook prints it, in the expression language; the tests hold the two against each other.

An entry may also name `gates`: an edge whose gate is closed is absent, it carries nothing at all (not a factor 0,
which would turn an infinite upstream into nan).
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

from autograd_core.engine import ieee
from autograd_core.engine.primitive import ATOM, Partial, Primitive, entry

# --------------------------------------------------------------------------- comparisons: 1.0 or 0.0, no partials
# They come first because the partials below ask them.


def _comparison(
    name: str, compare: Callable[[float, float], bool], text: str, symbol: str, latex: str, **rest: Any
) -> Primitive:
    return entry(
        name,
        ieee.comparison(compare),
        (None, None),
        arguments=("a", "b"),
        formula=text.format("a", "b"),
        derivatives=("0", "0"),
        symbol=symbol,
        text=text,
        latex="{0} " + latex + " {1}",
        binding=(5, 6, 6),
        domain=((-3.0, 3.0), (-3.0, 3.0)),
        kink="flat: no gradient flows through a comparison",
        words=("left", "right"),
        comparison=True,
        **rest,
    )


less = _comparison("less", operator.lt, "{0} < {1}", "<", "<")
less_equal = _comparison("less_equal", operator.le, "{0} <= {1}", "≤", r"\le")
greater = _comparison("greater", operator.gt, "{0} > {1}", ">", ">")
greater_equal = _comparison("greater_equal", operator.ge, "{0} >= {1}", "≥", r"\ge")
equal = _comparison("equal", operator.eq, "equal({0}, {1})", "=", "=", commutative=True)

where = entry(
    "where",
    lambda c, a, b: a if c else b,
    (None, 1.0, 1.0),
    gates=(None, lambda y, c, a, b: c, lambda y, c, a, b: equal(c, 0.0)),
    arguments=("c", "a", "b"),
    formula="where(c, a, b)",
    derivatives=("0", "where(c, 1, 0)", "where(c, 0, 1)"),
    symbol="where",
    latex=r"\begin{{cases}} {1} & \text{{if }} {0} \\ {2} & \text{{else}} \end{{cases}}",
    text="where({0}, {1}, {2})",
    binding=(ATOM, 0, 0, 0),
    domain=((-1.0, 1.0), (-3.0, 3.0), (-3.0, 3.0)),
    kink="only the chosen branch receives a gradient; the other edge is absent",
    linear=(1, 2),
    words=("if", "then", "else"),
)

# ------------------------------------------------------------------------------------------------- arithmetic

add = entry(
    "add",
    operator.add,
    (1.0, 1.0),
    arguments=("a", "b"),
    formula="a + b",
    derivatives=("1", "1"),
    symbol="+",
    text="{0} + {1}",
    latex="{0} + {1}",
    binding=(10, 10, 16),
    domain=((-3.0, 3.0), (-3.0, 3.0)),
    commutative=True,
    linear=(0, 1),
)

subtract = entry(
    "subtract",
    operator.sub,
    (1.0, -1.0),
    arguments=("a", "b"),
    formula="a - b",
    derivatives=("1", "-1"),
    symbol="−",
    text="{0} - {1}",
    latex="{0} - {1}",
    binding=(10, 10, 16),
    domain=((-3.0, 3.0), (-3.0, 3.0)),
    linear=(0, 1),
    words=("left", "right"),
)

multiply = entry(
    "multiply",
    operator.mul,
    (lambda y, a, b: b, lambda y, a, b: a),
    arguments=("a", "b"),
    formula="a * b",
    derivatives=("b", "a"),
    symbol="×",
    text="{0} * {1}",
    latex=r"{0} \cdot {1}",
    binding=(20, 15, 21),
    domain=((-3.0, 3.0), (-3.0, 3.0)),
    commutative=True,
    linear=(0, 1),
)

divide: Primitive = entry(
    "divide",
    ieee.quotient,
    (
        lambda y, a, b: divide(1.0, b),
        lambda y, a, b: -divide(y, b),  # not -a/(b*b): b*b overflows
    ),
    arguments=("a", "b"),
    formula="a / b",
    derivatives=("1 / b", "-a / b**2"),
    symbol="÷",
    text="{0} / {1}",
    latex=r"\frac{{{0}}}{{{1}}}",
    binding=(20, 15, 21),
    latex_binding=(20, 0, 0),
    domain=((-3.0, 3.0), (0.2, 3.0)),
    linear=(0,),
    words=("numerator", "denominator"),
)

negative = entry(
    "negative",
    operator.neg,
    (-1.0,),
    formula="-a",
    derivatives=("-1",),
    symbol="−",
    text="-{0}",
    latex="-{0}",
    binding=(15, 20),
    linear=(0,),
)


def _power_base(a: Any, b: Any) -> Any:
    """The base of b * base**(b-1): a, but 1 where a and b are both 0, since d(a**0)/da = 0 there too."""
    return where(equal(a, 0.0), where(equal(b, 0.0), 1.0, a), a)


def _logarithm_base(a: Any, b: Any) -> Any:
    """The base of y * log(base): a, but 1 where 0**b stays 0 for all larger b, so that 0 * -inf gives no nan."""
    return where(equal(a, 0.0), where(greater_equal(b, 0.0), 1.0, a), a)


power: Primitive = entry(
    "power",
    ieee.power,
    (
        lambda y, a, b: b * power(_power_base(a, b), b - 1.0),
        lambda y, a, b: y * log(_logarithm_base(a, b)),
    ),
    arguments=("a", "b"),
    formula="a ** b",
    derivatives=("b * a**(b - 1)", "a**b * log(a)"),
    symbol="**",
    text="{0}**{1}",
    latex="{0}^{{{1}}}",
    binding=(40, 41, 40),
    latex_binding=(40, 41, 0),
    domain=((0.2, 3.0), (-3.0, 3.0)),
    kink="x**0 has derivative 0 at x = 0; 0**b has derivative 0 in b for b >= 0 (and so have its derivatives)",
    words=("base", "exponent"),
)

# ------------------------------------------------------------------------------------- exponential and logarithm


def _function(
    name: str, forward: Callable[..., float], partial: Partial | None, derivative: str, **rest: Any
) -> Primitive:
    """A primitive of one input written name(a)."""
    rest.setdefault("formula", f"{name}(a)")
    rest.setdefault("latex", rf"\{name}\left({{0}}\right)")
    return entry(
        name,
        forward,
        (partial,),
        derivatives=(derivative,),
        symbol=name,
        text=f"{name}({{0}})",
        **rest,
    )


exp = _function(
    "exp",
    ieee.with_overflow(math.exp),
    lambda y, a: y,
    "y",
    latex="e^{{{0}}}",
    latex_binding=(40, 0),
    domain=((-5.0, 5.0),),
)
expm1 = _function(
    "expm1",
    ieee.with_overflow(math.expm1),
    lambda y, a: exp(a),  # not y + 1: it loses every digit as a falls
    "exp(a)",
    latex=r"\operatorname{{expm1}}\left({0}\right)",
    formula="exp(a) - 1",
)
log: Primitive = _function(
    "log",
    ieee.with_pole(math.log, 0.0),
    lambda y, a: divide(1.0, a),
    "1 / a",
    domain=((0.1, 5.0),),
    latex=r"\ln\left({0}\right)",
)
log1p = _function(
    "log1p",
    ieee.with_pole(math.log1p, -1.0),
    lambda y, a: divide(1.0, 1.0 + a),
    "1 / (1 + a)",
    domain=((-0.9, 5.0),),
    latex=r"\operatorname{{log1p}}\left({0}\right)",
    formula="log(1 + a)",
)
sqrt = _function(
    "sqrt",
    ieee.or_nan(math.sqrt),
    lambda y, a: divide(0.5, y),
    "1 / (2 * y)",
    domain=((0.1, 5.0),),
    latex=r"\sqrt{{{0}}}",
)

# ------------------------------------------------------------------------------------------------- trigonometry

sin = _function("sin", ieee.or_nan(math.sin), lambda y, a: cos(a), "cos(a)")
cos: Primitive = _function("cos", ieee.or_nan(math.cos), lambda y, a: -sin(a), "-sin(a)")
tan = _function("tan", ieee.or_nan(math.tan), lambda y, a: 1.0 + y * y, "1 + y**2", domain=((-1.4, 1.4),))
atan = _function(
    "atan",
    math.atan,
    lambda y, a: divide(1.0, 1.0 + a * a),
    "1 / (1 + a**2)",
    latex=r"\arctan\left({0}\right)",
    saturating=True,
)


def _tanh_partial(y: Any, a: Any) -> Any:
    """1 - tanh(a)**2 as 4e/(1 + e)**2 with e = exp(-2|a|): 1 - y*y keeps no digit in the tails."""
    # Where it is recorded, |a| is chosen: its second derivative at 0 is then that of the formula.
    below = -math.fabs(a) if type(a) is float else where(greater(a, 0.0), -a, a)
    e = exp(2.0 * below)
    denominator = 1.0 + e
    return 4.0 * e / denominator / denominator


tanh = _function("tanh", math.tanh, _tanh_partial, "1 - y**2", saturating=True)

TWO_OVER_ROOT_PI = 2.0 / math.sqrt(math.pi)
erf = _function(
    "erf",
    math.erf,
    lambda y, a: TWO_OVER_ROOT_PI * exp(-(a * a)),
    "2 / sqrt(pi) * exp(-a**2)",
    latex=r"\operatorname{{erf}}\left({0}\right)",
    saturating=True,
)
erfc = _function(
    "erfc",
    math.erfc,
    lambda y, a: -TWO_OVER_ROOT_PI * exp(-(a * a)),
    "-2 / sqrt(pi) * exp(-a**2)",
    latex=r"\operatorname{{erfc}}\left({0}\right)",
    formula="1 - erf(a)",
)

# ------------------------------------------------------------------------------------------ kinks and selections

abs = _function(  # noqa: A001  the field's name for it; kept out of __all__
    "abs",
    operator.abs,
    lambda y, a: where(greater(a, 0.0), 1.0, where(less(a, 0.0), -1.0, 0.0)),
    "where(a > 0, 1, where(a < 0, -1, 0))",
    latex=r"\left|{0}\right|",
    kink="derivative 0 at 0",
    linear=(0,),
)

floor = _function(
    "floor",
    lambda a: a // 1.0 if math.isfinite(a) else a,
    None,
    "0",
    latex=r"\left\lfloor {0} \right\rfloor",
    domain=((1.1, 1.9),),
    kink="derivative 0 everywhere, at the steps too",
)


def _half_at_a_tie(y: Any, a: Any, b: Any) -> Any:
    """The partial of the chosen input: each gets half where both are."""
    return where(equal(a, b), 0.5, 1.0)


maximum = entry(
    "maximum",
    ieee.larger,
    (_half_at_a_tie, _half_at_a_tie),
    gates=(lambda y, a, b: equal(less(a, b), 0.0), lambda y, a, b: equal(less(b, a), 0.0)),
    arguments=("a", "b"),
    formula="maximum(a, b)",
    derivatives=("where(a > b, 1, where(a < b, 0, 0.5))", "where(b > a, 1, where(b < a, 0, 0.5))"),
    symbol="max",
    text="maximum({0}, {1})",
    latex=r"\max\left({0}, {1}\right)",
    binding=(ATOM, 0, 0),
    domain=((-3.0, 3.0), (-3.0, 3.0)),
    kink="a tie is split 1/2 to 1/2",
    commutative=True,
    linear=(0, 1),
)

minimum = entry(
    "minimum",
    ieee.smaller,
    (_half_at_a_tie, _half_at_a_tie),
    gates=(lambda y, a, b: equal(less(b, a), 0.0), lambda y, a, b: equal(less(a, b), 0.0)),
    arguments=("a", "b"),
    formula="minimum(a, b)",
    derivatives=("where(a < b, 1, where(a > b, 0, 0.5))", "where(b < a, 1, where(b > a, 0, 0.5))"),
    symbol="min",
    text="minimum({0}, {1})",
    latex=r"\min\left({0}, {1}\right)",
    binding=(ATOM, 0, 0),
    domain=((-3.0, 3.0), (-3.0, 3.0)),
    kink="a tie is split 1/2 to 1/2",
    commutative=True,
    linear=(0, 1),
)
