"""The operations of PyTorch's backward graphs, each computed again on arrays of Values."""

from __future__ import annotations

import functools
import math
import operator
from collections.abc import Callable
from typing import Any

from autograd_core.engine.functions import dot as dot_product
from autograd_core.engine.functions import gelu, gelu_tanh, leaky_relu, logsumexp, relu, sigmoid, softplus
from autograd_core.engine.functions import silu as swish
from autograd_core.engine.primitives import (
    abs as absolute,
)
from autograd_core.engine.primitives import (
    atan,
    cos,
    erf,
    exp,
    expm1,
    log,
    log1p,
    maximum,
    minimum,
    power,
    sin,
    sqrt,
    tan,
    tanh,
    where,
)
from autograd_core.errors import ExchangeError
from autograd_core.exchange.other_functions import cosh, log_softmax, sinh
from autograd_core.exchange.torch_arrays import array, entrywise, reduced
from autograd_core.exchange.torch_layer_rules import LAYER_RULES, signed


def _unary(function: Callable[[Any], Any]) -> Callable[..., Any]:
    return lambda node, shape, a: entrywise(function, a)


def _add(node: Any, shape: Any, a: Any, b: Any) -> Any:
    return a + _times_alpha(node, b)


def _subtract(node: Any, shape: Any, a: Any, b: Any) -> Any:
    return a - _times_alpha(node, b)


def _times_alpha(node: Any, b: Any) -> Any:
    alpha = float(getattr(node, "_saved_alpha", 1))
    return b if alpha == 1.0 else b * alpha


def _rows(function: Callable[[list[Any]], Any], a: Any, dim: int) -> Any:
    """`function`, of a list to a list of the same length or to a number, along one axis."""
    import numpy as np

    moved = np.moveaxis(a, signed(dim), -1)
    results = array([function(list(row)) for row in moved.reshape(-1, moved.shape[-1])])
    results = results.reshape((*moved.shape[:-1], *results.shape[1:]))
    return np.moveaxis(results, -1, signed(dim)) if results.ndim == a.ndim else results


def _sum(node: Any, shape: Any, a: Any) -> Any:
    axes = tuple(map(signed, getattr(node, "_saved_dim", None) or range(a.ndim)))
    return array(a.sum(axis=axes)).reshape(shape) if a.ndim else a


