"""Operations on arrays of Values that more than one tool has: entry by entry, over axes, products, choices."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from autograd_core.engine.choose import choose
from autograd_core.engine.functions import dot
from autograd_core.engine.nested import as_lists
from autograd_core.engine.primitives import equal, where
from autograd_core.engine.value import Value
from autograd_core.errors import ExchangeError

MOST_ENTRIES = 1 << 20  # of one array


def as_array(nested: Any) -> Any:
    """Nested lists of Values or numbers as a NumPy array of objects."""
    import numpy as np

    return np.array(as_lists(nested), dtype=object)


def require_few(shape: Sequence[int]) -> None:
    """Raise ExchangeError for an array of more numbers than can be nodes, before it is made."""
    count = math.prod(shape)
    if count > MOST_ENTRIES:
        raise ExchangeError(
            f"an operation of this graph gives {count:,} numbers, and at most {MOST_ENTRIES:,} are computed: each is a "
            "node."
        )


# ------------------------------------------------------------------------------------- entry by entry, and by axis


def by_entry(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function of numbers as one of arrays, entry by entry, with NumPy's broadcasting."""

    def apply(*arrays: Any) -> Any:
        import numpy as np

        require_few(np.broadcast_shapes(*(np.shape(array) for array in arrays)))
        return as_array(np.frompyfunc(function, len(arrays), 1)(*arrays))

    return apply


def choice(condition: Any, a: Any, b: Any) -> Any:
    """a where the condition holds, else b; a condition that is a plain number chooses without a node."""
    return where(condition, a, b) if isinstance(condition, Value) else a if condition else b


def equals(a: Any, b: Any) -> Any:
    """Whether a and b are equal: a bool of plain numbers, else a Value 1 or 0."""
    return equal(a, b) if isinstance(a, Value) or isinstance(b, Value) else a == b


def inverted(x: Any) -> Any:
    """Not x, of a bool, or of a Value 1 or 0."""
    return 1.0 - x if isinstance(x, Value) else not x


def clipped(x: Any, low: Any = None, high: Any = None) -> Any:
    """x between two numbers, of which None is no bound; at a bound the derivative is 1, as in PyTorch's clamp."""
    x = x if low is None else where(x < low, low, x)
    return x if high is None else where(x > high, high, x)


def detached(number: Any) -> Any:
    """A Value as one that no gradient passes; a plain number as it is."""
    return number.detach() if isinstance(number, Value) else number


def along_last_axis(function: Callable[[list[Any]], Any], array: Any) -> Any:
    """`function` of each list of numbers along the last axis."""
    rows = array.reshape(-1, array.shape[-1])
    results = as_array([function(list(row)) for row in rows])
    return results.reshape((*array.shape[:-1], *results.shape[1:]))


def along_axis(function: Callable[[list[Any]], list[Any]], array: Any, axis: int) -> Any:
    """`function`, of a list to one of the same length, along any axis."""
    import numpy as np

    return np.moveaxis(along_last_axis(function, np.moveaxis(array, axis, -1)), -1, axis)


def over_axes(function: Callable[[list[Any]], Any], x: Any, axes: Any = None, keepdims: bool = False) -> Any:
    """`function`, of a list to a number, over an axis, over several together, or over all."""
    import numpy as np

    given = range(x.ndim) if axes is None else axes if isinstance(axes, (list, tuple)) else (axes,)
    wanted = tuple(axis % x.ndim for axis in given)
    others = [axis for axis in range(x.ndim) if axis not in wanted]
    rows = x.transpose(*others, *wanted).reshape(*(x.shape[axis] for axis in others), -1)
    found = along_last_axis(function, rows)
    return np.expand_dims(found, wanted) if keepdims else found


def total(x: Any, axes: Any = None, keepdims: bool = False) -> Any:
    """The sum over axes, or over all."""
    import numpy as np

    axes = tuple(axes) if isinstance(axes, (list, tuple)) else axes
    return np.asarray(x.sum(axis=axes, keepdims=keepdims), dtype=object)


def average(x: Any, axes: Any = None, keepdims: bool = False) -> Any:
    """The mean over axes, or over all."""
    return _divided(total(x, axes, keepdims), x, 0.0)


def variance(x: Any, axes: Any = None, keepdims: bool = False, correction: float = 1.0) -> Any:
    """The mean square of x - mean, with `correction` numbers less in the divisor."""
    difference = x - average(x, axes, True)
    return _divided(total(difference * difference, axes, keepdims), x, correction)


