"""The operations of JAX by name, on arrays of Values and numbers."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import Any

import numpy as np

from autograd_core.engine import primitives as p
from autograd_core.engine.functions import sigmoid
from autograd_core.engine.value import Value
from autograd_core.errors import ExchangeError
from autograd_core.exchange.arrays import other_functions as other
from autograd_core.exchange.arrays.array_layers import convolution, largest, padded, spaced, windows
from autograd_core.exchange.arrays.array_operations import (
    along_axis,
    along_last_axis,
    by_entry,
    matrix_product,
    over_axes,
)


def _is_finite(a: Any) -> Any:
    return p.less(p.abs(a), math.inf)


# What JAX calls an operation on each number, and what it is here.
ELEMENTWISE: dict[str, Callable[..., Any]] = {
    "add": p.add,
    "add_any": p.add,
    "sub": p.subtract,
    "mul": p.multiply,
    "div": p.divide,
    "neg": p.negative,
    "pow": p.power,
    "max": p.maximum,
    "min": p.minimum,
    "exp": p.exp,
    "exp2": lambda a: p.power(2.0, a),
    "expm1": p.expm1,
    "log": p.log,
    "log1p": p.log1p,
    "sqrt": p.sqrt,
    "rsqrt": lambda a: p.divide(1.0, p.sqrt(a)),
    "square": lambda a: p.multiply(a, a),
    "sin": p.sin,
    "cos": p.cos,
    "tan": p.tan,
    "atan": p.atan,
    "tanh": p.tanh,
    "sinh": other.sinh,
    "cosh": other.cosh,
    "asin": other.arcsine,
    "acos": other.arccosine,
    "asinh": other.arc_hyperbolic_sine,
    "acosh": other.arc_hyperbolic_cosine,
    "atanh": other.arc_hyperbolic_tangent,
    "cbrt": other.cube_root,
    "is_finite": _is_finite,
    "erf": p.erf,
    "erfc": p.erfc,
    "logistic": sigmoid,
    "abs": p.abs,
    "sign": other.sign,
    "floor": p.floor,
    "ceil": other.ceiling,
    "rem": lambda a, b: a - b * other.truncated(a / b),
    "lt": p.less,
    "le": p.less_equal,
    "gt": p.greater,
    "ge": p.greater_equal,
    "eq": p.equal,
    "ne": lambda a, b: p.where(p.equal(a, b), 0.0, 1.0),
    "and": lambda a, b: p.where(a, b, 0.0),
    "or": lambda a, b: p.where(a, 1.0, b),
    "not": lambda a: p.where(a, 0.0, 1.0),
    "clamp": lambda low, a, high: other.hard_tanh(a, low, high),
    "copy": lambda a: a,
    "copy_p": lambda a: a,
}


def _bounded(function: Callable[[Any, Any], Any], is_outside: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """maximum or minimum, which at a tie with a constant gives it all of the gradient."""

    def apply(a: Any, b: Any) -> Any:
        if isinstance(a, Value) == isinstance(b, Value):
            return function(a, b)
        x, bound = (a, b) if isinstance(a, Value) else (b, a)
        return p.where(is_outside(x, bound), bound, x)

    return apply


# In a function that is one maximum and has a rule of its own for its derivative, as relu: the rule is about the tie.
ELEMENTWISE_BESIDE_TIES = {
    **ELEMENTWISE,
    "max": _bounded(p.maximum, p.less_equal),
    "min": _bounded(p.minimum, p.greater_equal),
}


def each(function: Callable[..., Any], *arrays: Any) -> Any:
    """A function of numbers on arrays, entry by entry; whole numbers and bools are floats to it."""
    return by_entry(lambda *numbers: function(*map(as_number, numbers)))(*arrays)


def as_number(number: Any) -> Any:
    """A Value as it is, any other number as a float."""
    return number if isinstance(number, Value) else float(number)


# Operations that put numbers elsewhere; how many of their inputs are numbers, the rest says where.
MOVING = {
    "broadcast_in_dim": 1,
    "concatenate": None,
    "dynamic_slice": 1,
    "dynamic_update_slice": 2,
    "expand_dims": 1,
    "gather": 1,
    "pad": 2,
    "reshape": 1,
    "rev": 1,
    "slice": 1,
    "split": 1,
    "squeeze": 1,
    "stack": None,
    "tile": 1,
    "transpose": 1,
}
FOLDS: dict[str, Callable[[Any, Any], Any]] = {
    "reduce_sum": p.add,
    "reduce_max": p.maximum,
    "reduce_min": p.minimum,
    "reduce_prod": p.multiply,
    "reduce_and": ELEMENTWISE["and"],
    "reduce_or": ELEMENTWISE["or"],
}
CUMULATIVE = {"cumsum": p.add, "cumprod": p.multiply, "cummax": p.maximum, "cummin": p.minimum}


def fold(function: Callable[[Any, Any], Any], array: Any, axes: Sequence[int]) -> Any:
    """The numbers along the axes as one, for each place in the others."""
    return over_axes(functools.partial(functools.reduce, function), array, list(axes))


def running(function: Callable[[Any, Any], Any], array: Any, axis: int, reverse: bool) -> Any:
    """The results so far along an axis."""
    step = -1 if reverse else 1
    return along_axis(lambda row: list(accumulate(row[::step], function))[::step], array, axis)


def select(which: Any, *cases: Any) -> Any:
    """The case of a whole number, which may be a Value."""
    if not isinstance(which, Value):
        return cases[int(which)]
    return functools.reduce(
        lambda so_far, k: p.where(p.equal(which, float(k)), cases[k], so_far), range(1, len(cases)), cases[0]
    )


def convert(array: Any, dtype: Any) -> Any:
    """Values as another kind of number. Fewer bits round nothing here: all numbers are float64."""
    kind = np.dtype(dtype).kind
    if kind == "f":
        return array
    return each(other.truncated if kind in "iu" else lambda a: p.where(a, 1.0, 0.0), array)


def product(left: Any, right: Any, dimension_numbers: Any) -> Any:
    """JAX's dot_general: sums of products over some axes, for each place in the batch axes."""
    (along_left, along_right), (batch_left, batch_right) = dimension_numbers
    sides, others = [], []
    for array, along, batch in ((left, along_left, batch_left), (right, along_right, batch_right)):
        free = [axis for axis in range(array.ndim) if axis not in (*along, *batch)]
        others += [array.shape[axis] for axis in free]
        width = math.prod(array.shape[axis] for axis in along)
        count = math.prod(array.shape[axis] for axis in batch)
        sides.append(array.transpose(*batch, *free, *along).reshape(count, -1, width))
    shape = [left.shape[axis] for axis in batch_left] + others
    return matrix_product(sides[0], sides[1].swapaxes(1, 2)).reshape(shape)


