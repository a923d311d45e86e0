"""The sentences of the chain rule, each as text and as LaTeX: a partial, a contribution, a sum, a gradient.

The partial on one edge is written with the round d, dL/da only for the full sum. Numbers are shown with four digits,
with "≈" for "=" where the numbers shown do not give the result shown.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence

from autograd_core.formulas.notation import (
    DIGITS,
    enough_digits,
    number_latex,
    number_text,
    shown_number,
    write_number,
)
from autograd_core.formulas.symbols import name_latex, name_text
from autograd_core.show.record.gradient_descent import ParameterRecord
from autograd_core.show.record.record import EdgeRecord, Formula, GradientRecord, NodeRecord

MOST_TERMS = 4  # of a sum are written out
EQUALS = Formula(" = ", " = ")
APPROXIMATELY = Formula(" ≈ ", r" \approx ")
PLUS = Formula(" + ", " + ")
MINUS = Formula(" − ", " - ")
TIMES = Formula(" · ", r" \cdot ")


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
    return Formula(
        f"d{name_text(of)}/d{name_text(to)}",
        rf"\frac{{\mathrm{{d}} {name_latex(of)}}}{{\mathrm{{d}} {name_latex(to)}}}",
    )


def partial_derivative(of: str, to: str) -> Formula:
    """∂y/∂a."""
    return Formula(
        f"∂{name_text(of)}/∂{name_text(to)}", rf"\frac{{\partial {name_latex(of)}}}{{\partial {name_latex(to)}}}"
    )


def name(text: str) -> Formula:
    """A name as a formula: v₁₂."""
    return Formula(name_text(text), name_latex(text))


def operation_text(node: NodeRecord) -> str:
    """ln(x₁), or the kind of a leaf, with the note on a number that has changed: input (now 10)."""
    operation = node.expression.text or node.kind
    return f"{operation} ({node.changed})" if node.changed else operation


def operation(node: NodeRecord) -> Formula:
    """v₁ = ln(x₁); for a leaf x₁."""
    left = name(node.name)
    return concatenate([left, EQUALS, node.expression]) if node.expression else left


def computation(node: NodeRecord) -> Formula:
    """v₁ = ln(x₁) = ln(2) = 0.6931; for a leaf x₁ = 2, or x₁ = 2 (now 10) where its number has changed since."""
    pieces = [piece for piece in dict.fromkeys((node.expression, node.numbers)) if piece]
    written = _chain(name(node.name), pieces, number(node.value), node.exact)
    if not node.changed:
        return written
    return Formula(f"{written.text} ({node.changed})", rf"{written.latex} \quad \text{{({node.changed})}}")


def partial(edge: EdgeRecord) -> Formula:
    """∂v₁/∂x₁ = 1 / x₁ = 1 / 2 = 0.5."""
    shown = number(edge.partial or 0.0)
    pieces = [piece for piece in dict.fromkeys((edge.formula, edge.numbers)) if piece and piece.text != shown.text]
    written = _chain(partial_derivative(edge.of, edge.source), pieces, shown, edge.exact)
    if edge.partial is not None:
        return written
    return Formula(f"{written.text}, {edge.blocked}", rf"{written.latex} \quad \text{{({edge.blocked})}}")


def partial_in_symbols(edge: EdgeRecord) -> Formula:
    """∂v₁/∂x₁ = 1 / x₁; where that is a number, ∂v₁/∂x₁."""
    left = partial_derivative(edge.of, edge.source)
    if not edge.formula or edge.formula.text == edge.numbers.text:
        return left
    return concatenate([left, EQUALS, edge.formula])


def contribution(edge: EdgeRecord) -> Formula:
    """1 · 0.5 = 0.5, or a dash where nothing flows."""
    if edge.contribution is None or edge.carried is None or edge.partial is None:
        return number(None)
    return product((edge.carried, edge.partial), edge.contribution)


def running_sum(terms: Sequence[float], total: float | None, complete: bool) -> Formula:
    """0.5 + 5 = 5.5 when complete, 0.5 + … before."""
    dots = Formula("…", r"\cdots")
    if not terms:
        return Formula("0 (nothing arrived)", r"0 \quad \text{(nothing arrived)}") if complete else dots
    digits, exact = _digits(sum, terms, total)
    pieces = [number(terms[0], digits), *(factor(term, digits) for term in terms[1:])]
    if len(pieces) > MOST_TERMS:
        count = f"({len(pieces) - 1} terms)"
        pieces = [Formula(count, rf"\text{{{count}}}"), pieces[-1]]
        exact = True
    if not complete:
        pieces.append(dots)
    if complete and len(pieces) == 1:
        return number(total)
    spaced = [part for piece in pieces for part in (PLUS, piece)][1:]
    return _join(spaced, exact, total) if complete else concatenate(spaced)


def gradient(record: GradientRecord, symbol: str) -> Formula:
    """dL/dx = dL/dv₂ · ∂v₂/∂x + dL/dv₁ · ∂v₁/∂x = 1 · 5 + 1 · 0.5 = 5.5. symbol: how derivatives write the output."""
    left = total_derivative(symbol, record.name)
    edges = [edge for edge in record.edges if edge.contribution is not None]
    if not edges or len(edges) > MOST_TERMS:
        several = f" (the sum of {len(edges)} contributions)" if edges else ""
        shown = number(record.value)
        note = Formula(several, rf"\text{{{several}}}" * bool(several))
        return concatenate([left, EQUALS, shown, note])
    factors = [number for edge in edges for number in (edge.carried or 0.0, edge.partial or 0.0)]
    digits, exact = _digits(lambda pairs: sum(map(operator.mul, pairs[::2], pairs[1::2])), factors, record.value)
    symbols: list[Formula] = []
    numbers: list[Formula] = []
    for edge in edges:
        symbols += [PLUS, total_derivative(symbol, edge.of), TIMES, partial_derivative(edge.of, edge.source)]
        numbers += [PLUS, factor(edge.carried, digits), TIMES, factor(edge.partial, digits)]
    return _join([left, EQUALS, *symbols[1:], EQUALS, *numbers[1:]], exact, record.value)


def gradient_value(symbol: str, to: str, value: float) -> Formula:
    """dL/dx = 5.5."""
    return concatenate([total_derivative(symbol, to), EQUALS, number(value)])


def rate_times_gradient(parameter: ParameterRecord, rate: float) -> Formula:
    """0.1 · 5.5 = 0.55."""
    return product((rate, parameter.gradient), parameter.change)


def new_value(parameter: ParameterRecord) -> Formula:
    """x₁ = 2 − 0.55 = 1.45."""
    digits, exact = _digits(lambda pair: pair[0] - pair[1], (parameter.before, parameter.change), parameter.after)
    left = [name(parameter.name), EQUALS]
    return _join(
        [*left, number(parameter.before, digits), MINUS, factor(parameter.change, digits)], exact, parameter.after
    )


def new_output(output: str, before: float, change: float, after: float) -> Formula:
    """out = 11.65 − 3.32 = 8.333."""
    digits, exact = _digits(sum, (before, change), after)
    sign = MINUS if change < 0 else PLUS
    return _join([name(output), EQUALS, number(before, digits), sign, number(abs(change), digits)], exact, after)


def _digits(
    compute: Callable[[list[float]], float], numbers: Sequence[float], result: float | None
) -> tuple[int, bool]:
    """How many digits of `numbers` to show, and whether these give the result as it is shown."""
    digits = enough_digits(compute, numbers, result)
    return digits, number_text(compute([shown_number(value, digits) for value in numbers])) == number_text(result)


def product(factors: Sequence[float], result: float) -> Formula:
    """0.5 · (−2) = −1, with the numbers as they are shown."""
    exact = number_text(math.prod(map(shown_number, factors))) == number_text(result)
    written = [number(factors[0]), *(factor(value) for value in factors[1:])]
    return _join([part for piece in written for part in (TIMES, piece)][1:], exact, result)


def _chain(left: Formula, pieces: Sequence[Formula], result: Formula, exact: bool) -> Formula:
    parts = [left]
    for piece in pieces:
        parts += [EQUALS, piece]
    return concatenate([*parts, EQUALS if exact else APPROXIMATELY, result])


def _join(parts: Sequence[Formula], exact: bool, result: float | None) -> Formula:
    return concatenate([*parts, EQUALS if exact else APPROXIMATELY, number(result)])


def concatenate(parts: Sequence[Formula]) -> Formula:
    """The parts as one formula."""
    return Formula("".join(part.text for part in parts), "".join(part.latex for part in parts))
