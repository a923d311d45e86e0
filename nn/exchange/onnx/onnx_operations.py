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
from autograd_core.exchange import other_functions as other
from autograd_core.exchange.array_layers import padded
from autograd_core.exchange.array_operations import (
    along_axis,
    as_array,
    average,
    by_entry,
    choice,
    clipped,
    equals,
    inverted,
    over_axes,
    pieces,
    require_few,
    total,
    triangle,
)
from autograd_core.exchange.torch_numbers import SELU_ALPHA, SELU_SCALE
from nn.exchange.onnx.onnx_layers import LAYERS
from nn.modules.softmax import softmax

FLOATS, BOOL = (1, 10, 11, 16), 9  # kinds of numbers in `Cast`

# ------------------------------------------------------------------------------------------------------- shapes


def _axes(axes: Any) -> tuple[int, ...] | None:
    return None if axes is None else tuple(int(axis) for axis in axes)


def _flattened(x: Any, axis: int = 1) -> Any:
    return x.reshape(math.prod(x.shape[:axis]), -1)


def _reshaped(x: Any, shape: Any, allowzero: int = 0) -> Any:
    sizes = [x.shape[i] if size == 0 and not allowzero else int(size) for i, size in enumerate(shape.tolist())]
    return x.reshape(sizes)


def _shape(x: Any, start: int = 0, end: int | None = None) -> Any:
    return as_array(list(x.shape[start:end]))


def _expanded(x: Any, shape: Any) -> Any:
    import numpy as np

    sizes = np.broadcast_shapes(x.shape, tuple(map(int, shape.tolist())))
    require_few(sizes)
    return np.broadcast_to(x, sizes)


def _filled(shape: Any, value: Any = None) -> Any:
    import numpy as np

    sizes = tuple(map(int, shape.tolist()))
    require_few(sizes)
    return np.full(sizes, 0.0 if value is None else value.reshape(-1).tolist()[0], dtype=object)


def _range(*ends: Any) -> Any:
    start, limit, delta = (end.reshape(-1).tolist()[0] for end in ends)
    if any(isinstance(end, Value) or int(end) != end for end in (start, limit, delta)) or not delta:
        raise ExchangeError("a Range of this ONNX model is not one of whole numbers.")
    require_few([max(0, -int((start - limit) // delta))])
    return as_array(list(range(int(start), int(limit), int(delta))))


def _sliced(x: Any, starts: Any, ends: Any, axes: Any = None, steps: Any = None) -> Any:
    places = [slice(None)] * x.ndim
    count = len(starts)
    whole = zip(
        starts.tolist(),
        ends.tolist(),
        range(count) if axes is None else axes.tolist(),
        [1] * count if steps is None else steps.tolist(),
        strict=True,
    )
    for start, end, axis, step in whole:
        is_to_the_front = step < 0 and end < -x.shape[axis]
        places[axis] = slice(start, None if is_to_the_front else end, step)
    return x[tuple(places)]


def _gathered(table: Any, index: Any, axis: int = 0) -> Any:
    import numpy as np

    if np.any([not hasattr(each, "__index__") for each in np.ravel(index)]):
        raise ExchangeError("the indices of a Gather are whole numbers here: give ints, not Values.")
    return np.asarray(np.take(table, np.asarray(index, dtype=np.int64), axis=axis))


def _gathered_by_place(x: Any, index: Any, axis: int = 0) -> Any:
    import numpy as np

    return np.take_along_axis(x, np.asarray(index, dtype=np.int64), axis)


def _split(x: Any, sizes: Any = None, axis: int = 0, num_outputs: int | None = None, parts: int = 1) -> Any:
    size, left = -(-x.shape[axis] // parts), x.shape[axis]
    even = [max(0, min(size, left - place * size)) for place in range(parts)]
    found = pieces(x, even if sizes is None else sizes.tolist(), axis)
    return found if len(found) > 1 else found[0]


def _joined(*arrays: Any, axis: int) -> Any:
    import numpy as np

    return np.concatenate(arrays, axis=axis)


def _unsqueezed(x: Any, axes: Any) -> Any:
    import numpy as np

    return np.expand_dims(x, _axes(axes) or ())


def _tiled(x: Any, repeats: Any) -> Any:
    import numpy as np

    require_few([size * int(times) for size, times in zip(x.shape, repeats.tolist(), strict=True)])
    return np.tile(x, repeats.tolist())


def _triangle(x: Any, k: Any = None, upper: int = 1) -> Any:
    return triangle(x, 0 if k is None else int(k), bool(upper))


def _padded(x: Any, pads: Any, value: Any = None, axes: Any = None, mode: bytes = b"constant") -> Any:
    if mode != b"constant":
        raise ExchangeError(f"of padding there is that with a number here, not mode={mode.decode()!r}.")
    before, after = [0] * x.ndim, [0] * x.ndim
    named = list(range(x.ndim)) if axes is None else _axes(axes) or ()
    sizes = pads.tolist()
    for place, axis in enumerate(named):
        before[axis], after[axis] = sizes[place], sizes[place + len(named)]
    return padded(x, before, after, 0.0 if value is None else value.reshape(-1)[0])


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
        if noop_with_empty_axes and not (_axes(axes) or ()):
            return x
        return function(x, _axes(axes) or None, bool(keepdims))

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
    **{name: by_entry(function) for name, function in _OF_ONE_NUMBER.items()},
    "Add": by_entry(operator.add),
    "And": by_entry(lambda a, b: choice(a, b, False)),
    "Cast": _cast,
    "Celu": _with(other.celu, alpha=1.0),
    "Clip": _clip,
    "Concat": _joined,
    "ConstantOfShape": _filled,
    "CumSum": _running_total,
    "Div": by_entry(_quotient),
    "Dropout": _dropout,
    "Elu": _with(elu, alpha=1.0),
    "Equal": by_entry(equals),
    "Expand": _expanded,
    "Flatten": _flattened,
    "Gather": _gathered,
    "GatherElements": _gathered_by_place,
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
    "Pad": _padded,
    "Pow": by_entry(operator.pow),
    "Range": _range,
    "ReduceL2": _reduced(lambda x, axes, keepdims: by_entry(sqrt)(total(x * x, axes, keepdims))),
    "ReduceLogSumExp": _by_list(logsumexp),
    "ReduceMax": _by_list(partial(reduce, maximum)),
    "ReduceMean": _reduced(average),
    "ReduceMin": _by_list(partial(reduce, minimum)),
    "ReduceProd": _by_list(math.prod),
    "ReduceSum": _reduced(total),
    "ReduceSumSquare": _reduced(lambda x, axes, keepdims: total(x * x, axes, keepdims)),
    "Reshape": _reshaped,
    "Selu": _with(lambda x, alpha, gamma: gamma * elu(x, alpha), alpha=SELU_ALPHA, gamma=SELU_SCALE),
    "Shape": _shape,
    "Shrink": _with(other.shrink, bias=0.0, lambd=0.5),
    "Size": lambda x: as_array(x.size),
    "Slice": _sliced,
    "Softmax": _softmax,
    "Split": _split,
    "Squeeze": lambda x, axes=None: x.squeeze(_axes(axes)),
    "Sub": by_entry(operator.sub),
    "Sum": _chain(operator.add),
    "ThresholdedRelu": _with(lambda x, alpha: where(x > alpha, x, 0.0), alpha=1.0),
    "Tile": _tiled,
    "Transpose": lambda x, perm=None: x.transpose(perm),
    "Trilu": _triangle,
    "Unsqueeze": _unsqueezed,
    "Where": by_entry(choice),
}
