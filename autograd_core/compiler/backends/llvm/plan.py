"""From a vectorised program to calls of kernels, in order, with their arguments."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from autograd_core.compiler.backends.llvm.call_out import CallOut
from autograd_core.compiler.backends.llvm.calls import Calls, Kernels
from autograd_core.compiler.backends.llvm.fusion import Fusion
from autograd_core.compiler.backends.llvm.kernels import elementwise, matrices
from autograd_core.compiler.vectorise.vector_program import (
    Affine,
    Elementwise,
    File,
    Gather,
    Outer,
    Places,
    Spread,
    Step,
    Total,
    VectorProgram,
)

Array = npt.NDArray[Any]


@dataclass(slots=True)
class Files:
    """The arrays of the three files. sums: the part of `once`, or an array like it, that the sums over rows go to."""

    once: Array
    rows: Array
    conditions: Array
    sums: Array


class Plan:
    """The calls for one program on one set of files: `before` the rows, for each block of them (`body`), and `after`.

    call_outs: the calls back to Python, by name.

    results: the values, and after them 0 if all are finite, else nan.

    data: for each argument of the program the arguments of the call that reads it, to be filled in at each run; by_row:
    the same for each result by row.
    """

    def __init__(self, program: VectorProgram, kernels: Kernels, files: Files) -> None:
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
        self._totals = {step.operand: step for step in program.body if isinstance(step, Total) and not step.compensated}
        self._joined: set[Step] = set()  # the totals that an outer product computes too
        self.before, self.body, self.after = Calls(), Calls(), Calls()
        self._into = self.before
        self._prepare: Calls | None = None
        self.before.add("zero", [self._sums, program.sums.size])
        fusion = Fusion(program, self)
        fusion.place(program.before)
        self._prepare = self.before
        self._into = self.body
        read = "read_rows"
        self.data = [self.body.add(read, [0, 0, 0, span.size, self.row(span.start)]) for span in program.columns]
        fusion.place(program.body)
        write = "write_rows"
        self.by_row = [self.body.add(write, [self.row(int(place)), 0]) for place in program.by_row]
        self._prepare = None
        self._into = self.after
        fusion.place(program.after)
        self.results = np.zeros(len(program.values) + 1, files.once.dtype)
        values, count = int(self.results.ctypes.data), len(program.values)
        self._bring(program.values, values)
        self.after.add("check", [values, count, values + count * self.shape.bytes])

    # ------------------------------------------------------------------------------------------------ addresses

    def row(self, place: int) -> int:
        """The address of a place of ROWS."""
        return self._addresses[File.ROWS] + place * self.shape.stride * self.shape.bytes

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

    def singles(self, places: Places, neighbours: bool = False) -> tuple[int, int]:
        """(address, distance) of places of ONCE: in place if they are evenly spaced, else packed next to each other.

        neighbours: they must be next to each other.
        """
        if len(places) == 1:
            return self.single(int(places[0])), 0
        distance = int(places[1] - places[0])
        even = len(places) == 2 or bool((places[1:] - places[:-1] == distance).all())
        if even and (distance == 1 or not neighbours):
            return self.single(int(places[0])), distance
        return self._pack(places), 1

    def _matrix(self, places: Places) -> tuple[int, int, int]:
        """(address, distance down, distance along) of a matrix in ONCE."""
        if (steps := evenly(places)) is not None:
            return self.single(int(places.flat[0])), *steps
        return self._pack(places), places.shape[1], 1

    def _pack(self, places: Places) -> int:
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

    def _bring(self, places: Places, into: int) -> None:
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

    def pass_kernel(self, kernel: elementwise.Kernel, in_rows: bool) -> str:
        """The name of the kernel for a pass over numbers, see `elementwise`."""
        return self.kernels.pass_kernel(kernel, in_rows)

    def add_pass(self, name: str, arguments: list[int]) -> None:
        """A pass by a kernel."""
        self._into.add(name, arguments)

    def add_product(self, step: Affine, kernel: elementwise.Kernel, ends: list[int]) -> None:
        """A product with a matrix, and the operations on its result."""
        self._affine(step)
        name = self.kernels.product_kernel(kernel, step.out.size, len(step.terms) > 1)
        self._into.names[-1] = name
        self._into.arguments[-1] += ends

    def add_step(self, step: Step) -> None:
        """Any other instruction."""
        if isinstance(step, Affine):
            if step.out.file is File.ROWS:
                self._affine(step)
            else:
                self._product_once(step)
        elif isinstance(step, Gather):
            self._gather(step)
        elif isinstance(step, Spread):
            address, distance = self.singles(step.places)
            arguments = [address, distance, step.out.size, self.row(step.out.start)]
            self._into.add("spread", arguments)
        elif isinstance(step, Outer):
            self._outer(step)
        elif isinstance(step, Total) and step.compensated:
            error, (total, _, _) = self._zeros(1), self._sums_of(step.sums[None, :])
            self._into.add("total_compensated", [self.row(step.operand.start), total, error])
            self.after.add("add_error", [total, error])
        elif isinstance(step, Total):
            if step not in self._joined:
                self._into.add("total", [self.row(step.operand.start), *self._total(step, len(step.sums))])
        elif isinstance(step, Elementwise):
            rows = self.files.rows.reshape(-1, self.shape.stride)
            name = f"call_out{len(self.call_outs)}"
            self.call_outs[name] = CallOut(step, self.files.once, rows)
            self._into.add(name, [])

    def _affine(self, step: Affine) -> None:
        bias, bias_step = (self._nothing, 0) if step.bias is None else self.singles(step.bias)
        name = "affine"
        for matrix, operand in step.terms:
            assert not isinstance(operand, np.ndarray), "a vector that is multiplied in every row changes with the row"
            address, down, along = self._matrix(matrix)
            places = [address, self.row(operand.start), self.row(step.out.start), bias, bias_step]
            self._into.add(name, [*places, *matrix.shape, down, along])
            name = "affine_on"

    def _product_once(self, step: Affine) -> None:
        bias, bias_step = (self._nothing, 0) if step.bias is None else self.singles(step.bias)
        for matrix, operand in step.terms:
            assert isinstance(operand, np.ndarray)
            address, down, along = self._matrix(matrix)
            x, x_step = self.singles(operand)
            out = self.single(step.out.start)
            steps = [*matrix.shape, down, along, x_step, bias_step]
            self._into.add("product_once", [address, x, out, bias, *steps])
            bias, bias_step = out, 1

    def _outer(self, step: Outer) -> None:
        """The sums of the left side, if they are needed, are computed with the first columns, so it is read once."""
        address, down, along = self._sums_of(step.sums)
        (m, n), left, right = step.sums.shape, self.row(step.left.start), step.right.start
        if (total := self._totals.pop(step.left, None)) is not None:
            self._joined.add(total)
            first = next(breadth for breadth in matrices.BREADTHS if breadth <= n)
            sides = [left, self.row(right), address]
            self._into.add("outer_and_total", [*sides, m, first, down, along, *self._total(total)])
            n, right, address = n - first, right + first, address + first * along * self.shape.bytes
        if n:
            self._into.add("outer", [left, self.row(right), address, m, n, down, along])

    def _total(self, step: Total, *size: int) -> list[int]:
        address, _, along = self._sums_of(step.sums[None, :])
        return [address, *size, along]

    def _gather(self, step: Gather) -> None:
        places = self._address_of(step.places)
        if step.out.file is File.ROWS:
            name, file, out = "gather", self.row(0), self.row(step.out.start)
        else:
            name = "gather_conditions"
            file, out = self.condition(0), self.condition(step.out.start)
        self._into.add(name, [file, places, len(step.places), out])

    def _sums_of(self, places: Places) -> tuple[int, int, int]:
        """The address of a matrix of sums: in its place, or elsewhere with a copy to its place after the rows."""
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


def evenly(places: Places) -> tuple[int, int] | None:
    """The distances (down, along) between neighbours in a matrix of places; None if they differ."""
    steps = []
    for axis in range(2):
        differences = np.diff(places, axis=axis)
        step = int(differences.flat[0]) if differences.size else 0
        if differences.size and not (differences == step).all():
            return None
        steps.append(step)
    return steps[0], steps[1]
