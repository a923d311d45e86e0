"""Fuses element-wise instructions: those that follow one another on equally many places become one pass.

A vector of a few places is split into single operations, so that an irregular part becomes straight-line code. A pass
stores only the results that a later instruction reads.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from autograd_core.compiler.backends.llvm.kernels.elementwise import Kernel, OperandKind, Operation
from autograd_core.compiler.backends.llvm.operations import has_form, weight
from autograd_core.compiler.vectorise.vector_program import (
    Affine,
    Elementwise,
    File,
    Gather,
    Operand,
    Span,
    Step,
    VectorProgram,
    are_neighbours,
    operands_of,
)

_FEW = 4  # a vector of at most this many places is split
_MOST = 300  # instructions in a pass, roughly
_MOST_IN_ALL = 6000  # beyond this, equal instructions share a plain kernel, so that compiling stays fast
_AT_ONCE = 8  # instructions after a product in its pass: they are repeated for each tile of it
_TILES = 30  # tiles of a product, roughly
_LATER = sys.maxsize


PlaceRange = tuple[File, int, int]  # the file, the first place, how many


@dataclass(slots=True, eq=False)
class Pass:
    """What one kernel computes on `size` places. inputs: those of the kernel but a product's; outputs: where its stored
    results go; product: the product that it begins with."""

    kernel: Kernel
    inputs: list[tuple[OperandKind, Operand]]
    outputs: list[PlaceRange]
    size: int
    in_rows: bool
    product: Affine | None


class Fusion:
    """Turns instructions into `items`: passes, and the instructions that are a kernel each."""

    def __init__(self, program: VectorProgram) -> None:
        self.items: list[Pass | Step] = []
        self.last_read = _last_reads(program)
        self.number = 0  # of the current instruction
        self.spent = 0
        self.products: set[object] = set()  # the keys of the kernels that continue a product
        self._clear()

    def _clear(self) -> None:
        self.size = 0
        self.in_rows = False
        self.weight = 0
        self.product: Affine | None = None  # computed in the same pass, which begins with a copy of it
        self.standing: PlaceRange | None = None  # the part of this pass that is stored already
        self.kernel = Kernel(many=True)
        self.inputs: dict[tuple[OperandKind, Operand], int] = {}
        self.results: dict[PlaceRange, int] = {}  # the result of each operation, by its number
        self.sources: list[tuple[int, ...]] = []  # of each operation, inputs as they are and operations as ~number

    def place(self, steps: Sequence[Step]) -> list[Pass | Step]:
        """The items of consecutive instructions. Each list of a program is placed in turn."""
        self.items = []
        for step in steps:
            if isinstance(step, Elementwise) and has_form(step.primitive):
                self._elementwise(step)
            elif isinstance(step, Gather) and self.size == 1 and self._is_apart(step.out.size):
                self._copies(step)
            elif isinstance(step, Affine) and step.out.file is File.ROWS and not self._is_apart(step.out.size):
                self._close()
                self._begin_with(step)
            else:
                self._close()
                self.items.append(step)
            self.number += 1
        self._close()
        return self.items

    def _begin_with(self, step: Affine) -> None:
        self.product, self.size, self.in_rows = step, step.out.size, True
        self.inputs[OperandKind.PRODUCT, step.out] = 0
        self._make(None, [0], OperandKind.VECTOR, (File.ROWS, step.out.start, self.size))

    def _store_product(self) -> None:
        """Emit the product by itself; the pass then reads its stored result."""
        if self.product is None:
            return
        self.items.append(self.product)
        out, self.product = self.product.out, None
        read = OperandKind.VECTOR, out
        self.inputs = {read if key[0] is OperandKind.PRODUCT else key: i for key, i in self.inputs.items()}
        self.standing = File.ROWS, out.start, out.size

    def _is_apart(self, size: int) -> bool:
        return size == 1 or (size <= _FEW and self.spent < _MOST_IN_ALL)

    def _elementwise(self, step: Elementwise) -> None:
        if self.spent >= _MOST_IN_ALL:
            if self.sources:
                self._close()
            self.items.append(step)
            return
        size = step.out.size
        in_rows = step.out.file is not File.ONCE
        apart = self._is_apart(size)
        width = 1 if apart else size
        cost = weight(step.primitive) * (size if apart else 1)
        if (
            self.size != width
            or self.in_rows != in_rows
            or self.weight + cost > _MOST
            or (not apart and any(self._overlaps(operand) for operand in step.operands))
        ):
            self._close()
        self.size, self.in_rows = width, in_rows
        self.weight += cost
        if self.weight > _AT_ONCE:
            self._store_product()
        kind = OperandKind.MASK if step.out.file is File.CONDITIONS else OperandKind.VECTOR
        if not apart:
            sources = [self._source(operand) for operand in step.operands]
            self._make(step.primitive, sources, kind, (step.out.file, step.out.start, size))
            return
        for i in range(size):
            elements = [_element(operand, i) for operand in step.operands]
            sources = [self._source(element) for element in elements]
            self._make(step.primitive, sources, kind, (step.out.file, step.out.start + i, 1))

    def _copies(self, step: Gather) -> None:
        kind = OperandKind.MASK if step.out.file is File.CONDITIONS else OperandKind.VECTOR
        for i, place in enumerate(step.places):
            source = self._source(Span(step.out.file, place, 1))
            self._make(None, [source], kind, (step.out.file, step.out.start + i, 1))

    def _make(self, primitive: Any, sources: list[int], kind: OperandKind, place: PlaceRange) -> None:
        self.results[place] = len(self.sources)
        self.sources.append(tuple(sources))
        self.kernel.operations.append(Operation(primitive, (), kind))

    def _overlaps(self, operand: Operand) -> bool:
        """Whether an operand overlaps a result of this pass without being equal to it."""
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

    def _source(self, operand: Operand) -> int:
        """The number of an input; ~number of an operation of this pass."""
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
        if outputs:
            inputs = [key for key in self.inputs if key[0] is not OperandKind.PRODUCT]
            self.items.append(Pass(kernel, inputs, outputs, self.size, self.in_rows, self.product))
            is_new = self.product is not None and kernel.key() not in self.products
            self.spent += self.weight * (_TILES if is_new else 1)
            if self.product is not None:
                self.products.add(kernel.key())
        self._clear()


def _element(operand: Operand, i: int) -> Operand:
    if isinstance(operand, Span):
        return operand if operand.size == 1 else Span(operand.file, operand.start + i, 1)
    return operand if len(operand) == 1 else operand[i : i + 1]


def _last_reads(program: VectorProgram) -> dict[File, list[int]]:
    """For each place the number of the last instruction that reads it; -1 for none."""
    once, rows, conditions = [-1] * program.once, [-1] * program.rows, [-1] * program.conditions
    last = {File.ONCE: once, File.ROWS: rows, File.CONDITIONS: conditions}
    for number, step in enumerate(program.steps()):
        for operand in step.operands if isinstance(step, Elementwise) else operands_of(step):
            if not isinstance(operand, Span):
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
