"""The operations of PyTorch by name that make arrays or move their entries about."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from autograd_core import ExchangeError
from autograd_core.exchange.arrays.array_layers import padded
from autograd_core.exchange.arrays.array_operations import as_array, pieces, require_few, triangle, unbound


def _constant(number: float) -> Callable[..., Any]:
    def make(*sizes: Any, **_: Any) -> Any:
        return _full(sizes[0] if isinstance(sizes[0], (tuple, list)) else sizes, number)

    return make


def _full(size: Sequence[int], fill_value: float, **_: Any) -> Any:
    import numpy as np

    require_few(size)
    return np.full(size, fill_value, dtype=object)


def _range(*ends: Any, **_: Any) -> Any:
    return as_array(list(range(*map(int, ends))))


# ---------------------------------------------------------------------------------------------------- shapes


def _flattened(x: Any, start_dim: int = 0, end_dim: int = -1) -> Any:
    end = end_dim % x.ndim
    return x.reshape(*x.shape[:start_dim], -1, *x.shape[end + 1 :])


def _unflattened(x: Any, dim: int, sizes: Sequence[int]) -> Any:
    axis = dim % x.ndim
    return x.reshape(*x.shape[:axis], *sizes, *x.shape[axis + 1 :])


def _sizes(given: Sequence[Any]) -> Any:
    return given[0] if given and isinstance(given[0], (tuple, list)) else given


def _reshaped(x: Any, *sizes: Any) -> Any:
    return x.reshape(*_sizes(sizes))


def _size(x: Any, dim: int | None = None) -> Any:
    return x.shape if dim is None else x.shape[dim]


def _attribute(x: Any, name: str) -> Any:
    if name in ("device", "dtype"):
        return None
    if name == "mT":
        return x.swapaxes(-1, -2)
    if name not in ("shape", "ndim", "T") and not (name == "values" and hasattr(x, name)):  # of max and min
        raise ExchangeError(f"a forward reads .{name} of a tensor, which arrays of Values do not have.")
    return getattr(x, name)


def _of_numpy(name: str, **renamed: Any) -> Callable[..., Any]:
    """A function of NumPy that moves entries about, `dim` being its axis."""

    def apply(x: Any, *given: Any, dim: Any = None, **_: Any) -> Any:
        import numpy as np

        return getattr(np, name)(x, *given, **({} if dim is None else {"axis": dim}), **renamed)

    return apply


def _joined(name: str) -> Callable[..., Any]:
    def apply(arrays: Any, dim: int = 0) -> Any:
        import numpy as np

        return getattr(np, name)(arrays, axis=dim)

    return apply


def _chunks(x: Any, chunks: int, dim: int = 0) -> Any:
    return pieces(x, max(1, -(-x.shape[dim] // chunks)), dim)


def _expanded(x: Any, *sizes: Any) -> Any:
    import numpy as np

    wanted = _sizes(sizes)
    own = (1,) * (len(wanted) - x.ndim) + x.shape
    return np.broadcast_to(x, [old if new == -1 else new for old, new in zip(own, wanted, strict=True)])


def _repeated(x: Any, *sizes: Any) -> Any:
    import numpy as np

    return np.tile(x, _sizes(sizes))


def _permuted(x: Any, *axes: Any) -> Any:
    return x.transpose(_sizes(axes))


def _unsqueezed(x: Any, dim: int) -> Any:
    import numpy as np

    return np.expand_dims(x, dim)


def _squeezed(x: Any, dim: int | None = None) -> Any:
    return x.squeeze() if dim is None else x.squeeze(dim) if x.shape[dim] == 1 else x


def _padded(x: Any, pad: Sequence[int], mode: str = "constant", value: float | None = None) -> Any:
    if mode != "constant":
        raise ExchangeError(f"of padding there is that with a number here, not mode={mode!r}.")
    before, after = pad[-2::-2], pad[-1::-2]
    return padded(x, before, after, value or 0.0)


def _item(x: Any, place: Any) -> Any:
    return x[place]


def _same(x: Any, *_: Any, **__: Any) -> Any:
    return x


SHAPES: dict[str, Callable[..., Any]] = {
    **dict.fromkeys(("view", "reshape"), _reshaped),
    **dict.fromkeys(("cat", "concat", "concatenate"), _joined("concatenate")),
    "stack": _joined("stack"),
    "flatten": _flattened,
    "unflatten": _unflattened,
    "size": _size,
    "dim": lambda x: x.ndim,
    "numel": lambda x: x.size,
    "getattr": _attribute,
    "getitem": _item,
    **dict.fromkeys(("transpose", "swapaxes"), lambda x, first, second: x.swapaxes(first, second)),
    "t": lambda x: x.T,
    "permute": _permuted,
    "unsqueeze": _unsqueezed,
    "squeeze": _squeezed,
    "expand": _expanded,
    "expand_as": lambda x, other: _expanded(x, other.shape),
    "view_as": lambda x, other: x.reshape(other.shape),
    "repeat": _repeated,
    "split": lambda x, size, dim=0: pieces(x, size, dim),
    "chunk": _chunks,
    "unbind": lambda x, dim=0: unbound(x, dim),
    "flip": lambda x, *axes: _of_numpy("flip")(x, _sizes(axes)),
    "roll": lambda x, shifts, dims=None: _of_numpy("roll")(x, shifts, dims),
    "pad": _padded,
    "tril": triangle,
    "triu": partial(triangle, is_upper=True),
    "ones": _constant(1.0),
    "zeros": _constant(0.0),
    "ones_like": lambda x, **_: _full(x.shape, 1.0),
    "zeros_like": lambda x, **_: _full(x.shape, 0.0),
    "full": _full,
    "full_like": lambda x, number, **_: _full(x.shape, number),
    "arange": _range,
    **dict.fromkeys(("contiguous", "clone", "to", "double", "float", "type_as", "requires_grad_"), _same),
    **dict.fromkeys(("bool", "int", "long"), _same),
}
