"""Kernels of several operations in one pass. A result that only this pass reads stays in a register."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from autograd_core.compiler.backends.llvm.functions.called import CalledFunctions
from autograd_core.compiler.backends.llvm.functions.table import PARTNERS, apply_both
from autograd_core.compiler.backends.llvm.ir.code import Code, IrInt, IrValue, VectorShape
from autograd_core.compiler.backends.llvm.kernels.matrices import (
    PARAMETERS,
    add_to,
    sum_lanes,
    sum_of_products,
    vectors,
)
from autograd_core.compiler.backends.llvm.operations import COMPARISONS, apply, compare, is_true, select, weight
from autograd_core.engine import primitives
from autograd_core.engine.primitive import Primitive

AT_ONCE = 2  # vectors of rows in straight-line code, since one operation waits for another
_FEW = 8  # operations; with more of them, elementary functions are called, not written out


class OperandKind(StrEnum):
    """The kind of an operand or a result."""

    VECTOR = "v"  # one number for each row
    SINGLE = "s"  # one for all rows
    MASK = "m"  # a condition for each row
    LISTED = "l"  # one number for each row, where a list of addresses says
    PRODUCT = "p"  # the result of a product with a matrix, see `products`

    def unit(self, shape: VectorShape) -> str:
        """The type of the unit in which its places are counted."""
        return "i8" if self is OperandKind.MASK else shape.type

    def address(self, code: Code, shape: VectorShape, end: tuple[IrValue, IrInt], place: IrInt) -> IrValue:
        """Where a place begins; end: the address of the operand, or of its list, and the distance of its places."""
        if self is OperandKind.LISTED:
            return code.load("ptr", code.address(end[0], place, "ptr"), 8)
        return code.address(end[0], code.multiply(place, end[1]), self.unit(shape))


@dataclass(frozen=True, slots=True)
class SumOfProducts:
    """A sum of products as an operation: of the number to start from, if it `starts` from one, then of the two factors
    of each product in turn. minus: how many of the last products are subtracted."""

    starts: bool
    minus: int = 0


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of a kernel. operands: numbers of inputs of the kernel or, counted after those, of earlier
    operations. kind: MASK for a comparison that only serves as a condition. primitive: None for a copy."""

    primitive: Primitive | SumOfProducts | None
    operands: tuple[int, ...]
    kind: OperandKind


@dataclass(slots=True)
class Kernel:
    """What one pass computes: its inputs, its operations, which of these are stored, and which are added up over the
    rows.

    many: for each of several neighbouring places, whose number is the first argument; each input and result then has a
    second argument, the distance of its places.
    """

    many: bool
    inputs: list[OperandKind] = field(default_factory=list)
    operations: list[Operation] = field(default_factory=list)
    stored: list[int] = field(default_factory=list)
    summed: list[int] = field(default_factory=list)

    def key(self) -> tuple[object, ...]:
        """Equal for kernels with the same code."""
        operations = tuple((each.primitive, each.operands, each.kind) for each in self.operations)
        return self.many, tuple(self.inputs), operations, tuple(self.stored), tuple(self.summed)


def in_rows(name: str, shape: VectorShape, kernel: Kernel, functions: CalledFunctions) -> Code:
    """The kernel for the files of a block of rows. Arguments: the number of places if there are several, then for each
    input and result the address and, with several, the distance of its places: in numbers, or bytes of masks; for each
    sum over the rows its address."""
    code = Code(name, PARAMETERS)
    kinds = [*kernel.inputs, *[kernel.operations[number].kind for number in kernel.stored]]
    if not kernel.many:
        bases = [code.argument(i, "ptr") for i in range(len(kinds))]
        sums = [code.argument(len(kinds) + i, "ptr") for i in range(len(kernel.summed))]
        _straight(code, shape, kernel, bases, sums, functions if len(kernel.operations) > _FEW else None)
        return code
    count = vectors(code, shape)
    with code.loop(0, code.argument(0)) as place:
        bases = []
        for i, kind in enumerate(kinds):
            end = code.argument(1 + 2 * i, "ptr"), code.argument(2 + 2 * i)
            bases.append(kind.address(code, shape, end, place.index))
        _pass(code, shape, kernel, bases, count)
    return code


