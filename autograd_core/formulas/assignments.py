"""Expressions of the command line, evaluated with assignments such as x1=2 x2=5."""

from __future__ import annotations

import math
from collections.abc import Sequence

from autograd_core.engine.value import Value
from autograd_core.errors import ExpressionError
from autograd_core.formulas.expression import CONSTANTS, Expression


def evaluate(text: str, assignments: Sequence[str]) -> Value:
    """The graph of an expression, its inputs labelled. Raises `ExpressionError` where either cannot be understood.

    >>> evaluate("2*x", ["x=3"]).data
    6.0
    """
    expression = Expression(text)
    output = expression(_inputs(expression, assignments))
    if not isinstance(output, Value):
        raise ExpressionError(
            "the expression has no input to differentiate with respect to; put a name in it, such as x"
        )
    return output


def _inputs(expression: Expression, assignments: Sequence[str]) -> dict[str, Value]:
    values: dict[str, Value] = {}
    for assignment in assignments:
        name, equals, number = assignment.partition("=")
        if not equals or not (name.isascii() and name.isidentifier()):
            raise ExpressionError(f"{assignment!r} is not an input: write NAME=NUMBER, such as x1=2")
        if name in CONSTANTS:
            raise ExpressionError(f"{name!r} is the constant {CONSTANTS[name]!r} and cannot be assigned")
        if name not in expression.names:
            raise ExpressionError(f"{name!r} is not in the expression; its names are {_join_names(expression.names)}")
        if name in values:
            raise ExpressionError(
                f"{name!r} is assigned twice: {assignment!r} comes after {name}={values[name].data!r}"
            )
        values[name] = Value(_number(assignment, number), label=name)
    missing = [name for name in expression.names if name not in values]
    if missing:
        place = expression.place_of(missing[0])
        wanted = " ".join(f"{name}=NUMBER" for name in missing)
        raise ExpressionError(f"no value for {_join_names(missing)} (character {place + 1} on): add {wanted}")
    return {name: values[name] for name in expression.names}


def _number(assignment: str, text: str) -> float:
    try:
        number = float(text if text.isascii() else "")
    except ValueError:
        raise ExpressionError(f"in {assignment!r}, {text!r} is not a number: write it as 2, -0.5 or 1e-3") from None
    if not math.isfinite(number):
        raise ExpressionError(f"in {assignment!r}, only finite numbers can be explained")
    return number


def _join_names(names: Sequence[str]) -> str:
    return ", ".join(names) if names else "(none)"
