"""The activations of PyTorch by name, and its other functions of one number, on arrays of Values."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from autograd_core import ExchangeError, leaky_relu, prelu, sigmoid
from autograd_core.exchange.arrays.array_layers import by_channel
from autograd_core.exchange.arrays.array_operations import along_axis, by_entry, pieces
from autograd_core.exchange.arrays.other_functions import log_softmax
from autograd_core.exchange.arrays.torch_numbers import FUNCTIONS_OF_ONE_NUMBER
from nn.modules.softmax import softmax


def _of_one_number(function: Callable[..., Any], settings: dict[str, Any]) -> Callable[..., Any]:
    """function(number, *settings) as an operation that takes the settings by place or by name."""

    def apply(x: Any, *given: Any, **named: Any) -> Any:
        values = {**settings, **dict(zip(settings, given, strict=False)), **named}
        return by_entry(lambda number: function(number, *(values[name] for name in settings)))(x)

    return apply


def _prelu(x: Any, weight: Any) -> Any:
    return by_entry(prelu)(x, weight if weight.size == 1 else by_channel(weight, x))


def _rrelu(x: Any, lower: float, upper: float, training: bool = False, inplace: bool = False) -> Any:
    require_no_draw("rrelu", training)
    return by_entry(lambda number: leaky_relu(number, (lower + upper) / 2.0))(x)


def _glu(x: Any, dim: int = -1) -> Any:
    a, b = pieces(x, x.shape[dim] // 2, dim)
    return a * by_entry(sigmoid)(b)


def _dropout(x: Any, p: float = 0.5, training: bool = True, inplace: bool = False) -> Any:
    require_no_draw("dropout", training and p > 0.0)
    return x


def require_no_draw(name: str, draws: bool) -> None:
    if draws:
        raise ExchangeError(f"{name} draws at random while training. Call module.eval() before from_torch.")


def _along_axis(function: Callable[[list[Any]], list[Any]], x: Any, dim: int = -1, *_: Any, **__: Any) -> Any:
    return along_axis(function, x, dim)


_FUNCTIONS = {name: _of_one_number(*entry) for name, entry in FUNCTIONS_OF_ONE_NUMBER.items()}

ACTIVATIONS: dict[str, Callable[..., Any]] = {
    **_FUNCTIONS,
    "logsigmoid": _FUNCTIONS["log_sigmoid"],
    "negative": _FUNCTIONS["neg"],
    "relu_": _FUNCTIONS["relu"],
    "_threshold": _FUNCTIONS["threshold"],
    "prelu": _prelu,
    "rrelu": _rrelu,
    "glu": _glu,
    **dict.fromkeys(("dropout", "dropout1d", "dropout2d", "alpha_dropout"), _dropout),
    "softmax": partial(_along_axis, softmax),
    "softmin": lambda x, *settings, **named: _along_axis(softmax, -x, *settings, **named),
    "log_softmax": partial(_along_axis, log_softmax),
}