def _mean(node: Any, shape: Any, a: Any) -> Any:
    total = _sum(node, shape, a)
    return total / float(a.size // total.size)


def _product(node: Any, shape: Any, a: Any, b: Any) -> Any:
    """A matrix times a matrix or a vector, or the dot product of two vectors; stacks of matrices too."""
    if a.ndim == 3:
        return array([_product(node, shape[1:], *pair) for pair in zip(a, b, strict=True)])
    rows = a if a.ndim == 2 else a[None]
    columns = b.T if b.ndim == 2 else b[None]
    return array([[dot_product(list(row), list(column)) for column in columns] for row in rows]).reshape(shape)


def _affine(node: Any, shape: Any, bias: Any, a: Any, b: Any) -> Any:
    if node._saved_alpha != 1 or node._saved_beta != 1:
        raise ExchangeError("addmm with factors of its own is not read")
    return _product(node, shape, a, b) + bias


def _layer_norm(node: Any, shape: Any, a: Any, weight: Any = None, bias: Any = None) -> Any:
    if len(node._saved_normalized_shape) != 1:
        raise ExchangeError("a layer norm over several axes is not read")
    scales = iter(node._saved_result2.flatten().tolist())
    means = iter(node._saved_result1.flatten().tolist())

    def normalise(row: list[Any]) -> list[Any]:
        size, scale, centre = float(len(row)), next(scales), next(means)
        eps = scale**-2 - sum((float(number) - centre) ** 2 for number in row) / size
        average = sum(row) / size
        differences = [number - average for number in row]
        factor = 1.0 / sqrt(sum(number * number for number in differences) / size + _round_eps(eps))
        return [number * factor for number in differences]

    scaled = _rows(normalise, a, -1)
    scaled = scaled if weight is None else scaled * weight
    return scaled if bias is None else scaled + bias


def _round_eps(eps: float) -> float:
    """The number added to a variance: PyTorch keeps the scale only, so it is found to some digits, and rounded to one
    that people write."""
    return float(f"{eps:.1g}") if eps > 1e-9 else 0.0


def _squared_error(node: Any, shape: Any, a: Any, b: Any) -> Any:
    return reduced(node, (a - b) ** 2.0)


def _huber(node: Any, shape: Any, a: Any, b: Any) -> Any:
    delta = float(getattr(node, "_saved_delta", getattr(node, "_saved_beta", 1.0)))
    scale = 1.0 if hasattr(node, "_saved_delta") else 1.0 / delta  # smooth L1 is Huber's divided by beta

    def loss(error: Any) -> Any:
        size = where(error > 0.0, error, -error)
        return scale * where(size < delta, 0.5 * error * error, delta * (size - 0.5 * delta))

    return reduced(node, entrywise(loss, a - b))


def _slice(node: Any, shape: Any, a: Any) -> Any:
    start, end = signed(node._saved_start), signed(node._saved_end)
    places = [slice(None)] * a.ndim
    places[signed(node._saved_dim)] = slice(start, end, node._saved_step)
    return a[tuple(places)]


def _select(node: Any, shape: Any, a: Any) -> Any:
    return array(a.take(signed(node._saved_index), axis=signed(node._saved_dim)))


def _joined(function: str) -> Callable[..., Any]:
    def join(node: Any, shape: Any, *parts: Any) -> Any:
        import numpy as np

        return getattr(np, function)(parts, axis=signed(node._saved_dim))

    return join


def _same(node: Any, shape: Any, a: Any) -> Any:
    return a.reshape(shape)


def _expand(node: Any, shape: Any, a: Any) -> Any:
    import numpy as np

    return np.broadcast_to(a, shape)


def _choice(node: Any, shape: Any, a: Any, b: Any) -> Any:
    return entrywise(lambda c, x, y: x if c else y, array(node._saved_condition.tolist()), a, b)


def _embedding(node: Any, shape: Any, table: Any) -> Any:
    return table[node._saved_indices.cpu().numpy()]


def _norm(node: Any, shape: Any, a: Any) -> Any:
    if node._saved_ord != 2:
        raise ExchangeError(f"of norms that of the squares is read, not {node._saved_ord}")
    return entrywise(sqrt, array(_sum(node, shape, a * a)))


def _variance(node: Any, shape: Any, a: Any) -> Any:
    axes = tuple(map(signed, node._saved_dim or range(a.ndim)))
    difference = a - array(a.sum(axis=axes, keepdims=True)) / float(math.prod(a.shape[axis] for axis in axes))
    squares = array((difference * difference).sum(axis=axes)).reshape(shape)
    correction = 1 if node._saved_correction is None else int(node._saved_correction)
    return squares / float(a.size // max(squares.size, 1) - correction)


def _largest(function: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    def apply(node: Any, shape: Any, a: Any) -> Any:
        dim: Any = getattr(node, "_saved_dim", None)
        if hasattr(node, "_saved_indices"):  # the place is known
            index = array(node._saved_indices.tolist()).astype(int)
            axis = signed(dim)
            index = index if node._saved_keepdim else index.reshape(*a.shape[:axis], 1, *a.shape[axis % a.ndim + 1 :])
            return _taken(a, index, axis).reshape(shape)
        axes = tuple(map(signed, dim)) if dim else tuple(range(a.ndim))
        moved = _rows_of(a, axes)
        return array([functools.reduce(function, row) for row in moved]).reshape(shape)

    return apply


def _rows_of(a: Any, axes: tuple[int, ...]) -> Any:
    """Rows of the entries along some axes, one row for each place of the others."""
    wanted = [axis % a.ndim for axis in axes]
    others = [axis for axis in range(a.ndim) if axis not in wanted]
    count = math.prod(a.shape[axis] for axis in others)
    return a.transpose(*others, *wanted).reshape(count, -1)


def _taken(a: Any, index: Any, axis: int) -> Any:
    import numpy as np

    return np.take_along_axis(a, np.asarray(index, dtype=np.int64), axis)


def _gather(node: Any, shape: Any, a: Any) -> Any:
    return _taken(a, node._saved_index.tolist(), signed(node._saved_dim))


def _indexed(node: Any, shape: Any, a: Any) -> Any:
    places = tuple(slice(None) if each is None else each.cpu().numpy() for each in node._saved_indices)
    return array(a[places])


def _product_of(node: Any, shape: Any, a: Any) -> Any:
    axes = (signed(node._saved_dim),) if hasattr(node, "_saved_dim") else tuple(range(a.ndim))
    return array([functools.reduce(operator.mul, row) for row in _rows_of(a, axes)]).reshape(shape)


def _clamped(node: Any, shape: Any, a: Any) -> Any:
    low, high = (getattr(node, name, None) for name in ("_saved_min", "_saved_max"))

    def clamp(x: Any) -> Any:
        x = x if low is None else where(x < float(low), float(low), x)
        return x if high is None else where(x > float(high), float(high), x)

    return entrywise(clamp, a)


def _masked(node: Any, shape: Any, a: Any) -> Any:
    if not bool(node._saved_mask.any()):
        return a
    raise ExchangeError("PyTorch has not kept the number that masked_fill writes")


def _split(node: Any, shape: Any, a: Any) -> Any:
    import numpy as np

    axis, size = signed(node._saved_dim), int(node._saved_split_size)
    return tuple(np.split(a, range(size, a.shape[axis], size), axis=axis))


def _triangle(name: str) -> Callable[..., Any]:
    def apply(node: Any, shape: Any, a: Any) -> Any:
        import numpy as np

        inside = getattr(np, name)(np.ones(a.shape[-2:], dtype=bool), signed(node._saved_diagonal))
        return np.where(inside, a, array(0.0))

    return apply


def _flipped(node: Any, shape: Any, a: Any) -> Any:
    import numpy as np

    return np.flip(a, tuple(map(signed, node._saved_dims)))


def _repeated(node: Any, shape: Any, a: Any) -> Any:
    import numpy as np

    return np.tile(a, tuple(node._saved_repeats))


RULES: dict[str, Callable[..., Any]] = {
    **LAYER_RULES,
    "Amax": _largest(maximum),
    "Amin": _largest(minimum),
    "Atan": _unary(atan),
    "Clamp": _clamped,
    "ClampMax": _clamped,
    "ClampMin": _clamped,
    "Cumsum": lambda node, shape, a: a.cumsum(axis=signed(node._saved_dim)),
    "Flip": _flipped,
    "Gather": _gather,
    "Index": _indexed,
    "LinalgVectorNorm": _norm,
    "Log10": _unary(lambda a: log(a) / math.log(10.0)),
    "Log2": _unary(lambda a: log(a) / math.log(2.0)),
    "MaskedFill": _masked,
    "Max": _largest(maximum),
    "Min": _largest(minimum),
    "Prod": _product_of,
    "Reciprocal": _unary(lambda a: 1.0 / a),
    "Repeat": _repeated,
    "Rsqrt": _unary(lambda a: 1.0 / sqrt(a)),
    "Sinh": _unary(sinh),
    "Cosh": _unary(cosh),
    "Split": _split,
    "Std": lambda node, shape, a: entrywise(sqrt, _variance(node, shape, a)),
    "Tan": _unary(tan),
    "Tril": _triangle("tril"),
    "Triu": _triangle("triu"),
    "UnsafeSplit": _split,
    "Var": _variance,
    "Abs": _unary(absolute),
    "Cos": _unary(cos),
    "Erf": _unary(erf),
    "Exp": _unary(exp),
    "Expm1": _unary(expm1),
    "Log": _unary(log),
    "Log1P": _unary(log1p),
    "Neg": _unary(lambda a: -a),
    "Relu": _unary(relu),
    "Sigmoid": _unary(sigmoid),
    "Silu": _unary(swish),
    "Sin": _unary(sin),
    "Softplus": _unary(softplus),
    "Sqrt": _unary(sqrt),
    "Tanh": _unary(tanh),
    "Gelu": lambda node, shape, a: entrywise(gelu_tanh if node._saved_approximate == "tanh" else gelu, a),
    "LeakyRelu": lambda node, shape, a: entrywise(lambda x: leaky_relu(x, float(node._saved_negative_slope)), a),
    "Add": _add,
    "Sub": _subtract,
    "Rsub": lambda node, shape, a, b: _subtract(node, shape, b, a),
    "Mul": lambda node, shape, a, b: a * b,
    "Div": lambda node, shape, a, b: a / b,
    "Pow": lambda node, shape, a, b: entrywise(power, a, b),
    "Maximum": lambda node, shape, a, b: entrywise(maximum, a, b),
    "Minimum": lambda node, shape, a, b: entrywise(minimum, a, b),
    "Where": _choice,
    "Sum": _sum,
    "Mean": _mean,
    "Mm": _product,
    "Bmm": _product,
    "Mv": _product,
    "Dot": _product,
    "Addmm": _affine,
    "Softmax": lambda node, shape, a: entrywise(exp, _rows(log_softmax, a, node._saved_dim)),
    "LogSoftmax": lambda node, shape, a: _rows(log_softmax, a, node._saved_dim),
    "Logsumexp": lambda node, shape, a: array(_rows(logsumexp, a, node._saved_dim[0])).reshape(shape),
    "NativeLayerNorm": _layer_norm,
    "MseLoss": _squared_error,
    "HuberLoss": _huber,
    "SmoothL1Loss": _huber,
    "T": lambda node, shape, a: a.T,
    "Transpose": lambda node, shape, a: a.swapaxes(signed(node._saved_dim0), signed(node._saved_dim1)),
    "Permute": lambda node, shape, a: a.transpose(tuple(map(signed, node._saved_dims))),
    "Expand": _expand,
    "Select": _select,
    "Slice": _slice,
    "Stack": _joined("stack"),
    "Cat": _joined("concatenate"),
    "Embedding": _embedding,
    **dict.fromkeys(("View", "UnsafeView", "ReshapeAlias", "Squeeze", "Unsqueeze", "Clone", "ToCopy", "Alias"), _same),
}

# Of a result, the input, where PyTorch has kept the result alone.
INPUT_OF_RESULT: dict[str, Callable[..., Any]] = {
    "Exp": lambda y: y.log(),
    "Reciprocal": lambda y: 1.0 / y,
    "Rsqrt": lambda y: y**-2.0,
    "Sigmoid": lambda y: y.logit(),
    "Sqrt": lambda y: y * y,
    "Tanh": lambda y: y.atanh(),
}

# Of a result and the other input, the one input that gives it.
INVERSES: dict[str, tuple[Callable[..., Any], ...]] = {
    "Add": (lambda y, other: y - other, lambda y, other: y - other),
    "Sub": (lambda y, other: y + other, lambda y, other: other - y),
    "Rsub": (lambda y, other: other - y, lambda y, other: y + other),
}

# Where PyTorch keeps the number of an input, and of the output.
SAVED_INPUTS = {
    "Addmm": (None, "_saved_mat1", "_saved_mat2"),
    "BinaryCrossEntropy": ("_saved_self",),
    "Bmm": ("_saved_self", "_saved_mat2"),
    "Convolution": ("_saved_input", "_saved_weight"),
    "Div": ("_saved_self", "_saved_other"),
    "Dot": ("_saved_self", "_saved_tensor"),
    "Maximum": ("_saved_self", "_saved_other"),
    "Minimum": ("_saved_self", "_saved_other"),
    "Mm": ("_saved_self", "_saved_mat2"),
    "Mul": ("_saved_self", "_saved_other"),
    "Mv": ("_saved_self", "_saved_vec"),
    "MseLoss": ("_saved_self", "_saved_target"),
    "HuberLoss": ("_saved_self", "_saved_target"),
    "SmoothL1Loss": ("_saved_self", "_saved_target"),
    "NativeBatchNorm": ("_saved_input", "_saved_weight"),
    "NativeGroupNorm": ("_saved_input", "_saved_weight"),
    "PreluKernel": ("_saved_self", "_saved_weight"),
    "ScaledDotProductFlashAttentionForCpu": ("_saved_query", "_saved_key", "_saved_value"),
    "NativeLayerNorm": ("_saved_input", "_saved_weight", "_saved_bias"),
    "Pow": ("_saved_self", "_saved_exponent"),
}
SCALAR_OPERATIONS = {"Add", "Div", "Mul", "Pow", "Rsub", "Sub"}  # whose second input may be a plain number
OPTIONAL_INPUTS = {
    "BinaryCrossEntropy",
    "BinaryCrossEntropyWithLogits",
    "Convolution",
    "NativeBatchNorm",
    "NativeGroupNorm",
    "NativeLayerNorm",
    "ScaledDotProductFlashAttentionForCpu",
}
INPUT = "_saved_self"  # of all others
OUTPUT = "_saved_result"
