"""The products and layers of ONNX by name, as functions of arrays of Values and their weights."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from autograd_core import ExchangeError
from autograd_core.exchange.arrays.array_layers import (
    convolution,
    group_normalised,
    largest_in_windows,
    mean_by_place,
    mean_in_windows,
    normalised,
    standardised,
    transposed_convolution,
)
from autograd_core.exchange.arrays.array_operations import einsum, matrix_product, product_and_bias


def _gemm(a: Any, b: Any, c: Any = None, alpha: float = 1.0, beta: float = 1.0, **turned: int) -> Any:
    return product_and_bias(a.T if turned.get("transA") else a, b.T if turned.get("transB") else b, c, alpha, beta)


def _layer_norm(
    x: Any, weight: Any, bias: Any = None, axis: int = -1, epsilon: float = 1e-5, stash_type: int = 1
) -> Any:
    return normalised(x, x.ndim - axis % x.ndim, epsilon, weight, bias)


def _rms_norm(x: Any, weight: Any, axis: int = -1, epsilon: float = 1e-5, stash_type: int = 1) -> Any:
    return normalised(x, x.ndim - axis % x.ndim, epsilon, weight, centre=False)


def _batch_norm(
    x: Any,
    weight: Any,
    bias: Any,
    mean: Any,
    variance: Any,
    epsilon: float = 1e-5,
    momentum: float = 0.9,
    training_mode: int = 0,
) -> Any:
    if training_mode:
        raise ExchangeError(
            "a BatchNormalization in training takes mean and variance from all rows: export it in eval()."
        )
    return standardised(x, mean, variance, epsilon, weight, bias)


def _group_norm(x: Any, weight: Any, bias: Any, num_groups: int, epsilon: float = 1e-5, stash_type: int = 1) -> Any:
    times = x.shape[1] // len(weight)  # before opset 21 there is one for each group
    return group_normalised(x, num_groups, epsilon, weight.repeat(times), bias.repeat(times))


def _moves(
    x: Any, kernel: Sequence[int], strides: Any, dilations: Any, pads: Any, automatic: bytes
) -> tuple[list[int], list[int], tuple[list[int], list[int]]]:
    """How a window moves over each axis: its steps, its spread, and the padding before and after."""
    count = len(kernel)
    steps, spread = strides or [1] * count, dilations or [1] * count
    if automatic == b"NOTSET":
        sides = list(pads or [0] * (2 * count))
        return steps, spread, (sides[:count], sides[count:])
    if automatic == b"VALID":
        return steps, spread, ([0] * count, [0] * count)
    axes = zip(x.shape[-count:], kernel, steps, spread, strict=True)
    whole = [max(0, (-(-size // step) - 1) * step + (k - 1) * apart + 1 - size) for size, k, step, apart in axes]
    small, large = [size // 2 for size in whole], [size - size // 2 for size in whole]
    return steps, spread, (small, large) if automatic == b"SAME_UPPER" else (large, small)


def _convolution(
    x: Any,
    weight: Any,
    bias: Any = None,
    strides: Any = None,
    dilations: Any = None,
    pads: Any = None,
    group: int = 1,
    auto_pad: bytes = b"NOTSET",
    kernel_shape: Any = None,
) -> Any:
    steps, spread, sides = _moves(x, weight.shape[2:], strides, dilations, pads, auto_pad)
    return convolution(x, weight, bias, steps, sides, spread, group)


def _transposed_convolution(
    x: Any,
    weight: Any,
    bias: Any = None,
    strides: Any = None,
    dilations: Any = None,
    pads: Any = None,
    group: int = 1,
    output_padding: Any = None,
    auto_pad: bytes = b"NOTSET",
    kernel_shape: Any = None,
) -> Any:
    if auto_pad != b"NOTSET":
        raise ExchangeError("a ConvTranspose with auto_pad is not read: export it with pads.")
    steps, spread, sides = _moves(x, weight.shape[2:], strides, dilations, pads, auto_pad)
    return transposed_convolution(x, weight, bias, steps, sides, output_padding or 0, group, spread)


def _max_pool(
    x: Any,
    kernel_shape: Any,
    strides: Any = None,
    dilations: Any = None,
    pads: Any = None,
    auto_pad: bytes = b"NOTSET",
    ceil_mode: int = 0,
    storage_order: int = 0,
) -> Any:
    _require_floor(ceil_mode)
    steps, spread, sides = _moves(x, kernel_shape, strides, dilations, pads, auto_pad)
    return largest_in_windows(x, kernel_shape, steps, sides, spread)


def _average_pool(
    x: Any,
    kernel_shape: Any,
    strides: Any = None,
    pads: Any = None,
    count_include_pad: int = 0,
    auto_pad: bytes = b"NOTSET",
    ceil_mode: int = 0,
) -> Any:
    _require_floor(ceil_mode)
    steps, _, sides = _moves(x, kernel_shape, strides, None, pads, auto_pad)
    return mean_in_windows(x, kernel_shape, steps, sides, bool(count_include_pad))


def _require_floor(ceil_mode: int) -> None:
    if ceil_mode:
        raise ExchangeError("pooling with ceil_mode is not read.")


LAYERS: dict[str, Callable[..., Any]] = {
    "AveragePool": _average_pool,
    "BatchNormalization": _batch_norm,
    "Conv": _convolution,
    "ConvTranspose": _transposed_convolution,
    "Einsum": lambda *arrays, equation: einsum(equation.decode(), *arrays),
    "Gemm": _gemm,
    "GlobalAveragePool": lambda x: mean_by_place(x, [1] * (x.ndim - 2)),
    "GlobalMaxPool": lambda x: largest_in_windows(x, x.shape[2:], 1),
    "GroupNormalization": _group_norm,
    "InstanceNormalization": lambda x, weight, bias, epsilon=1e-5: group_normalised(
        x, x.shape[1], epsilon, weight, bias
    ),
    "LayerNormalization": _layer_norm,
    "MatMul": matrix_product,
    "MaxPool": _max_pool,
    "RMSNormalization": _rms_norm,
}
