"""From a vectorised program to calls of kernels, in order, with their arguments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from autograd_core.compiler.backends.llvm.call_out import CallOut
from autograd_core.compiler.backends.llvm.calls import Calls, Kernels
from autograd_core.compiler.backends.llvm.dot_groups import dot_groups
from autograd_core.compiler.backends.llvm.fusion import Pass
from autograd_core.compiler.backends.llvm.kernels import elementwise, matrices, moves
from autograd_core.compiler.backends.llvm.operations import has_form
from autograd_core.compiler.backends.llvm.unfused import Unfused, arguments, end
from autograd_core.compiler.vectorise.vector_program import (
    Affine,
    Choose,
    Dot,
    Elementwise,
    File,
    Fold,
    Gather,
    Operand,
    Outer,
    Places,
    ScatterAdd,
    Span,
    Spread,
    Step,
    Total,
    VectorProgram,
    flat,
)

Array = npt.NDArray[Any]


@dataclass(slots=True)
class Files:
    """The arrays of the three files. sums: the part of `once`, or an array like it, that the sums over rows go to.
    slots: where each place of ROWS is in `rows`."""

    once: Array
    rows: Array
    slots: npt.NDArray[np.int64]
    conditions: Array
    sums: Array


class Plan:
    """The calls for one program on one set of files: `before` the rows, for each block of them (`body`), and `after`.
    items: what is a kernel each in these three parts, see `fusion`. last_read: when each place of ROWS is read last,
    negative for never.

    call_outs: the calls back to Python, by name.

    results: the values, and after them 0 if all are finite, else nan.

    data: for each argument of the program the arguments of the call that reads it, to be filled in at each run; by_row:
    the same for each result by row.
    """

    def __init__(
        self,
        program: VectorProgram,
        items: Sequence[Sequence[Pass | Step]],
        kernels: Kernels,
        files: Files,
        last_read: Sequence[int],
    ) -> None:
        self.program = program
        self.kernels = kernels
        self.shape = kernels.shape
        self.files = files
        self.arrays: list[Array] = []  # whose addresses the calls have
        self._addresses = {
            File.ONCE: files.once.ctypes.data,
            File.ROWS: files.rows.ctypes.data,
            File.CONDITIONS: files.conditions.ctypes.data,
        }
        self._sums = files.sums.ctypes.data
        self._nothing = self._address_of(np.zeros(1, files.once.dtype))
        self.call_outs: dict[str, CallOut] = {}
        self._packed: dict[bytes, int] = {}
        self._lists: dict[tuple[int, ...], int] = {}
        self._totals = {
            step.operand: step
            for step in items[1]
            if isinstance(step, Total) and step.turns == 1 and not step.compensated
        }
        self._joined: set[Step] = set()  # the totals that an outer product computes too
        self.before, self.body, self.after = Calls(), Calls(), Calls()
        self._into = self.before
        self._prepare: Calls | None = None
        self.before.add("zero", [self._sums, program.sums.size])
        self._slots: list[int] = files.slots.tolist()
        self._unfused = Unfused(self)
        self._add_all(items[0])
        self._prepare = self.before
        self._into = self.body
        read = "read_rows"
        self.data = [
            self.body.add(read, [0, 0, 0, self.row(span.start), self.shape.stride, *self._columns(span, last_read)])
            for span in program.columns
        ]
        self._add_all(items[1])
        write = "write_rows"
        self.by_row = [self.body.add(write, [self.row(int(place)), 0]) for place in program.by_row]
        self._prepare = None
        self._into = self.after
        self._add_all(items[2])
        self.results = np.zeros(len(program.values) + 1, files.once.dtype)
        values, count = int(self.results.ctypes.data), len(program.values)
        self._bring(np.array(program.values, np.int64), values)
        self.after.add("check", [values, count, values + count * self.shape.bytes])

    # ------------------------------------------------------------------------------------------------ addresses

    def row(self, place: int) -> int:
        """The address of a place of ROWS."""
        return self._addresses[File.ROWS] + self._slots[place] * self.shape.stride * self.shape.bytes

    def _rows_at(self, places: Array) -> Array:
        """The addresses of places of ROWS."""
        return self._addresses[File.ROWS] + self.files.slots[places] * (self.shape.stride * self.shape.bytes)

    def row_list(self, places: tuple[int, ...]) -> int:
        """The address of a list of the addresses of places of ROWS."""
        if places not in self._lists:
            self._lists[places] = self._address_of(self._rows_at(np.array(places)))
        return self._lists[places]

    def condition(self, place: int) -> int:
        """The address of a place of CONDITIONS."""
        return self._addresses[File.CONDITIONS] + place * self.condition_bytes

    @property
    def condition_bytes(self) -> int:
        """The size of one place of CONDITIONS."""
        return self.shape.stride // self.shape.lanes * max(8, self.shape.lanes) // 8

    @property
    def row_numbers(self) -> int:
        """The numbers from one place of ROWS to the next."""
        return self.shape.stride

    def single(self, place: int) -> int:
        """The address of a place of ONCE."""
        return self._addresses[File.ONCE] + place * self.shape.bytes

    def singles(self, places: Sequence[int], neighbours: bool = False) -> tuple[int, int]:
        """(address, distance) of places of ONCE: in place if they are evenly spaced, else packed next to each other.

        neighbours: they must be next to each other.
        """
        if len(places) == 1:
            return self.single(int(places[0])), 0
        first, distance = places[0], places[1] - places[0]
        even = all(place == first + distance * i for i, place in enumerate(places))
        if even and (distance == 1 or not neighbours):
            return self.single(first), distance
        return self._pack(np.array(places)), 1

    def _matrix(self, rows: Places) -> tuple[int, int, int]:
        """(address, distance down, distance along) of a matrix in ONCE."""
        places = np.array(rows)
        if (steps := evenly(places)) is not None:
            return self.single(int(places.flat[0])), *steps
        return self._pack(places), places.shape[1], 1

    def _pack(self, places: Array) -> int:
        key = places.tobytes()
        if key not in self._packed:
            packed = self._address_of(np.zeros(places.size, self.files.once.dtype))
            into = self._into if self._prepare is None else self._prepare
            into.add(
                "pack",
                [self._addresses[File.ONCE], self._address_of(places.ravel()), places.size, packed],
            )
            self._packed[key] = packed
        return self._packed[key]

    def _columns(self, span: Span, last_read: Sequence[int]) -> list[int]:
        """The columns of an argument that are read, as `read_rows` takes them."""
        read = [last_read[place] >= 0 for place in range(span.start, span.stop)]
        lists = moves.columns_to_read(read, self.shape.lanes)
        return [number for each in lists for number in (self._address_of(np.array(each, np.int64)), len(each))]

    def _bring(self, places: Array, into: int) -> None:
        """Copy places of ONCE, in runs where most are next to each other."""
        starts = np.flatnonzero(np.diff(places, prepend=-2) != 1)
        if len(starts) * self.shape.lanes > len(places):
            self._into.add("pack", [self.single(0), self._address_of(places), len(places), into])
            return
        for start, stop in pairwise([*starts.tolist(), len(places)]):
            to = into + start * self.shape.bytes
            self._into.add("copy", [self.single(int(places[start])), stop - start, to])

    def _address_of(self, array: Array) -> int:
        self.arrays.append(np.ascontiguousarray(array))
        return int(self.arrays[-1].ctypes.data)

    # ------------------------------------------------------------------------------------------------ instructions

    def _add_all(self, items: Sequence[Pass | Step]) -> None:
        for item in items:
            if isinstance(item, Pass):
                self._pass(item)
            elif isinstance(item, Elementwise) and has_form(item.primitive):
                self._unfused.add(item)
            else:
                self._step(item)

    def _pass(self, item: Pass) -> None:
        """Operations on numbers, or on the result of a product with a matrix."""
        inputs = [(kind, *end(self, operand, item.size, item.in_rows)[1:]) for kind, operand in item.inputs]
        ends = arguments(self, inputs, item.outputs, item.size)
        first = self.program.sums.start
        ends += [self._sums + (place - first) * self.shape.bytes for place in item.sums]
        if (step := item.product) is None:
            self.add_pass(self.pass_kernel(item.kernel, item.in_rows), ends)
            return
        self._affine(step)
        many = len(step.terms) > 1
        self._into.names[-1] = self.kernels.product_kernel(
            item.kernel, step.out.size // step.turns, many, step.turns > 1
        )
        self._into.arguments[-1] += ends[1:]

    def pass_kernel(self, kernel: elementwise.Kernel, in_rows: bool) -> str:
        """The name of the kernel for a pass over numbers, see `elementwise`."""
        return self.kernels.pass_kernel(kernel, in_rows)

    def add_pass(self, name: str, arguments: list[int]) -> None:
        """A pass by a kernel."""
        self._into.add(name, arguments)

    def _step(self, step: Step) -> None:
        """Any other instruction."""
        if isinstance(step, Affine):
            if step.out.file is File.ROWS:
                self._affine(step)
            else:
                self._product_once(step)
        elif isinstance(step, Dot):
            self._dots(step)
        elif isinstance(step, Fold):
            self._fold(step)
        elif isinstance(step, Gather):
            self._gather(step)
        elif isinstance(step, Spread):
            address, distance = self.singles(step.places)
            arguments = [address, distance, step.out.size, self.row(step.out.start)]
            self._into.add("spread", arguments)
        elif isinstance(step, Outer):
            self._outer(step)
        elif isinstance(step, Choose):
            self._choose(step)
        elif isinstance(step, ScatterAdd):
            self._scatter_add(step)
        elif isinstance(step, Total) and step.compensated:
            error, (total, _, _) = self._zeros(1), self._sums_of([step.sums])
            self._into.add("total_compensated", [self.row(step.operand.start), total, error])
            self.after.add("add_error", [total, error])
        elif isinstance(step, Total) and step.turns > 1:
            address, _, along = self._sums_of([step.sums])
            ends = [self.row(step.operand.start), address, len(step.sums), along]
            self._into.add("total_over_turns", [*ends, step.turns, step.apart])
        elif isinstance(step, Total):
            if step not in self._joined:
                self._into.add("total", [self.row(step.operand.start), *self._total(step, len(step.sums))])
        elif isinstance(step, Elementwise):
            rows = self.files.rows.reshape(-1, self.shape.stride)
            name = f"call_out{len(self.call_outs)}"
            out, *operands = (self._moved(operand) for operand in (step.out, *step.operands))
            self.call_outs[name] = CallOut(replace(step, out=out, operands=tuple(operands)), self.files.once, rows)
            self._into.add(name, [])

    def _moved(self, operand: Operand) -> Any:
        """An operand by where it is in memory."""
        if isinstance(operand, Span) and operand.file is File.ROWS:
            return operand._replace(start=self._slots[operand.start])
        return operand

    def _affine(self, step: Affine) -> None:
        bias, bias_step = (self._nothing, 0) if step.bias is None else self.singles(step.bias)
        several = "_over_turns" if step.turns > 1 else ""
        name = "affine"
        for i, (matrix, operand) in enumerate(step.terms):
            assert isinstance(operand, Span), "a vector that is multiplied in every row changes with the row"
            address, down, along = self._matrix(matrix)
            places = [address, self.row(operand.start), self.row(step.out.start), bias, bias_step]
            of_each = bias_step if step.bias is not None and len(step.bias) > len(matrix) else 0
            turns = [step.turns, step.apart[i], of_each * len(matrix)] if several else []
            self._into.add(name + several, [*places, len(matrix), len(matrix[0]), down, along, *turns])
            name = "affine_on"

    def _fold(self, step: Fold) -> None:
        addresses = self._rows_at(np.array(flat(step.places)))
        stops = self._address_of(np.cumsum(list(map(len, step.places))))
        ends = [self._address_of(addresses), stops, len(step.places), self.row(step.out.start)]
        self._into.add(self.kernels.fold_kernel(step.primitive), ends)

    def _dots(self, step: Dot) -> None:
        """Sums of products, those with factors in common together."""
        for size, groups in dot_groups(step).items():
            if not groups:
                continue
            factors: list[Places] = [side for group in groups for side in zip(group.left, *group.rights, strict=True)]
            table, stop = list[list[int]](), 0
            for group in groups:
                start, stop = stop, stop + len(group.left)
                results = [self.row(step.out.start + number) for number in group.out]
                table.append([start, stop - group.minus, stop, *results])
            ends = [self._address_of(self._rows_at(np.array(factors))), self._address_of(np.array(table))]
            self._into.add("dots" if size == 1 else "dots_together", [*ends, len(table)])

    def _product_once(self, step: Affine) -> None:
        bias, bias_step = (self._nothing, 0) if step.bias is None else self.singles(step.bias)
        for matrix, operand in step.terms:
            assert not isinstance(operand, Span)
            address, down, along = self._matrix(matrix)
            x, x_step = self.singles(operand)
            out = self.single(step.out.start)
            steps = [len(matrix), len(matrix[0]), down, along, x_step, bias_step]
            self._into.add("product_once", [address, x, out, bias, *steps])
            bias, bias_step = out, 1

    def _outer(self, step: Outer) -> None:
        """The sums of the left side, if they are needed, are computed with the first columns, so it is read once."""
        address, down, along = self._sums_of(step.sums)
        m, n = step.left.size, step.right.size
        left, right = self.row(step.left.start), step.right.start
        if step.turns > 1:
            sides = [left, self.row(right), address]
            self._into.add("outer_over_turns", [*sides, m, n, down, along, step.turns, *step.apart])
            return
        if (total := self._totals.pop(step.left, None)) is not None:
            self._joined.add(total)
            first = next(breadth for breadth in matrices.breadths(self.shape) if breadth <= n)
            sides = [left, self.row(right), address]
            self._into.add("outer_and_total", [*sides, m, first, down, along, *self._total(total)])
            n, right, address = n - first, right + first, address + first * along * self.shape.bytes
        if n:
            self._into.add("outer", [left, self.row(right), address, m, n, down, along])

    def _total(self, step: Total, *size: int) -> list[int]:
        address, _, along = self._sums_of([step.sums])
        return [address, *size, along]

    def _gather(self, step: Gather) -> None:
        places = np.array(step.places)
        if step.out.file is File.ROWS:
            name, file, out = "gather", self._addresses[File.ROWS], self.row(step.out.start)
            places = self.files.slots[places]
        else:
            name = "gather_conditions"
            file, out = self.condition(0), self.condition(step.out.start)
        self._into.add(name, [file, self._address_of(places), len(places), out])

    def _choose(self, step: Choose) -> None:
        ends = {table: self.singles(table) for table in step.tables}
        tables = self._address_of(np.array([ends[table] for table in step.tables]))
        apart = 0 if step.index.size == 1 else self.shape.stride
        sizes = [len(step.tables), tables, len(step.tables[0])]
        self._into.add("choose", [self.row(step.index.start), apart, *sizes, self.row(step.out.start)])

    def _scatter_add(self, step: ScatterAdd) -> None:
        terms = [(self.row(index.start), self.row(operand.start)) for index, operand in step.terms]
        sizes = len(step.sums), len(step.sums[0])
        listed = self._address_of(np.array(terms))
        self._into.add("scatter_add", [*self._sums_of(step.sums), *sizes, listed, len(terms)])

    def _sums_of(self, rows: Places) -> tuple[int, int, int]:
        """The address of a matrix of sums: in its place, or elsewhere with a copy to its place after the rows."""
        places = np.array(rows)
        first = self.program.sums.start
        if (steps := evenly(places)) is not None:
            return self._sums + (int(places.flat[0]) - first) * self.shape.bytes, *steps
        beside = self._zeros(places.size)
        listed = self._address_of(places.ravel() - first)
        self.after.add("scatter", [self._sums, listed, places.size, beside])
        return beside, places.shape[1], 1

    def _zeros(self, size: int) -> int:
        """The address of numbers that are set to 0 before the rows."""
        address = self._address_of(np.zeros(size, self.files.once.dtype))
        self.before.add("zero", [address, size])
        return address


def evenly(places: Array) -> tuple[int, int] | None:
    """The distances (down, along) between neighbours in a matrix of places; None if they differ."""
    steps = []
    for axis in range(2):
        differences = np.diff(places, axis=axis)
        step = int(differences.flat[0]) if differences.size else 0
        if differences.size and not (differences == step).all():
            return None
        steps.append(step)
    return steps[0], steps[1]
