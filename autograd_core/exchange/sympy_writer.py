"""SymPy: a graph as a symbolic expression."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from autograd_core.engine.backward import topological_order
from autograd_core.engine.primitive import Primitive
from autograd_core.engine.value import Value
from autograd_core.errors import ExchangeError, ExpressionError
from autograd_core.exchange.library import library
from autograd_core.formulas.expression import CONSTANTS, Expression
from autograd_core.graph.names import node_names
from autograd_core.show.record.textbook_graph import textbook_graph

EXACT_WHOLE_NUMBERS = 2.0**53


def to_sympy(value: Value) -> Any:
    """The formula of `value` in its inputs, as a SymPy expression of real symbols with the inputs' labels.

    Compositions stand by their textbook formulas, and constants are numbers: `sympy.diff` and `simplify` then work on
    what a textbook prints. Two inputs of one label get numbers, as in pictures. Raises ExchangeError for an operation
    of your own without a formula; ImportError without SymPy.
    """
    sympy = library("sympy", "sympy")
    order = topological_order(textbook_graph(value))
    names = node_names(order)
    labels = [node.label for node in order if node.primitive is None]
    expressions: dict[Value, Any] = {}
    for node in order:
        if node.primitive is None:
            name = node.label if node.label and labels.count(node.label) == 1 else names[node]
            expressions[node] = sympy.Symbol(name, real=True)
        elif not node.inputs:  # computed without recording
            expressions[node] = _number(sympy, node.output_number)
        else:
            operands = [expressions[a] if isinstance(a, Value) else _number(sympy, a) for a in node.inputs]
            expressions[node] = _apply(sympy, node.primitive, operands)
    return expressions[order[-1]]


def _number(sympy: Any, number: float) -> Any:
    if math.isnan(number):
        return sympy.nan
    if math.isinf(number):
        return sympy.oo if number > 0 else -sympy.oo
    whole = number.is_integer() and abs(number) <= EXACT_WHOLE_NUMBERS
    return sympy.Integer(int(number)) if whole else sympy.Float(number)


def _apply(sympy: Any, function: Any, operands: Sequence[Any]) -> Any:
    """An operation of the table, or one that has a formula, on SymPy's expressions."""
    if not isinstance(function, Primitive):  # a composition in the formula of an operation of one's own
        formula = function.formula(len(operands))
        return _read(sympy, function.name, formula, function.input_names(len(operands)), operands)
    if function.name == "choose":
        index, *choices = operands
        return sympy.Piecewise(
            *((choice, sympy.Eq(index, place)) for place, choice in enumerate(choices)), (sympy.nan, True)
        )
    if function.is_listed:
        return _operations(sympy)[function.name](*operands)
    return _read(sympy, function.name, function.formula, function.arguments, operands)


def _read(sympy: Any, name: str, formula: str, arguments: Sequence[str], operands: Sequence[Any]) -> Any:
    values = {constant: _number(sympy, number) for constant, number in CONSTANTS.items()} | {"pi": sympy.pi}
    try:
        return Expression(formula).fold(
            values | dict(zip(arguments, operands, strict=True)),
            lambda number: _number(sympy, number),
            lambda function, parts: _apply(sympy, function, parts),
        )
    except ExpressionError:
        raise ExchangeError(
            f"{name} is an operation of your own without a formula that can be read. Give custom_primitive its "
            "formula, such as formula='a**3'."
        ) from None


def _truth(sympy: Any, condition: Any) -> Any:
    """A number as a condition: of an answer 1 or 0 to a comparison, the comparison itself."""
    is_answer = isinstance(condition, sympy.Piecewise) and condition.args[0][0] == 1 and condition.args[-1][0] == 0
    return condition.args[0][1] if is_answer and len(condition.args) == 2 else sympy.Ne(condition, 0)


def _operations(sympy: Any) -> dict[str, Callable[..., Any]]:
    def answer(relation: Any) -> Callable[..., Any]:
        return lambda a, b: sympy.Piecewise((1, relation(a, b)), (0, True))

    one = sympy.Integer(1)
    return {
        "abs": sympy.Abs,
        "add": lambda a, b: a + b,
        "atan": sympy.atan,
        "cos": sympy.cos,
        "divide": lambda a, b: a / b,
        "equal": answer(sympy.Eq),
        "erf": sympy.erf,
        "erfc": sympy.erfc,
        "exp": sympy.exp,
        "expm1": lambda a: sympy.exp(a) - one,
        "floor": sympy.floor,
        "greater": answer(sympy.Gt),
        "greater_equal": answer(sympy.Ge),
        "less": answer(sympy.Lt),
        "less_equal": answer(sympy.Le),
        "log": sympy.log,
        "log1p": lambda a: sympy.log(one + a),
        "maximum": sympy.Max,
        "minimum": sympy.Min,
        "multiply": lambda a, b: a * b,
        "negative": lambda a: -a,
        "power": lambda a, b: a**b,
        "sin": sympy.sin,
        "sqrt": sympy.sqrt,
        "subtract": lambda a, b: a - b,
        "tan": sympy.tan,
        "tanh": sympy.tanh,
        "where": lambda c, a, b: sympy.Piecewise((a, _truth(sympy, c)), (b, True)),
    }
