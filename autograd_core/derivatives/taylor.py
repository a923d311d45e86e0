"""Derivatives of any order of a function of one number, from the Taylor series of its graph (`expansion.py`)."""

from __future__ import annotations

import math
from numbers import Integral
from typing import Any

from autograd_core.derivatives.evaluated_function import Evaluation, Function, evaluate, require_function
from autograd_core.derivatives.expansion import Expansion, Series, plain
from autograd_core.engine.anomaly import current_watch, explain_not_finite, leading_on, require_finite
from autograd_core.engine.backward import Node, Number
from autograd_core.engine.context import current_scope, open_scope, set_mode
from autograd_core.engine.nested import shape
from autograd_core.engine.value import Value


def nth_derivative(f: Function, n: int) -> Function:
    """The n-th derivative of a function of one number; n = 0 is f itself. Raises ValueError for n < 0.

    >>> nth_derivative(lambda x: x**4, 3)(2.0)
    48.0
    """
    order = _order(f, n, "nth_derivative")

    def derivative(x: Any) -> Any:
        run, y = _run(f, x, "nth_derivative")
        if current_scope().mode.tracing:  # the program is for other numbers too: its gates are computed, not read
            for _ in range(order):
                (y,) = run.adjoints(y, create_graph=True)
            return run.as_result(y)
        coefficient = _coefficients(run, y, order)[order]
        return run.as_result(coefficient if coefficient is None else _times_factorial(coefficient, order))

    return derivative


def series(f: Function, x: Any, n: int) -> list[Any]:
    """The coefficients [c0, ..., cn] of the Taylor series f(x + t) = c0 + c1 t + c2 t**2 + ...; ck = f^(k)(x) / k!.

    f is a function of one number. At a kink the conventions of the table hold for every order. Raises ValueError for
    n < 0.

    >>> from autograd_core import exp
    >>> series(exp, 0.0, 3)
    [1.0, 1.0, 0.5, 0.16666666666666666]
    """
    order = _order(f, n, "series")
    if current_scope().mode.tracing:
        return [nth_derivative(f, k)(x) / float(math.factorial(k)) for k in range(order + 1)]
    run, y = _run(f, x, "series")
    return [run.as_result(coefficient) for coefficient in _coefficients(run, y, order)]


def _order(f: Any, n: Any, name: str) -> int:
    require_function(f, name)
    if not isinstance(n, Integral) or isinstance(n, bool):
        raise TypeError(f"{name} needs a whole number n, got {n!r}.")
    if n < 0:
        raise ValueError(f"there is no derivative of order {n}: n counts how often to differentiate, 0 or more.")
    return int(n)


def _run(f: Function, x: Any, name: str) -> tuple[Evaluation, Any]:
    run = evaluate(f, (x,))
    if len(run.variables) != 1:
        raise TypeError(f"{name} is for a function of one number, got {shape(x)}. Use grad or hessian.")
    return run, run.single_output(name)


def _times_factorial(coefficient: Any, n: int) -> Any:
    exact = n <= 170  # 171! is too large for a float, the product with a small coefficient need not be
    return coefficient * float(math.factorial(n)) if exact else math.prod(range(2, n + 1), start=coefficient)


def _coefficients(run: Evaluation, y: Any, order: int) -> list[Number | None]:
    """The coefficients of the output y up to t**order."""
    if not isinstance(y, Value):
        return [y, *[None] * order]
    if (watch := current_watch()) is not None:
        require_finite(y)
    expansion = Expansion(order, run.live)
    with open_scope(run.inside), set_mode(recording=True, recording_partials=run.live):
        known: dict[Node, Series | float] = {run.variables[0]: expansion.variable(run.variables[0])}
        for node in run.order:
            known[node] = expansion.of_node(node, [x if type(x) is float else known[x] for x in node.inputs])
        leading = leading_on(reversed(run.order), [y]) if watch is not None else ()
        for k in range(1, order + 1):
            for node, series in known.items():
                if isinstance(series, Series) and len(series.coefficients) <= k:
                    expansion.extend(series)
                    number = series.coefficients[k]
                    if node in leading and number is not None and not math.isfinite(plain(number)):
                        what = f"the derivative of order {k} of {node._title()} became {plain(number)!r}."
                        raise explain_not_finite(what, node)
    if watch is not None:
        watch.unused.clear()
    result = known[y]
    return result.coefficients[: order + 1] if isinstance(result, Series) else [result, *[None] * order]
