"""The activations of PyTorch by name, on arrays of Values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd_core import (
    ExchangeError,
    elu,
    gelu,
    gelu_tanh,
    leaky_relu,
    prelu,
    relu,
    sigmoid,
    softplus,
    swish,
    tanh,
    where,
)
from autograd_core.exchange.other_functions import (
    celu,
    hard_shrink,
    hard_swish,
    hard_tanh,
    log_softmax,
    mish,
    shrink,
    softsign,
)
from nn.exchange.array_operations import (
    along_axis,
    by_channel,
    by_entry,
)
from nn.modules.softmax import softmax

# PyTorch's softplus returns x above a threshold; from 40 on both are the same float64.
EXACT_SOFTPLUS = 40.0


def unary(function: Callable[[Any], Any]) -> Callable[..., Any]:
    apply = by_entry(function)
    return lambda x, inplace=False: apply(x)


def _with_settings(function: Callable[..., Any], **settings: Any) -> Callable[..., Any]:
    """function(number, *settings) as an operation that takes the settings by place or by name."""
    names = tuple(settings)

    def apply(x: Any, *given: Any, **named: Any) -> Any:
        named.pop("inplace", None)
        values = {**settings, **dict(zip(names, given, strict=False)), **named}
        return by_entry(lambda number: function(number, **values))(x)

    return apply


_SELU_ALPHA, _SELU_SCALE = 1.6732632423543772848170429916717, 1.0507009873554804934193349852946


def _softplus(x: Any, beta: float, threshold: float) -> Any:
    smooth = softplus(x) if beta == 1.0 else softplus(beta * x) / beta
    return smooth if threshold >= EXACT_SOFTPLUS else where(beta * x > threshold, x, smooth)


def _gelu(x: Any, approximate: str = "none") -> Any:
    return by_entry(gelu_tanh if approximate == "tanh" else gelu)(x)


def _prelu(x: Any, weight: Any) -> Any:
    return by_entry(prelu)(x, weight if weight.size == 1 else by_channel(weight, x))


def _rrelu(x: Any, lower: float, upper: float, training: bool = False, inplace: bool = False) -> Any:
    require_no_draw("rrelu", training)
    return by_entry(lambda number: leaky_relu(number, (lower + upper) / 2.0))(x)


def _glu(x: Any, dim: int = -1) -> Any:
    import numpy as np

    a, b = np.split(x, 2, axis=dim)
    return a * by_entry(sigmoid)(b)


def _dropout(x: Any, p: float = 0.5, training: bool = True, inplace: bool = False) -> Any:
    require_no_draw("dropout", training and p > 0.0)
    return x


def require_no_draw(name: str, draws: bool) -> None:
    if draws:
        raise ExchangeError(f"{name} draws at random while training. Call module.eval() before from_torch.")


def _softmin(x: Any, dim: int = -1, **_: Any) -> Any:
    return along_axis(softmax, -x, dim)


_OF_ONE_NUMBER: dict[str, Callable[[Any], Any]] = {
    "relu": relu,
    "relu_": relu,
    "sigmoid": sigmoid,
    "tanh": tanh,
    "silu": swish,
    "mish": mish,
    "logsigmoid": lambda x: -softplus(-x),
    "softsign": softsign,
    "tanhshrink": lambda x: x - tanh(x),
    "hardsigmoid": lambda x: hard_tanh(x + 3.0, 0.0, 6.0) / 6.0,
    "hardswish": hard_swish,
    "relu6": lambda x: hard_tanh(x, 0.0, 6.0),
    "selu": lambda x: _SELU_SCALE * elu(x, _SELU_ALPHA),
}

ACTIVATIONS: dict[str, Callable[..., Any]] = {
    **{name: unary(function) for name, function in _OF_ONE_NUMBER.items()},
    "log_sigmoid": unary(lambda x: -softplus(-x)),
    "hardtanh": _with_settings(lambda x, min_val, max_val: hard_tanh(x, min_val, max_val), min_val=-1.0, max_val=1.0),
    "leaky_relu": _with_settings(lambda x, negative_slope: leaky_relu(x, negative_slope), negative_slope=0.01),
    "elu": _with_settings(elu, alpha=1.0),
    "celu": _with_settings(celu, alpha=1.0),
    "softplus": _with_settings(_softplus, beta=1.0, threshold=20.0),
    "softshrink": _with_settings(lambda x, lambd: shrink(x, lambd, lambd), lambd=0.5),
    "hardshrink": _with_settings(lambda x, lambd: hard_shrink(x, lambd), lambd=0.5),
    **dict.fromkeys(
        ("threshold", "_threshold"),
        _with_settings(lambda x, threshold, value: where(x <= threshold, value, x), threshold=0.0, value=0.0),
    ),
    "gelu": _gelu,
    "prelu": _prelu,
    "rrelu": _rrelu,
    "glu": _glu,
    **dict.fromkeys(("dropout", "dropout1d", "dropout2d", "alpha_dropout"), _dropout),
    "softmax": lambda x, dim=-1, *_, **__: along_axis(softmax, x, dim),
    "softmin": _softmin,
    "log_softmax": lambda x, dim=-1, *_, **__: along_axis(log_softmax, x, dim),
}