def _pass(code: Code, shape: VectorShape, kernel: Kernel, bases: list[IrValue], count: IrValue) -> None:
    singles = splat_singles(code, shape, kernel, bases)
    with code.loop(0, count) as at:
        write_operations(code, shape, kernel, singles, bases, at.index)


def _straight(
    code: Code,
    shape: VectorShape,
    kernel: Kernel,
    bases: list[IrValue],
    sums: list[IrValue],
    functions: CalledFunctions | None,
) -> None:
    """Straight-line code for a few vectors of rows, which adds to the sums what the rows of the block have."""
    wide = VectorShape(shape.type, AT_ONCE * shape.lanes, shape.registers, shape.stride)
    singles, vector = splat_singles(code, wide, kernel, bases), wide.vector
    with code.loop(0, vectors(code, wide), 1, [(vector, "zeroinitializer") for _ in sums]) as at:
        results = write_operations(code, wide, kernel, singles, bases, at.index, functions, AT_ONCE)
        if sums:
            rest = code.of(f"sub nsw i64 %width, {code.multiply(at.index, wide.lanes)}")
            inside = code.first_lanes(wide, rest)
        for number, before in zip(kernel.summed, at.values, strict=True):
            after = code.of(f"fadd {vector} {before}, {results[number]}")
            at.next.append(code.of(f"select {wide.mask} {inside}, {vector} {after}, {vector} {before}"))
    for address, total in zip(sums, sum_lanes(code, wide, at.values), strict=True):
        add_to(code, shape, address, total)


def splat_singles(code: Code, shape: VectorShape, kernel: Kernel, bases: Sequence[IrValue]) -> list[IrValue | None]:
    """For each input a vector of it if it is the same for all rows."""
    return [
        code.splat(shape, code.load(shape.type, base, shape.bytes)) if kind is OperandKind.SINGLE else None
        for kind, base in zip(kernel.inputs, bases, strict=False)
    ]


def write_operations(
    code: Code,
    shape: VectorShape,
    kernel: Kernel,
    known: Sequence[IrValue | None],
    bases: Sequence[IrValue],
    at: IrInt,
    functions: CalledFunctions | None = None,
    several: int = 1,
) -> list[IrValue]:
    """The results of the operations for one vector of `several` registers; some are stored. known: the inputs that need
    not be read; bases: where the places of inputs and results begin; at: the number of the vector in them; functions:
    to be called, not written out."""
    lanes = shape.lanes // several
    wide, mask_bits = lanes * shape.bytes, max(8, lanes)
    start = code.multiply(at, shape.lanes)

    def bits_of(base: IrValue, number: int) -> IrValue:
        return code.address(base, code.add(code.multiply(at, several), number), f"i{mask_bits}")

    def read(i: int) -> IrValue:
        if kernel.inputs[i] is not OperandKind.MASK:
            return code.load(shape.vector, code.address(bases[i], start, shape.type), wide)
        masks = []
        for number in range(several):
            bits = code.load(f"i{mask_bits}", bits_of(bases[i], number), 1)
            if mask_bits > lanes:
                bits = code.of(f"trunc i{mask_bits} {bits} to i{lanes}")
            masks.append(code.of(f"bitcast i{lanes} {bits} to <{lanes} x i1>"))
        return _joined(code, lanes, masks)

    def store(base: IrValue, kind: OperandKind, result: IrValue) -> None:
        if kind is OperandKind.VECTOR:
            code.store(shape.vector, result, code.address(base, start, shape.type), wide)
            return
        for number in range(several):
            mask = result
            if several > 1:
                own = ", ".join(f"i32 {number * lanes + lane}" for lane in range(lanes))
                mask = code.of(f"shufflevector {shape.mask} {result}, {shape.mask} poison, <{lanes} x i32> <{own}>")
            bits = code.of(f"bitcast <{lanes} x i1> {mask} to i{lanes}")
            if mask_bits > lanes:
                bits = code.of(f"zext i{lanes} {bits} to i{mask_bits}")
            code.store(f"i{mask_bits}", bits, bits_of(base, number), 1)

    return _operations(code, shape, kernel, list(known), read, store, bases, functions)


