"""The products and layers of PyTorch by name, as functions of arrays of Values and their weights."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from autograd_core import ExchangeError
from autograd_core.exchange.arrays.array_layers import (
    affine,
    attention,
    convolution,
    each_axis,
    group_normalised,
    largest_in_windows,
    mean_by_place,
    mean_in_windows,
    normalised,
    standardised,
    transposed_convolution,
)
from autograd_core.exchange.arrays.array_operations import (
    as_array,
    einsum,
    looked_up,
    matrix_product,
    product_and_bias,
    total,
)
from nn.exchange.torch.torch_activations import require_no_draw
from nn.modules.softmax import softmax


def _linear(x: Any, weight: Any, bias: Any = None) -> Any:
    return product_and_bias(x, weight.T, bias)


def _bilinear(a: Any, b: Any, weight: Any, bias: Any = None) -> Any:
    units = [matrix_product(a, unit) for unit in weight]
    return affine(as_array([total(unit * b, -1) for unit in units]).swapaxes(0, -1), None, bias)


def _einsum(equation: str, *arrays: Any) -> Any:
    return einsum(equation, *(arrays[0] if isinstance(arrays[0], (list, tuple)) else arrays))


def _embedding(
    index: Any, weight: Any, padding_idx: int | None = None, max_norm: Any = None, *_: Any, **__: Any
) -> Any:
    if max_norm is not None:
        raise ExchangeError("an Embedding with max_norm changes its weights while it runs, which is not carried over.")
    return looked_up(weight, index, padding_idx)


def _layer_norm(x: Any, shape: Sequence[int], weight: Any = None, bias: Any = None, eps: float = 1e-5) -> Any:
    return normalised(x, len(shape), eps, weight, bias)


def _rms_norm(x: Any, shape: Sequence[int], weight: Any = None, eps: float | None = None) -> Any:
    return normalised(x, len(shape), 2.0**-52 if eps is None else eps, weight, centre=False)


def _group_norm(x: Any, num_groups: int, weight: Any = None, bias: Any = None, eps: float = 1e-5) -> Any:
    return group_normalised(x, num_groups, eps, weight, bias)


def _batch_norm(
    x: Any,
    running_mean: Any,
    running_var: Any,
    weight: Any = None,
    bias: Any = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Any:
    if training or running_mean is None:
        raise ExchangeError(
            "a batch norm in training takes mean and variance from all rows of a batch, and this is computed row by "
            "row. Call module.eval() before from_torch."
        )
    return standardised(x, running_mean, running_var, eps, weight, bias)


def _instance_norm(
    x: Any,
    running_mean: Any = None,
    running_var: Any = None,
    weight: Any = None,
    bias: Any = None,
    use_input_stats: bool = True,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Any:
    if not use_input_stats:
        return standardised(x, running_mean, running_var, eps, weight, bias)
    return group_normalised(x, x.shape[1], eps, weight, bias)


def _attention(
    query: Any,
    key: Any,
    value: Any,
    attn_mask: Any = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
    enable_gqa: bool = False,
) -> Any:
    require_no_draw("scaled_dot_product_attention with dropout", dropout_p > 0.0)
    if enable_gqa:
        raise ExchangeError("attention with fewer heads of keys than of queries is not read: repeat the keys.")
    return attention(query, key, value, softmax, attn_mask, is_causal, scale)


def _max_pool(axes: int) -> Callable[..., Any]:
    def apply(
        x: Any,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        dilation: Any = 1,
        ceil_mode: bool = False,
        return_indices: bool = False,
    ) -> Any:
        if ceil_mode or return_indices:
            raise ExchangeError("pooling with ceil_mode or return_indices is not read.")
        return largest_in_windows(x, each_axis(kernel_size, axes), stride or kernel_size, padding, dilation)

    return apply


def _avg_pool(axes: int) -> Callable[..., Any]:
    def apply(
        x: Any,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        divisor_override: Any = None,
    ) -> Any:
        if ceil_mode or divisor_override:
            raise ExchangeError("pooling with ceil_mode or divisor_override is not read.")
        return mean_in_windows(x, each_axis(kernel_size, axes), stride or kernel_size, padding, count_include_pad)

    return apply


def _adaptive_avg_pool(axes: int) -> Callable[..., Any]:
    def apply(x: Any, output_size: Any) -> Any:
        sizes = output_size if isinstance(output_size, (tuple, list)) else (output_size,) * axes
        return mean_by_place(x, sizes)

    return apply


def _product_and_bias(bias: Any, a: Any, b: Any, *, beta: float = 1.0, alpha: float = 1.0) -> Any:
    return product_and_bias(a, b, bias, alpha, beta)


LAYERS: dict[str, Callable[..., Any]] = {
    **dict.fromkeys(("matmul", "mm", "bmm", "mv", "dot"), matrix_product),
    "outer": lambda a, b: a[:, None] * b,
    **dict.fromkeys(("addmm", "baddbmm"), _product_and_bias),
    "einsum": _einsum,
    "linear": _linear,
    "bilinear": _bilinear,
    "embedding": _embedding,
    "layer_norm": _layer_norm,
    "rms_norm": _rms_norm,
    "group_norm": _group_norm,
    "batch_norm": _batch_norm,
    "instance_norm": _instance_norm,
    "scaled_dot_product_attention": _attention,
    **dict.fromkeys(("conv1d", "conv2d", "conv3d"), convolution),
    **dict.fromkeys(("conv_transpose1d", "conv_transpose2d", "conv_transpose3d"), transposed_convolution),
    **{f"max_pool{axes}d": _max_pool(axes) for axes in (1, 2, 3)},
    **{f"avg_pool{axes}d": _avg_pool(axes) for axes in (1, 2, 3)},
    **{f"adaptive_avg_pool{axes}d": _adaptive_avg_pool(axes) for axes in (1, 2, 3)},
}
