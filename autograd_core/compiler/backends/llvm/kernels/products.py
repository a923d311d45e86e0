"""Kernels that multiply a matrix with the vectors of a block of rows. A kernel may continue with element-wise
operations on the result before it leaves the registers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from autograd_core.compiler.backends.llvm.ir.code import Code, IrInt, IrValue, VectorShape
from autograd_core.compiler.backends.llvm.kernels.elementwise import (
    Kernel,
    OperandKind,
    splat_singles,
    write_operations,
)
from autograd_core.compiler.backends.llvm.kernels.matrices import PARAMETERS, multiply_add, vectors

_ARGUMENTS, _TURN_ARGUMENTS = 9, 12  # arguments of a product, before those of the operations on it
_BREADTHS = (3, 2, 1)  # vectors of rows that are computed together


class Column(NamedTuple):
    """A vector of rows in one turn of a product: where x begins for it, its number, the first place of the turn in the
    result, and how far its bias is from that of the first turn."""

    x: IrValue
    vector: IrInt
    first: IrInt
    bias: IrInt


Finish = Callable[[IrInt, Sequence[Column], Sequence[IrValue]], None]  # place in a turn, columns, their sums


def heights(shape: VectorShape, m: int | None = None) -> tuple[int, ...]:
    """How many places of the result are computed together; only the heights that `m` places need, if `m` is known."""
    every = (8, 4, 2, 1) if shape.registers >= 32 else (4, 2, 1)
    if m is None:
        return every
    return tuple(height for height in every if (m >= height if height == every[0] else m & height))


def affine(name: str, shape: VectorShape) -> Code:
    """out = matrix @ x + start, in every row.

    Arguments: matrix, x, out, start, the distance in start, the numbers of rows and columns of the matrix, and its
    distances down and along.
    """
    return _plain_product(name, shape, heights(shape), False)


def affine_on(name: str, shape: VectorShape) -> Code:
    """As `affine`, but adds to out."""
    return _plain_product(name, shape, (4, 1), True)


def affine_over_turns(name: str, shape: VectorShape) -> Code:
    """As `affine`, in several turns; further arguments: their number, and the distances in places of x and in numbers
    of start from turn to turn."""
    return _plain_product(name, shape, heights(shape), False, over_turns=True)


def affine_on_over_turns(name: str, shape: VectorShape) -> Code:
    """As `affine_over_turns`, but adds to out."""
    return _plain_product(name, shape, (4, 1), True, over_turns=True)


def _plain_product(name: str, shape: VectorShape, tall: Sequence[int], adds: bool, over_turns: bool = False) -> Code:
    code = Code(name, PARAMETERS)
    out = code.argument(2, "ptr")

    def finish(place: IrInt, columns: Sequence[Column], sums: Sequence[IrValue]) -> None:
        for column, total in zip(columns, sums, strict=True):
            into = _place(code, shape, out, code.add(column.first, place), column.vector)
            code.store(shape.vector, total, into, shape.lanes * shape.bytes)

    _product(code, shape, tall, adds, finish, over_turns)
    return code


def product_and_pass(
    name: str, shape: VectorShape, kernel: Kernel, m: int, adds: bool, over_turns: bool = False
) -> Code:
    """A product with a matrix of `m` rows, and operations on its result, which is the input of `kernel` whose kind is
    PRODUCT. adds: it starts from the numbers in out, where nothing is stored.

    Arguments: those of `affine`, or of `affine_over_turns`; for each other input and each result the address and the
    distance of its places: in numbers, or bytes of masks.
    """
    code = Code(name, PARAMETERS)
    kinds = [*kernel.inputs, *[kernel.operations[number].kind for number in kernel.stored]]
    ends: list[tuple[IrValue, IrValue] | None] = []
    at = _TURN_ARGUMENTS if over_turns else _ARGUMENTS
    for kind in kinds:
        ends.append(None if kind is OperandKind.PRODUCT else (code.argument(at, "ptr"), code.argument(at + 1)))
        at += 2 * (kind is not OperandKind.PRODUCT)

    def finish(place: IrInt, columns: Sequence[Column], sums: Sequence[IrValue]) -> None:
        bases: list[IrValue] = []
        singles: list[IrValue | None] = []
        for column, total in zip(columns, sums, strict=True):
            if over_turns or not bases:
                bases = [
                    "" if end is None else kind.address(code, shape, end, code.add(column.first, place))
                    for kind, end in zip(kinds, ends, strict=True)
                ]
                singles = splat_singles(code, shape, kernel, bases)
            known = [
                total if kind is OperandKind.PRODUCT else single for kind, single in zip(kinds, singles, strict=False)
            ]
            write_operations(code, shape, kernel, known, bases, column.vector)

    _product(code, shape, heights(shape, m), adds, finish, over_turns)
    return code


def _product(code: Code, shape: VectorShape, tall: Sequence[int], adds: bool, finish: Finish, over_turns: bool) -> None:
    matrix, x, out, bias = (code.argument(i, "ptr") for i in range(4))
    bias_step, m, k, down, along = (code.argument(4 + i) for i in range(5))
    count = vectors(code, shape)
    turns, apart, bias_apart = (code.argument(9 + i) for i in range(3)) if over_turns else ("1", "0", "0")
    at: IrInt = 0
    for breadth in _BREADTHS:
        with code.loop(at, code.multiply(count, turns) if over_turns else count, breadth) as across:
            columns: list[Column] = []
            for j in range(breadth):
                vector = code.add(across.index, j)
                first: IrInt = 0
                start: IrInt = 0
                own: IrInt = 0
                if over_turns:
                    turn = code.of(f"udiv i64 {vector}, {count}")
                    vector = code.of(f"sub nsw i64 {vector}, {code.multiply(turn, count)}")
                    first, start, own = (code.multiply(turn, size) for size in (m, apart, bias_apart))
                columns.append(Column(_place(code, shape, x, start, vector), vector, first, own))
            place: IrInt = 0
            for height in tall:
                with code.loop(place, m, height) as tile:
                    sums = _tile(
                        code, shape, height, tile.index, columns, (matrix, out, bias), (k, down, along, bias_step), adds
                    )
                    for i in range(height):
                        finish(code.add(tile.index, i), columns, sums[i * breadth : (i + 1) * breadth])
                place = tile.index
        at = across.index


def _place(code: Code, shape: VectorShape, file: IrValue, place: IrInt, vector: IrInt) -> IrValue:
    number = code.add(code.multiply(place, shape.stride), code.multiply(vector, shape.lanes))
    return code.address(file, number, shape.type)


def _tile(
    code: Code,
    shape: VectorShape,
    height: int,
    top: IrInt,
    columns: Sequence[Column],
    files: tuple[IrValue, IrValue, IrValue],
    steps: tuple[IrInt, IrInt, IrInt, IrInt],
    adds: bool,
) -> list[IrValue]:
    """A few places of the result in a few vectors of rows, kept in registers over all columns of the matrix."""
    matrix, out, bias = files
    k, down, along, bias_step = steps
    vector, wide, breadth = shape.vector, shape.lanes * shape.bytes, len(columns)
    first_in_matrix = [code.multiply(code.add(top, i), down) for i in range(height)]
    sums: list[IrValue] = []
    for i in range(height):
        if adds:
            places = [_place(code, shape, out, code.add(c.first, code.add(top, i)), c.vector) for c in columns]
            sums += [code.load(vector, address, wide) for address in places]
        else:
            start = code.multiply(code.add(top, i), bias_step)
            numbers = {each.bias: "" for each in columns}
            for own in numbers:
                place = code.address(bias, code.add(start, own), shape.type)
                numbers[own] = code.splat(shape, code.load(shape.type, place, shape.bytes))
            sums += [numbers[each.bias] for each in columns]
    with code.loop(0, k, 1, [(vector, total) for total in sums]) as column:
        below = code.multiply(column.index, shape.stride)
        read = [code.load(vector, code.address(each.x, below, shape.type), wide) for each in columns]
        offset = code.multiply(column.index, along)
        for i in range(height):
            place = code.address(matrix, code.add(first_in_matrix[i], offset), shape.type)
            factor = code.splat(shape, code.load(shape.type, place, shape.bytes))
            for j in range(breadth):
                column.next.append(multiply_add(code, shape, factor, read[j], column.values[i * breadth + j]))
    return column.values


KERNELS = (affine, affine_on, affine_over_turns, affine_on_over_turns)