def _divided(sums: Any, x: Any, correction: float) -> Any:
    """Sums of entries of x by their number, less a correction."""
    import numpy as np

    return np.asarray(sums / (float(x.size // max(sums.size, 1)) - correction), dtype=object)


# ----------------------------------------------------------------------------------------- places, products, choices


def triangle(x: Any, diagonal: int = 0, is_upper: bool = False) -> Any:
    """x with 0 above a diagonal, or below it."""
    import numpy as np

    inside = (np.triu if is_upper else np.tril)(np.ones(x.shape[-2:], dtype=bool), diagonal)
    return np.where(inside, x, as_array(False if isinstance(x.flat[0], bool) else 0.0))


def pieces(x: Any, sizes: int | Sequence[int], axis: int = 0) -> tuple[Any, ...]:
    """x cut along an axis, in pieces of one size, of which the last may be shorter, or of these sizes."""
    import numpy as np

    ends = range(sizes, x.shape[axis], sizes) if isinstance(sizes, int) else np.cumsum(sizes)[:-1].tolist()
    return tuple(np.split(x, ends, axis=axis))


def unbound(x: Any, axis: int = 0) -> tuple[Any, ...]:
    """The arrays along an axis, one by one."""
    return tuple(as_array(x.take(place, axis=axis)) for place in range(x.shape[axis]))


def matrix_product(a: Any, b: Any) -> Any:
    """a @ b, each entry as one `dot`."""
    import numpy as np

    if a.ndim == 1:
        product = matrix_product(a[None], b)
        return product[..., 0, :] if b.ndim > 1 else product.reshape(())
    if b.ndim == 1:
        return matrix_product(a, b[:, None])[..., 0]
    require_few((*np.broadcast_shapes(a.shape[:-2], b.shape[:-2]), *a.shape[-2:-1], *b.shape[-1:]))
    if b.ndim == 2:
        columns = [list(column) for column in b.T]
        return along_last_axis(lambda row: [dot(row, column) for column in columns], a)
    shape = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    pairs = zip(
        np.broadcast_to(a, (*shape, *a.shape[-2:])).reshape(-1, *a.shape[-2:]),
        np.broadcast_to(b, (*shape, *b.shape[-2:])).reshape(-1, *b.shape[-2:]),
        strict=True,
    )
    return as_array([matrix_product(*pair) for pair in pairs]).reshape(*shape, a.shape[-2], b.shape[-1])


def product_and_bias(a: Any, b: Any, bias: Any = None, alpha: float = 1.0, beta: float = 1.0) -> Any:
    """alpha * a @ b + beta * bias, without the factors that are 1."""
    product = matrix_product(a, b)
    product = product if alpha == 1.0 else product * alpha
    return product if bias is None else product + (bias if beta == 1.0 else bias * beta)


def einsum(equation: str, *arrays: Any) -> Any:
    """numpy.einsum of arrays of Values: sums of products over the letters that the result lacks."""
    import numpy as np

    sizes: dict[str, int] = {}
    rest = 1  # of the axes that dots stand for
    for term, array in zip(equation.replace(" ", "").split("->")[0].split(","), arrays, strict=True):
        before, dots, after = term.partition("...")
        sizes.update(zip(before, array.shape, strict=bool(not dots)))
        sizes.update(zip(reversed(after), reversed(array.shape), strict=False))
        rest = max(rest, math.prod(array.shape[len(before) : array.ndim - len(after)]))
    require_few([rest, *sizes.values()])
    return np.asarray(np.einsum(equation, *arrays), dtype=object)


def looked_up(table: Any, index: Any, padding_index: int | None = None) -> Any:
    """The vectors of a table at whole numbers; a Value as index chooses from each column. The vector of the padding
    learns nothing."""
    indices = as_array(index)
    if padding_index is not None:
        table = table.copy()
        table[padding_index] = by_entry(detached)(table[padding_index])
    require_few((*indices.shape, *table.shape[1:]))

    def vector(place: Any) -> Any:
        if isinstance(place, Value):
            return [choose(place, list(column)) for column in table.T]
        if not (hasattr(place, "__index__") and -len(table) <= place < len(table)):
            raise ExchangeError(f"a table of {len(table)} vectors is asked for number {place!r}.")
        return list(table[place])

    return as_array([vector(place) for place in indices.flat]).reshape(*indices.shape, *table.shape[1:])