def _joined(code: Code, lanes: int, masks: list[IrValue]) -> IrValue:
    """Masks of so many lanes as one."""
    while len(masks) > 1:
        order = ", ".join(f"i32 {lane}" for lane in range(2 * lanes))
        type_ = f"<{lanes} x i1>"
        masks = [
            code.of(f"shufflevector {type_} {a}, {type_} {b}, <{2 * lanes} x i32> <{order}>")
            for a, b in zip(masks[::2], masks[1::2], strict=True)
        ]
        lanes *= 2
    return masks[0]


def _operations(
    code: Code,
    shape: VectorShape,
    kernel: Kernel,
    held: list[IrValue | None],
    read: Callable[[int], IrValue],
    store: Callable[[IrValue, OperandKind, IrValue], None],
    bases: Sequence[IrValue],
    functions: CalledFunctions | None = None,
) -> list[IrValue]:
    """An input is read just before its first use, and a result is stored as soon as it is known."""
    masks = [kind is OperandKind.MASK for kind in kernel.inputs]
    wanted = {(operation.primitive, operation.operands) for operation in kernel.operations}
    places = dict(zip(kernel.stored, bases[len(kernel.inputs) :], strict=True))
    shared: dict[tuple[Primitive, IrValue], IrValue] = {}
    for number, operation in enumerate(kernel.operations):
        operands: list[IrValue] = []
        for source in operation.operands:
            value = held[source]
            if value is None:
                value = held[source] = read(source)
            operands.append(value)
        primitive = operation.primitive
        if primitive is None:
            (result,) = operands
        elif isinstance(primitive, SumOfProducts):
            factors = operands[primitive.starts :]
            pairs = list(zip(factors[::2], factors[1::2], strict=True))
            plus = len(pairs) - primitive.minus
            result = sum_of_products(
                code,
                shape,
                [(left, right, i >= plus) for i, (left, right) in enumerate(pairs)],
                operands[0] if primitive.starts else None,
            )
        elif primitive is primitives.where:
            mask = operands[0] if masks[operation.operands[0]] else is_true(code, shape, operands[0])
            result = select(code, shape, mask, *operands[1:])
        elif operation.kind is OperandKind.MASK:
            assert primitive in COMPARISONS
            result = compare(code, shape, primitive, *operands)
        else:
            pair = PARTNERS.get(primitive)
            if pair is not None and wanted.issuperset((each, operation.operands) for each in pair):
                if (primitive, operands[0]) not in shared:
                    if functions is None:
                        both = apply_both(code, shape, pair, operands[0])
                    else:
                        both = functions.call_both(code, shape, pair, operands[0])
                    for each, name in zip(pair, both, strict=True):
                        shared[each, operands[0]] = name
                result = shared[primitive, operands[0]]
            elif functions is not None and weight(primitive) > 1:
                result = functions.call(code, shape, primitive, operands)
            else:
                result = apply(code, shape, primitive, *operands)
        held.append(result)
        masks.append(operation.kind is OperandKind.MASK)
        if number in places:
            store(places[number], operation.kind, result)
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

    def store(base: IrValue, kind: OperandKind, result: IrValue) -> None:
        code.store(shape.vector, result, code.address(base, start, shape.type), shape.bytes)

    _operations(code, shape, kernel, [None] * len(kernel.inputs), read, store, bases)
