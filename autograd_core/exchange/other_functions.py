"""Functions of numbers or Values that other tools have and this package has not, each by its formula."""

from __future__ import annotations

from typing import Any

from autograd_core.engine.functions import logsumexp, softplus
from autograd_core.engine.primitives import exp, expm1, tanh, where


def sinh(x: Any) -> Any:
    """(exp(x) - exp(-x)) / 2, of expm1 so that nothing cancels near 0."""
    return 0.5 * (expm1(x) - expm1(-x))


def cosh(x: Any) -> Any:
    """(exp(x) + exp(-x)) / 2."""
    return 0.5 * (exp(x) + exp(-x))


def hard_tanh(x: Any, low: float, high: float) -> Any:
    """x between `low` and `high`, flat at both."""
    return where(x <= low, low, where(x >= high, high, x))


def hard_swish(x: Any) -> Any:
    """x times a straight line from 0 at -3 to 1 at 3."""
    return where(x <= -3.0, 0.0, where(x >= 3.0, x, x * (x + 3.0) / 6.0))


def hard_sigmoid(x: Any) -> Any:
    """A straight line from 0 at -3 to 1 at 3, flat beyond."""
    return hard_tanh(x + 3.0, 0.0, 6.0) / 6.0


def log_sigmoid(x: Any) -> Any:
    """log(sigmoid(x)), of softplus so that it keeps its digits."""
    return -softplus(-x)


def celu(x: Any, alpha: float) -> Any:
    """x above 0, else alpha * (exp(x / alpha) - 1)."""
    return where(x > 0.0, x, alpha * expm1(where(x > 0.0, 0.0, x) / alpha))


def shrink(x: Any, bias: float, size: float) -> Any:
    """x nearer to 0 by `bias`; 0 from -size to size."""
    return where(x > size, x - bias, where(x < -size, x + bias, 0.0))


def hard_shrink(x: Any, size: float) -> Any:
    """x; 0 from -size to size."""
    return where(x > size, x, where(x < -size, x, 0.0))


def mish(x: Any) -> Any:
    """x * tanh(softplus(x))."""
    return x * tanh(softplus(x))


def softsign(x: Any) -> Any:
    """x / (1 + |x|), composed of where: its second derivative at 0 is that of a smooth function."""
    return x / (1.0 + where(x > 0.0, x, -x))


def log_softmax(row: list[Any]) -> list[Any]:
    """The logarithms of the shares of scores."""
    whole = logsumexp(row)
    return [number - whole for number in row]


def softmax(row: list[Any]) -> list[Any]:
    """The shares of scores."""
    return [exp(number) for number in log_softmax(row)]
