"""What the instructions of a vectorised program are on NumPy: the operations, products and choices it is called for."""

from __future__ import annotations

import contextlib
import functools
from typing import Any

import numpy as np
import numpy.typing as npt

from autograd_core.compiler.frontend.instructions import LARGER
from autograd_core.compiler.vectorise.vector_program import Places
from autograd_core.engine import primitives
from autograd_core.engine.primitive import Primitive

Array = npt.NDArray[Any]


def _larger(a: Array, b: Array, out: Array) -> None:
    """`ieee.larger`, whose zero is b's where a is the other one; np.maximum leaves its sign open."""
    np.copyto(out, np.where((a > b) | (a != a), a, b))


def _smaller(a: Array, b: Array, out: Array) -> None:
    np.copyto(out, np.where((a < b) | (a != a), a, b))


FORMS: dict[Primitive, Any] = {
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
    primitives.power: np.power,
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
    primitives.maximum: _larger,
    primitives.minimum: _smaller,
    LARGER: np.maximum,
}


def product(left: Array) -> Any:
    """np.dot, the quicker; but where it has a single number to multiply by, it takes 0 times inf for 0."""
    return np.matmul if left.shape[1] == 1 else np.dot


def outer(left: Array, right: Array, made: Array, file: Array, places: Places) -> None:
    product(left)(left, right, out=made)
    file[places] = made


def outer_into(left: Array, right: Array, made: Array, into: Array) -> None:
    product(left)(left, right, out=made)
    into[...] = made


def total(operand: Array, file: Array, places: Places) -> None:
    file[places] = operand.sum(axis=1)


def dot_and_bias(matrix: Array, operand: Array, bias: Array, out: Array) -> None:
    product(matrix)(matrix, operand, out)
    np.add(out, bias, out)


def affine(parts: list[tuple[Array, Array]], bias: Array | None, out: Array, term: Array) -> None:
    product(parts[0][0])(*parts[0], out)
    for matrix, operand in parts[1:]:
        product(matrix)(matrix, operand, term)
        np.add(out, term, out)
    if bias is not None:
        np.add(out, bias, out)


def where(condition: Array, a: Array, b: Array, out: Array) -> None:
    out[...] = np.where(condition, a, b)


def mask(compare: Any, a: Array, b: Array, holds: Array, out: Array) -> None:
    """Every bit set where the comparison holds, none where it does not: to choose with, at the price of an `and`."""
    compare(a, b, out=holds)
    bits = holds.view(np.int8)
    np.copyto(out, np.negative(bits, out=bits))  # in two steps, since a ufunc that widens goes through buffers


def by_bits(chosen: Array, a: Array, b: Array, out: Array) -> None:
    np.bitwise_xor(a, b, out=out)
    np.bitwise_and(out, chosen, out=out)
    np.bitwise_xor(out, b, out=out)


def by_element(form: Any, operands: list[Array], out: Array) -> None:
    out[...] = form(*operands)


@functools.cache
def vector_form(primitive: Primitive) -> Any:
    """An operation NumPy has no form of: SciPy's where that is installed, else number by number."""
    by_number = np.frompyfunc(primitive.forward, len(primitive.arguments), 1)
    with contextlib.suppress(ImportError):
        from scipy.special import erf, erfc

        if primitive is primitives.erf:
            return erf
        if primitive is primitives.erfc:
            return functools.partial(_erfc, erfc, by_number)
    return by_number


def _erfc(quick: Any, by_number: Any, a: Array) -> Array:
    a = np.atleast_1d(a)
    result: Array = quick(a)
    far = a > 26.0  # where SciPy gives 0 for what is less than the smallest normal number
    if far.any():
        result[far] = by_number(a[far])
    return result
