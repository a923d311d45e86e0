"""Kernels that run over lists of places of the row: sums of products, such as a query times each key of attention, and
folds, such as sums from left to right."""

from __future__ import annotations

from collections.abc import Sequence

from autograd_core.compiler.backends.llvm.ir.code import Code, IrInt, IrValue, VectorShape
from autograd_core.compiler.backends.llvm.kernels.matrices import PARAMETERS, multiply_add, vectors
from autograd_core.compiler.backends.llvm.operations import apply
from autograd_core.engine.primitive import Primitive

GROUP = 4  # sums of products of the same left factors, which are computed together: each left factor is read once
_BREADTHS = (4, 1)  # vectors of rows that are computed together
_SUMS = 4  # partial sums of one vector, since an addition waits for the one before it


def dots(name: str, shape: VectorShape) -> Code:
    """For each sum the products of pairs of places. Arguments: the addresses of the places, pair by pair; the table of
    the sums; how many there are. In the table for each sum its first product, the first that is subtracted, the one
    after the last, and the address of the result."""
    return _dots(name, shape, 1)


def dots_together(name: str, shape: VectorShape) -> Code:
    """As `dots`, for groups of `GROUP` sums: for each left factor the addresses of it and of the right factors, and at
    the end of each line of the table those of the results."""
    return _dots(name, shape, GROUP)


def _dots(name: str, shape: VectorShape, group: int) -> Code:
    code = Code(name, PARAMETERS)
    factors, table = (code.argument(i, "ptr") for i in range(2))
    count, wide = vectors(code, shape), shape.lanes * shape.bytes
    fits = shape.registers >= 32 or group == 1
    with code.loop(0, code.argument(2)) as place:
        entry = code.address(table, code.multiply(place.index, 3 + group), "i64")
        first, middle, last = (code.load("i64", code.address(entry, i, "i64"), 8) for i in range(3))
        into = [code.load("ptr", code.address(entry, 3 + i, "ptr"), 8) for i in range(group)]
        at: IrInt = 0
        for breadth in _BREADTHS if fits else (2, 1):
            with code.loop(at, count, breadth) as across:
                offsets = [code.multiply(code.add(across.index, j), shape.lanes) for j in range(breadth)]
                wanted = breadth * group
                sums: list[IrValue] = ["zeroinitializer"] * max(wanted, _SUMS)
                for start, stop, sign in ((first, middle, ""), (middle, last, "fneg")):
                    sums = _add_products(code, shape, factors, (start, stop), offsets, group, sums, sign)
                while len(sums) > wanted:
                    half = len(sums) // 2
                    added = zip(sums[:half], sums[half:], strict=True)
                    sums = [code.of(f"fadd {shape.vector} {a}, {b}") for a, b in added]
                for number, total in enumerate(sums):
                    address = code.address(into[number // breadth], offsets[number % breadth], shape.type)
                    code.store(shape.vector, total, address, wide)
            at = across.index
    return code


def fold(name: str, shape: VectorShape, primitive: Primitive) -> Code:
    """For each fold its numbers, one after the other. Arguments: the addresses of the places, fold by fold; for each
    fold where it ends among them; how many there are; out."""
    code = Code(name, PARAMETERS)
    places, ends, out = (code.argument(i, "ptr") for i in (0, 1, 3))
    count, vector, wide = vectors(code, shape), shape.vector, shape.lanes * shape.bytes
    with code.loop(0, code.argument(2), 1, [("i64", "0")]) as number:
        first, last = number.values[0], code.load("i64", code.address(ends, number.index, "i64"), 8)
        into = code.address(out, code.multiply(number.index, shape.stride), shape.type)
        at: IrInt = 0
        for breadth in _BREADTHS:
            with code.loop(at, count, breadth) as across:
                offsets = [code.multiply(code.add(across.index, j), shape.lanes) for j in range(breadth)]

                def read(index: IrInt, offsets: Sequence[IrInt] = offsets) -> list[IrValue]:
                    place = code.load("ptr", code.address(places, index, "ptr"), 8)
                    return [code.load(vector, code.address(place, offset, shape.type), wide) for offset in offsets]

                begun = [(vector, value) for value in read(first)]
                with code.loop(code.add(first, 1), last, 1, begun) as j:
                    following = zip(j.values, read(j.index), strict=True)
                    j.next = [apply(code, shape, primitive, total, value) for total, value in following]
                for offset, total in zip(offsets, j.values, strict=True):
                    code.store(vector, total, code.address(into, offset, shape.type), wide)
            at = across.index
        number.next = [last]
    return code


def _add_products(
    code: Code,
    shape: VectorShape,
    factors: IrValue,
    span: tuple[IrInt, IrInt],
    offsets: Sequence[IrInt],
    group: int,
    sums: list[IrValue],
    sign: str,
) -> list[IrValue]:
    """The sums, with a span of products added. Where they are fewer than `_SUMS` there are several partial sums."""
    vector, wide = shape.vector, shape.lanes * shape.bytes
    start, stop = span
    together = group * len(offsets)
    for several in (1,) if together == len(sums) else (len(sums) // together, 1):
        with code.loop(start, stop, several, [(vector, total) for total in sums]) as j:
            j.next = list(j.values)
            for number in range(several):
                entry = code.address(factors, code.multiply(code.add(j.index, number), 1 + group), "ptr")
                left, *rights = (code.load("ptr", code.address(entry, i, "ptr"), 8) for i in range(1 + group))

                def read(side: IrValue, offset: IrInt) -> IrValue:
                    return code.load(vector, code.address(side, offset, shape.type), wide)

                read_left = [read(left, offset) for offset in offsets]
                if sign:
                    read_left = [code.of(f"{sign} {vector} {each}") for each in read_left]
                products = [(a, read(right, at)) for right in rights for a, at in zip(read_left, offsets, strict=True)]
                for i, (a, b) in enumerate(products, number * together):
                    j.next[i] = multiply_add(code, shape, a, b, j.next[i])
        start, sums = j.index, j.values
    return sums


KERNELS = (dots, dots_together)
