"""Functions for `choose` in the code for one row: a row read from a table, and numbers added to the row of a matrix."""

from __future__ import annotations

from collections.abc import Callable

from autograd_core.compiler.backends.llvm.ir.code import Code, IrInt, VectorShape
from autograd_core.compiler.backends.llvm.kernels.lookups import read_place
from autograd_core.compiler.backends.llvm.one_row.called_functions import narrow, parts

OneVector = Callable[[VectorShape, IrInt], None]


def lookup(name: str, shape: VectorShape, length: int, width: int, apart: tuple[int, int]) -> Code:
    """out[j] = table[k * down + j * along], where k is the index, among `length`; nan where it is no place."""
    code = Code(name, "ptr %index, ptr %table, ptr noalias %out")
    place, is_place = read_place(code, shape, "%index", length)
    down, along = apart
    row = code.address("%table", code.multiply(place, down), shape.type)

    def copy(part: VectorShape, j: IrInt) -> None:
        number = code.load(part.vector, code.address(row, code.multiply(j, along), part.type), part.bytes)
        nan = code.splat(part, code.number(part, float("nan")))
        chosen = code.of(f"select i1 {is_place}, {part.vector} {number}, {part.vector} {nan}")
        code.store(part.vector, chosen, code.address("%out", j, part.type), part.bytes)

    _in_vectors(code, shape if along == 1 else narrow(shape, 1), width, copy)
    return code


def zeros(name: str, shape: VectorShape, count: int) -> Code:
    """out[j] = 0."""
    code = Code(name, "ptr noalias %out")

    def clear(part: VectorShape, j: IrInt) -> None:
        code.store(part.vector, "zeroinitializer", code.address("%out", j, part.type), part.bytes)

    _in_vectors(code, shape, count, clear)
    return code


def add_to_row(name: str, shape: VectorShape, height: int, width: int) -> Code:
    """matrix[k][j] += numbers[j], where k is the index; nothing where it is no row of the matrix."""
    code = Code(name, "ptr %index, ptr %numbers, ptr noalias %matrix")
    place, is_place = read_place(code, shape, "%index", height)
    row = code.address("%matrix", code.multiply(place, width), shape.type)

    def add(part: VectorShape, j: IrInt) -> None:
        cell = code.address(row, j, part.type)
        before = code.load(part.vector, cell, part.bytes)
        number = code.load(part.vector, code.address("%numbers", j, part.type), part.bytes)
        after = code.of(f"fadd {part.vector} {before}, {number}")
        kept = code.of(f"select i1 {is_place}, {part.vector} {after}, {part.vector} {before}")
        code.store(part.vector, kept, cell, part.bytes)

    _in_vectors(code, shape, width, add)
    return code


def _in_vectors(code: Code, shape: VectorShape, count: int, write: OneVector) -> None:
    """Write code for `count` numbers, in whole vectors, then halves; write: what is done to the vector at a place."""
    done = 0
    for part in parts(shape, count):
        stop = done + (count - done) // part.lanes * part.lanes
        if stop - done == part.lanes:
            write(part, done)
        else:
            with code.loop(done, stop, part.lanes) as at:
                write(part, at.index)
        done = stop
