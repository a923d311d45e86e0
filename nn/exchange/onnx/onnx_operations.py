"""The operations of ONNX by name, on arrays of Values."""

from __future__ import annotations

import builtins
import math
import operator
from collections.abc import Callable
from functools import partial, reduce
from typing import Any

from autograd_core import (
    ExchangeError,
    Value,
    atan,
    cos,
    elu,
    erf,
    exp,
    gelu,
    gelu_tanh,
    leaky_relu,
    log,
    logsumexp,
    maximum,
    minimum,
    prelu,
    relu,
    sigmoid,
    sin,
    softplus,
    sqrt,
    tan,
    tanh,
    where,
)
from autograd_core.exchange.arrays import other_functions as other
from autograd_core.exchange.arrays.array_operations import (
    along_axis,
    average,
    by_entry,
    choice,
    clipped,
    equals,
    inverted,
    over_axes,
    total,
)
from autograd_core.exchange.arrays.torch_numbers import SELU_ALPHA, SELU_SCALE
from nn.exchange.onnx.onnx_layers import LAYERS
from nn.exchange.onnx.onnx_shapes import SHAPES, whole_axes
from nn.modules.softmax import softmax

FLOATS, BOOL = (1, 10, 11, 16), 9  # kinds of numbers in `Cast`

# ------------------------------------------------------------------------------------------------ entry by entry


def _quotient(a: Any, b: Any) -> Any:
    return math.trunc(a / b) if isinstance(a, int) and isinstance(b, int) else a / b  # whole numbers are cut


def _remainder(a: Any, b: Any, fmod: int = 0) -> Any:
    """a modulo b of whole numbers; with `fmod` of others too, with the sign of a."""
    return by_entry((lambda a, b: a - b * other.truncated(a / b)) if fmod else operator.mod)(a, b)


def _dropout(x: Any, ratio: Any = None, training: Any = None, seed: int = 0) -> Any:
    if training is not None and bool(training) and (ratio is None or float(ratio) > 0.0):
        raise ExchangeError("a Dropout of this ONNX model draws at random: export the model in eval().")
    return x


def _cast(x: Any, to: int = 1, saturate: int = 1) -> Any:
    def cast(number: Any) -> Any:
        if isinstance(number, Value):
            if to not in FLOATS and to != BOOL:
                raise ExchangeError(
                    "a Cast of this ONNX model rounds a number that is computed, which has no gradient."
                )
            return number if to in FLOATS else inverted(equals(number, 0.0))
        return float(number) if to in FLOATS else bool(number) if to == BOOL else int(number)

    return by_entry(cast)(x)


