"""Kernels that multiply a matrix with the vectors of a block of rows. A kernel may continue with element-wise
operations on the result before it leaves the registers."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from autograd_core.compiler.backends.llvm.ir.code import Code, IrInt, IrValue, VectorShape
from autograd_core.compiler.backends.llvm.kernels.elementwise import (
    Kernel,
    OperandKind,
    splat_singles,
    write_operations,
)
from autograd_core.compiler.backends.llvm.kernels.matrices import PARAMETERS, multiply_add, vectors

_ARGUMENTS = 9  # arguments of a product, before those of the operations on it
_BREADTHS = (3, 2, 1)  # vectors of rows that are computed together

Finish = Callable[[IrInt, IrInt, Sequence[IrValue]], None]  # place, first vector, sums of the vectors from it on


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


def _plain_product(name: str, shape: VectorShape, tall: Sequence[int], adds: bool) -> Code:
    code = Code(name, PARAMETERS)
    out = code.argument(2, "ptr")

    def finish(place: IrInt, first: IrInt, sums: Sequence[IrValue]) -> None:
        for j, total in enumerate(sums):
            code.store(
                shape.vector, total, _place(code, shape, out, place, code.add(first, j)), shape.lanes * shape.bytes
            )

    _product(code, shape, tall, adds, finish)
    return code


def product_and_pass(name: str, shape: VectorShape, kernel: Kernel, m: int, adds: bool) -> Code:
    """A product with a matrix of `m` rows, and operations on its result, which is the input of `kernel` whose kind is
    PRODUCT. adds: it starts from the numbers in out, where nothing is stored.

    Arguments: those of `affine`; for each other input and each result the address and the distance of its places: in
    numbers, or bytes of masks.
    """
    code = Code(name, PARAMETERS)
    kinds = [*kernel.inputs, *[kernel.operations[number].kind for number in kernel.stored]]
    ends: list[tuple[IrValue, IrValue] | None] = []
    at = _ARGUMENTS
    for kind in kinds:
        ends.append(None if kind is OperandKind.PRODUCT else (code.argument(at, "ptr"), code.argument(at + 1)))
        at += 2 * (kind is not OperandKind.PRODUCT)

    def finish(place: IrInt, first: IrInt, sums: Sequence[IrValue]) -> None:
        bases = [
            "" if end is None else code.address(end[0], code.multiply(place, end[1]), kind.unit(shape))
            for kind, end in zip(kinds, ends, strict=True)
        ]
        singles = splat_singles(code, shape, kernel, bases)
        for j, total in enumerate(sums):
            known = [
                total if kind is OperandKind.PRODUCT else single for kind, single in zip(kinds, singles, strict=False)
            ]
            write_operations(code, shape, kernel, known, bases, code.add(first, j))

    _product(code, shape, heights(shape, m), adds, finish)
    return code


def _product(code: Code, shape: VectorShape, tall: Sequence[int], adds: bool, finish: Finish) -> None:
    matrix, x, out, bias = (code.argument(i, "ptr") for i in range(4))
    bias_step, m, k, down, along = (code.argument(4 + i) for i in range(5))
    count = vectors(code, shape)
    at: IrInt = 0
    for breadth in _BREADTHS:
        with code.loop(at, count, breadth) as across:
            first: IrInt = 0
            for height in tall:
                with code.loop(first, m, height) as tile:
                    sums = _tile(
                        code,
                        shape,
                        (height, breadth),
                        (tile.index, across.index),
                        (matrix, x, out, bias),
                        (k, down, along, bias_step),
                        adds,
                    )
                    for i in range(height):
                        finish(code.add(tile.index, i), across.index, sums[i * breadth : (i + 1) * breadth])
                first = tile.index
        at = across.index


def _place(code: Code, shape: VectorShape, file: IrValue, place: IrInt, vector: IrInt) -> IrValue:
    number = code.add(code.multiply(place, shape.stride), code.multiply(vector, shape.lanes))
    return code.address(file, number, shape.type)


def _tile(
    code: Code,
    shape: VectorShape,
    size: tuple[int, int],
    corner: tuple[IrInt, IrInt],
    files: tuple[IrValue, IrValue, IrValue, IrValue],
    steps: tuple[IrInt, IrInt, IrInt, IrInt],
    adds: bool,
) -> list[IrValue]:
    """A few places of the result in a few vectors of rows, kept in registers over all columns."""
    (height, breadth), (top, left) = size, corner
    matrix, x, out, bias = files
    k, down, along, bias_step = steps
    vector, wide = shape.vector, shape.lanes * shape.bytes
    first_in_matrix = [code.multiply(code.add(top, i), down) for i in range(height)]
    x_left = _place(code, shape, x, 0, left)
    sums: list[IrValue] = []
    for i in range(height):
        if adds:
            corner_of_row = _place(code, shape, out, code.add(top, i), left)
            places = [code.address(corner_of_row, j * shape.lanes, shape.type) for j in range(breadth)]
            sums += [code.load(vector, address, wide) for address in places]
        else:
            start = code.multiply(code.add(top, i), bias_step)
            number = code.load(shape.type, code.address(bias, start, shape.type), shape.bytes)
            sums += [code.splat(shape, number)] * breadth
    with code.loop(0, k, 1, [(vector, total) for total in sums]) as column:
        row = code.address(x_left, code.multiply(column.index, shape.stride), shape.type)
        read = [code.load(vector, code.address(row, j * shape.lanes, shape.type), wide) for j in range(breadth)]
        offset = code.multiply(column.index, along)
        for i in range(height):
            place = code.address(matrix, code.add(first_in_matrix[i], offset), shape.type)
            factor = code.splat(shape, code.load(shape.type, place, shape.bytes))
            for j in range(breadth):
                column.next.append(multiply_add(code, shape, factor, read[j], column.values[i * breadth + j]))
    return column.values


KERNELS = (affine, affine_on)
