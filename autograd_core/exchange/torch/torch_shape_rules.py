"""The operations in PyTorch's backward graphs that move or choose entries, each done again on arrays of Values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd_core.errors import ExchangeError
from autograd_core.exchange.arrays.array_operations import as_array, by_entry, choice, pieces, triangle, unbound
from autograd_core.exchange.torch.torch_saved import signed


def taken(a: Any, index: Any, axis: int) -> Any:
    """The entries of a tensor of places along an axis."""
    import numpy as np

    return np.take_along_axis(a, index.cpu().numpy(), axis)


def _slice(node: Any, shape: Any, a: Any) -> Any:
    start, end = signed(node._saved_start), signed(node._saved_end)
    places = [slice(None)] * a.ndim
    places[signed(node._saved_dim)] = slice(start, end, node._saved_step)
    return a[tuple(places)]


def _indexed(node: Any, shape: Any, a: Any) -> Any:
    return a[tuple(slice(None) if each is None else each.cpu().numpy() for each in node._saved_indices)]


def _choice(node: Any, shape: Any, a: Any, b: Any) -> Any:
    return by_entry(choice)(as_array(node._saved_condition.tolist()), a, b)


def _masked(node: Any, shape: Any, a: Any) -> Any:
    if not bool(node._saved_mask.any()):
        return a
    raise ExchangeError("PyTorch has not kept the number that masked_fill writes")


def _split(node: Any, shape: Any, a: Any) -> Any:
    return pieces(a, int(node._saved_split_size), signed(node._saved_dim))


def _of_numpy(name: str, *settings: str) -> Callable[..., Any]:
    """A function of NumPy of one array, with what PyTorch has kept of its settings."""

    def apply(node: Any, shape: Any, a: Any) -> Any:
        import numpy as np

        given = (getattr(node, f"_saved_{setting}") for setting in settings)
        numbers = (signed(each) if isinstance(each, int) else tuple(map(signed, each)) for each in given)
        return getattr(np, name)(a, *numbers)

    return apply


def _joined(function: str) -> Callable[..., Any]:
    def join(node: Any, shape: Any, *parts: Any) -> Any:
        import numpy as np

        return getattr(np, function)(parts, axis=signed(node._saved_dim))

    return join


def _same(node: Any, shape: Any, a: Any) -> Any:
    return a.reshape(shape)


def _expanded(node: Any, shape: Any, a: Any) -> Any:
    import numpy as np

    return np.broadcast_to(a, shape)


SHAPE_RULES: dict[str, Callable[..., Any]] = {
    "Cat": _joined("concatenate"),
    "Expand": _expanded,
    "Flip": _of_numpy("flip", "dims"),
    "Gather": lambda node, shape, a: taken(a, node._saved_index, signed(node._saved_dim)),
    "Index": _indexed,
    "IndexSelect": lambda node, shape, a: a.take(node._saved_index.tolist(), axis=signed(node._saved_dim)),
    "MaskedFill": _masked,
    "Permute": _of_numpy("transpose", "dims"),
    "Repeat": _of_numpy("tile", "repeats"),
    "Roll": _of_numpy("roll", "shifts", "dims"),
    "Select": _of_numpy("take", "index", "dim"),
    "Slice": _slice,
    "Split": _split,
    "Stack": _joined("stack"),
    "T": lambda node, shape, a: a.T,
    "Transpose": _of_numpy("swapaxes", "dim0", "dim1"),
    "Tril": lambda node, shape, a: triangle(a, signed(node._saved_diagonal)),
    "Triu": lambda node, shape, a: triangle(a, signed(node._saved_diagonal), is_upper=True),
    "Unbind": lambda node, shape, a: unbound(a, signed(node._saved_dim)),
    "UnsafeSplit": _split,
    "Where": _choice,
    **dict.fromkeys(("Alias", "Clone", "ReshapeAlias", "Squeeze", "ToCopy", "UnsafeView", "Unsqueeze", "View"), _same),
}
