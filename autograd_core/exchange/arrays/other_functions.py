"""Functions of numbers or Values that other tools have and this package has not, each by its formula."""

from __future__ import annotations

import math
from typing import Any

from autograd_core.engine.functions import logsumexp, softplus
from autograd_core.engine.primitives import atan, exp, expm1, floor, log, log1p, power, sqrt, tanh, where

FAR = 1e8  # from here on sqrt(x * x + 1) and x are the same float64


def sinh(x: Any) -> Any:
    """(exp(x) - exp(-x)) / 2, of expm1 so that nothing cancels near 0."""
    return 0.5 * (expm1(x) - expm1(-x))


def cosh(x: Any) -> Any:
    """(exp(x) + exp(-x)) / 2."""
    return 0.5 * (exp(x) + exp(-x))


def arcsine(x: Any) -> Any:
    """atan(x / sqrt(1 - x * x))."""
    return atan(x / sqrt((1.0 - x) * (1.0 + x)))


def arccosine(x: Any) -> Any:
    """2 atan(sqrt((1 - x) / (1 + x))), in which nothing cancels near 1."""
    return 2.0 * atan(sqrt((1.0 - x) / (1.0 + x)))


def arc_hyperbolic_sine(x: Any) -> Any:
    """log(|x| + sqrt(x * x + 1)) with the sign of x, of log1p so that nothing cancels near 0."""
    size = where(x < 0.0, -x, x)
    near, far = where(size > FAR, 1.0, size), where(size > FAR, size, 1.0)
    result = where(size > FAR, log(far) + math.log(2.0), log1p(near + near * near / (1.0 + sqrt(near * near + 1.0))))
    return where(x < 0.0, -result, result)


def arc_hyperbolic_cosine(x: Any) -> Any:
    """log(x + sqrt(x * x - 1)), of log1p so that nothing cancels near 1."""
    above = where(x > FAR, 1.0, x - 1.0)
    return where(x > FAR, log(where(x > FAR, x, 1.0)) + math.log(2.0), log1p(above + sqrt(above * (above + 2.0))))


def arc_hyperbolic_tangent(x: Any) -> Any:
    """log((1 + x) / (1 - x)) / 2, of log1p so that nothing cancels near 0."""
    return 0.5 * (log1p(x) - log1p(-x))


def cube_root(x: Any) -> Any:
    """The number whose cube is x."""
    size = power(where(x < 0.0, -x, x), 1.0 / 3.0)
    return where(x < 0.0, -size, size)


def sign(x: Any) -> Any:
    """1, -1, or x itself where it is 0 or nan, with the derivative 0 there too."""
    return where(x > 0.0, 1.0, where(x < 0.0, -1.0, 0.0 * x))


def ceiling(x: Any) -> Any:
    """The smallest whole number that is not below x."""
    return -floor(-x)


def truncated(x: Any) -> Any:
    """x without its fraction."""
    return where(x < 0.0, -floor(-x), floor(x))


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
