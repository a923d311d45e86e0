"""SymPy: a symbolic expression as a graph."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from typing import Any

from autograd_core.engine import primitives as p
from autograd_core.engine.value import Value
from autograd_core.errors import ExchangeError
from autograd_core.exchange.arrays import other_functions as other
from autograd_core.exchange.library import library

MOST_PARTS = 20_000  # of an expression that `from_sympy` reads
Split = tuple[Sequence[Any], Callable[..., Any]]  # the operands of an expression, and how their results combine


def from_sympy(expression: Any, values: Mapping[Any, Any]) -> Any:
    """A SymPy expression, computed on Values: what it returns can be explained, drawn and differentiated.

    values: of every symbol a Value or a number, by the symbol or by its name; a number becomes a Value of that label.
    Rational numbers, and constants such as pi, become float64. Raises ExchangeError for a symbol without a value, a
    function that this package does not have, and more than 20,000 parts; ImportError without SymPy.
    """
    sympy = library("sympy", "sympy")
    expression = sympy.sympify(expression, strict=True)  # strict: a text would be evaluated as code
    given = {str(name): value for name, value in values.items()}
    results: dict[Any, Any] = {
        symbol: _value_of(str(symbol), given) for symbol in sorted(expression.free_symbols, key=str)
    }
    waiting = [expression]
    while waiting:
        part = waiting[-1]
        if part in results:
            waiting.pop()
            continue
        operands, combine = _split(sympy, part)
        missing = [operand for operand in operands if operand not in results]
        if missing:
            waiting += missing
        else:
            results[part] = combine(*[results[operand] for operand in operands])
        if len(results) > MOST_PARTS:
            raise ExchangeError(f"this expression has more than {MOST_PARTS:,} parts. Give it in smaller pieces.")
    return results[expression]


def _value_of(name: str, given: Mapping[str, Any]) -> Any:
    if name not in given:
        raise ExchangeError(f"the symbol {name} has no value: give from_sympy(expression, {{{name!r}: number}}).")
    return given[name] if isinstance(given[name], Value) else Value(given[name], name)


def _split(sympy: Any, part: Any) -> Split:
    if part.is_Number or part.is_NumberSymbol or part in (sympy.true, sympy.false):
        number = float(part == sympy.true) if part in (sympy.true, sympy.false) else float(part)
        return (), lambda: number
    if part.is_Add:
        return _split_sum(part)
    if part.is_Mul:
        return _split_product(sympy, part)
    if part.is_Pow:
        return _split_power(sympy, part)
    if isinstance(part, sympy.Piecewise):
        return _split_cases(part)
    function = _FUNCTIONS.get(type(part).__name__)
    if function is not None:
        return part.args, function
    written = _written_otherwise(sympy, part)
    if written is None:
        raise ExchangeError(
            f"the expression has {type(part).__name__} ({part}), which this package does not have, and SymPy does not "
            "write it by real functions that it has. Replace it first, as with expression.subs or .doit()."
        )
    return (written,), lambda result: result


def _written_otherwise(sympy: Any, part: Any) -> Any:
    """The same by functions that are read, as 1/cos(x) for sec(x) or what a derivative or a sum comes to; None where
    SymPy knows nothing of the kind."""
    if part.has(sympy.I) or not isinstance(part, sympy.Expr):
        return None
    names = ("cos", "sin", "tan", "atan", "cosh", "sinh", "tanh", "floor", "Piecewise")
    for written in (part.doit(), *(part.rewrite(getattr(sympy, name)) for name in names)):
        kinds = {type(each).__name__ for each in written.atoms(sympy.Function)} | {type(written).__name__}
        if written != part and type(part).__name__ not in kinds and not written.has(sympy.I, sympy.Integral):
            return written
    return None


def _split_sum(part: Any) -> Split:
    terms = sorted(part.as_ordered_terms(), key=lambda term: bool(term.could_extract_minus_sign()))
    signs = [bool(term.could_extract_minus_sign()) for term in terms]

    def combine(first: Any, *others: Any) -> Any:
        total = -first if signs[0] else first
        for is_negative, term in zip(signs[1:], others, strict=True):
            total = total - term if is_negative else total + term
        return total

    return [-term if is_negative else term for term, is_negative in zip(terms, signs, strict=True)], combine


def _split_product(sympy: Any, part: Any) -> Split:
    """Factors with a negative exponent are divided by."""
    above, below = [], []
    for factor in part.as_ordered_factors():
        if factor.is_Pow and factor.exp.is_Number and factor.exp.is_negative:
            below.append(factor.base**-factor.exp)
        else:
            above.append(factor)
    is_negated = above[:1] == [sympy.S.NegativeOne] and len(above) > 1
    above = above[1:] if is_negated else above

    def combine(*factors: Any) -> Any:
        product: Any = math.prod(factors[: len(above)])
        product = product if above else 1.0
        for divisor in factors[len(above) :]:
            product = p.divide(product, divisor)
        return -product if is_negated else product

    return [*above, *below], combine


def _split_power(sympy: Any, part: Any) -> Split:
    if part.base == sympy.E:
        return (part.exp,), p.exp
    if part.exp == sympy.Rational(1, 2):
        return (part.base,), p.sqrt
    if part.exp.is_Number and part.exp.is_negative:
        return (part.base**-part.exp,), lambda base: p.divide(1.0, base)
    return (part.base, part.exp), p.power


def _split_cases(part: Any) -> Split:
    cases = list(part.args)

    def combine(*results: Any) -> Any:
        values, conditions = results[: len(cases)], results[len(cases) :]
        chosen: Any = math.nan
        for value, condition in zip(reversed(values), reversed(conditions), strict=True):
            is_certain = type(condition) is float and condition != 0.0
            chosen = value if is_certain else p.where(condition, value, chosen)
        return chosen

    return [*(case[0] for case in cases), *(case[1] for case in cases)], combine


def _both(*conditions: Any) -> Any:
    return math.prod(conditions)


def _either(*conditions: Any) -> Any:
    answer = conditions[0]
    for condition in conditions[1:]:
        answer = p.maximum(answer, condition)
    return answer


def _largest(function: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    def combine(first: Any, *others: Any) -> Any:
        return reduce(function, others, first)

    return combine


def _not_equal(a: Any, b: Any) -> Any:
    return p.equal(p.equal(a, b), 0.0)


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "Abs": p.abs,
    "And": _both,
    "Equality": p.equal,
    "GreaterThan": p.greater_equal,
    "LessThan": p.less_equal,
    "Max": _largest(p.maximum),
    "Min": _largest(p.minimum),
    "Not": lambda condition: p.equal(condition, 0.0),
    "Or": _either,
    "StrictGreaterThan": p.greater,
    "StrictLessThan": p.less,
    "Unequality": _not_equal,
    "acos": other.arccosine,
    "acosh": other.arc_hyperbolic_cosine,
    "asin": other.arcsine,
    "asinh": other.arc_hyperbolic_sine,
    "atan": p.atan,
    "atanh": other.arc_hyperbolic_tangent,
    "ceiling": other.ceiling,
    "cos": p.cos,
    "cosh": other.cosh,
    "erf": p.erf,
    "erfc": p.erfc,
    "exp": p.exp,
    "floor": p.floor,
    "log": p.log,
    "sign": other.sign,
    "sin": p.sin,
    "sinh": other.sinh,
    "tan": p.tan,
    "tanh": p.tanh,
}
