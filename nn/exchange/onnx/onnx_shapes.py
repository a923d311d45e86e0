"""The operations of ONNX by name that make arrays or move their entries about."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from autograd_core import ExchangeError, Value
from autograd_core.exchange.arrays.array_layers import padded
from autograd_core.exchange.arrays.array_operations import as_array, pieces, require_few, triangle


def whole_axes(axes: Any) -> tuple[int, ...] | None:
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

    return np.expand_dims(x, whole_axes(axes) or ())


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
    named = list(range(x.ndim)) if axes is None else whole_axes(axes) or ()
    sizes = pads.tolist()
    for place, axis in enumerate(named):
        before[axis], after[axis] = sizes[place], sizes[place + len(named)]
    return padded(x, before, after, 0.0 if value is None else value.reshape(-1)[0])


SHAPES: dict[str, Callable[..., Any]] = {
    "Concat": _joined,
    "ConstantOfShape": _filled,
    "Expand": _expanded,
    "Flatten": _flattened,
    "Gather": _gathered,
    "GatherElements": _gathered_by_place,
    "Pad": _padded,
    "Range": _range,
    "Reshape": _reshaped,
    "Shape": _shape,
    "Size": lambda x: as_array(x.size),
    "Slice": _sliced,
    "Split": _split,
    "Squeeze": lambda x, axes=None: x.squeeze(whole_axes(axes)),
    "Tile": _tiled,
    "Transpose": lambda x, perm=None: x.transpose(perm),
    "Trilu": _triangle,
    "Unsqueeze": _unsqueezed,
}
