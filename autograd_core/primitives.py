"""The table of primitives: every operation the engine knows, with its partials, its notation and its domain.

Read an entry as a line of a calculus handbook. `partials` are computed with: one callable per input, given the
output y and then the inputs, written in operators and other primitives only, so that numbers give a number and
Values give a graph (which is how second derivatives come about). `formula` and `derivatives` are the same
mathematics as a textbook prints it, in the expression language; the tests hold the two against each other.

An entry may also name `gates`: an edge whose gate is closed is absent, it carries nothing at all (not a factor 0,
which would turn an infinite upstream into nan).
"""

from __future__ import annotations

import inspect
import math
import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from autograd_core.errors import GraphError
from autograd_core.number import as_number

Partial = Callable[..., Any]
Gate = Callable[..., Any]
Interval = tuple[float, float]

INFINITY = math.inf
ATOM = 100  # binds so strongly that it never needs brackets


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Primitive:
    """One operation. Calling it with numbers computes; with a `Value` among them it records a node.

    name: the word used in tables and errors. forward: floats to a float, IEEE results, never raises for a float.
    partials: dy/d(input) for each input; a float where it is constant, None where no gradient flows; the tuple is
    None for an operation that has a forward rule only. domain: for each input the interval tests sample from.
    text, latex: notation with {0} {1} for the inputs; `binding` says how strongly the result holds together, then
    how strongly each input must, or be put in brackets (`latex_binding` where LaTeX differs, as under a fraction bar).
    """

    name: str
    forward: Callable[..., float]
    partials: tuple[Partial | float | None, ...] | None
    arguments: tuple[str, ...] = ("a",)
    formula: str = ""
    derivatives: tuple[str, ...] = ()
    symbol: str = ""
    text: str = ""
    latex: str = ""
    binding: tuple[int, ...] = (ATOM, 0)
    latex_binding: tuple[int, ...] = ()
    domain: tuple[Interval, ...] = ((-3.0, 3.0),)
    kink: str = ""
    gates: tuple[Gate | None, ...] = ()
    rules: tuple[tuple[int, Partial | float, Gate | None], ...] = field(init=False)
    pair: tuple[Partial | float, Partial | float] | None = field(init=False)
    many: bool = field(init=False)

    def __post_init__(self) -> None:
        partials = self.partials or (self._no_partial,) * len(self.arguments)
        gates = self.gates or (None,) * len(self.arguments)
        rules = tuple(
            (index, partial, gate)
            for index, (partial, gate) in enumerate(zip(partials, gates, strict=True))
            if partial is not None
        )
        ungated_pair = len(rules) == len(self.arguments) == 2 and not self.gates
        object.__setattr__(self, "rules", rules)
        object.__setattr__(self, "pair", (rules[0][1], rules[1][1]) if ungated_pair else None)
        object.__setattr__(self, "many", len(self.arguments) > 2)

    def __call__(self, *inputs: Any) -> Any:
        for thing in inputs:
            if type(thing) is not float:
                return self._with_mixed_inputs(inputs)
        if len(inputs) != len(self.arguments):
            raise self._wrong_count(len(inputs))
        return self.forward(*inputs)

    def _with_mixed_inputs(self, inputs: tuple[Any, ...]) -> Any:
        if len(inputs) != len(self.arguments):
            raise self._wrong_count(len(inputs))
        for thing in inputs:
            record = getattr(thing, "_record", None)
            if record is not None:
                return record(self, inputs)
        return self.forward(*(as_number(thing, self.name) for thing in inputs))

    def _no_partial(self, *_: Any) -> Any:
        raise GraphError(
            f"{self.name!r} has a forward rule only, so no gradient can go back through it. Give custom_primitive its "
            "partials, one for each input, or use .detach() on its result if none should flow."
        )

    def _wrong_count(self, given: int) -> TypeError:
        wanted = len(self.arguments)
        return TypeError(f"{self.name}({', '.join(self.arguments)}) takes {wanted} number(s), got {given}.")

    def __repr__(self) -> str:
        return f"<primitive {self.name}({', '.join(self.arguments)})>"

    def __reduce__(self) -> str:
        if self is DETACHED:
            return "DETACHED"
        if PRIMITIVES.get(self.name) is not self:
            raise GraphError(
                f"the custom primitive {self.name!r} cannot be pickled: its rules are code. "
                "Save the numbers (the .data of the leaves) and record the graph again."
            )
        return self.name  # pickled as a reference to this module's global

    def __deepcopy__(self, memo: Any) -> Primitive:
        return self


