"""The one writer of numbers, operations and formulas, as text and as LaTeX: brackets where needed, four digits.

The text is mathematics in Unicode, as pictures, sentences, tables and terminals show it: v₂ · (1 − v₂), ln(x), 10⁻⁷.
"""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, NamedTuple

from autograd_core.engine.primitive import ATOM, PRIMITIVES, Primitive, function_latex
from autograd_core.engine.scope import Composition
from autograd_core.formulas.expression import Expression
from autograd_core.formulas.symbols import name_latex, name_text, superscript

Style = Literal["text", "latex"]
PRODUCT = 20
DIGITS, MOST_DIGITS = 4, 17  # significant digits shown; those that tell all numbers apart
MOST_HIDDEN = 0.1  # of a result may be lost by rounding what it is computed from
NEGATIVE = 15  # a number with a minus sign binds like a negation


class Written(NamedTuple):
    """A piece of notation and its precedence (see `Primitive.binding`). constant: its number,
    where that belongs to the program and was not computed."""

    text: str
    binding: int = ATOM
    constant: float | None = None


def number_text(number: float | None, digits: int = DIGITS) -> str:
    """Four significant digits, or as many as `digits`; a dash for None.

    >>> number_text(11.652071455), number_text(-5.5), number_text(3.875e-07), number_text(None)
    ('11.65', '−5.5', '3.875·10⁻⁷', '–')
    """
    if number is None:
        return "–"
    if math.isinf(number):
        return "∞" if number > 0 else "−∞"
    mantissa, exponent = _digits(number, digits)
    power = f"·10{superscript(exponent)}" if exponent else ""
    return mantissa.replace("-", "−") + power


def _digits(number: float, digits: int) -> tuple[str, str]:
    """The digits of a number before its power of ten, and the exponent, "" where there is none; -0 is 0."""
    mantissa, _, exponent = f"{number or 0.0:.{digits}g}".partition("e")
    return mantissa, str(int(exponent)) if exponent else ""


def exact_text(number: float) -> str:
    """Every digit of a number.

    >>> exact_text(-0.1), exact_text(1e-07)
    ('−0.1', '1·10⁻⁷')
    """
    if not math.isfinite(number):
        return number_text(number)
    mantissa, _, exponent = repr(number).partition("e")
    return mantissa.replace("-", "−") + (f"·10{superscript(str(int(exponent)))}" if exponent else "")


def distinct_texts(a: float, b: float) -> tuple[str, str]:
    """Two numbers with as many digits, four or more, as tell them apart.

    >>> distinct_texts(3.0, 2.0), distinct_texts(2.000001, 2.0)
    (('3', '2'), ('2.000001', '2'))
    """
    pairs = ((number_text(a, digits), number_text(b, digits)) for digits in range(DIGITS, MOST_DIGITS + 1))
    return next((pair for pair in pairs if pair[0] != pair[1]), (number_text(a), number_text(b)))


def number_latex(number: float | None, digits: int = DIGITS) -> str:
    """Four significant digits, or as many as `digits`, in LaTeX: 3.875 \\cdot 10^{-7}, \\infty."""
    if number is None:
        return r"\text{--}"
    if math.isnan(number):
        return r"\text{nan}"
    if math.isinf(number):
        return r"\infty" if number > 0 else r"-\infty"
    mantissa, exponent = _digits(number, digits)
    return rf"{mantissa} \cdot 10^{{{exponent}}}" if exponent else mantissa


def shown_number(number: float, digits: int = DIGITS) -> float:
    """The number that a reader sees."""
    return float(f"{number:.{digits}g}")


def enough_digits(compute: Callable[[list[float]], Any], numbers: Sequence[float], result: float | None) -> int:
    """How many digits of `numbers` to show so that what `compute` makes of them is `result`, as it is shown.

    Four where they give the result within a tenth; else as many as it takes: (3 + 1e-6)**2 - 9 is 9.000006 - 9, not
    9 - 9. Four too where no number of digits suffices.

    >>> enough_digits(lambda pair: pair[0] - pair[1], [9.000006, 9.0], 6e-6)
    7
    """
    if result is None or not all(map(math.isfinite, (*numbers, result))):
        return DIGITS
    for digits in range(DIGITS, MOST_DIGITS + 1):
        try:
            computed = float(compute([shown_number(number, digits) for number in numbers]))
        except Exception:  # a custom rule may refuse rounded numbers
            return DIGITS
        if digits == DIGITS and abs(computed - result) <= MOST_HIDDEN * abs(result):
            return DIGITS
        if number_text(computed) == number_text(result):
            return digits
    return DIGITS


