"""Layers on arrays of Values that more than one tool has: attention, normalisation, convolution, pooling."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from autograd_core.engine.functions import dot
from autograd_core.engine.primitives import maximum, sqrt, where
from autograd_core.errors import ExchangeError
from autograd_core.exchange.arrays.array_operations import (
    along_last_axis,
    as_array,
    average,
    by_entry,
    matrix_product,
    require_few,
)


def attention(
    query: Any,
    key: Any,
    value: Any,
    softmax: Callable[[list[Any]], list[Any]],
    mask: Any = None,
    is_causal: bool = False,
    scale: float | None = None,
) -> Any:
    """softmax(query · key * scale) value; a mask has False where a query does not see a key, or numbers to add."""
    factor = 1.0 / math.sqrt(query.shape[-1]) if scale is None else scale
    scores = matrix_product(query, key.swapaxes(-1, -2)) * factor
    if is_causal:
        mask = as_array([[j <= i for j in range(scores.shape[-1])] for i in range(scores.shape[-2])])
    if mask is not None:
        scores = by_entry(_masked)(scores, mask)
    return matrix_product(along_last_axis(softmax, scores), value)


def _masked(score: Any, entry: Any) -> Any:
    if isinstance(entry, bool):
        return score if entry else -math.inf
    return score if entry == 0.0 else -math.inf if entry == -math.inf else score + entry


# --------------------------------------------------------------------------------------------------- normalisation


def normalised(x: Any, axes: int, eps: float, weight: Any = None, bias: Any = None, centre: bool = True) -> Any:
    """(x - mean) / sqrt(variance + eps) over the last axes, times weight, plus bias; or x for x - mean."""

    def of_row(row: list[Any]) -> list[Any]:
        size = float(len(row))
        if centre:
            mean = sum(row) / size
            row = [number - mean for number in row]
        scale = 1.0 / sqrt(sum(number * number for number in row) / size + eps)
        return [number * scale for number in row]

    flat = x.reshape(*x.shape[: x.ndim - axes], -1)
    return affine(along_last_axis(of_row, flat).reshape(x.shape), weight, bias)


def affine(x: Any, weight: Any = None, bias: Any = None) -> Any:
    """x * weight + bias, of which None is left out."""
    x = x if weight is None else x * weight
    return x if bias is None else x + bias


def standardised(x: Any, mean: Any, variance: Any, eps: float, weight: Any = None, bias: Any = None) -> Any:
    """(x - mean) / sqrt(variance + eps) by channel, times weight, plus bias: a batch norm in evaluation."""
    mean, variance, weight, bias = (by_channel(part, x) for part in (mean, variance, weight, bias))
    return affine((x - mean) / by_entry(sqrt)(variance + eps), weight, bias)


def group_normalised(x: Any, groups: int, eps: float, weight: Any = None, bias: Any = None) -> Any:
    """`normalised` over each group of channels, the second axis of x, and all that follows."""
    grouped = x.reshape(x.shape[0], groups, -1)
    return affine(normalised(grouped, 1, eps).reshape(x.shape), *(by_channel(part, x) for part in (weight, bias)))


def by_channel(numbers: Any, x: Any) -> Any:
    """One number for each channel, in a shape that spreads over x."""
    return None if numbers is None else numbers.reshape(-1, *(1,) * (x.ndim - 2))


# ------------------------------------------------------------------------------------------------------ windows


def each_axis(setting: Any, axes: int) -> tuple[int, ...]:
    """A setting for each axis: one number stands for all of them."""
    sizes = tuple(int(size) for size in setting) if isinstance(setting, (list, tuple)) else (int(setting),) * axes
    return sizes * axes if len(sizes) == 1 else sizes


def padded(x: Any, before: Sequence[int], after: Sequence[int], number: float) -> Any:
    """x with `number` around its last axes; less than 0 of it cuts entries off."""
    import numpy as np

    front = [(0, 0)] * (x.ndim - len(before))
    sides = [*front, *zip(before, after, strict=True)]
    x = x[tuple(slice(max(0, -b), size + min(0, a)) for size, (b, a) in zip(x.shape, sides, strict=True))]
    added = [(max(0, b), max(0, a)) for b, a in sides]
    require_few([size + b + a for size, (b, a) in zip(x.shape, added, strict=True)])
    return np.pad(x, added, constant_values=number)


def spaced(x: Any, steps: Sequence[int]) -> Any:
    """x with zeros between the entries of its last axes, which are then so many steps from each other."""
    import numpy as np

    front = x.ndim - len(steps)
    sizes = [max(0, (size - 1) * step + 1) for size, step in zip(x.shape[front:], steps, strict=True)]
    require_few([*x.shape[:front], *sizes])
    result = np.full((*x.shape[:front], *sizes), 0.0, dtype=object)
    places: tuple[Any, ...] = (..., *(slice(None, None, step) for step in steps))
    result[places] = x
    return result


def windows(x: Any, kernel: Sequence[int], stride: Sequence[int], dilation: Sequence[int]) -> Any:
    """The windows over the last axes of x: (..., places, entries of a kernel)."""
    import numpy as np

    count = len(kernel)
    reach = [(size - 1) * step + 1 for size, step in zip(kernel, dilation, strict=True)]
    if any(window > size for window, size in zip(reach, x.shape[-count:], strict=True)):
        raise ExchangeError(f"a window of {tuple(reach)} is wider than what it moves over, {x.shape[-count:]}.")
    axes = tuple(range(x.ndim - count, x.ndim))
    found: Any = np.lib.stride_tricks.sliding_window_view(x, reach, axes)
    found = found[(..., *(slice(None, None, step) for step in (*stride, *dilation)))]
    require_few(found.shape)
    return found


def convolution(
    x: Any,
    weight: Any,
    bias: Any = None,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> Any:
    """The convolution of (rows, channels, ...) with (units, channels / groups, ...), each number as one `dot`.

    padding: zeros on both sides, for each axis; "same" and "valid" as in PyTorch; a pair (before, after) of lists.
    """
    axes = weight.ndim - 2
    kernel, steps, spread = weight.shape[2:], each_axis(stride, axes), each_axis(dilation, axes)
    before, after = _sides(padding, kernel, spread)
    found = windows(padded(x, before, after, 0.0), kernel, steps, spread)
    places = found.shape[2 : 2 + axes]
    require_few((x.shape[0], len(weight), *places))
    by_group = found.reshape(x.shape[0], groups, x.shape[1] // groups, math.prod(places), -1).transpose(0, 3, 1, 2, 4)
    units = [list(unit) for unit in weight.reshape(len(weight), -1)]
    size = len(units) // groups  # the units of a group, which see its channels alone
    rows = [
        [[dot(unit, list(place[number // size].ravel())) for number, unit in enumerate(units)] for place in row]
        for row in by_group
    ]
    outputs = as_array(rows).transpose(0, 2, 1).reshape(x.shape[0], len(weight), *places)
    return outputs if bias is None else outputs + by_channel(bias, outputs)


def transposed_convolution(
    x: Any,
    weight: Any,
    bias: Any = None,
    stride: Any = 1,
    padding: Any = 0,
    output_padding: Any = 0,
    groups: int = 1,
    dilation: Any = 1,
) -> Any:
    """The gradient of a convolution with respect to its input: each number of x times the kernel, summed where they
    overlap. weight: (channels, units / groups, ...)."""
    import numpy as np

    axes = weight.ndim - 2
    spread = each_axis(dilation, axes)
    sides = zip(weight.shape[2:], spread, *_sides(padding, weight.shape[2:], spread), strict=True)
    inner = [((size - 1) * step - before, (size - 1) * step - after) for size, step, before, after in sides]
    first = [before for before, _ in inner]
    last = [after + more for (_, after), more in zip(inner, each_axis(output_padding, axes), strict=True)]
    flipped = np.flip(weight, tuple(range(2, 2 + axes)))
    by_group = flipped.reshape(groups, len(weight) // groups, *weight.shape[1:]).swapaxes(1, 2)
    kernel = by_group.reshape(-1, *by_group.shape[2:])
    return convolution(spaced(x, each_axis(stride, axes)), kernel, bias, 1, (first, last), spread, groups)


def _sides(padding: Any, kernel: Sequence[int], dilation: Sequence[int]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    if padding == "valid":
        padding = 0
    if padding == "same":
        whole = [step * (size - 1) for size, step in zip(kernel, dilation, strict=True)]
        return tuple(size // 2 for size in whole), tuple(size - size // 2 for size in whole)
    if isinstance(padding, tuple) and padding and isinstance(padding[0], list):
        return tuple(padding[0]), tuple(padding[1])
    sides = each_axis(padding, len(kernel))
    return sides, sides


def largest_in_windows(x: Any, kernel: Sequence[int], stride: Any, padding: Any = 0, dilation: Any = 1) -> Any:
    """The largest number of each window; of equal ones the first has the gradient, as in PyTorch."""
    axes = len(kernel)
    before, after = _sides(padding, kernel, each_axis(dilation, axes))
    found = windows(padded(x, before, after, -math.inf), kernel, each_axis(stride, axes), each_axis(dilation, axes))
    flat = found.reshape(*found.shape[:-axes], -1)
    return along_last_axis(largest, flat)


def largest(row: list[Any]) -> Any:
    """The largest number of a list; of equal ones the first has the gradient."""
    inside = [number for number in row if not (isinstance(number, float) and number == -math.inf)]  # of the padding
    result, *others = inside or row[:1]
    for number in others:
        result = where(number <= result, result, maximum(result, number))
    return result


def mean_in_windows(x: Any, kernel: Sequence[int], stride: Any, padding: Any = 0, counts_padding: bool = True) -> Any:
    """The mean of each window, with the zeros of the padding or without them."""
    axes = len(kernel)
    before, after = _sides(padding, kernel, (1,) * axes)
    steps = each_axis(stride, axes)

    def sums(numbers: Any) -> Any:
        found = windows(padded(numbers, before, after, 0.0), kernel, steps, (1,) * axes)
        return found.reshape(*found.shape[:-axes], -1).sum(-1)

    return sums(x) / (float(math.prod(kernel)) if counts_padding else sums(by_entry(lambda number: 1.0)(x)))


def mean_by_place(x: Any, sizes: Sequence[int | None]) -> Any:
    """The last axes shortened to these sizes, each place as the mean of its part, as PyTorch's adaptive pooling."""
    import numpy as np

    for axis, size in zip(range(x.ndim - len(sizes), x.ndim), sizes, strict=True):
        length = x.shape[axis]
        count = length if size is None else size
        ends = [(i * length // count, -((-(i + 1) * length) // count)) for i in range(count)]
        parts = [average(x.take(range(*end), axis=axis), axis, keepdims=True) for end in ends]
        x = np.concatenate(parts, axis=axis)
    return x
