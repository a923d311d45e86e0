"""Fuses element-wise instructions: those that follow one another on equally many places become one pass.

A vector of a few places is split into single operations, so that an irregular part becomes straight-line code. A pass
stores only the results that a later instruction reads.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np

from autograd_core.compiler.backends.llvm.kernels.elementwise import Kernel, OperandKind, Operation
from autograd_core.compiler.backends.llvm.operations import has_form, weight
from autograd_core.compiler.backends.llvm.unfused import PassBuilder, PlaceRange, Unfused, arguments
from autograd_core.compiler.vectorise.vector_program import (
    Affine,
    Elementwise,
    File,
    Gather,
    Operand,
    Span,
    Step,
    VectorProgram,
    operands_of,
)

_FEW = 4  # a vector of at most this many places is split
_MOST = 300  # instructions in a pass, roughly
_MOST_IN_ALL = 6000  # beyond this, equal instructions share a plain kernel, so that compiling stays fast
_AT_ONCE = 8  # instructions after a product in its pass: they are repeated for each tile of it
_TILES = 30  # tiles of a product, roughly
_LATER = sys.maxsize


class PlanBuilder(PassBuilder, Protocol):
    """Collects calls, and gives the addresses of places: `plan.Plan`."""

    def add_product(self, step: Affine, kernel: Kernel, ends: list[int]) -> None: ...
    def add_step(self, step: Step) -> None: ...


class Fusion:
    """Passes the instructions of a program to a builder, the element-wise ones in few passes."""

    def __init__(self, program: VectorProgram, builder: PlanBuilder) -> None:
        self.program = program
        self.builder = builder
        self.last_read = _last_reads(program)
        self.number = 0  # of the current instruction
        self.spent = 0
        self.unfused = Unfused(builder)
        self.products: set[object] = set()  # the keys of the kernels that continue a product
        self._clear()

    def _clear(self) -> None:
        self.size = 0
        self.in_rows = False
        self.weight = 0
        self.product: Affine | None = None  # computed in the same pass, which begins with a copy of it
        self.standing: PlaceRange | None = None  # the part of this pass that is stored already
        self.kernel = Kernel(many=True)
        self.inputs: dict[tuple[OperandKind, int, int], int] = {}
        self.results: dict[PlaceRange, int] = {}  # the result of each operation, by its number
        self.sources: list[tuple[int, ...]] = []  # of each operation, inputs as they are and operations as ~number

    def place(self, steps: Sequence[Step]) -> None:
        """Add consecutive instructions."""
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
                self.builder.add_step(step)
            self.number += 1
        self._close()

    def _begin_with(self, step: Affine) -> None:
        self.product, self.size, self.in_rows = step, step.out.size, True
        self.inputs[OperandKind.PRODUCT, 0, 0] = 0
        self._make(None, [0], OperandKind.VECTOR, (File.ROWS, step.out.start, self.size))

    def _store_product(self) -> None:
        """Emit the product by itself; the pass then reads its stored result."""
        if self.product is None:
            return
        self.builder.add_step(self.product)
        out, self.product = self.product.out, None
        read = OperandKind.VECTOR, self.builder.row(out.start), 1
        self.inputs = {read if key[0] is OperandKind.PRODUCT else key: i for key, i in self.inputs.items()}
        self.standing = File.ROWS, out.start, out.size

    def _is_apart(self, size: int) -> bool:
        return size == 1 or (size <= _FEW and self.spent < _MOST_IN_ALL)

    def _elementwise(self, step: Elementwise) -> None:
        if self.spent >= _MOST_IN_ALL:
            if self.sources:
                self._close()
            self.unfused.add(step)
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
        for i, place in enumerate(step.places.tolist()):
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
            file, first, stop = File.ONCE, int(operand.min()), int(operand.max()) + 1
        if self._exactly(operand) in self.results:
            return False
        return any(where is file and first < start + size and start < stop for where, start, size in self.results)

    def _exactly(self, operand: Operand) -> PlaceRange | None:
        if isinstance(operand, Span):
            return operand.file, operand.start, operand.size
        first = int(operand[0])
        if len(operand) > 1 and not (np.diff(operand) == 1).all():
            return None
        return File.ONCE, first, len(operand)

    def _source(self, operand: Operand) -> int:
        """The number of an input; ~number of an operation of this pass."""
        place = self._exactly(operand)
        if place in self.results:
            return ~self.results[place]
        several = self.size > 1
        if isinstance(operand, Span):
            broadcast = operand.size == 1 and several
            if operand.file is File.ROWS:
                key = (OperandKind.VECTOR, self.builder.row(operand.start), 0 if broadcast else 1)
            else:
                key = (OperandKind.MASK, self.builder.condition(operand.start), 0 if broadcast else 1)
        elif self.in_rows or len(operand) == 1:
            address, distance = self.builder.singles(operand)
            single = self.in_rows or several
            key = (OperandKind.SINGLE if single else OperandKind.VECTOR, address, distance)
        else:
            address, _ = self.builder.singles(operand, neighbours=True)
            key = (OperandKind.VECTOR, address, 1)
        return self.inputs.setdefault(key, len(self.inputs))

    def _close(self) -> None:
        """Emit the pass and begin another."""
        if len(self.sources) == 1:
            self._store_product()
        if not self.sources:
            self._clear()
            return
        kernel, count = self.kernel, len(self.inputs)
        kernel.many = self.size > 1
        kernel.inputs = [kind for kind, _, _ in self.inputs]
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
        if outputs and self.product is not None:
            ends = [key for key in self.inputs if key[0] is not OperandKind.PRODUCT]
            self.builder.add_product(self.product, kernel, arguments(self.builder, ends, outputs, self.size)[1:])
            self.spent += self.weight * (1 if kernel.key() in self.products else _TILES)
            self.products.add(kernel.key())
        elif outputs:
            name = self.builder.pass_kernel(kernel, self.in_rows)
            self.builder.add_pass(name, arguments(self.builder, list(self.inputs), outputs, self.size))
            self.spent += self.weight
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
                for place in operand.tolist():
                    once[place] = number
            elif operand.size == 1:
                last[operand.file][operand.start] = number
            else:
                last[operand.file][operand.start : operand.stop] = [number] * operand.size
    for place in program.values.tolist():
        once[place] = _LATER
    for place in program.by_row.tolist():
        rows[place] = _LATER
    return last
