"""Answers to exercises: read as numbers, compared to three significant digits, rounded for comparison by hash."""

from __future__ import annotations

import difflib
import functools
import math
import re
from collections.abc import Collection, Iterator
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any

from autograd_core.engine.numbers.number import as_number
from autograd_core.errors import ExpressionError, NumberError
from autograd_core.formulas.expression import Expression

DIGITS = 3
NOTHING = 1e-12  # a difference near zero that rounding error explains
COARSE = 0.005  # from this tolerance on, rounded numbers are compared, as on a page
SLACK = 0.0499  # of a unit in the last digit: a right answer with one more digit may round across a tie
_MOST_KEPT = 1 << 16  # roundings: a diagnosis compares each answer with each mistake

_DECIMAL_COMMA = re.compile(r"[+-]?\d*,\d+")
_SMALLEST_EXPONENT = -12  # of a number that is not rounded to 0
_ROUNDING = Context(prec=DIGITS, rounding=ROUND_HALF_UP)  # ties round away from zero, as in JavaScript's toExponential


def read_answer(answer: Any, what: str) -> float:
    """The number in an answer: a number, or text such as "5.5" or "1/3". Raises `NumberError` for anything else.

    >>> read_answer("1/2 + 5", "x1")
    5.5
    """
    if isinstance(answer, str):
        plain = answer.strip().replace("\N{MINUS SIGN}", "-")
        if _DECIMAL_COMMA.fullmatch(plain):
            raise NumberError(f"the answer for {what} has a decimal comma: write {plain.replace(',', '.')}.")
        try:
            number = float(Expression(plain)({}))
        except ExpressionError as problem:
            raise NumberError(
                f"the answer for {what} is not a number: {problem}. Give one such as 5.5 or '1/3'."
            ) from None
    else:
        number = as_number(answer, f"the answer for {what}")
    if not math.isfinite(number):
        raise NumberError(f"the answer for {what} is {number!r}. Give a finite number.")
    return number


def agrees(answer: float, exact: float, tolerance: float | None = None) -> bool:
    """Whether `answer` equals `exact` to three significant digits, or within the relative `tolerance`.

    With a tolerance of half a percent or more, `answer` is rounded to three digits first: a page has only hashes of
    rounded numbers, and accepts the same answers.

    >>> agrees(1.72, 1.71634), agrees(1.71, 1.71634), agrees(1.71, 1.71634, tolerance=0.01)
    (True, False, True)
    """
    if not (math.isfinite(answer) and math.isfinite(exact)):
        return False
    if tolerance is None:
        return rounding(answer) in roundings(exact)
    if tolerance < COARSE:
        return abs(answer - exact) <= max(tolerance * abs(exact), NOTHING)
    if abs(exact) <= NOTHING:
        return rounding(answer) == "0"
    return abs(float(rounding(answer)) - exact) <= tolerance * abs(exact) * (1 + 1e-9)


@functools.lru_cache(_MOST_KEPT)
def rounding(number: float) -> str:
    """A number to three significant digits, in the form that is hashed. Ties round away from zero.

    >>> rounding(1.71634), rounding(-25.0), rounding(1.125), rounding(3.2e-7)
    ('1.72e0', '-2.50e1', '1.13e0', '3.20e-7')
    """
    if abs(number) <= NOTHING:
        return "0"
    mantissa, _, exponent = f"{_ROUNDING.create_decimal_from_float(number):.{DIGITS - 1}e}".partition("e")
    return f"{mantissa}e{int(exponent)}"


@functools.lru_cache(_MOST_KEPT)
def roundings(exact: float, tolerance: float | None = None) -> tuple[str, ...]:
    """Every rounded form of an answer that agrees with `exact`: two where it lies between two roundings.

    A tolerance must be half a percent or more.

    >>> roundings(1.71634), roundings(1.7248), roundings(1.71634, tolerance=0.006)
    (('1.72e0',), ('1.72e0', '1.73e0'), ('1.71e0', '1.72e0'))
    """
    if abs(exact) <= NOTHING:
        return ("0",)
    unit = 10.0 ** (math.floor(math.log10(abs(exact))) - DIGITS + 1)
    if tolerance is None:
        nearby = [exact, exact - SLACK * unit, exact + SLACK * unit]
    else:  # steps of a tenth of a unit: below a power of ten the unit is smaller
        reach = math.ceil(10 * tolerance * abs(exact) / unit) + 10
        nearby = [exact + step * unit / 10 for step in range(-reach, reach + 1)]
    forms = dict.fromkeys(rounding(number) for number in nearby if math.isfinite(number))
    return tuple(form for form in forms if tolerance is None or agrees(float(form), exact, tolerance))


