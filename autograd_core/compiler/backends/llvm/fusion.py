"""Fuses instructions: element-wise ones that follow one another on equally many places become one pass, and so do short
ones of any kind, as straight-line code.

A short instruction is split into single operations. Where short ones are most of a program, longer ones count as short,
too. A pass stores only the results that a later instruction reads.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from autograd_core.compiler.backends.llvm.copies import RowPlaces
from autograd_core.compiler.backends.llvm.kernels.elementwise import Kernel, OperandKind, Operation
from autograd_core.compiler.backends.llvm.operations import has_form, weight
from autograd_core.compiler.backends.llvm.single_operations import length, split
from autograd_core.compiler.vectorise.vector_program import (
    Affine,
    Elementwise,
    File,
    Gather,
    Operand,
    Outer,
    Span,
    Step,
    Total,
    VectorProgram,
    are_neighbours,
    operands_of,
)

_FEW = 4  # an instruction of at most this many single operations is split
_SHORT = 16  # the same in irregular programs
_MOST = 300  # instructions in a pass, roughly
_MOST_IN_ALL = 6000  # beyond this, equal instructions share a plain kernel, so that compiling stays fast
_CALL = 4  # instructions for an elementary function in straight-line code
_AT_ONCE = 8  # instructions after a product in its pass: they are repeated for each tile of it
_TILES = 30  # tiles of a product, roughly
_LATER = sys.maxsize


PlaceRange = tuple[File, int, int]  # the file, the first place, how many


@dataclass(slots=True, eq=False)
class Pass:
    """What one kernel computes on `size` places. inputs: those of the kernel but a product's; outputs: where its stored
    results go; sums: the places in ONCE that sums over the rows are added to; product: the product that it begins
    with."""

    kernel: Kernel
    inputs: list[tuple[OperandKind, Operand | RowPlaces]]
    outputs: list[PlaceRange]
    sums: list[int]
    size: int
    in_rows: bool
    product: Affine | None


class Fusion:
    """Turns instructions into `items`: passes, and the instructions that are a kernel each."""

    def __init__(self, program: VectorProgram) -> None:
        self.items: list[Pass | Step] = []
        self.last_read = _last_reads(program)
        self._short = _SHORT if _is_irregular(program) else _FEW
        self.number = 0  # of the current instruction
        self.spent = 0
        self.waiting: list[Step] = []  # sums over the rows, until the open pass is closed
        self.products: set[object] = set()  # the keys of the kernels that continue a product
        self._clear()

    def _clear(self) -> None:
        self.size = 0
        self.in_rows = False
        self.weight = 0
        self.product: Affine | None = None  # computed in the same pass, which begins with a copy of it
        self.standing: PlaceRange | None = None  # the part of this pass that is stored already
        self.kernel = Kernel(many=True)
        self.inputs: dict[tuple[OperandKind, Operand | RowPlaces], int] = {}
        self.results: dict[PlaceRange, int] = {}  # the result of each operation, by its number
        self.sums: list[int] = []
        self.sources: list[tuple[int, ...]] = []  # of each operation, inputs as they are and operations as ~number

    def place(self, steps: Sequence[Step]) -> list[Pass | Step]:
        """The items of consecutive instructions. Each list of a program is placed in turn."""
        self.items = []
        for step in steps:
            if isinstance(step, Elementwise) and has_form(step.primitive):
                self._elementwise(step)
            elif self._is_apart(step):
                self._split(step, 0 if isinstance(step, Gather) else length(step))
            elif isinstance(step, (Outer, Total)) and self.sources and self.in_rows:
                self.waiting.append(step)
                for operand in operands_of(step):
                    self.last_read[File.ROWS][operand.start : operand.stop] = [_LATER] * operand.size
            elif isinstance(step, Affine) and step.out.file is File.ROWS and step.out.size > 1:
                self._close()
                self._begin_with(step)
            else:
                self._close()
                self.items.append(step)
            self.number += 1
        self._close()
        return self.items

    def _is_straight(self) -> bool:
        return self.size == 1 and self.in_rows

    def _is_apart(self, step: Step) -> bool:
        """Whether an instruction is split into single operations."""
        if isinstance(step, Elementwise) and (step.out.size == 1 or not has_form(step.primitive)):
            return has_form(step.primitive)
        short = _FEW if isinstance(step, Elementwise) and step.out.file is File.ONCE else self._short
        return 0 < length(step) <= short and self.spent < _MOST_IN_ALL

    def _split(self, step: Step, cost: int, in_rows: bool = True) -> None:
        if self.size != 1 or self.in_rows != in_rows or self.weight + cost > _MOST:
            self._close()
        self.size, self.in_rows = 1, in_rows
        self.weight += cost
        split(step, self)

    def _begin_with(self, step: Affine) -> None:
        self.product, self.size, self.in_rows = step, step.out.size, True
        self.inputs[OperandKind.PRODUCT, step.out] = 0
        self.give((File.ROWS, step.out.start, self.size), None, [0])

    def _store_product(self) -> None:
        """Emit the product by itself; the pass then reads its stored result."""
        if self.product is None:
            return
        self.items.append(self.product)
        out, self.product = self.product.out, None
        read = OperandKind.VECTOR, out
        self.inputs = {read if key[0] is OperandKind.PRODUCT else key: i for key, i in self.inputs.items()}
        self.standing = File.ROWS, out.start, out.size

    def _elementwise(self, step: Elementwise) -> None:
        if self.spent >= _MOST_IN_ALL:
            if self.sources:
                self._close()
            self.items.append(step)
            return
        size = step.out.size
        in_rows = step.out.file is not File.ONCE
        cost = weight(step.primitive)
        if self._is_apart(step):
            self._split(step, size * (min(cost, _CALL) if in_rows else cost), in_rows)
            return
        if (
            self.size != size
            or self.in_rows != in_rows
            or self.weight + cost > _MOST
            or any(self._overlaps(operand) for operand in step.operands)
        ):
            self._close()
        self.size, self.in_rows = size, in_rows
        self.weight += cost
        if self.weight > _AT_ONCE:
            self._store_product()
        sources = [self.source(operand) for operand in step.operands]
        self.give((step.out.file, step.out.start, size), step.primitive, sources)

    def give(self, place: PlaceRange, primitive: Any, sources: Sequence[int]) -> None:
        """An operation whose result goes to a place."""
        kind = OperandKind.MASK if place[0] is File.CONDITIONS else OperandKind.VECTOR
        self.results[place] = ~self.operation(primitive, sources, kind)

    def operation(self, primitive: Any, sources: Sequence[int], kind: OperandKind = OperandKind.VECTOR) -> int:
        """An operation; the result as a source of others."""
        self.sources.append(tuple(sources))
        self.kernel.operations.append(Operation(primitive, (), kind))
        return -len(self.sources)

    def add_up(self, place: int, source: int) -> None:
        """Add a result over the rows to the number at a place of ONCE."""
        self.sums.append(place)
        self.kernel.summed.append(~source)

    def _overlaps(self, operand: Operand | RowPlaces) -> bool:
        """Whether an operand overlaps a result of this pass without being equal to it."""
        if isinstance(operand, RowPlaces):
            return any(self._overlaps(Span(File.ROWS, place, 1)) for place in operand.places)
        if isinstance(operand, Span):
            file, first, stop = operand.file, operand.start, operand.stop
        else:
            file, first, stop = File.ONCE, min(operand), max(operand) + 1
        if self._exactly(operand) in self.results:
            return False
        return any(where is file and first < start + size and start < stop for where, start, size in self.results)

    def _exactly(self, operand: Operand) -> PlaceRange | None:
        if isinstance(operand, Span):
            return operand.file, operand.start, operand.size
        first = operand[0]
        if not are_neighbours(operand):
            return None
        return File.ONCE, first, len(operand)

    def source(self, operand: Operand | RowPlaces) -> int:
        """The number of an input; ~number of an operation of this pass."""
        if isinstance(operand, RowPlaces):
            return self.inputs.setdefault((OperandKind.LISTED, operand), len(self.inputs))
        place = self._exactly(operand)
        if place in self.results:
            return ~self.results[place]
        if isinstance(operand, Span):
            kind = OperandKind.VECTOR if operand.file is File.ROWS else OperandKind.MASK
        else:
            operand = tuple(operand)
            is_same = self.in_rows or (len(operand) == 1 and self.size > 1)
            kind = OperandKind.SINGLE if is_same else OperandKind.VECTOR
        return self.inputs.setdefault((kind, operand), len(self.inputs))

    def _close(self) -> None:
        """Emit the pass and begin another."""
        if len(self.sources) == 1:
            self._store_product()
        if not self.sources:
            self._clear()
            return
        kernel, count = self.kernel, len(self.inputs)
        kernel.many = self.size > 1
        kernel.inputs = [kind for kind, _ in self.inputs]
        kernel.operations = [
            Operation(operation.primitive, tuple([s if s >= 0 else count + ~s for s in sources]), operation.kind)
            for operation, sources in zip(kernel.operations, self.sources, strict=True)
        ]
        outputs = []
        for place, number in self.results.items():
            file, start, size = place
            if place != self.standing and max(self.last_read[file][start : start + size]) >= self.number:
                kernel.stored.append(number)
                outputs.append(place)
        if outputs or self.sums:
            inputs = [key for key in self.inputs if key[0] is not OperandKind.PRODUCT]
            self.items.append(Pass(kernel, inputs, outputs, self.sums, self.size, self.in_rows, self.product))
            is_new = self.product is not None and kernel.key() not in self.products
            self.spent += self.weight * (_TILES if is_new else 1)
            if self.product is not None:
                self.products.add(kernel.key())
        self.items += self.waiting
        self.waiting.clear()
        self._clear()


def _is_irregular(program: VectorProgram) -> bool:
    """Whether most of what is computed in a row is in short instructions."""
    lengths = list(map(length, program.body))
    return 2 * sum(each for each in lengths if each <= _SHORT) > sum(lengths)


def _last_reads(program: VectorProgram) -> dict[File, list[int]]:
    """For each place the number of the last instruction that reads it; -1 for none."""
    once, rows, conditions = [-1] * program.once, [-1] * program.rows, [-1] * program.conditions
    last = {File.ONCE: once, File.ROWS: rows, File.CONDITIONS: conditions}
    for number, step in enumerate(program.steps()):
        for operand in step.operands if isinstance(step, Elementwise) else operands_of(step):
            if isinstance(operand, RowPlaces):
                for place in operand.places:
                    rows[place] = number
            elif not isinstance(operand, Span):
                for place in operand:
                    once[place] = number
            elif operand.size == 1:
                last[operand.file][operand.start] = number
            else:
                last[operand.file][operand.start : operand.stop] = [number] * operand.size
    for place in program.values:
        once[place] = _LATER
    for place in program.by_row:
        rows[place] = _LATER
    return last
