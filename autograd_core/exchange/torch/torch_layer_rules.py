"""The layers in PyTorch's backward graphs, each computed again on arrays of Values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd_core.errors import ExchangeError
from autograd_core.exchange.arrays.array_layers import (
    affine,
    attention,
    by_channel,
    convolution,
    group_normalised,
    largest_in_windows,
    mean_in_windows,
    normalised,
    standardised,
    transposed_convolution,
)
from autograd_core.exchange.arrays.array_operations import as_array, looked_up
from autograd_core.exchange.arrays.other_functions import softmax
from autograd_core.exchange.torch.torch_saved import shortest

USUAL_EPS = 1e-5  # of a norm in PyTorch


def _embedding(node: Any, shape: Any, table: Any) -> Any:
    padding = int(node._saved_padding_idx)
    return looked_up(table, node._saved_indices.tolist(), padding if 0 <= padding < len(table) else None)


def _layer_norm(node: Any, shape: Any, a: Any, weight: Any = None, bias: Any = None) -> Any:
    return normalised(a, len(node._saved_normalized_shape), _eps(node._saved_result2, a), weight, bias)


def _eps(scales: Any, a: Any) -> float:
    """The number added to the variance: PyTorch keeps 1 / sqrt(variance + eps) of each row alone."""
    import numpy as np

    rows = a.reshape(scales.numel(), -1).astype(float)
    spread, scale = min(zip(rows.var(-1).tolist(), scales.flatten().tolist(), strict=True))
    error = 4.0 * float(np.finfo(str(scales.dtype).removeprefix("torch.")).eps) * scale**-2
    found = scale**-2 - spread
    return USUAL_EPS if abs(found - USUAL_EPS) <= error else max(0.0, shortest(found, error))


def _batch_norm(node: Any, shape: Any, a: Any, weight: Any = None, bias: Any = None) -> Any:
    eps = float(node._saved_eps)
    if not node._saved_training:
        mean, variance = (as_array(each.tolist()) for each in (node._saved_running_mean, node._saved_running_var))
        return standardised(a, mean, variance, eps, weight, bias)
    by_channels = normalised(a.swapaxes(0, 1), a.ndim - 1, eps).swapaxes(0, 1)
    return affine(by_channels, by_channel(weight, a), by_channel(bias, a))


def _group_norm(node: Any, shape: Any, a: Any, weight: Any = None, bias: Any = None) -> Any:
    return group_normalised(a, int(node._saved_group), float(node._saved_eps), weight, bias)


def _convolution(node: Any, shape: Any, a: Any, weight: Any, bias: Any = None) -> Any:
    stride, padding, spread = node._saved_stride, node._saved_padding, node._saved_dilation
    groups = int(node._saved_groups)
    if node._saved_transposed:
        return transposed_convolution(a, weight, bias, stride, padding, node._saved_output_padding, groups, spread)
    return convolution(a, weight, bias, stride, padding, spread, groups)


def _largest_of_windows(node: Any, shape: Any, a: Any) -> Any:
    _require_plain_pooling(node)
    kernel = node._saved_kernel_size
    return largest_in_windows(a, kernel, node._saved_stride or kernel, node._saved_padding, node._saved_dilation)


def _mean_of_windows(node: Any, shape: Any, a: Any) -> Any:
    _require_plain_pooling(node)
    kernel, counts_padding = node._saved_kernel_size, bool(node._saved_count_include_pad)
    return mean_in_windows(a, kernel, node._saved_stride or kernel, node._saved_padding, counts_padding)


def _require_plain_pooling(node: Any) -> None:
    if node._saved_ceil_mode or getattr(node, "_saved_divisor_override", None):
        raise ExchangeError("pooling with ceil_mode or divisor_override is not read")


def _attention(node: Any, shape: Any, query: Any, key: Any, value: Any, *_: Any) -> Any:
    if node._saved_dropout_p:
        raise ExchangeError("attention with dropout is not read")
    mask, is_causal = node._saved_attn_mask, bool(node._saved_is_causal)
    mask = None if mask is None else as_array(mask.tolist())
    return attention(query, key, value, softmax, mask, is_causal, node._saved_scale)


LAYER_RULES: dict[str, Callable[..., Any]] = {
    "Convolution": _convolution,
    "Embedding": _embedding,
    "NativeBatchNorm": _batch_norm,
    "NativeGroupNorm": _group_norm,
    "NativeLayerNorm": _layer_norm,
    "ScaledDotProductFlashAttentionForCpu": _attention,
    **{f"MaxPool{axes}DWithIndices": _largest_of_windows for axes in (2, 3)},
    **{f"AvgPool{axes}D": _mean_of_windows for axes in (2, 3)},
}