# What computed a number while recording was off: nothing that a gradient could flow back through.
DETACHED = Primitive("detach", lambda: math.nan, (), arguments=())

PRIMITIVES: dict[str, Primitive] = {}


def _entry(name: str, forward: Callable[..., float], partials: tuple[Any, ...], **rest: Any) -> Primitive:
    primitive = PRIMITIVES[name] = Primitive(name, forward, partials, **rest)
    return primitive


# ---------------------------------------------------------------- IEEE forwards: no exception, no complex number


def _quotient(a: float, b: float) -> float:
    try:
        return a / b
    except ZeroDivisionError:
        if a == 0 or math.isnan(a):
            return math.nan
        return math.copysign(INFINITY, a) * math.copysign(1.0, b)


def _power(a: float, b: float) -> float:
    try:
        return math.pow(a, b)
    except ValueError:
        if a != 0:
            return math.nan
        return math.copysign(INFINITY, a) if _is_odd(b) else INFINITY
    except OverflowError:
        return -INFINITY if a < 0 and _is_odd(b) else INFINITY


def _is_odd(b: float) -> bool:
    return b % 2 == 1


def _with_pole(function: Callable[[float], float], pole: float) -> Callable[[float], float]:
    """`function` with -inf at its pole and nan below it (the logarithms)."""

    def forward(a: float) -> float:
        try:
            return function(a)
        except ValueError:
            return -INFINITY if a == pole else math.nan

    return forward


def _with_overflow(function: Callable[[float], float]) -> Callable[[float], float]:
    def forward(a: float) -> float:
        try:
            return function(a)
        except OverflowError:
            return INFINITY

    return forward


def _or_nan(function: Callable[[float], float]) -> Callable[[float], float]:
    def forward(a: float) -> float:
        try:
            return function(a)
        except ValueError:
            return math.nan

    return forward


def _comparison(compare: Callable[[float, float], bool]) -> Callable[[float, float], float]:
    def forward(a: float, b: float) -> float:
        return 1.0 if compare(a, b) else 0.0

    return forward


def _maximum(a: float, b: float) -> float:
    return a if a > b or math.isnan(a) else b


def _minimum(a: float, b: float) -> float:
    return a if a < b or math.isnan(a) else b


# --------------------------------------------------------------------------- comparisons: 1.0 or 0.0, no partials
# They come first because the partials below ask them.


def _compared(name: str, compare: Callable[[float, float], bool], text: str, symbol: str, latex: str) -> Primitive:
    return _entry(
        name,
        _comparison(compare),
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
    )


less = _compared("less", operator.lt, "{0} < {1}", "<", "<")
less_equal = _compared("less_equal", operator.le, "{0} <= {1}", "≤", r"\le")
greater = _compared("greater", operator.gt, "{0} > {1}", ">", ">")
greater_equal = _compared("greater_equal", operator.ge, "{0} >= {1}", "≥", r"\ge")
equal = _compared("equal", operator.eq, "equal({0}, {1})", "=", "=")

where = _entry(
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
)

# ------------------------------------------------------------------------------------------------- arithmetic

add = _entry(
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
)

subtract = _entry(
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
)

multiply = _entry(
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
)

divide: Primitive = _entry(
    "divide",
    _quotient,
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
)

negative = _entry(
    "negative",
    operator.neg,
    (-1.0,),
    formula="-a",
    derivatives=("-1",),
    symbol="−",
    text="-{0}",
    latex="-{0}",
    binding=(15, 20),
)


def _power_base(a: Any, b: Any) -> Any:
    """The base of b * base**(b-1): a, but 1 where a and b are both 0, since d(a**0)/da = 0 there too."""
    return where(equal(a, 0.0), where(equal(b, 0.0), 1.0, a), a)


