"""Forward rules that follow IEEE 754 where Python's own would raise or turn complex."""

from __future__ import annotations

import math
from collections.abc import Callable

INFINITY = math.inf


def quotient(a: float, b: float) -> float:
    """a / b: +-inf for a division by 0, nan for 0 / 0."""
    try:
        return a / b
    except ZeroDivisionError:
        if a == 0 or math.isnan(a):
            return math.nan
        return math.copysign(INFINITY, a) * math.copysign(1.0, b)


def power(a: float, b: float) -> float:
    """a ** b: nan for a root of a negative number, +-inf at a pole or past the largest float."""
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


def with_pole(function: Callable[[float], float], pole: float) -> Callable[[float], float]:
    """`function` with -inf at its pole and nan below it (the logarithms)."""

    def forward(a: float) -> float:
        try:
            return function(a)
        except ValueError:
            return -INFINITY if a == pole else math.nan

    return forward


def with_overflow(function: Callable[[float], float]) -> Callable[[float], float]:
    """`function` with inf where it exceeds the largest float."""

    def forward(a: float) -> float:
        try:
            return function(a)
        except OverflowError:
            return INFINITY

    return forward


def or_nan(function: Callable[[float], float]) -> Callable[[float], float]:
    """`function` with nan outside its domain."""

    def forward(a: float) -> float:
        try:
            return function(a)
        except ValueError:
            return math.nan

    return forward


def comparison(compare: Callable[[float, float], bool]) -> Callable[[float, float], float]:
    """`compare` giving 1.0 or 0.0."""

    def forward(a: float, b: float) -> float:
        return 1.0 if compare(a, b) else 0.0

    return forward


def larger(a: float, b: float) -> float:
    """The larger of two numbers; nan if either is nan."""
    return a if a > b or math.isnan(a) else b


def smaller(a: float, b: float) -> float:
    """The smaller of two numbers; nan if either is nan."""
    return a if a < b or math.isnan(a) else b
