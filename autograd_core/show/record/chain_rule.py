"""The sentences of the chain rule, each as text and as LaTeX: a partial, a contribution, a sum, a gradient.

The partial on one edge is written with the round d, dL/da only for the full sum. Numbers are shown with four digits,
with "~" for "=" where the numbers shown do not give the result shown.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Sequence

from autograd_core.errors import ExpressionError
from autograd_core.formulas.notation import (
    DIGITS,
    enough_digits,
    evaluate_formula,
    name_latex,
    number_latex,
    number_text,
    shown_number,
    write_number,
)
from autograd_core.show.record.gradient_descent import ParameterRecord
from autograd_core.show.record.record import EdgeRecord, Formula, GradientRecord, NodeRecord

MOST_TERMS = 4  # of a sum are written out
APPROXIMATELY = Formula("~", r"\approx")
EQUALS = Formula("=", "=")


def number(value: float | None, digits: int = DIGITS) -> Formula:
    """A number on its own."""
    return Formula(number_text(value, digits), number_latex(value, digits))


def factor(value: float | None, digits: int = DIGITS) -> Formula:
    """A number inside a product or a sum: in brackets if negative."""
    written = number(value, digits)
    if value is None or write_number(value).binding >= 20:
        return written
    return Formula(f"({written.text})", rf"\left({written.latex}\right)")


def total_derivative(of: str, to: str) -> Formula:
    """dL/da."""
    return Formula(f"d{of}/d{to}", rf"\frac{{\mathrm{{d}} {name_latex(of)}}}{{\mathrm{{d}} {name_latex(to)}}}")


def partial_derivative(of: str, to: str) -> Formula:
    """∂y/∂a."""
    return Formula(f"∂{of}/∂{to}", rf"\frac{{\partial {name_latex(of)}}}{{\partial {name_latex(to)}}}")


def operation_text(node: NodeRecord) -> str:
    """log(x1), or the kind of a leaf, with the note on a number that has changed: input (now 10)."""
    operation = node.expression.text or node.kind
    return f"{operation} ({node.changed})" if node.changed else operation


def operation(node: NodeRecord) -> Formula:
    """v1 = log(x1); for a leaf x1."""
    name = Formula(node.name, name_latex(node.name))
    return _concatenate([name, Formula(" = ", " = "), node.expression]) if node.expression else name


def computation(node: NodeRecord) -> Formula:
    """v1 = log(x1) = log(2) = 0.6931; for a leaf x1 = 2, or x1 = 2 (now 10) where its number has changed since."""
    name = Formula(node.name, name_latex(node.name))
    pieces = [piece for piece in dict.fromkeys((node.expression, node.numbers)) if piece]
    written = _chain(name, pieces, number(node.value), node.numbers.text)
    if not node.changed:
        return written
    return Formula(f"{written.text} ({node.changed})", rf"{written.latex} \quad \text{{({node.changed})}}")


def partial(edge: EdgeRecord) -> Formula:
    """∂v1/∂x1 = 1 / x1 = 1 / 2 = 0.5."""
    shown = number(edge.partial or 0.0)
    pieces = [piece for piece in dict.fromkeys((edge.formula, edge.numbers)) if piece and piece.text != shown.text]
    written = _chain(partial_derivative(edge.node, edge.source), pieces, shown, edge.numbers.text)
    if edge.partial is not None:
        return written
    return Formula(f"{written.text}, {edge.blocked}", rf"{written.latex} \quad \text{{({edge.blocked})}}")


def partial_in_symbols(edge: EdgeRecord) -> Formula:
    """∂v1/∂x1 = 1 / x1; where that is a number, ∂v1/∂x1."""
    left = partial_derivative(edge.node, edge.source)
    if not edge.formula or edge.formula.text == edge.numbers.text:
        return left
    return _concatenate([left, Formula(" = ", " = "), edge.formula])


def contribution(edge: EdgeRecord) -> Formula:
    """1 x 0.5 = 0.5, or a dash where nothing flows."""
    if edge.contribution is None or edge.carried is None or edge.partial is None:
        return number(None)
    shown = number_text(edge.contribution)
    gives = number_text(four_digits(edge.carried) * four_digits(edge.partial)) == shown
    return _join([number(edge.carried), Formula(" x ", r" \cdot "), factor(edge.partial)], gives, edge.contribution)


def running_sum(terms: Sequence[float], total: float | None, complete: bool) -> Formula:
    """0.5 + 5 = 5.5 when complete, 0.5 + ... before."""
    plus, dots = Formula(" + ", " + "), Formula("...", r"\cdots")
    if not terms:
        return Formula("0 (nothing arrived)", r"0 \quad \text{(nothing arrived)}") if complete else dots
    digits, gives = _digits(sum, terms, total)
    pieces = [number(terms[0], digits), *(factor(term, digits) for term in terms[1:])]
    if len(pieces) > MOST_TERMS:
        count = f"({len(pieces) - 1} terms)"
        pieces = [Formula(count, rf"\text{{{count}}}"), pieces[-1]]
        gives = True
    if not complete:
        pieces.append(dots)
    if complete and len(pieces) == 1:
        return number(total)
    spaced = [part for piece in pieces for part in (plus, piece)][1:]
    return _join(spaced, gives, total) if complete else _concatenate(spaced)


def gradient(record: GradientRecord, output: str) -> Formula:
    """dL/dx = dL/dv2·∂v2/∂x + dL/dv1·∂v1/∂x = 1·5 + 1·0.5 = 5.5."""
    left = total_derivative(output, record.name)
    edges = [edge for edge in record.edges if edge.contribution is not None]
    if not edges or len(edges) > MOST_TERMS:
        several = f" (the sum of {len(edges)} contributions)" if edges else ""
        shown = number(record.value)
        note = Formula(several, rf"\text{{{several}}}" * bool(several))
        return _concatenate([left, Formula(" = ", " = "), shown, note])
    plus, times = Formula(" + ", " + "), Formula("·", r" \cdot ")
    factors = [number for edge in edges for number in (edge.carried or 0.0, edge.partial or 0.0)]
    digits, gives = _digits(lambda pairs: sum(map(operator.mul, pairs[::2], pairs[1::2])), factors, record.value)
    symbols: list[Formula] = []
    numbers: list[Formula] = []
    for edge in edges:
        symbols += [plus, total_derivative(output, edge.node), times, partial_derivative(edge.node, edge.source)]
        numbers += [plus, factor(edge.carried, digits), times, factor(edge.partial, digits)]
    equals = Formula(" = ", " = ")
    start = [left, equals, *symbols[1:], equals, *numbers[1:]]
    return _join(start, gives, record.value)


def gradient_value(output: str, name: str, value: float) -> Formula:
    """dL/dx = 5.5."""
    return _concatenate([total_derivative(output, name), Formula(" = ", " = "), number(value)])


def rate_times_gradient(parameter: ParameterRecord, rate: float) -> Formula:
    """0.1 x 5.5 = 0.55."""
    gives = number_text(four_digits(rate) * four_digits(parameter.gradient)) == number_text(parameter.change)
    return _join([number(rate), Formula(" x ", r" \cdot "), factor(parameter.gradient)], gives, parameter.change)


def new_value(parameter: ParameterRecord) -> Formula:
    """x1 = 2 - 0.55 = 1.45."""
    digits, gives = _digits(lambda pair: pair[0] - pair[1], (parameter.before, parameter.change), parameter.after)
    left = Formula(f"{parameter.name} = ", f"{name_latex(parameter.name)} = ")
    numbers = [number(parameter.before, digits), Formula(" - ", " - "), factor(parameter.change, digits)]
    return _join([left, *numbers], gives, parameter.after)


def new_output(name: str, before: float, change: float, after: float) -> Formula:
    """out = 11.65 + (-3.32) = 8.333."""
    digits, gives = _digits(sum, (before, change), after)
    left = Formula(f"{name} = ", f"{name_latex(name)} = ")
    sign = " - " if change < 0 else " + "
    return _join([left, number(before, digits), Formula(sign, sign), number(abs(change), digits)], gives, after)


def _digits(
    compute: Callable[[list[float]], float], numbers: Sequence[float], result: float | None
) -> tuple[int, bool]:
    """How many digits of `numbers` to show, and whether these give the result as it is shown."""
    digits = enough_digits(compute, numbers, result)
    return digits, number_text(compute([shown_number(value, digits) for value in numbers])) == number_text(result)


def four_digits(value: float | None) -> float:
    """A number rounded to the four digits that a reader sees."""
    return float(number_text(value)) if value is not None else math.nan


def _chain(left: Formula, pieces: Sequence[Formula], result: Formula, arithmetic: str) -> Formula:
    parts = [left]
    for piece in pieces:
        parts += [Formula(" = ", " = "), piece]
    relation = EQUALS if not arithmetic or _gives(arithmetic, result.text) else APPROXIMATELY
    return _concatenate([*parts, Formula(f" {relation.text} ", f" {relation.latex} "), result])


def _join(parts: Sequence[Formula], gives: bool, result: float | None) -> Formula:
    relation = EQUALS if gives else APPROXIMATELY
    return _concatenate([*parts, Formula(f" {relation.text} ", f" {relation.latex} "), number(result)])


def _concatenate(parts: Sequence[Formula]) -> Formula:
    return Formula("".join(part.text for part in parts), "".join(part.latex for part in parts))


def _gives(arithmetic: str, shown: str) -> bool:
    """Whether the arithmetic comes out as the number shown; what is not finite is exactly what IEEE 754 says."""
    if arithmetic == shown or re.search(r"\b(inf|nan)\b", f"{arithmetic} {shown}"):
        return True
    try:
        return number_text(evaluate_formula(arithmetic, {})) == shown
    except ExpressionError:  # an operation that the expression language lacks
        return True