def _logarithm_base(a: Any, b: Any) -> Any:
    """The base of y * log(base): a, but 1 where 0**b stays 0 for all larger b, so that 0 * -inf gives no nan."""
    return where(equal(a, 0.0), where(greater_equal(b, 0.0), 1.0, a), a)


power: Primitive = _entry(
    "power",
    _power,
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
    kink="x**0 has derivative 0 at x = 0; 0**b has derivative 0 in b for b >= 0",
)

# ------------------------------------------------------------------------------------- exponential and logarithm


def _function(name: str, forward: Callable[..., float], partial: Partial, derivative: str, **rest: Any) -> Primitive:
    """A primitive of one input written name(a)."""
    rest.setdefault("formula", f"{name}(a)")
    rest.setdefault("latex", rf"\{name}\left({{0}}\right)")
    return _entry(
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
    _with_overflow(math.exp),
    lambda y, a: y,
    "y",
    latex="e^{{{0}}}",
    latex_binding=(40, 0),
    domain=((-5.0, 5.0),),
)
expm1 = _function(
    "expm1",
    _with_overflow(math.expm1),
    lambda y, a: exp(a),  # not y + 1: it loses every digit as a falls
    "exp(a)",
    latex=r"\operatorname{{expm1}}\left({0}\right)",
    formula="exp(a) - 1",
)
log: Primitive = _function(
    "log",
    _with_pole(math.log, 0.0),
    lambda y, a: divide(1.0, a),
    "1 / a",
    domain=((0.1, 5.0),),
    latex=r"\ln\left({0}\right)",
)
log1p = _function(
    "log1p",
    _with_pole(math.log1p, -1.0),
    lambda y, a: divide(1.0, 1.0 + a),
    "1 / (1 + a)",
    domain=((-0.9, 5.0),),
    latex=r"\operatorname{{log1p}}\left({0}\right)",
    formula="log(1 + a)",
)
sqrt = _function(
    "sqrt",
    _or_nan(math.sqrt),
    lambda y, a: divide(0.5, y),
    "1 / (2 * y)",
    domain=((0.1, 5.0),),
    latex=r"\sqrt{{{0}}}",
)

# ------------------------------------------------------------------------------------------------- trigonometry

sin = _function("sin", _or_nan(math.sin), lambda y, a: cos(a), "cos(a)")
cos: Primitive = _function("cos", _or_nan(math.cos), lambda y, a: -sin(a), "-sin(a)")
tan = _function("tan", _or_nan(math.tan), lambda y, a: 1.0 + y * y, "1 + y**2", domain=((-1.4, 1.4),))
atan = _function(
    "atan", math.atan, lambda y, a: divide(1.0, 1.0 + a * a), "1 / (1 + a**2)", latex=r"\arctan\left({0}\right)"
)


def _tanh_partial(y: Any, a: Any) -> Any:
    """1 - tanh(a)**2 as 4e/(1 + e)**2 with e = exp(-2|a|): 1 - y*y keeps no digit in the tails."""
    e = exp(2.0 * where(greater(a, 0.0), -a, a))
    denominator = 1.0 + e
    return divide(divide(4.0 * e, denominator), denominator)


tanh = _function("tanh", math.tanh, _tanh_partial, "1 - y**2")

TWO_OVER_ROOT_PI = 2.0 / math.sqrt(math.pi)
erf = _function(
    "erf",
    math.erf,
    lambda y, a: TWO_OVER_ROOT_PI * exp(-(a * a)),
    "2 / sqrt(pi) * exp(-a**2)",
    latex=r"\operatorname{{erf}}\left({0}\right)",
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
)

maximum = _entry(
    "maximum",
    _maximum,
    (lambda y, a, b: where(equal(a, b), 0.5, 1.0), lambda y, a, b: where(equal(a, b), 0.5, 1.0)),
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
)

minimum = _entry(
    "minimum",
    _minimum,
    (lambda y, a, b: where(equal(a, b), 0.5, 1.0), lambda y, a, b: where(equal(a, b), 0.5, 1.0)),
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
)


