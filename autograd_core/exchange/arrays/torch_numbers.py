"""PyTorch's functions of one number by name: of a forward, and, in another spelling, of a backward graph."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

from autograd_core.engine import primitives as p
from autograd_core.engine.functions import elu, gelu, gelu_tanh, leaky_relu, relu, sigmoid, softplus, swish
from autograd_core.exchange.arrays import other_functions as other

EXACT_SOFTPLUS = 40.0  # from here on softplus(x) and x are the same float64
SELU_ALPHA, SELU_SCALE = 1.6732632423543772848170429916717, 1.0507009873554804934193349852946


def _softplus(x: Any, beta: float, threshold: float) -> Any:
    """PyTorch's, which is x above a threshold."""
    smooth = softplus(x) if beta == 1.0 else softplus(beta * x) / beta
    return smooth if threshold >= EXACT_SOFTPLUS else p.where(beta * x > threshold, x, smooth)


# function(number, *settings), and its settings with their defaults
FUNCTIONS_OF_ONE_NUMBER: dict[str, tuple[Callable[..., Any], dict[str, Any]]] = {
    "abs": (abs, {}),
    "acos": (other.arccosine, {}),
    "acosh": (other.arc_hyperbolic_cosine, {}),
    "asin": (other.arcsine, {}),
    "asinh": (other.arc_hyperbolic_sine, {}),
    "atan": (p.atan, {}),
    "atanh": (other.arc_hyperbolic_tangent, {}),
    "ceil": (other.ceiling, {}),
    "celu": (other.celu, {"alpha": 1.0}),
    "cos": (p.cos, {}),
    "cosh": (other.cosh, {}),
    "elu": (elu, {"alpha": 1.0}),
    "erf": (p.erf, {}),
    "erfc": (p.erfc, {}),
    "exp": (p.exp, {}),
    "exp2": (lambda x: p.power(2.0, x), {}),
    "expm1": (p.expm1, {}),
    "floor": (p.floor, {}),
    "gelu": (lambda x, approximate: gelu_tanh(x) if approximate == "tanh" else gelu(x), {"approximate": "none"}),
    "hardshrink": (other.hard_shrink, {"lambd": 0.5}),
    "hardsigmoid": (other.hard_sigmoid, {}),
    "hardswish": (other.hard_swish, {}),
    "hardtanh": (other.hard_tanh, {"min_val": -1.0, "max_val": 1.0}),
    "leaky_relu": (leaky_relu, {"negative_slope": 0.01}),
    "log": (p.log, {}),
    "log10": (lambda x: p.log(x) / math.log(10.0), {}),
    "log1p": (p.log1p, {}),
    "log2": (lambda x: p.log(x) / math.log(2.0), {}),
    "log_sigmoid": (other.log_sigmoid, {}),
    "mish": (other.mish, {}),
    "neg": (operator.neg, {}),
    "reciprocal": (lambda x: 1.0 / x, {}),
    "relu": (relu, {}),
    "relu6": (lambda x: other.hard_tanh(x, 0.0, 6.0), {}),
    "rsqrt": (lambda x: 1.0 / p.sqrt(x), {}),
    "selu": (lambda x: SELU_SCALE * elu(x, SELU_ALPHA), {}),
    "sign": (other.sign, {}),
    "sigmoid": (sigmoid, {}),
    "silu": (swish, {}),
    "sin": (p.sin, {}),
    "sinh": (other.sinh, {}),
    "softplus": (_softplus, {"beta": 1.0, "threshold": 20.0}),
    "softshrink": (lambda x, lambd: other.shrink(x, lambd, lambd), {"lambd": 0.5}),
    "softsign": (other.softsign, {}),
    "sqrt": (p.sqrt, {}),
    "square": (lambda x: x * x, {}),
    "tan": (p.tan, {}),
    "tanh": (p.tanh, {}),
    "tanhshrink": (lambda x: x - p.tanh(x), {}),
    "trunc": (other.truncated, {}),
    "threshold": (lambda x, threshold, value: p.where(x <= threshold, value, x), {"threshold": 0.0, "value": 0.0}),
}
