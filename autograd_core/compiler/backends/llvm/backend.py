"""The vectorised program in machine code.

The files are arrays of (places, rows), as in the NumPy backend, for a block of rows that fits into the cache; kernels
are called in turn for each block. The size of a block depends on the program, the processor and the number of rows
alone. So does whether the rows are summed in two halves, which two threads may share. The same data therefore gives the
same bits in every run and with either number of threads.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt

from autograd_core.compiler.backends.llvm import machine
from autograd_core.compiler.backends.llvm.calls import Calls, Kernels
from autograd_core.compiler.backends.llvm.copies import without_copies
from autograd_core.compiler.backends.llvm.early_sums import early_sums
from autograd_core.compiler.backends.llvm.entry import NativeEntry
from autograd_core.compiler.backends.llvm.entry_code import is_supported
from autograd_core.compiler.backends.llvm.fusion import Fusion
from autograd_core.compiler.backends.llvm.ir.code import VectorShape
from autograd_core.compiler.backends.llvm.kernels import train_steps
from autograd_core.compiler.backends.llvm.loaded_plan import MOST, LoadedPlan, OneRowCalls
from autograd_core.compiler.backends.llvm.one_row.arrange import APART
from autograd_core.compiler.backends.llvm.one_row.stored_plan import plan_one_row
from autograd_core.compiler.backends.llvm.operations import has_form
from autograd_core.compiler.backends.llvm.plan import Files, Plan
from autograd_core.compiler.backends.llvm.row_slots import row_slots
from autograd_core.compiler.backends.llvm.shared_reductions import share_reductions
from autograd_core.compiler.backends.llvm.side_by_side import side_by_side
from autograd_core.compiler.backends.rows import Argument
from autograd_core.compiler.backends.runner import OptimiserStep, Results, Runner
from autograd_core.compiler.vectorise.vector_program import Elementwise, File, VectorProgram
from autograd_core.engine.value import Value

Array = npt.NDArray[Any]

# In a block: few choices, so that most kernels are compiled already, and even, as straight-line code takes two at once.
_VECTORS = (18, 10, 6, 4, 2)
# Where every call counts: a step of an optimiser computes little, and a call back to Python takes long.
_MANY_VECTORS = (144, *_VECTORS)
_ENOUGH = 10  # vectors; with fewer, the kernels' own beginnings take so long that a block may leave the nearest cache

_LONGEST = 6000  # instructions; a longer program has no code of its own for one row
_HALVED = 1 << 21  # from this many numbers in ROWS on, the rows are added up in two halves
_UP_TO_SUMS, _FROM_SUMS = (True, True, False), (False, False, True)


def can_run(program: VectorProgram) -> bool:
    """Whether every operation of the program has a form in machine code."""
    return all(map(has_form, {step.primitive for step in program.steps() if isinstance(step, Elementwise)}))


class NativeRunner(Runner):
    """Runs one `VectorProgram`. Not for two threads at once.

    threads: 2 to run the second half on a second thread where there are many rows.
    """

    def __init__(
        self, program: VectorProgram, dtype: npt.DTypeLike, threads: int = 1, vectors: Sequence[int] = _VECTORS
    ) -> None:
        self.source = program
        self.program = program = share_reductions(program)
        self.threads = threads
        self._helper: NativeRunner | None = None
        self._updater: NativeRunner | None = None
        self.dtype = np.dtype(dtype)
        host = machine.processor()
        lanes = host.lanes * 8 // self.dtype.itemsize
        short = side_by_side(without_copies(program))
        fusion = Fusion(short)
        items = [fusion.place(part) for part in (short.before, short.body, short.after)]
        items[1] = early_sums(program, items[1])
        slots = row_slots(program, list(chain.from_iterable(items)))
        size = self.dtype.itemsize * lanes * slots.size
        vectors = vectors if can_run(program) else _MANY_VECTORS
        most = next((many for many in vectors if many * size <= host.cache * (1 if many > _ENOUGH else 4)), vectors[-1])
        # An odd number of vectors from place to place, so that places don't fall on the same lines of the cache.
        shape = VectorShape(
            "double" if self.dtype.itemsize == 8 else "float", lanes, host.registers, (most | 1) * lanes
        )
        self._block = most * lanes
        self.once = _aligned_zeros(program.once + lanes, self.dtype)
        for place, number in program.constants.items():
            self.once[place] = number
        rows = _aligned_zeros(max(1, slots.size) * shape.stride, self.dtype)
        rows.reshape(-1, shape.stride)[slots.of[program.ones]] = 1.0
        masks = _aligned_zeros(program.conditions * shape.stride // lanes * max(8, lanes) // 8, np.dtype(np.int8))
        kernels = Kernels(shape)
        sums = self.once[program.sums.start :]
        plan = Plan(program, items, kernels, Files(self.once, rows, slots.of, masks, sums), fusion.last_read[File.ROWS])
        self._results = plan.results
        self._once_address: int = self.once.ctypes.data
        self._results_address: int = self._results.ctypes.data
        self._shape = shape
        self._loaded = LoadedPlan(plan, shape, kernels.codes, self._block, self._one_row)
        zeroed = [
            arguments
            for name, arguments in zip(plan.before.names, plan.before.arguments, strict=True)
            if name == "zero"
        ]
        by_address = {array.ctypes.data: array for array in (*plan.arrays, sums)}
        self._sums = [by_address[address][:size] for address, size in zeroed]

    def _one_row(self, loaded: LoadedPlan) -> OneRowCalls | None:
        """The calls for one row; None where straight-line code would be too long."""
        program, shape = self.program, self._shape
        if len(program.steps()) > _LONGEST or loaded.plan.call_outs:
            return None
        made = plan_one_row(program, len(self.once), shape)
        if made is None:
            return None
        plan, code = made
        numbers = _aligned_zeros(plan.size + shape.lanes, self.dtype)
        table = [array.ctypes.data for array in (self.once, numbers, self._results)]
        calls, size = Calls(), self.dtype.itemsize

        def address_of(place: int) -> int:
            array, number = divmod(place, APART)
            return table[array] + number * size

        for number, (span, place) in enumerate(zip(program.columns, plan.columns, strict=True)):
            calls.add("read_one_row", [loaded.calls[number:].ctypes.data, span.size, address_of(place)])
        for name, addresses in plan.calls:
            calls.add(name, list(map(address_of, addresses)) or table)
        for place, (arguments, slot) in zip(plan.by_row, loaded.by_row, strict=True):
            calls.add("write_one_row", [address_of(place), arguments.ctypes.data + 8 * slot])
        calls.add("check", loaded.plan.after.arguments[-1])
        return OneRowCalls(calls, {name for name, _ in plan.calls}, code, [numbers])

    def run(self, given: Array, data: Sequence[Array], count: int) -> Results:
        """See `Runner`."""
        by_row = np.empty((len(self.program.by_row), count), self.dtype)
        self._loaded.set_busy(True)
        try:
            alive = self._point(given, data, by_row)
            if count * self.program.rows < _HALVED:
                # The rows may be counted elsewhere: those of a part of a stream.
                is_one_row = count == 1 and len(given) > 1 and given[-2] == given[-1] == 1.0
                self._loaded.run(0, count, one_row=bool(is_one_row))
            else:
                self._run_in_halves(given, data, by_row)
            del alive
            for runner in (self, self._helper or self):
                runner._loaded.raise_errors()
            return Results(self._results[:-1].copy(), by_row, bool(self._results[-1] == 0.0))
        finally:
            self._loaded.set_busy(False)

    def _run_in_halves(self, given: Array, data: Sequence[Array], by_row: Array) -> None:
        """Sum over each half of the rows, on two threads or one after the other, and add the sums."""
        count = by_row.shape[1]
        middle = -(-count // (2 * self._block)) * self._block
        if self.threads == 1:
            self._loaded.run(0, middle, _UP_TO_SUMS)
            sums = [total.copy() for total in self._sums]
            self._loaded.run(middle, count, _UP_TO_SUMS)
        else:
            helper, self._helper = self._helper or NativeRunner(self.program, self.dtype), None
            alive, sums = helper._point(given, data, by_row), helper._sums
            thread = threading.Thread(target=helper._run_first, args=(middle, count, alive, by_row), daemon=True)
            try:
                thread.start()
                self._loaded.run(0, middle, _UP_TO_SUMS)
                self._loaded.raise_errors()
                thread.join()
            except BaseException:
                helper._loaded.stopped = True  # soon, and this helper is never used again
                raise
            self._helper = helper
        for total, other in zip(self._sums, sums, strict=True):
            total += other
        self._loaded.run(count, count, _FROM_SUMS)

    def _run_first(self, start: int, stop: int, *alive: Any) -> None:
        """The sums over these rows; alive: the arrays that are read and written."""
        self._loaded.run(start, stop, _UP_TO_SUMS)

    def _point(self, given: Array, data: Sequence[Array], by_row: Array) -> list[Array]:
        """Prepare a run on these numbers and arrays; return the arrays that must stay alive for it."""
        self._loaded.forget_errors()
        self.once[: len(given)] = given
        self._loaded.point_results_at([line.ctypes.data for line in by_row])
        return self._loaded.point_data_at(data)

    def train_steps(
        self, given: Array, data: Sequence[Array], count: int, update: OptimiserStep, steps: int, batch: int, start: int
    ) -> tuple[Array, int, int]:
        """See `Runner`; the value before a step that failed is included. No steps where an operation has no form in
        machine code."""
        if self._loaded.plan.call_outs or not can_run(update.program):
            return np.empty(0), 0, start
        updater = self._updater_for(update.program)
        losses, done = np.empty(steps, self.dtype), np.zeros(2, np.int64)
        self._loaded.set_busy(True)
        try:
            self.once[: len(given)] = given
            alive = self._loaded.point_data_at(data)
            self._loaded.set_rows(0, batch)
            addresses = [column.ctypes.data for column in update.columns]
            updater._point_at(update, addresses, self._results[1:-1])
            if batch * self.program.rows > MOST:
                finished, row = self._long_steps(updater, update, losses, count, batch, start)
                return losses[: finished + 1], finished, row
            numbers = {
                "state": self._loaded.address,
                "once": self._once_address,
                "rows_place": self._once_address + (len(given) - 2) * self.dtype.itemsize,
                "results": self._results_address,
                "update_state": updater._loaded.address,
                "update_once": updater._once_address,
                "update_results": updater._results_address,
                "shared": len(update.program.values),
                "parameters": addresses[0],
                "count": len(update.columns[0]),
                "steps": steps,
                "losses": losses.ctypes.data,
                "rows": count,
                "batch": batch,
                "row": start,
                "done": done.ctypes.data,
            }
            self._loaded.train_steps(np.array([numbers[field] for field in train_steps.TABLE], np.int64))
            del alive
            shared = len(update.program.values)
            update.given[:shared] = updater.once[:shared]
        finally:
            self._loaded.set_busy(False)
        finished, row = done.tolist()
        return losses[: finished + 1], finished, row

    def _long_steps(
        self, updater: NativeRunner, update: OptimiserStep, losses: Array, count: int, batch: int, row: int
    ) -> tuple[int, int]:
        """The steps of `train_steps`, to the same bits, with a moment for Ctrl-C inside each; the number of steps done,
        and the next row."""
        parameters, shared = update.columns[0], len(update.program.values)
        place = len(self.program.given) - 2
        for step in range(len(losses)):
            width = min(batch, count - row)
            self.once[: len(parameters)] = parameters
            self.once[place : place + 2] = width, 1.0 / width
            self._loaded.run_in_parts(row, row + width, one_row=width == 1)
            losses[step] = self._results[0]
            if self._results[-1] != 0.0:
                return step, row
            updater._loaded.run_again()
            updater.once[:shared] = update.given[:shared] = updater._results[:shared]
            row = (row + width) % count
        return len(losses), row

    def _updater_for(self, program: VectorProgram) -> NativeRunner:
        if self._updater is None or self._updater.source is not program:
            self._updater = NativeRunner(program, np.float64, vectors=_MANY_VECTORS)
        return self._updater

    def _point_at(self, update: OptimiserStep, addresses: Sequence[int], gradient: Array) -> None:
        """Prepare runs of an update in place; addresses: of its columns."""
        size, loaded = self.dtype.itemsize, self._loaded
        self.once[: len(update.given)] = update.given
        loaded.point_column_at(1, loaded.readers[gradient.dtype], gradient.ctypes.data, gradient.itemsize)
        for number, address in zip((0, *range(2, 1 + len(addresses))), addresses, strict=True):
            loaded.point_column_at(number, loaded.readers[self.dtype], address, size)
        loaded.point_results_at(addresses)
        loaded.prepare()
        loaded.set_rows(0, len(gradient))

    def entry(
        self,
        read: Sequence[Value],
        own: int,
        arguments: Sequence[Argument],
        plain_sgd_step: Callable[[], OptimiserStep],
    ) -> NativeEntry | None:
        """See `Runner`. There is one if each argument is an array."""
        flat = all(argument.dimensions is not None for argument in arguments)
        if (
            self._loaded.plan.call_outs
            or not (flat and is_supported())
            or len(self.program.by_row) != (not len(self.program.values))
        ):
            return None

        def make_step() -> tuple[LoadedPlan, int, Any] | None:
            update = plain_sgd_step()
            if not can_run(update.program):
                return None
            stepper = NativeRunner(update.program, np.float64, vectors=_MANY_VECTORS)
            stepper._point_at(update, [column.ctypes.data for column in update.columns], self._results[1:-1])
            return stepper._loaded, stepper._once_address, (stepper, update)

        return NativeEntry(self._loaded, self.dtype, read, own, arguments, self._block, make_step)


def _aligned_zeros(size: int, dtype: np.dtype[Any]) -> Array:
    """Zeros that begin with a line of the cache."""
    room = np.zeros(size + 64 // dtype.itemsize, dtype)
    start = -room.ctypes.data % 64 // dtype.itemsize
    return room[start : start + size]