def _chain(function: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    apply = by_entry(function)

    return lambda first, *others: reduce(apply, others, first)


def _clip(x: Any, low: Any = None, high: Any = None) -> Any:
    bounds = [None if bound is None else bound.reshape(-1)[0] for bound in (low, high)]
    return by_entry(lambda number: clipped(number, *bounds))(x)


def _with(function: Callable[..., Any], **defaults: float) -> Callable[..., Any]:
    """function(number, setting, ...) of each entry; ONNX keeps the settings as attributes."""

    def apply(x: Any, **settings: Any) -> Any:
        values = {**defaults, **settings}
        return by_entry(lambda number: function(number, *(values[name] for name in defaults)))(x)

    return apply


def _hard_sigmoid(x: Any, alpha: float, beta: float) -> Any:
    return other.hard_tanh(alpha * x + beta, 0.0, 1.0)


# -------------------------------------------------------------------------------------------------- over axes


def _reduced(function: Callable[[Any, Any, bool], Any]) -> Callable[..., Any]:
    def apply(x: Any, axes: Any = None, keepdims: int = 1, noop_with_empty_axes: int = 0) -> Any:
        if noop_with_empty_axes and not (whole_axes(axes) or ()):
            return x
        return function(x, whole_axes(axes) or None, bool(keepdims))

    return apply


def _by_list(function: Callable[[list[Any]], Any]) -> Callable[..., Any]:
    """A function of a list to a number, over the axes together."""
    return _reduced(partial(over_axes, function))


def _softmax(x: Any, axis: int = -1) -> Any:
    return along_axis(softmax, x, axis)


def _log_softmax(x: Any, axis: int = -1) -> Any:
    return along_axis(other.log_softmax, x, axis)


def _running_total(x: Any, axis: Any, exclusive: int = 0, reverse: int = 0) -> Any:
    if exclusive or reverse:
        raise ExchangeError("a CumSum that is exclusive or from the end is not read.")
    return x.cumsum(axis=int(axis))


_OF_ONE_NUMBER: dict[str, Callable[[Any], Any]] = {
    "Abs": builtins.abs,
    "Acos": other.arccosine,
    "Acosh": other.arc_hyperbolic_cosine,
    "Asin": other.arcsine,
    "Asinh": other.arc_hyperbolic_sine,
    "Atanh": other.arc_hyperbolic_tangent,
    "Ceil": other.ceiling,
    "Cosh": other.cosh,
    "Sign": other.sign,
    "Atan": atan,
    "Cos": cos,
    "Erf": erf,
    "Exp": exp,
    "HardSwish": lambda x: x * _hard_sigmoid(x, 1.0 / 6.0, 0.5),
    "IsNaN": lambda x: inverted(equals(x, x)),
    "Log": log,
    "Mish": other.mish,
    "Neg": operator.neg,
    "Not": inverted,
    "Reciprocal": lambda x: 1.0 / x,
    "Relu": relu,
    "Sigmoid": sigmoid,
    "Sin": sin,
    "Softplus": softplus,
    "Softsign": other.softsign,
    "Sqrt": sqrt,
    "Tan": tan,
    "Tanh": tanh,
}

OPERATIONS: dict[str, Callable[..., Any]] = {
    **LAYERS,
    **SHAPES,
    **{name: by_entry(function) for name, function in _OF_ONE_NUMBER.items()},
    "Add": by_entry(operator.add),
    "And": by_entry(lambda a, b: choice(a, b, False)),
    "Cast": _cast,
    "Celu": _with(other.celu, alpha=1.0),
    "Clip": _clip,
    "CumSum": _running_total,
    "Div": by_entry(_quotient),
    "Dropout": _dropout,
    "Elu": _with(elu, alpha=1.0),
    "Equal": by_entry(equals),
    "Gelu": lambda x, approximate=b"none": by_entry(gelu_tanh if approximate == b"tanh" else gelu)(x),
    "Greater": by_entry(operator.gt),
    "GreaterOrEqual": by_entry(operator.ge),
    "HardSigmoid": _with(_hard_sigmoid, alpha=0.2, beta=0.5),
    "Identity": lambda x: x,
    "LeakyRelu": _with(leaky_relu, alpha=0.01),
    "Less": by_entry(operator.lt),
    "LessOrEqual": by_entry(operator.le),
    "LogSoftmax": _log_softmax,
    "Max": _chain(maximum),
    "Mean": lambda *arrays: _chain(operator.add)(*arrays) / float(len(arrays)),
    "Min": _chain(minimum),
    "Mod": _remainder,
    "Mul": by_entry(operator.mul),
    "Or": by_entry(lambda a, b: choice(a, True, b)),
    "PRelu": by_entry(prelu),
    "Pow": by_entry(operator.pow),
    "ReduceL2": _reduced(lambda x, axes, keepdims: by_entry(sqrt)(total(x * x, axes, keepdims))),
    "ReduceLogSumExp": _by_list(logsumexp),
    "ReduceMax": _by_list(partial(reduce, maximum)),
    "ReduceMean": _reduced(average),
    "ReduceMin": _by_list(partial(reduce, minimum)),
    "ReduceProd": _by_list(math.prod),
    "ReduceSum": _reduced(total),
    "ReduceSumSquare": _reduced(lambda x, axes, keepdims: total(x * x, axes, keepdims)),
    "Selu": _with(lambda x, alpha, gamma: gamma * elu(x, alpha), alpha=SELU_ALPHA, gamma=SELU_SCALE),
    "Shrink": _with(other.shrink, bias=0.0, lambd=0.5),
    "Softmax": _softmax,
    "Sub": by_entry(operator.sub),
    "Sum": _chain(operator.add),
    "ThresholdedRelu": _with(lambda x, alpha: where(x > alpha, x, 0.0), alpha=1.0),
    "Where": by_entry(choice),
}
