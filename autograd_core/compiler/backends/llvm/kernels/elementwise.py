"""Kernels of several element-wise operations in one pass. A result that only this pass reads stays in a register."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from autograd_core.compiler.backends.llvm.functions.table import PARTNERS, apply_both
from autograd_core.compiler.backends.llvm.ir.code import Code, IrInt, IrValue, VectorShape
from autograd_core.compiler.backends.llvm.kernels.matrices import PARAMETERS, vectors
from autograd_core.compiler.backends.llvm.operations import COMPARISONS, apply, compare, is_true, select
from autograd_core.engine import primitives
from autograd_core.engine.primitive import Primitive


class OperandKind(StrEnum):
    """The kind of an operand or a result."""

    VECTOR = "v"  # one number for each row
    SINGLE = "s"  # one for all rows
    MASK = "m"  # a condition for each row
    PRODUCT = "p"  # the result of a product with a matrix, see `products`

    def unit(self, shape: VectorShape) -> str:
        """The type of the unit in which its places are counted."""
        return "i8" if self is OperandKind.MASK else shape.type


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of a kernel. operands: numbers of inputs of the kernel or, counted after those, of earlier
    operations. kind: MASK for a comparison that only serves as a condition. primitive: None for a copy."""

    primitive: Primitive | None
    operands: tuple[int, ...]
    kind: OperandKind


@dataclass(slots=True)
class Kernel:
    """What one pass computes: its inputs, its operations, and which of these are stored.

    many: for each of several neighbouring places, whose number is the first argument; each input and result then has a
    second argument, the distance of its places.
    """

    many: bool
    inputs: list[OperandKind] = field(default_factory=list)
    operations: list[Operation] = field(default_factory=list)
    stored: list[int] = field(default_factory=list)

    def key(self) -> tuple[object, ...]:
        """Equal for kernels with the same code."""
        operations = tuple((each.primitive, each.operands, each.kind) for each in self.operations)
        return self.many, tuple(self.inputs), operations, tuple(self.stored)


def in_rows(name: str, shape: VectorShape, kernel: Kernel) -> Code:
    """The kernel for the files of a block of rows. Arguments: the number of places if there are several, then for each
    input and result the address and, with several, the distance of its places: in numbers, or bytes of masks."""
    code = Code(name, PARAMETERS)
    count = vectors(code, shape)
    kinds = [*kernel.inputs, *[kernel.operations[number].kind for number in kernel.stored]]
    if not kernel.many:
        bases = [code.argument(i, "ptr") for i in range(len(kinds))]
        _pass(code, shape, kernel, bases, count)
        return code
    with code.loop(0, code.argument(0)) as place:
        bases = []
        for i, kind in enumerate(kinds):
            offset = code.multiply(place.index, code.argument(2 + 2 * i))
            bases.append(code.address(code.argument(1 + 2 * i, "ptr"), offset, kind.unit(shape)))
        _pass(code, shape, kernel, bases, count)
    return code


def _pass(code: Code, shape: VectorShape, kernel: Kernel, bases: list[IrValue], count: IrValue) -> None:
    singles = splat_singles(code, shape, kernel, bases)
    with code.loop(0, count) as at:
        write_operations(code, shape, kernel, singles, bases, at.index)


def splat_singles(code: Code, shape: VectorShape, kernel: Kernel, bases: Sequence[IrValue]) -> list[IrValue | None]:
    """For each input a vector of it if it is the same for all rows."""
    return [
        code.splat(shape, code.load(shape.type, base, shape.bytes)) if kind is OperandKind.SINGLE else None
        for kind, base in zip(kernel.inputs, bases, strict=False)
    ]


def write_operations(
    code: Code, shape: VectorShape, kernel: Kernel, known: Sequence[IrValue | None], bases: Sequence[IrValue], at: IrInt
) -> None:
    """The operations for one vector, and their results stored. known: the inputs that need not be read; bases: where
    the places of inputs and results begin; at: the number of the vector in them."""
    wide, mask_bits = shape.lanes * shape.bytes, max(8, shape.lanes)
    start = code.multiply(at, shape.lanes)

    def read(i: int) -> IrValue:
        if kernel.inputs[i] is OperandKind.VECTOR:
            return code.load(shape.vector, code.address(bases[i], start, shape.type), wide)
        bits = code.load(f"i{mask_bits}", code.address(bases[i], at, f"i{mask_bits}"), 1)
        if mask_bits > shape.lanes:
            bits = code.of(f"trunc i{mask_bits} {bits} to i{shape.lanes}")
        return code.of(f"bitcast i{shape.lanes} {bits} to {shape.mask}")

    results = _operations(code, shape, kernel, list(known), read)
    for base, number in zip(bases[len(kernel.inputs) :], kernel.stored, strict=True):
        result = results[number]
        if kernel.operations[number].kind is OperandKind.VECTOR:
            code.store(shape.vector, result, code.address(base, start, shape.type), wide)
            continue
        bits = code.of(f"bitcast {shape.mask} {result} to i{shape.lanes}")
        if mask_bits > shape.lanes:
            bits = code.of(f"zext i{shape.lanes} {bits} to i{mask_bits}")
        code.store(f"i{mask_bits}", bits, code.address(base, at, f"i{mask_bits}"), 1)