def rounding_range(form: str) -> tuple[Decimal, Decimal]:
    """The least and the greatest number with this rounded form.

    >>> [str(end) for end in rounding_range("1.72e0")], [str(end) for end in rounding_range("-1.00e0")]
    (['1.715', '1.725'], ['-1.005', '-0.9995'])
    """
    if form == "0":
        return Decimal(-NOTHING), Decimal(NOTHING)
    size = abs(Decimal(form))
    half = Decimal(5).scaleb(size.adjusted() - DIGITS)
    is_power_of_ten = size == Decimal(1).scaleb(size.adjusted())  # below it the digits are ten times as fine
    low, high = size - (half / 10 if is_power_of_ten else half), size + half
    return (-high, -low) if form.startswith("-") else (low, high)


def prefixes(form: str) -> tuple[str, ...]:
    """A rounded form with its three digits, two, one, and its power of ten alone.

    >>> prefixes("-1.72e0")
    ('-1.72e0', '-1.7e0', '-1e0', '-e0')
    """
    mantissa, exponent, power = form.partition("e")
    return tuple(mantissa[:end] + exponent + power for end in (None, -1, -3, -4)) if exponent else (form,)


def covering_prefixes(low: float, high: float) -> tuple[str, ...]:
    """The fewest prefixes of which every rounded form from `low` to `high` has exactly one, and no other form any.

    >>> covering_prefixes(0.18, 3.02)
    ('1.8e-1', '1.9e-1', '2e-1', '3e-1', '4e-1', '5e-1', '6e-1', '7e-1', '8e-1', '9e-1', '1e0', '2e0', '3.00e0', ...)
    """
    low, high = (0.0 if rounding(end) == "0" else float(rounding(end)) for end in (low, high))
    positive = _positive_prefixes(max(low, 0.0), high) if high > 0.0 else ()
    negative = _positive_prefixes(max(-high, 0.0), -low) if low < 0.0 else ()
    zero = ("0",) if low <= 0.0 <= high else ()
    return (*positive, *zero, *(f"-{form}" for form in negative))


def _positive_prefixes(low: float, high: float) -> Iterator[str]:
    first, last = (_exponent_and_digits(end) for end in (low, high))
    for exponent in range(first[0], last[0] + 1):
        digits, end = first[1] if exponent == first[0] else 100, last[1] if exponent == last[0] else 999
        if (digits, end) == (100, 999):
            yield f"e{exponent}"
            continue
        while digits <= end:
            step = next(step for step in (100, 10, 1) if digits % step == 0 and digits + step - 1 <= end)
            yield f"{f'{digits / 100:.2f}'[: {100: 1, 10: 3, 1: 4}[step]]}e{exponent}"
            digits += step


def _exponent_and_digits(rounded: float) -> tuple[int, int]:
    if rounded == 0.0:
        return _SMALLEST_EXPONENT, 100
    mantissa, _, exponent = rounding(rounded).partition("e")
    return int(exponent), round(100 * float(mantissa))


def precision(tolerance: float | None) -> str:
    """The required precision in words.

    >>> precision(None), precision(0.02)
    ('3 significant digits', 'within 2%')
    """
    return f"{DIGITS} significant digits" if tolerance is None else f"within {100 * tolerance:.3g}%"


def unknown_name(name: str, known: Collection[str], what: str) -> ValueError:
    """The error for a name that is not among `known`."""
    near = difflib.get_close_matches(name, known, 3, 0.5)
    advice = f"did you mean {' or '.join(map(repr, near))}?" if near else f"choose from {', '.join(map(repr, known))}."
    return ValueError(f"there is no {what} {name!r}: {advice}")