# ----------------------------------------------------------------------------------------- a student's own operation


def custom_primitive(
    name: str,
    forward: Callable[..., Any],
    partials: Sequence[Partial | float] | None = None,
    *,
    formula: str = "",
    derivatives: Sequence[str] = (),
    domain: Sequence[Interval] | None = None,
) -> Primitive:
    """An operation of your own: a function that computes with numbers and records with Values.

    forward(a, b, ...) gives the number. partials: for each input a function of (y, a, b, ...), y being the output, or
    a number where it is constant; write them with operators and functions of this package, and second derivatives
    work too. Without partials, going backward raises `GraphError`. formula, derivatives: how pictures print them.
    Raises TypeError or ValueError where the counts do not fit, and later where a rule gives no real number.

    >>> from autograd_core import Value
    >>> cube = custom_primitive("cube", lambda a: a * a * a, [lambda y, a: 3 * a**2])
    >>> x = Value(2.0); cube(x).backward(); x.grad
    12.0
    """
    if not isinstance(name, str) or not name.isidentifier():
        raise ValueError(f"a primitive's name is shown as a function's, so {name!r} must be an identifier.")
    if not callable(forward):
        raise TypeError(f"{name}: forward must be a function of numbers, got {type(forward).__name__}.")
    arguments = _positional_names(name, forward)
    for given, what in ((partials, "partials"), (derivatives or None, "derivatives"), (domain, "domain")):
        if given is None:
            continue
        if not isinstance(given, (list, tuple)):
            raise TypeError(f"{name}: {what} must be a list with one for each input, got {type(given).__name__}.")
        if len(given) != len(arguments):
            raise ValueError(
                f"{name} has {len(arguments)} input(s) ({', '.join(arguments)}) but {len(given)} {what}. "
                "Give exactly one for each input, in order."
            )
    inputs = ", ".join(f"{{{index}}}" for index in range(len(arguments)))
    return Primitive(
        name,
        _checked_rule(name, "forward", forward),
        None
        if partials is None
        else tuple(_checked_partial(name, arguments, *pair) for pair in zip(arguments, partials, strict=True)),
        arguments=arguments,
        formula=formula or f"{name}({', '.join(arguments)})",
        derivatives=tuple(derivatives),
        symbol=name,
        text=f"{name}({inputs})",
        latex=rf"\operatorname{{{{{name.replace('_', chr(92) + '_')}}}}}\left({inputs}\right)",
        binding=(ATOM,) + (0,) * len(arguments),
        domain=tuple(domain or ((-3.0, 3.0),) * len(arguments)),
    )


def _positional_names(name: str, forward: Callable[..., Any]) -> tuple[str, ...]:
    try:
        parameters = inspect.signature(forward).parameters.values()
    except ValueError:  # some functions written in C do not tell
        raise TypeError(f"{name}: forward does not tell its inputs; wrap it, such as lambda a, b: f(a, b).") from None
    names = tuple(one.name for one in parameters if one.kind in (one.POSITIONAL_ONLY, one.POSITIONAL_OR_KEYWORD))
    if not names or len(names) != len(parameters):
        raise TypeError(f"{name}: forward must take a fixed number of inputs by position, such as lambda a, b: ...")
    return names


def _checked_partial(name: str, arguments: tuple[str, ...], argument: str, partial: Partial | float) -> Partial | float:
    if callable(partial):
        try:
            inspect.signature(partial).bind("y", *arguments)
        except TypeError:
            raise TypeError(
                f"{name}: the partial by {argument} must take the output and then the inputs: "
                f"lambda y, {', '.join(arguments)}: ..."
            ) from None
        except ValueError:  # written in C and does not tell: its own error will have to do
            pass
        return _checked_rule(name, f"the partial by {argument}", partial)
    return as_number(partial, f"{name}: the partial by {argument}")


def _checked_rule(name: str, role: str, rule: Callable[..., Any]) -> Callable[..., Any]:
    def checked(*numbers: Any) -> Any:
        result = rule(*numbers)
        return result if hasattr(result, "_record") else as_number(result, f"{name}: {role}")

    return checked
