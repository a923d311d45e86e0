"""Kernels for `choose`: numbers read from tables, and their gradients added up where they were read. See `matrices` for
the arguments of a kernel."""

from __future__ import annotations

from autograd_core.compiler.backends.llvm.ir.code import Code, IrInt, IrValue, VectorShape
from autograd_core.compiler.backends.llvm.kernels.matrices import PARAMETERS


def choose(name: str, shape: VectorShape) -> Code:
    """Read one number from each of several tables of equal length; arguments: the indices, the distance from one to the
    next, how many tables, a list with the address of each and the distance between its numbers, their length, out. An
    index that is no place gives nan."""
    code = Code(name, PARAMETERS)
    indices, tables, out = (code.argument(i, "ptr") for i in (0, 3, 5))
    apart, many, length = (code.argument(i) for i in (1, 2, 4))
    with code.loop(0, many) as i:
        index = code.address(indices, code.multiply(i.index, apart), shape.type)
        into = code.address(out, code.multiply(i.index, shape.stride), shape.type)
        about = code.address(tables, code.multiply(i.index, 2), "i64")
        table = code.load("ptr", about, 8)
        distance = code.load("i64", code.address(about, 1, "i64"), 8)
        with code.loop(0, "%width") as row:
            place, is_place = read_place(code, shape, code.address(index, row.index, shape.type), length)
            entry = code.address(table, code.multiply(place, distance), shape.type)
            number = code.load(shape.type, entry, shape.bytes)
            nan = code.number(shape, float("nan"))
            chosen = code.of(f"select i1 {is_place}, {shape.type} {number}, {shape.type} {nan}")
            code.store(shape.type, chosen, code.address(into, row.index, shape.type), shape.bytes)
    return code


def scatter_add(name: str, shape: VectorShape) -> Code:
    """Add numbers of each row to the row of a matrix that an index names; arguments: the matrix, its distances down and
    along, its rows and columns, a list with the addresses of an index and of the numbers for it, the length of this
    list. Numbers with an index that is no row of the matrix are left out: nobody asked for the sums of their values."""
    code = Code(name, PARAMETERS)
    matrix, terms = code.argument(0, "ptr"), code.argument(5, "ptr")
    down, along, length, width, many = (code.argument(i) for i in (1, 2, 3, 4, 6))
    with code.loop(0, many) as i:
        term = code.address(terms, code.multiply(i.index, 2), "i64")
        index = code.load("ptr", term, 8)
        numbers = code.load("ptr", code.address(term, 1, "i64"), 8)
        with code.loop(0, "%width") as row:
            place, is_place = read_place(code, shape, code.address(index, row.index, shape.type), length)
            first = code.address(matrix, code.multiply(place, down), shape.type)
            column = code.address(numbers, row.index, shape.type)
            with code.loop(0, width) as j:
                number = code.address(column, code.multiply(j.index, shape.stride), shape.type)
                cell = code.address(first, code.multiply(j.index, along), shape.type)
                before, more = (code.load(shape.type, address, shape.bytes) for address in (cell, number))
                after = code.of(f"fadd {shape.type} {before}, {more}")
                kept = code.of(f"select i1 {is_place}, {shape.type} {after}, {shape.type} {before}")
                code.store(shape.type, kept, cell, shape.bytes)
    return code


def read_place(code: Code, shape: VectorShape, index: IrValue, length: IrInt) -> tuple[IrValue, IrValue]:
    """The index at an address as a whole number, 0 where it is no place; and whether it is one."""
    type_ = shape.type
    number = code.load(type_, index, shape.bytes)
    above = code.of(f"fcmp oge {type_} {number}, 0.0")
    below = code.of(f"fcmp olt {type_} {number}, {code.of(f'sitofp i64 {length} to {type_}')}")
    inside = code.of(f"and i1 {above}, {below}")
    place = code.of(f"fptosi {type_} {code.of(f'select i1 {inside}, {type_} {number}, {type_} 0.0')} to i64")
    whole = code.of(f"fcmp oeq {type_} {number}, {code.of(f'sitofp i64 {place} to {type_}')}")
    return place, code.of(f"and i1 {inside}, {whole}")


KERNELS = (choose, scatter_add)
