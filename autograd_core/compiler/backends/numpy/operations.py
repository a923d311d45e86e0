"""The instructions of a vectorised program on NumPy: its functions, products and choices."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from autograd_core.compiler.frontend.instructions import LARGER
from autograd_core.engine import primitives
from autograd_core.engine.primitive import Primitive

Array = npt.NDArray[Any]
Action = Callable[[], Any]

_ONE = np.ones((), np.int8)
_FEW = 32  # so many numbers are summed by NumPy, with an error of two units in the last place


def _larger(a: Array, b: Array, out: Array) -> None:
    """`ieee.larger`: of two zeros it gives b. np.maximum may give either."""
    np.copyto(out, np.where((a > b) | (a != a), a, b))


def _smaller(a: Array, b: Array, out: Array) -> None:
    np.copyto(out, np.where((a < b) | (a != a), a, b))


def _power(a: Array, b: Array, out: Array) -> None:
    """NumPy takes a**0.5 as a root, which is nan at -inf, where the power is inf, and -0 at -0."""
    np.power(a, b, out=out)
    if b.size == 1 and b.item() == 0.5:
        np.copyto(out, np.absolute(a), where=(a == -np.inf) | (a == 0.0))


FUNCTIONS: dict[Primitive, Any] = {
    primitives.less: np.less,
    primitives.less_equal: np.less_equal,
    primitives.greater: np.greater,
    primitives.greater_equal: np.greater_equal,
    primitives.equal: np.equal,
    primitives.add: np.add,
    primitives.subtract: np.subtract,
    primitives.multiply: np.multiply,
    primitives.divide: np.divide,
    primitives.negative: np.negative,
    primitives.power: _power,
    primitives.exp: np.exp,
    primitives.expm1: np.expm1,
    primitives.log: np.log,
    primitives.log1p: np.log1p,
    primitives.sqrt: np.sqrt,
    primitives.sin: np.sin,
    primitives.cos: np.cos,
    primitives.tan: np.tan,
    primitives.atan: np.arctan,
    primitives.tanh: np.tanh,
    primitives.abs: np.absolute,
    primitives.floor: np.floor,
    primitives.maximum: _larger,
    primitives.minimum: _smaller,
    LARGER: np.maximum,
}


def product_of(left: Array) -> Any:
    """The function for a product with `left`: np.dot, which is faster, except with a single column, where np.dot gives
    0 for 0 times inf."""
    return np.matmul if left.shape[1] == 1 else np.dot


def outer_to_places(left: Array, right: Array, product: Array, file: Array, places: Array) -> None:
    product_of(left)(left, right, out=product)
    file[places] = product


def outer_to_view(left: Array, right: Array, product: Array, view: Array) -> None:
    product_of(left)(left, right, out=product)
    view[...] = product


def total_to_places(operand: Array, file: Array, places: Array) -> None:
    file[places] = operand.sum(axis=1)


def choose(once: Array, rows: Array, columns: Array, index: Array, out: Array) -> None:
    """out[i] = once[rows[index[i], columns[i]]], nan where the index is no place."""
    is_place = _are_places(index, len(rows))
    places = np.where(is_place, index, 0).astype(np.int64)
    np.copyto(out, np.where(is_place, once[rows[places, columns]], np.nan))


def scatter_add(terms: list[tuple[Array, Array]], file: Array, sums: Array) -> None:
    """file[sums[k]] = the sum of the columns of each term's operand whose index is k, in the order of the rows. Columns
    with any other index are left out: nobody asked for the sums of their values."""
    count, width = sums.shape
    along = np.arange(width)[:, None]
    cells = [np.where(_are_places(index, count), index, count).astype(np.int64) * width + along for index, _ in terms]
    weights = [operand.ravel() for _, operand in terms]
    total = np.bincount(np.concatenate([cell.ravel() for cell in cells]), np.concatenate(weights), minlength=sums.size)
    file[sums] = total[: sums.size].reshape(sums.shape)


def _are_places(index: Array, count: int) -> Array:
    are_places: Array = (index >= 0.0) & (index < count) & (index == np.floor(index))
    return are_places


def halve(operand: Array) -> tuple[list[Action], Array]:
    """The additions of the halves of each pair, and so on, and where they leave the few numbers that are still to be
    summed: equal numbers are summed without an error."""
    additions: list[Action] = []
    while operand.shape[1] > _FEW:
        half = operand.shape[1] // 2
        rest = operand[:, 2 * half :]
        sums = np.empty((len(operand), half), operand.dtype)
        additions.append(functools.partial(np.add, operand[:, :half], operand[:, half : 2 * half], sums))
        if rest.size:
            additions.append(functools.partial(np.add, sums[:, :1], rest, sums[:, :1]))
        operand = sums
    return additions, operand


def run_each(actions: list[Action]) -> None:
    for action in actions:
        action()


def affine_single(matrix: Array, operand: Array, bias: Array, out: Array) -> None:
    product_of(matrix)(matrix, operand, out)
    np.add(out, bias, out)


def affine(parts: list[tuple[Array, Array]], bias: Array | None, out: Array, term: Array) -> None:
    product_of(parts[0][0])(*parts[0], out)
    for matrix, operand in parts[1:]:
        product_of(matrix)(matrix, operand, term)
        np.add(out, term, out)
    if bias is not None:
        np.add(out, bias, out)


def affine_over_turns(parts: list[tuple[Array, Array]], bias: Array | None, out: Array, term: Array) -> None:
    np.matmul(*parts[0], out=out)
    for matrix, operand in parts[1:]:
        np.add(out, np.matmul(matrix, operand, out=term), out)
    if bias is not None:
        np.add(out, bias, out)


def outer_over_turns(left: Array, right: Array, file: Array, places: Array) -> None:
    file[places] = np.tensordot(left, right, ((0, 2), (0, 2)))


def fold(function: Any, rows: Array, columns: list[tuple[Any, Array]], out: Array) -> None:
    """columns: which of the folds go on, and the places of their next numbers."""
    out[...] = rows[columns[0][1]]
    for outs, places in columns[1:]:
        total = out[outs]
        function(total, rows[places], out=total)
        out[outs] = total


def total_over_turns(operand: Array, file: Array, places: Array) -> None:
    file[places] = operand.sum(axis=(0, 2))


def dots(rows: Array, sides: tuple[Array, Array], signs: Array, starts: Array, out: Array) -> None:
    left, right = (rows.take(places, axis=0) for places in sides)
    np.multiply(left, right, left)
    np.multiply(left, signs, left)
    np.add.reduceat(left, starts, axis=0, out=out)


def where(condition: Array, a: Array, b: Array, out: Array) -> None:
    out[...] = np.where(condition, a, b)


def mask(compare: Any, a: Array, b: Array, holds: Array, inverted: bool, out: Array) -> None:
    """Set every bit where the comparison holds, and none where it does not, or the other way round. So `where` costs no
    more than an `and` if one of its numbers is 0."""
    compare(a, b, out=holds)
    bits = holds.view(np.int8)  # in two steps, since a ufunc that widens goes through buffers
    np.copyto(out, np.subtract(bits, _ONE, out=bits) if inverted else np.negative(bits, out=bits))


def where_by_bits(mask: Array, a: Array, b: Array, out: Array) -> None:
    np.bitwise_xor(a, b, out=out)
    np.bitwise_and(out, mask, out=out)
    np.bitwise_xor(out, b, out=out)


def copy_result(function: Any, operands: list[Array], out: Array) -> None:
    out[...] = function(*operands)


@functools.cache
def slow_function(primitive: Primitive) -> Any:
    """The function for an operation that NumPy does not have: SciPy's where installed, else number by number."""
    by_number = np.frompyfunc(primitive.forward, len(primitive.arguments), 1)
    with contextlib.suppress(ImportError):
        from scipy.special import erf, erfc

        if primitive is primitives.erf:
            return erf
        if primitive is primitives.erfc:
            return functools.partial(_erfc, erfc, by_number)
    return by_number


def _erfc(function: Any, by_number: Any, a: Array) -> Array:
    a = np.atleast_1d(a)
    result: Array = function(a)
    far = a > 26.0  # SciPy gives 0 there, where the result is below the smallest normal number
    if far.any():
        result[far] = by_number(a[far])
    return result
