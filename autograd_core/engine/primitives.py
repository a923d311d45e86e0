"""The table of primitives: every operation the engine knows, with its partials, its notation and its domain.

Read an entry as a line of a calculus handbook: name, forward rule, partials. A partial is a function of the output y
and then the inputs, or a number where it is constant. It is written in operators and other primitives only, so that
numbers give a number and Values give a graph, which is how second derivatives come about. `derivatives` are the same
as a textbook prints them, in the expression language; tests hold the two against each other. `wrong_rules` are what
people write instead: each is a diagnosis of `quiz` and `compare`.

`gates` say which edges are open. An edge whose gate is closed is absent: it carries nothing, where a factor 0 would
turn an infinite upstream into nan.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

from autograd_core.engine.numbers import ieee
from autograd_core.engine.primitive import ATOM, Partial, Primitive, entry, first_input, second_input

# ------------------------------------------------------------------------------------------------- arithmetic

add = entry(
    "add",
    operator.add,
    (1.0, 1.0),
    derivatives=("1", "1"),
    wrong_rules="b | a",
    symbol="+",
    formula="a + b",
    text="{0} + {1}",
    latex="{0} + {1}",
    binding=(10, 10, 16),
    commutative=True,
    linear=(0, 1),
)

subtract = entry(
    "subtract",
    operator.sub,
    (1.0, -1.0),
    derivatives=("1", "-1"),
    wrong_rules="1 | 1; b | -a",
    symbol="−",
    formula="a - b",
    text="{0} − {1}",
    latex="{0} - {1}",
    binding=(10, 10, 16),
    linear=(0, 1),
    words=("left", "right"),
)

multiply = entry(
    "multiply",
    operator.mul,
    (second_input, first_input),
    derivatives=("b", "a"),
    wrong_rules="a + b | a + b; 1 / b | 1 / a",
    symbol="×",
    formula="a * b",
    text="{0} · {1}",
    latex=r"{0} \cdot {1}",
    binding=(20, 15, 21),
    commutative=True,
    linear=(0, 1),
)

divide: Primitive = entry(
    "divide",
    ieee.quotient,
    (lambda y, a, b: divide(1.0, b), lambda y, a, b: -divide(y, b)),  # not -a/(b*b): b*b overflows
    derivatives=("1 / b", "-a / b**2"),
    wrong_rules="1 | -a / b; | a / b**2; | -a / b; | -1 / b**2; | 1 / b**2; | 1 / b; | a / b; | -1 / b; | a; "
    "| -a; | -b; | 1 / a; | a * log(b); b | ; 1 / b**2 | ; -1 / b | a / b**2",
    symbol="÷",
    formula="a / b",
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
    derivatives=("-1",),
    formula="-a",
    symbol="−",
    text="−{0}",
    latex="-{0}",
    binding=(15, 20),
    linear=(0,),
)


def _power_base(a: Any, b: Any) -> Any:
    """The base in b * base**(b-1): a, but 1 where a and b are both 0, since d(a**0)/da = 0 there too."""
    return where(equal(a, 0.0), where(equal(b, 0.0), 1.0, a), a)


def _logarithm_base(a: Any, b: Any) -> Any:
    """The base in y * log(base): a, but 1 where 0**b stays 0 for all larger b, so that 0 * -inf gives no nan."""
    return where(equal(a, 0.0), where(greater_equal(b, 0.0), 1.0, a), a)


power: Primitive = entry(
    "power",
    ieee.power,
    (
        lambda y, a, b: b * power(_power_base(a, b), b - 1.0),
        lambda y, a, b: y * log(_logarithm_base(a, b)),
    ),
    derivatives=("b * a**(b - 1)", "a**b * log(a)"),
    formula="a**b",
    symbol="xⁿ",
    text="{0}^{1}",
    wrong_rules="a**(b - 1) | a**b; b * a**b | b * a**(b - 1); (b - 1) * a**(b - 1) | log(a); "
    "b * a | a**b * log(b); b | a**b / log(a); | a**b * a; (b - 1) * a**b | a**b * log(a) / log(10); "
    "(b + 1) * a**(b + 1) | b * a**b; b * a**(b + 1) | b * log(a); "
    "a**(b + 1) / (b + 1) | a**(b + 1) / (b + 1); a**b * log(a) | ; b * (a - 1) | ; "
    "b * a**(b - 2) | ",
    latex="{0}^{{{1}}}",
    binding=(40, 41, 40),
    latex_binding=(40, 41, 0),
    domain=((0.2, 3.0), (-3.0, 3.0)),
    kink="x⁰ has derivative 0 at x = 0; 0^b has derivative 0 in b for b ≥ 0 (and so have its derivatives)",
    at_kink=lambda a, b: a == 0.0 and not (b > 0.0 and b == math.floor(b)),
    words=("base", "exponent"),
)

# ------------------------------------------------------------------------------------- exponential and logarithm


def _function(
    name: str,
    forward: Callable[..., float],
    partial: Partial | None,
    derivative: str,
    **fields: Any,
) -> Primitive:
    """A primitive of one input written name(a)."""
    return entry(name, forward, (partial,), derivatives=(derivative,), **fields)


exp = _function(
    "exp",
    ieee.with_overflow(math.exp),
    lambda y, a: y,
    "y",
    latex=r"\exp\left({0}\right)",
    domain=((-5.0, 5.0),),
    wrong_rules="a * exp(a - 1); a * y; exp(a - 1); 1 / a; 1 / y",
)
expm1 = _function(
    "expm1",
    ieee.with_overflow(math.expm1),
    lambda y, a: exp(a),  # not y + 1: it loses every digit as a falls
    "exp(a)",
    formula="exp(a) - 1",
    text="exp({0}) − 1",
    latex=r"\exp\left({0}\right) - 1",
    binding=(10, 0),
    wrong_rules="exp(a) - 1; a * exp(a - 1); a * exp(a); exp(a - 1)",
)
log: Primitive = _function(
    "log",
    ieee.with_pole(math.log, 0.0),
    lambda y, a: divide(1.0, a),
    "1 / a",
    domain=((0.1, 5.0),),
    symbol="ln",
    latex=r"\ln\left({0}\right)",
    wrong_rules="exp(a); 1 / y; 1 / a**2; -1 / a**2; -1 / a; 1 / (a * log(10)); 1 / (a * log(2))",
)
log1p = _function(
    "log1p",
    ieee.with_pole(math.log1p, -1.0),
    lambda y, a: divide(1.0, 1.0 + a),
    "1 / (1 + a)",
    domain=((-0.9, 5.0),),
    formula="log(1 + a)",
    text="ln(1 + {0})",
    latex=r"\ln\left(1 + {0}\right)",
    binding=(ATOM, 16),
    wrong_rules="1 / a; 1 + a; 1 / (1 + a)**2; 1 / y; 1 / ((1 + a) * log(10))",
)
sqrt = _function(
    "sqrt",
    ieee.or_nan(math.sqrt),
    lambda y, a: divide(0.5, y),
    "1 / (2 * y)",
    domain=((0.1, 5.0),),
    symbol="√",
    text="√{0}",
    latex=r"\sqrt{{{0}}}",
    binding=(40, ATOM),
    latex_binding=(40, 0),
    wrong_rules="1 / y; y / 2; 1 / (2 * a); 1 / 2; 1 / a; 2 * y; -1 / (2 * y); 2 / y; 1 / (2 * y)**2",
)

# ------------------------------------------------------------------------------------------------- trigonometry

sin = _function(
    "sin",
    ieee.or_nan(math.sin),
    lambda y, a: cos(a),
    "cos(a)",
    latex=r"\sin\left({0}\right)",
    wrong_rules="-cos(a); -y; cos(pi * a / 180); 1 - y",
)
cos: Primitive = _function(
    "cos",
    ieee.or_nan(math.cos),
    lambda y, a: -sin(a),
    "-sin(a)",
    latex=r"\cos\left({0}\right)",
    wrong_rules="sin(a); -y; -sin(pi * a / 180); -1",
)
tan = _function(
    "tan",
    ieee.or_nan(math.tan),
    lambda y, a: 1.0 + y * y,
    "1 + y**2",
    domain=((-1.4, 1.4),),
    latex=r"\tan\left({0}\right)",
    wrong_rules="1 - y**2; 1 / cos(a); 1 / sin(a)**2; -1 / cos(a)**2; 1 + y; 1 + a**2; 1 + tan(pi * a / 180)**2",
)
atan = _function(
    "atan",
    math.atan,
    lambda y, a: divide(1.0, 1.0 + a * a),
    "1 / (1 + a**2)",
    symbol="arctan",
    latex=r"\arctan\left({0}\right)",
    saturating=True,
    wrong_rules="1 / (1 + a); 1 / (1 - a**2); 1 + a**2; -1 / (1 + a**2); 1 / (1 + y**2); 1 + y**2; 1 / sqrt(1 - a**2)",
)


def _tanh_partial(y: Any, a: Any) -> Any:
    """1 - tanh(a)**2 as 4e/(1 + e)**2 with e = exp(-2|a|), since 1 - y*y keeps no digit in the tails."""
    # Where it is recorded, `where` gives -|a|: its second derivative at 0 is then that of the formula.
    below = -math.fabs(a) if type(a) is float else where(greater(a, 0.0), -a, a)
    e = exp(2.0 * below)
    denominator = 1.0 + e
    return 4.0 * e / denominator / denominator


tanh = _function(
    "tanh",
    math.tanh,
    _tanh_partial,
    "1 - y**2",
    saturating=True,
    latex=r"\tanh\left({0}\right)",
    wrong_rules="1 - y; 1 - a**2; 1 + y**2; y * (1 - y); (1 - y)**2; y**2; y**2 - 1; 1 - a; 1 / cos(a)**2; 2 * y; "
    "sqrt(1 - y**2)",
)

TWO_OVER_ROOT_PI = 2.0 / math.sqrt(math.pi)
erf = _function(
    "erf",
    math.erf,
    lambda y, a: TWO_OVER_ROOT_PI * exp(-(a * a)),
    "2 / sqrt(pi) * exp(-a**2)",
    saturating=True,
    wrong_rules="exp(-a**2); 2 / sqrt(pi) * exp(a**2); exp(-a**2) / sqrt(pi); -2 * a * exp(-a**2); 1 - y**2",
)
erfc = _function(
    "erfc",
    math.erfc,
    lambda y, a: -TWO_OVER_ROOT_PI * exp(-(a * a)),
    "-2 / sqrt(pi) * exp(-a**2)",
    formula="1 - erf(a)",
    wrong_rules="2 / sqrt(pi) * exp(-a**2); -exp(-a**2); exp(-a**2); -2 / sqrt(pi) * exp(a**2); -y",
)

# --------------------------------------------------------------------------- comparisons: 1.0 or 0.0, no partials


def _comparison(
    name: str, compare: Callable[[float, float], bool], code: str, symbol: str, latex: str, **fields: Any
) -> Primitive:
    return entry(
        name,
        ieee.comparison(compare),
        (None, None),
        derivatives=("0", "0"),
        symbol=symbol,
        formula=f"a {code} b",
        text=f"{{0}} {symbol} {{1}}",
        latex=f"{{0}} {latex} {{1}}",
        binding=(5, 6, 6),
        kink="flat: no gradient flows through a comparison",
        at_kink=operator.eq,
        words=("left", "right"),
        comparison=True,
        **fields,
    )


less: Primitive = _comparison("less", operator.lt, "<", "<", "<")
less_equal = _comparison("less_equal", operator.le, "<=", "≤", r"\le")
greater: Primitive = _comparison("greater", operator.gt, ">", ">", ">")
greater_equal: Primitive = _comparison("greater_equal", operator.ge, ">=", "≥", r"\ge")
equal: Primitive = _comparison("equal", operator.eq, "==", "≟", r"\overset{{?}}{{=}}", commutative=True)

# --------------------------------------------------------------------------------------------- kinks and choices

where: Primitive = entry(
    "where",
    lambda c, a, b: a if c else b,
    (None, 1.0, 1.0),
    gates=(None, lambda y, c, a, b: c, lambda y, c, a, b: equal(c, 0.0)),
    arguments=("c", "a", "b"),
    derivatives=("0", "where(c, 1, 0)", "where(c, 0, 1)"),
    symbol="if",
    text="{1} if {0}, else {2}",
    binding=(1, 2, 2, 2),
    latex_binding=(ATOM, 0, 0, 0),
    wrong_rules=" | where(c, 0, 1) | where(c, 1, 0); | 1 | 1; | 0 | 0",
    latex=r"\begin{{cases}} {1} & \text{{if }} {0} \\ {2} & \text{{else}} \end{{cases}}",
    domain=((-1.0, 1.0), (-3.0, 3.0), (-3.0, 3.0)),
    kink="only the chosen branch receives a gradient; the other edge is absent",
    linear=(1, 2),
    words=("if", "then", "else"),
)

abs = _function(  # noqa: A001  the field's name for it; kept out of __all__
    "abs",
    operator.abs,
    lambda y, a: where(greater(a, 0.0), 1.0, where(less(a, 0.0), -1.0, 0.0)),
    "where(a > 0, 1, where(a < 0, -1, 0))",
    symbol="|x|",
    text="|{0}|",
    latex=r"\left|{0}\right|",
    kink="derivative 0 at 0",
    at_kink=lambda a: a == 0.0,
    linear=(0,),
    wrong_rules="where(a > 0, -1, 1); -1",
)

floor = _function(
    "floor",
    lambda a: a // 1.0 if math.isfinite(a) else a,
    None,
    "0",
    symbol="⌊x⌋",
    text="⌊{0}⌋",
    latex=r"\left\lfloor {0} \right\rfloor",
    domain=((1.1, 1.9),),
    kink="derivative 0 everywhere, at the steps too",
    # So near a step, relative to its size, that every difference crosses it.
    at_kink=lambda a: math.isfinite(a) and abs(a - round(a)) <= 1e-9 * abs(a),
)


def _half_at_a_tie(y: Any, a: Any, b: Any) -> Any:
    """The partial of the chosen input; at a tie, half for each."""
    return where(equal(a, b), 0.5, 1.0)


maximum = entry(
    "maximum",
    ieee.larger,
    (_half_at_a_tie, _half_at_a_tie),
    gates=(lambda y, a, b: equal(less(a, b), 0.0), lambda y, a, b: equal(less(b, a), 0.0)),
    derivatives=("where(a > b, 1, where(a < b, 0, 0.5))", "where(b > a, 1, where(b < a, 0, 0.5))"),
    wrong_rules="where(a > b, 0, 1) | where(b > a, 0, 1); 1 | 1; 0.5 | 0.5",
    symbol="max",
    latex=r"\max\left({0}, {1}\right)",
    kink="a tie is split 1/2 to 1/2",
    at_kink=operator.eq,
    commutative=True,
    linear=(0, 1),
)

minimum = entry(
    "minimum",
    ieee.smaller,
    (_half_at_a_tie, _half_at_a_tie),
    gates=(lambda y, a, b: equal(less(b, a), 0.0), lambda y, a, b: equal(less(a, b), 0.0)),
    derivatives=("where(a < b, 1, where(a > b, 0, 0.5))", "where(b < a, 1, where(b > a, 0, 0.5))"),
    wrong_rules="where(a < b, 0, 1) | where(b < a, 0, 1); 1 | 1; 0.5 | 0.5",
    symbol="min",
    latex=r"\min\left({0}, {1}\right)",
    kink="a tie is split 1/2 to 1/2",
    at_kink=operator.eq,
    commutative=True,
    linear=(0, 1),
)
