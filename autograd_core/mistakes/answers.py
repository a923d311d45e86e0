"""Answers a person gives: read as numbers, compared to three significant digits, rounded for comparison by hash."""

from __future__ import annotations

import difflib
import math
from collections.abc import Collection
from decimal import ROUND_HALF_UP, Context
from typing import Any

from autograd_core.engine.number import as_number
from autograd_core.errors import ExpressionError, NumberError
from autograd_core.formulas.expression import Expression

DIGITS = 3
NOTHING = 1e-12  # a difference not worth a word, near a zero that rounding has blurred
COARSE = 0.005  # a tolerance from which on it is asked of the rounded number, as a page has to
SLACK = 0.0499  # of a unit in the last digit: a right answer with one digit more may round to the other side of a tie

_ROUNDING = Context(prec=DIGITS, rounding=ROUND_HALF_UP)  # ties go away from zero, as in JavaScript's toExponential


def read_answer(given: Any, what: str) -> float:
    """The number in an answer: a number, or text such as "5.5" or "1/3". Raises `NumberError` where there is none.

    >>> read_answer("1/2 + 5", "x1")
    5.5
    """
    if isinstance(given, str):
        try:
            expression = Expression(given.replace("\N{MINUS SIGN}", "-"))
            number = float(expression({}))
        except ExpressionError as problem:
            raise NumberError(f"the answer for {what} is no number: {problem}. Give one, as 5.5 or '1/3'.") from None
    else:
        number = as_number(given, f"the answer for {what}")
    if not math.isfinite(number):
        raise NumberError(f"the answer for {what} is {number!r}. Give a finite number.")
    return number


def agrees(given: float, exact: float, tolerance: float | None = None) -> bool:
    """Whether `given` is `exact` when both are rounded to three significant digits, or within the relative `tolerance`.

    A tolerance of half a percent or more is asked of `given` rounded to three digits, so that a page, which has
    hashes of rounded numbers alone, accepts the same.

    >>> agrees(1.72, 1.71634), agrees(1.71, 1.71634), agrees(1.71, 1.71634, tolerance=0.01)
    (True, False, True)
    """
    if not (math.isfinite(given) and math.isfinite(exact)):
        return False
    if tolerance is None:
        return rounded(given) in roundings(exact)
    if tolerance < COARSE:
        return abs(given - exact) <= max(tolerance * abs(exact), NOTHING)
    if abs(exact) <= NOTHING:
        return rounded(given) == "0"
    return abs(float(rounded(given)) - exact) <= tolerance * abs(exact) * (1 + 1e-9)


def rounded(number: float) -> str:
    """A number to three significant digits, in the one form that is hashed; a tie is rounded away from zero.

    >>> rounded(1.71634), rounded(-25.0), rounded(1.125), rounded(3.2e-7)
    ('1.72e0', '-2.50e1', '1.13e0', '3.20e-7')
    """
    if abs(number) <= NOTHING:
        return "0"
    mantissa, _, exponent = f"{_ROUNDING.create_decimal_from_float(number):.{DIGITS - 1}e}".partition("e")
    return f"{mantissa}e{int(exponent)}"


def roundings(exact: float, tolerance: float | None = None) -> tuple[str, ...]:
    """Every rounded form an answer that agrees with `exact` can take: two where it lies between two roundings.

    A tolerance is one of half a percent or more.

    >>> roundings(1.71634), roundings(1.7248), roundings(1.71634, tolerance=0.006)
    (('1.72e0',), ('1.72e0', '1.73e0'), ('1.71e0', '1.72e0'))
    """
    if abs(exact) <= NOTHING:
        return ("0",)
    unit = 10.0 ** (math.floor(math.log10(abs(exact))) - DIGITS + 1)
    if tolerance is None:
        nearby = [exact, exact - SLACK * unit, exact + SLACK * unit]
    else:  # steps of a tenth of a unit, since the unit is that of the digit below a power of ten
        reach = math.ceil(10 * tolerance * abs(exact) / unit) + 10
        nearby = [exact + step * unit / 10 for step in range(-reach, reach + 1)]
    forms = dict.fromkeys(rounded(number) for number in nearby if math.isfinite(number))
    return tuple(form for form in forms if tolerance is None or agrees(float(form), exact, tolerance))


def precision(tolerance: float | None) -> str:
    """How near an answer has to come, in words.

    >>> precision(None), precision(0.02)
    ('3 significant digits', 'within 2%')
    """
    return f"{DIGITS} significant digits" if tolerance is None else f"within {100 * tolerance:.3g}%"


def unknown_name(name: str, known: Collection[str], what: str) -> ValueError:
    """The error for a name that is not among `known`."""
    near = difflib.get_close_matches(name, known, 3, 0.5)
    advice = f"did you mean {' or '.join(map(repr, near))}?" if near else f"there are {', '.join(map(repr, known))}."
    return ValueError(f"there is no {what} {name!r}: {advice}")