def gives(compute: Callable[[list[float]], Any], numbers: Sequence[float], result: float | None, digits: int) -> bool:
    """Whether `numbers`, shown with so many digits, give `result` as it is shown.

    What is not finite is exactly what IEEE 754 says; so is what a custom rule refuses to compute.

    >>> gives(sum, [0.33333, 0.33333], 0.66666, digits=4)
    False
    """
    if result is None or not all(map(math.isfinite, (*numbers, result))):
        return True
    try:
        return number_text(float(compute([shown_number(number, digits) for number in numbers]))) == number_text(result)
    except Exception:
        return True


def write_number(number: float, style: Style = "text", digits: int = DIGITS) -> Written:
    """A number as an operand; with a power of ten it is a product."""
    text = (number_text if style == "text" else number_latex)(number, digits)
    return Written(text, NEGATIVE if number < 0 else PRODUCT if _digits(number, digits)[1] else ATOM)


def write_name(name: str, style: Style = "text") -> Written:
    """A name as an operand: v₁₂, in LaTeX v_{12}."""
    return Written(name_text(name) if style == "text" else name_latex(name))


def write(entry: Any, operands: Sequence[Written], style: Style = "text") -> Written:
    """`entry` (a primitive or a composition) applied to operands, bracketed where the table says so."""
    if isinstance(entry, Primitive):
        entry = entry.of_count(len(operands))
        template = entry.text if style == "text" else entry.latex
        binding = (style == "latex" and entry.latex_binding) or entry.binding
        if style == "text" and entry is PRIMITIVES["power"] and re.fullmatch(r"−?\d+", operands[1].text):
            template, operands = "{0}{1}", [operands[0], Written(superscript(operands[1].text))]
    else:
        template = _call_template(entry, len(operands), style)
        binding = (ATOM,) + (0,) * len(operands)
    text = template.format(*map(_bracket, operands, binding[1:], [style] * len(operands)))
    return Written(text, min(binding[0], NEGATIVE) if text.startswith(("-", "−")) else binding[0])


def _call_template(composition: Composition, count: int, style: Style) -> str:
    notation = composition.text if style == "text" else composition.latex
    if not composition.takes_lists:
        return notation
    if notation:
        return notation.format(*_lists(composition, count))
    inputs = ", ".join(f"{{{index}}}" for index in range(count))
    return f"{composition.symbol}({inputs})" if style == "text" else function_latex(composition.symbol, inputs)


def _lists(composition: Composition, count: int) -> list[str]:
    """({0}, {1}) for each list, in brackets that do not grow: so a formula can be broken between its numbers."""
    length = count // len(composition.arguments)
    return [
        "(" + ", ".join(f"{{{index}}}" for index in range(start, start + length)) + ")"
        for start in range(0, count, length)
    ]


def _bracket(operand: Written, needed: int, style: Style) -> str:
    if operand.binding >= needed:
        return operand.text
    return f"({operand.text})" if style == "text" else rf"\left({operand.text}\right)"


@functools.cache
def _read(formula: str) -> Expression:
    return Expression(formula)


def names_in(formula: str) -> frozenset[str]:
    """The variables of a formula of the tables.

    >>> sorted(names_in("y * (1 - y) / b"))
    ['b', 'y']
    """
    return frozenset(_read(formula).names)


def write_formula(formula: str, names: Mapping[str, Written], style: Style = "text") -> Written:
    """A formula of the tables with `names` for its variables.

    >>> write_formula("y * (1 - y)", {"y": Written("s")}).text
    's · (1 − s)'
    """
    constants = {"nan": "nan", "pi": "π"} if style == "text" else {"nan": r"\text{nan}", "pi": r"\pi"}
    written: Written = _read(formula).fold(
        {**{name: Written(text) for name, text in constants.items()}, **names},
        lambda number: _constant(number, style),
        lambda entry, operands: _simplify(entry, operands, style) or write(entry, operands, style),
    )
    return written


def _constant(number: float, style: Style) -> Written:
    """A number that belongs to a formula: all its digits, since it was not computed."""
    digits = next((count for count in range(DIGITS, MOST_DIGITS) if shown_number(number, count) == number), MOST_DIGITS)
    return write_number(number, style, digits)._replace(constant=number)


def _simplify(entry: Any, operands: Sequence[Written], style: Style) -> Written | None:
    """The exponent n − 1 of a derivative as a number, and no exponent where it is 1: 2 · x, not 2 · x^(2 − 1).

    It is computed, so it has four digits like n itself: 2.3 - 1 is 1.3, not 1.2999999999999998.
    """
    if entry is PRIMITIVES["subtract"] and operands[0].constant is not None and operands[1].constant is not None:
        exponent = operands[0].constant - operands[1].constant
        return write_number(exponent, style)._replace(constant=exponent)
    if entry is PRIMITIVES["power"] and operands[1].constant == 1.0:
        return operands[0]
    return None


def evaluate_formula(formula: str, numbers: Mapping[str, Any]) -> Any:
    """The number a formula of the tables gives (or the graph, for Values)."""
    return _read(formula)(numbers)