def _operations(
    code: Code, shape: VectorShape, kernel: Kernel, held: list[IrValue | None], read: object
) -> list[IrValue]:
    """The results; an input is read just before its first use."""
    assert callable(read)
    masks = [kind is OperandKind.MASK for kind in kernel.inputs]
    wanted = {(operation.primitive, operation.operands) for operation in kernel.operations}
    shared: dict[tuple[Primitive, IrValue], IrValue] = {}
    for operation in kernel.operations:
        operands: list[IrValue] = []
        for number in operation.operands:
            value = held[number]
            if value is None:
                value = held[number] = read(number)
            operands.append(value)
        if operation.primitive is None:
            (result,) = operands
        elif operation.primitive is primitives.where:
            mask = operands[0] if masks[operation.operands[0]] else is_true(code, shape, operands[0])
            result = select(code, shape, mask, *operands[1:])
        elif operation.kind is OperandKind.MASK:
            assert operation.primitive in COMPARISONS
            result = compare(code, shape, operation.primitive, *operands)
        else:
            pair = PARTNERS.get(operation.primitive)
            if pair is not None and wanted.issuperset((each, operation.operands) for each in pair):
                if (operation.primitive, operands[0]) not in shared:
                    for each, name in zip(pair, apply_both(code, shape, pair, operands[0]), strict=True):
                        shared[each, operands[0]] = name
                result = shared[operation.primitive, operands[0]]
            else:
                result = apply(code, shape, operation.primitive, *operands)
        held.append(result)
        masks.append(operation.kind is OperandKind.MASK)
    return [value for value in held[len(kernel.inputs) :] if value is not None]


def on_singles(name: str, shape: VectorShape, kernel: Kernel) -> Code:
    """The kernel for numbers of ONCE: VECTOR inputs and results are next to each other, SINGLE ones are the same for
    all. Arguments: how many, then the address of each input and result."""
    code = Code(name, PARAMETERS)
    count = code.argument(0)
    bases = [code.argument(1 + i, "ptr") for i in range(len(kernel.inputs) + len(kernel.stored))]
    single = VectorShape(shape.type, 1, shape.registers, shape.stride)
    if not kernel.many:
        _at_once(code, single, kernel, bases, 0)
        return code
    lanes = shape.lanes
    enough = code.of(f"icmp sge i64 {count}, {lanes}")
    in_vectors = code.of(f"select i1 {enough}, i64 {code.add(count, lanes - 1)}, i64 0")
    last = code.add(count, -lanes)
    with code.loop(0, in_vectors, lanes) as at:
        # The last vector ends with the last number, so some numbers are computed twice, to the same bits.
        early = code.of(f"icmp slt i64 {at.index}, {last}")
        start = code.of(f"select i1 {early}, i64 {at.index}, i64 {last}")
        _at_once(code, shape, kernel, bases, start)
    one_by_one = code.of(f"select i1 {enough}, i64 0, i64 {count}")
    with code.loop(0, one_by_one) as at:
        _at_once(code, single, kernel, bases, at.index)
    return code


def _at_once(code: Code, shape: VectorShape, kernel: Kernel, bases: list[IrValue], start: IrInt) -> None:
    def read(i: int) -> IrValue:
        if kernel.inputs[i] is OperandKind.SINGLE:
            return code.splat(shape, code.load(shape.type, bases[i], shape.bytes))
        return code.load(shape.vector, code.address(bases[i], start, shape.type), shape.bytes)

    results = _operations(code, shape, kernel, [None] * len(kernel.inputs), read)
    for base, number in zip(bases[len(kernel.inputs) :], kernel.stored, strict=True):
        code.store(shape.vector, results[number], code.address(base, start, shape.type), shape.bytes)
