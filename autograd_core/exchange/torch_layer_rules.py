"""Activations, layers and losses in PyTorch's backward graphs, each computed again on arrays of Values."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from typing import Any

from autograd_core.engine.functions import dot, elu, logsumexp, prelu, relu, sigmoid, softplus
from autograd_core.engine.primitives import exp, log, log1p, maximum, sqrt, where
from autograd_core.errors import ExchangeError
from autograd_core.exchange.other_functions import celu, hard_shrink, hard_swish, hard_tanh, mish, shrink
from autograd_core.exchange.torch_arrays import array, entrywise, reduced


def _elu(node: Any, shape: Any, a: Any) -> Any:
    scale, alpha = float(node._saved_scale), float(node._saved_alpha)
    if node._saved_input_scale != 1:
        raise ExchangeError("an ELU with a scale of its input is not read")
    return entrywise(lambda x: elu(x, alpha) if scale == 1.0 else scale * elu(x, alpha), a)


def _celu(node: Any, shape: Any, a: Any) -> Any:
    alpha = float(node._saved_alpha)
    return entrywise(lambda x: celu(x, alpha), a)


def _softshrink(node: Any, shape: Any, a: Any) -> Any:
    size = float(node._saved_lambd)
    return entrywise(lambda x: shrink(x, size, size), a)


def _hardshrink(node: Any, shape: Any, a: Any) -> Any:
    size = float(node._saved_lambd)
    return entrywise(lambda x: hard_shrink(x, size), a)


def _gated(node: Any, shape: Any, a: Any) -> Any:
    import numpy as np

    first, second = np.split(a, 2, axis=signed(node._saved_dim))
    return first * entrywise(sigmoid, second)


def signed(number: int) -> int:
    """A dimension or an index that PyTorch keeps without a sign."""
    return number - (1 << 64) if number >= 1 << 63 else number


# --------------------------------------------------------------------------------------------------------- layers


def _by_channel(numbers: Any, a: Any) -> Any:
    return numbers.reshape(-1, *(1,) * (a.ndim - 2))


def _scaled(a: Any, weight: Any, bias: Any) -> Any:
    a = a if weight is None else a * _by_channel(weight, a)
    return a if bias is None else a + _by_channel(bias, a)


def _normalised(a: Any, eps: float) -> Any:
    """Mean 0 and variance 1 along the last axis."""
    difference = a - array(a.sum(-1, keepdims=True)) / float(a.shape[-1])
    variance = array((difference * difference).sum(-1, keepdims=True)) / float(a.shape[-1])
    return difference * entrywise(lambda number: 1.0 / sqrt(number + eps), variance)


def _batch_norm(node: Any, shape: Any, a: Any, weight: Any = None, bias: Any = None) -> Any:
    eps = float(node._saved_eps)
    if node._saved_training:
        moved = a.swapaxes(0, 1)  # channels first: the rest is normalised together
        found = _normalised(moved.reshape(len(moved), -1), eps).reshape(moved.shape).swapaxes(0, 1)
    else:
        mean, variance = (array(each.tolist()) for each in (node._saved_running_mean, node._saved_running_var))
        found = (a - _by_channel(mean, a)) / _by_channel(entrywise(lambda v: sqrt(v + eps), variance), a)
    return _scaled(found, weight, bias)


def _group_norm(node: Any, shape: Any, a: Any, weight: Any = None, bias: Any = None) -> Any:
    grouped = a.reshape(len(a), int(node._saved_group), -1)
    return _scaled(_normalised(grouped, float(node._saved_eps)).reshape(a.shape), weight, bias)


def _padded(a: Any, padding: Sequence[int], number: float) -> Any:
    import numpy as np

    return np.pad(a, [(0, 0)] * (a.ndim - len(padding)) + [(p, p) for p in padding], constant_values=number)


def _window(a: Any, place: Sequence[int], kernel: Sequence[int], stride: Sequence[int], dilation: Sequence[int]) -> Any:
    """The entries of one window over the last axes."""
    sizes = zip(place, kernel, stride, dilation, strict=True)
    return a[(..., *(slice(p * s, p * s + (k - 1) * d + 1, d) for p, k, s, d in sizes))]


def _convolution(node: Any, shape: Any, a: Any, weight: Any, bias: Any = None) -> Any:
    if node._saved_transposed:
        raise ExchangeError("a transposed convolution is not read")
    padded, kernel, places = _padded(a, node._saved_padding, 0.0), weight.shape[2:], shape[2:]
    units, groups = len(weight), int(node._saved_groups)
    result = _empty(shape)
    channels = a.shape[1] // groups
    for place in itertools.product(*map(range, places)):
        window = _window(padded, place, kernel, node._saved_stride, node._saved_dilation)
        for row, unit in itertools.product(range(len(a)), range(units)):
            first = unit // (units // groups) * channels
            total = dot(list(weight[unit].ravel()), list(window[row, first : first + channels].ravel()))
            result[(row, unit, *place)] = total if bias is None else total + bias[unit]
    return result


def _empty(shape: Sequence[int]) -> Any:
    import numpy as np

    return np.empty(shape, dtype=object)


def _pooled(function: Callable[[list[Any]], Any], outside: float) -> Callable[..., Any]:
    def pool(node: Any, shape: Any, a: Any) -> Any:
        axes = len(node._saved_kernel_size)
        if node._saved_ceil_mode or getattr(node, "_saved_divisor_override", None):
            raise ExchangeError("pooling with ceil_mode or divisor_override is not read")
        if any(node._saved_padding) and not getattr(node, "_saved_count_include_pad", True):
            raise ExchangeError("pooling that does not count its padding is not read")
        padded, result = _padded(a, node._saved_padding, outside), _empty(shape)
        stride = node._saved_stride or node._saved_kernel_size
        spread = getattr(node, "_saved_dilation", (1,) * axes)
        for place in itertools.product(*map(range, shape[-axes:])):
            window = _window(padded, place, node._saved_kernel_size, stride, spread)
            for front in itertools.product(*map(range, shape[:-axes])):
                result[(*front, *place)] = function(list(window[front].ravel()))
        return result

    return pool


def _largest(numbers: list[Any]) -> Any:
    """The largest number; of equal ones the first has the gradient, as in PyTorch."""
    numbers = [number for number in numbers if not (isinstance(number, float) and number == -math.inf)]
    result = numbers[0]
    for number in numbers[1:]:
        result = where(number <= result, result, maximum(result, number))
    return result


def _attention(node: Any, shape: Any, query: Any, key: Any, value: Any, *_: Any) -> Any:
    if node._saved_attn_mask is not None or node._saved_dropout_p:
        raise ExchangeError("attention with a mask of its own or dropout is not read")
    scale = node._saved_scale
    factor = 1.0 / math.sqrt(query.shape[-1]) if scale is None else float(scale)
    result = _empty(shape)
    for place in itertools.product(*map(range, query.shape[:-1])):
        keys = key[place[:-1]][: place[-1] + 1] if node._saved_is_causal else key[place[:-1]]
        scores = [dot(list(query[place]), list(row)) * factor for row in keys]
        whole = logsumexp(scores)
        weights = [exp(score - whole) for score in scores]
        columns = value[place[:-1]][: len(weights)].T
        result[place] = [dot(weights, list(column)) for column in columns]
    return result


# --------------------------------------------------------------------------------------------------------- losses


def _weights(node: Any, shape: Any, name: str) -> Any:
    import numpy as np

    given = getattr(node, name)
    return None if given is None else np.broadcast_to(array(given.tolist()), shape)


def _log_loss(node: Any, shape: Any, p: Any, *_: Any) -> Any:
    def loss(p: Any, t: Any) -> Any:
        return -(t * maximum(log(p), -100.0) + (1.0 - t) * maximum(log1p(-p), -100.0))

    losses, weights = entrywise(loss, p, array(node._saved_target.tolist())), _weights(node, p.shape, "_saved_weight")
    return reduced(node, losses if weights is None else losses * weights)


def _log_loss_of_scores(node: Any, shape: Any, z: Any, t: Any = None) -> Any:
    labels, positive = array(node._saved_target.tolist()), _weights(node, z.shape, "_saved_pos_weight")
    ones = labels if positive is None else labels * positive
    losses = entrywise(lambda z, one, t: one * softplus(-z) + (1.0 - t) * softplus(z), z, ones, labels)
    weights = _weights(node, z.shape, "_saved_weight")
    return reduced(node, losses if weights is None else losses * weights)


def _negative_log_likelihood(node: Any, shape: Any, a: Any) -> Any:
    rows, labels = (a, node._saved_target.tolist()) if a.ndim == 2 else (a[None], [int(node._saved_target)])
    weights = [1.0] * a.shape[-1] if node._saved_weight is None else node._saved_weight.tolist()
    used = [0.0 if label == signed(node._saved_ignore_index) else weights[label] for label in labels]
    if node._saved_weight is None and 0.0 not in used:
        return reduced(node, array([-row[label] for row, label in zip(rows, labels, strict=True)]))
    losses = array([-w * row[label] if w else 0.0 * row[0] for w, row, label in zip(used, rows, labels, strict=True)])
    if int(node._saved_reduction) == 1:
        return array(losses.sum() / sum(used))
    return reduced(node, losses)


def _soft_margin(node: Any, shape: Any, a: Any, *_: Any) -> Any:
    return reduced(node, entrywise(lambda s, t: softplus(-t * s), a, array(node._saved_target.tolist())))


def _multi_margin(node: Any, shape: Any, a: Any) -> Any:
    if node._saved_weight is not None:
        raise ExchangeError("weights of classes are not read here")
    margin, rows = float(node._saved_margin), a if a.ndim == 2 else a[None]
    labels = node._saved_target.reshape(-1).tolist()
    losses = []
    for row, label in zip(rows, labels, strict=True):
        missing = [relu(margin - row[label] + score) for place, score in enumerate(row) if place != label]
        terms = missing if node._saved_p == 1 else [number * number for number in missing]
        losses.append(sum(terms[1:], terms[0]) / float(len(row)))
    return reduced(node, array(losses))


LAYER_RULES: dict[str, Callable[..., Any]] = {
    "Hardtanh": lambda node, shape, a: entrywise(
        lambda x: hard_tanh(x, float(node._saved_min_val), float(node._saved_max_val)), a
    ),
    "Hardsigmoid": lambda node, shape, a: entrywise(lambda x: hard_tanh(x + 3.0, 0.0, 6.0) / 6.0, a),
    "Hardswish": lambda node, shape, a: entrywise(hard_swish, a),
    "Elu": _elu,
    "Celu": _celu,
    "Mish": lambda node, shape, a: entrywise(mish, a),
    "LogSigmoid": lambda node, shape, a: entrywise(lambda x: -softplus(-x), a),
    "Softshrink": _softshrink,
    "Hardshrink": _hardshrink,
    "Glu": _gated,
    "RreluWithNoise": lambda node, shape, a: a * array(node._saved_noise.tolist()),
    "PreluKernel": lambda node, shape, a, slope: entrywise(prelu, a, slope),
    "NativeBatchNorm": _batch_norm,
    "NativeGroupNorm": _group_norm,
    "Convolution": _convolution,
    "MaxPool2DWithIndices": _pooled(_largest, -math.inf),
    "AvgPool2D": _pooled(lambda numbers: sum(numbers[1:], numbers[0]) / float(len(numbers)), 0.0),
    "ScaledDotProductFlashAttentionForCpu": _attention,
    "BinaryCrossEntropy": _log_loss,
    "BinaryCrossEntropyWithLogits": _log_loss_of_scores,
    "NllLoss": _negative_log_likelihood,
    "SoftMarginLoss": _soft_margin,
    "MultiMarginLoss": _multi_margin,
}