def convolve(parameters: Any, x: Any, weight: Any) -> Any:
    """JAX's conv_general_dilated."""
    if parameters["batch_group_count"] != 1:
        raise ExchangeError("a convolution of JAX with batch_group_count is not read.")
    order = parameters["dimension_numbers"]
    channels_first = spaced(x.transpose(order.lhs_spec), parameters["lhs_dilation"])
    before, after = (list(sides) for sides in zip(*parameters["padding"], strict=True))
    result = convolution(
        channels_first,
        weight.transpose(order.rhs_spec),
        stride=parameters["window_strides"],
        padding=(before, after),
        dilation=parameters["rhs_dilation"],
        groups=parameters["feature_group_count"],
    )
    return result.transpose(np.argsort(order.out_spec))


def over_windows(name: str, parameters: Any, x: Any) -> Any:
    """JAX's reduce_window_sum, reduce_window_max and reduce_window_min."""
    if set(parameters["base_dilation"]) != {1}:
        raise ExchangeError("windows of JAX over numbers that are spaced out (base_dilation) are not read.")
    function, outside = WINDOWS[name]
    before, after = zip(*parameters["padding"], strict=True)
    kernel, strides = parameters["window_dimensions"], parameters["window_strides"]
    found = windows(padded(x, before, after, outside), kernel, strides, parameters["window_dilation"])
    return along_last_axis(function, found.reshape(*found.shape[: x.ndim], -1))


WINDOWS: dict[str, tuple[Callable[[list[Any]], Any], float]] = {
    "reduce_window_sum": (sum, 0.0),
    "reduce_window_max": (largest, -math.inf),
    "reduce_window_min": (lambda row: -largest([-number for number in row]), math.inf),
}
