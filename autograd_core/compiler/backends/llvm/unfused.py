"""Instructions that are a pass each: those of a large, irregular graph.

There may be half a million of them, mostly on single numbers. Equal ones are calls of one kernel, so LLVM compiles few
kernels for any number of them. A call is the address of the kernel and the addresses of its operands.
"""

from __future__ import annotations

from itertools import chain
from typing import Protocol

from autograd_core.compiler.backends.llvm.copies import RowPlaces
from autograd_core.compiler.backends.llvm.fusion import PlaceRange
from autograd_core.compiler.backends.llvm.kernels.elementwise import Kernel, OperandKind, Operation
from autograd_core.compiler.vectorise.vector_program import Elementwise, File, Operand, Places, Span

End = tuple[OperandKind, int, int]  # an operand or a result: kind, address, distance of the next number in places


class PassBuilder(Protocol):
    """Collects calls, and gives the addresses of places: `plan.Plan`."""

    @property
    def condition_bytes(self) -> int: ...
    @property
    def row_numbers(self) -> int: ...
    def row(self, place: int) -> int: ...
    def condition(self, place: int) -> int: ...
    def single(self, place: int) -> int: ...
    def row_list(self, places: tuple[int, ...]) -> int: ...
    def singles(self, places: Places, neighbours: bool = False) -> tuple[int, int]: ...
    def pass_kernel(self, kernel: Kernel, in_rows: bool) -> str: ...
    def add_pass(self, name: str, arguments: list[int]) -> None: ...


class Unfused:
    """Passes instructions to a builder, each as a pass of its own; equal instructions share a kernel."""

    def __init__(self, builder: PassBuilder) -> None:
        self._builder = builder
        self._names: dict[tuple[object, ...], str] = {}
        self._at = {File.ONCE: builder.single, File.ROWS: builder.row, File.CONDITIONS: builder.condition}

    def add(self, step: Elementwise) -> None:
        """Add one instruction."""
        file, start, size = step.out
        if size > 1:
            ends = [end(self._builder, operand, size, file is not File.ONCE) for operand in step.operands]
            key = (step.primitive, file, True, *[kind for kind, _, _ in ends])
            name = self._names.get(key) or self._name_kernel(step, ends, key)
            self._builder.add_pass(name, arguments(self._builder, ends, [(file, start, size)], size))
            return
        files: list[File] = []
        addresses = [1] if file is File.ONCE else []
        for operand in step.operands:
            if isinstance(operand, Span):
                where, place, _ = operand
            else:
                where, place = File.ONCE, operand[0]
            files.append(where)
            addresses.append(self._at[where](place))
        addresses.append(self._at[file](start))
        key = (step.primitive, file, False, *files)
        if key in self._names:
            name = self._names[key]
        else:
            ends = [end(self._builder, operand, size, file is not File.ONCE) for operand in step.operands]
            name = self._name_kernel(step, ends, key)
        self._builder.add_pass(name, addresses)

    def _name_kernel(self, step: Elementwise, ends: list[End], key: tuple[object, ...]) -> str:
        file, _, size = step.out
        kind = OperandKind.MASK if file is File.CONDITIONS else OperandKind.VECTOR
        operation = Operation(step.primitive, tuple(range(len(ends))), kind)
        kernel = Kernel(size > 1, [kind for kind, _, _ in ends], [operation], [0])
        name = self._names[key] = self._builder.pass_kernel(kernel, file is not File.ONCE)
        return name


def end(builder: PassBuilder, operand: Operand | RowPlaces, size: int, in_rows: bool) -> End:
    """An operand of a pass over `size` places."""
    if isinstance(operand, RowPlaces):
        return OperandKind.LISTED, builder.row_list(operand.places), 1
    if isinstance(operand, Span):
        kind, place = (
            (OperandKind.VECTOR, builder.row) if operand.file is File.ROWS else (OperandKind.MASK, builder.condition)
        )
        return kind, place(operand.start), 0 if size > 1 and operand.size == 1 else 1
    address, distance = builder.singles(operand, neighbours=not in_rows)
    single = in_rows or (size > 1 and len(operand) == 1)
    return OperandKind.SINGLE if single else OperandKind.VECTOR, address, distance


def arguments(builder: PassBuilder, inputs: list[End], outputs: list[PlaceRange], size: int) -> list[int]:
    """The arguments of a pass over `size` places, see `elementwise`."""
    if outputs and outputs[0][0] is File.ONCE:
        places = [builder.single(start) for _, start, _ in outputs]
        return [size, *[address for _, address, _ in inputs], *places]
    ends = inputs.copy()
    for file, start, _ in outputs:
        if file is File.ROWS:
            ends.append((OperandKind.VECTOR, builder.row(start), 1))
        else:
            ends.append((OperandKind.MASK, builder.condition(start), 1))
    if size == 1:
        return [address for _, address, _ in ends]
    units = {
        OperandKind.SINGLE: 1,
        OperandKind.LISTED: 1,
        OperandKind.MASK: builder.condition_bytes,
        OperandKind.VECTOR: builder.row_numbers,
    }
    return [size, *chain.from_iterable((address, step * units[kind]) for kind, address, step in ends)]
