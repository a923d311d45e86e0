"""The operations of PyTorch's backward graphs, each computed again on arrays of Values: rule(node, shape, *inputs)."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial, reduce
from typing import Any

from autograd_core.engine.functions import elu, logsumexp, prelu, sigmoid
from autograd_core.engine.primitives import maximum, minimum, power, sqrt
from autograd_core.errors import ExchangeError
from autograd_core.exchange.arrays.array_operations import (
    along_axis,
    as_array,
    average,
    by_entry,
    clipped,
    matrix_product,
    over_axes,
    pieces,
    product_and_bias,
    total,
    variance,
)
from autograd_core.exchange.arrays.other_functions import log_softmax, softmax
from autograd_core.exchange.arrays.torch_numbers import FUNCTIONS_OF_ONE_NUMBER
from autograd_core.exchange.torch.torch_layer_rules import LAYER_RULES
from autograd_core.exchange.torch.torch_loss_rules import LOSS_RULES
from autograd_core.exchange.torch.torch_saved import axes_of, setting, signed
from autograd_core.exchange.torch.torch_shape_rules import SHAPE_RULES, taken

# ------------------------------------------------------------------------------------------------- entry by entry


def _of_one_number(function: Callable[..., Any], settings: dict[str, Any]) -> Callable[..., Any]:
    def apply(node: Any, shape: Any, a: Any) -> Any:
        given = [setting(node, name) for name in settings]
        return by_entry(lambda x: function(x, *given))(a)

    return apply


def _elu(node: Any, shape: Any, a: Any) -> Any:
    scale, alpha = setting(node, "scale"), setting(node, "alpha")
    if setting(node, "input_scale") != 1.0:
        raise ExchangeError("an ELU with a scale of its input is not read")
    return by_entry(lambda x: elu(x, alpha) if scale == 1.0 else scale * elu(x, alpha))(a)


def _gated(node: Any, shape: Any, a: Any) -> Any:
    axis = signed(node._saved_dim)
    first, second = pieces(a, a.shape[axis] // 2, axis)
    return first * by_entry(sigmoid)(second)


def _clamped(node: Any, shape: Any, a: Any) -> Any:
    bounds = (getattr(node, name, None) for name in ("_saved_min", "_saved_max"))
    low, high = (None if bound is None else float(bound) for bound in bounds)
    return by_entry(lambda x: clipped(x, low, high))(a)


def _add(node: Any, shape: Any, a: Any, b: Any) -> Any:
    return a + _times_alpha(node, b)


def _subtract(node: Any, shape: Any, a: Any, b: Any) -> Any:
    return a - _times_alpha(node, b)


def _times_alpha(node: Any, b: Any) -> Any:
    alpha = float(getattr(node, "_saved_alpha", 1))
    return b if alpha == 1.0 else b * alpha


# ------------------------------------------------------------------------------------------------------- over axes


def _over_axes(function: Callable[[list[Any]], Any]) -> Callable[..., Any]:
    return lambda node, shape, a: over_axes(function, a, axes_of(node))


def _extreme(function: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    def apply(node: Any, shape: Any, a: Any) -> Any:
        if not hasattr(node, "_saved_indices"):
            return over_axes(partial(reduce, function), a, axes_of(node))
        index, axis = node._saved_indices, signed(node._saved_dim)  # the place is known
        return taken(a, index if node._saved_keepdim else index.unsqueeze(axis), axis)

    return apply


def _variance(node: Any, shape: Any, a: Any) -> Any:
    correction = 1.0 if node._saved_correction is None else float(node._saved_correction)
    return variance(a, axes_of(node), correction=correction)


def _norm(node: Any, shape: Any, a: Any) -> Any:
    if node._saved_ord != 2:
        raise ExchangeError(f"of norms that of the squares is read, not {node._saved_ord}")
    return by_entry(sqrt)(total(a * a, axes_of(node)))


def _along_axis(function: Callable[[list[Any]], list[Any]]) -> Callable[..., Any]:
    return lambda node, shape, a: along_axis(function, a, signed(node._saved_dim))


def _product(node: Any, shape: Any, a: Any, b: Any) -> Any:
    return matrix_product(a, b)


def _product_and_bias(node: Any, shape: Any, bias: Any, a: Any, b: Any) -> Any:
    return product_and_bias(a, b, bias, setting(node, "alpha"), setting(node, "beta"))


RULES: dict[str, Callable[..., Any]] = {
    # PyTorch makes the name of a node from that of its function in the same way.
    **{
        name.title().replace("_", ""): _of_one_number(function, settings)
        for name, (function, settings) in FUNCTIONS_OF_ONE_NUMBER.items()
    },
    **LAYER_RULES,
    **LOSS_RULES,
    **SHAPE_RULES,
    "Add": _add,
    "Addmm": _product_and_bias,
    "Amax": _extreme(maximum),
    "Amin": _extreme(minimum),
    "Baddbmm": _product_and_bias,
    "Bmm": _product,
    **dict.fromkeys(("Clamp", "ClampMax", "ClampMin"), _clamped),
    "Cumsum": lambda node, shape, a: a.cumsum(axis=signed(node._saved_dim)),
    "Div": lambda node, shape, a, b: a / b,
    "Dot": _product,
    "Elu": _elu,
    "Glu": _gated,
    "LinalgVectorNorm": _norm,
    "LogSoftmax": _along_axis(log_softmax),
    "Logsumexp": _over_axes(logsumexp),
    "Max": _extreme(maximum),
    "Maximum": lambda node, shape, a, b: by_entry(maximum)(a, b),
    "Mean": lambda node, shape, a: average(a, axes_of(node)),
    "Min": _extreme(minimum),
    "Minimum": lambda node, shape, a, b: by_entry(minimum)(a, b),
    "Mm": _product,
    "Mul": lambda node, shape, a, b: a * b,
    "Mv": _product,
    "Pow": lambda node, shape, a, b: by_entry(power)(a, b),
    "PreluKernel": lambda node, shape, a, slope: by_entry(prelu)(a, slope),
    "Prod": _over_axes(math.prod),
    "RreluWithNoise": lambda node, shape, a: a * as_array(node._saved_noise.tolist()),
    "Rsub": lambda node, shape, a, b: _subtract(node, shape, b, a),
    "Softmax": _along_axis(softmax),
    "Std": lambda node, shape, a: by_entry(sqrt)(_variance(node, shape, a)),
    "Sub": _subtract,
    "Sum": lambda node, shape, a: total(a, axes_of(node)),
    "Var": _variance,
}
