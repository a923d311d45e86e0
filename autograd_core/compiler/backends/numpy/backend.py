"""The vectorised program on NumPy: each instruction is one call, on arrays that are allocated once.

The files are arrays of (places, rows). So a vector is contiguous in memory, a gather copies contiguous ranges, and a
sum over the rows runs along them. Rows are computed in blocks that stay in the cache. The size of a block depends on
the program alone, so that the same data gives the same bits in every run.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from autograd_core.compiler.backends.compensated import CompensatedSum
from autograd_core.compiler.backends.numpy.actions import Actions, BlockFiles
from autograd_core.compiler.backends.numpy.operations import Action
from autograd_core.compiler.backends.numpy.views import join_biases, read_by_products, slices_of
from autograd_core.compiler.backends.quiet import quiet
from autograd_core.compiler.backends.runner import OptimiserStep, Results, Runner
from autograd_core.compiler.vectorise.vector_program import VectorProgram

Array = npt.NDArray[Any]

_CACHE = 1 << 22  # bytes of the files of one block, found by measurement
_MOST_ROWS, _LEAST_ROWS = 4096, 16
_WIDTHS = 4  # widths of the last block whose actions are kept


class NumpyRunner(Runner):
    """Runs one `VectorProgram`, on one thread whatever `threads` is. Not for two threads at once."""

    def __init__(self, program: VectorProgram, dtype: npt.DTypeLike, threads: int = 1) -> None:
        self.program = program
        self._by_row, values = np.array(program.by_row, np.int64), np.array(program.values, np.int64)
        self.dtype = np.dtype(dtype)
        self.once = np.zeros(program.once, self.dtype)
        for place, number in program.constants.items():
            self.once[place] = number
        room = _CACHE // max(1, self.dtype.itemsize * program.rows + program.conditions)
        self.block = min(_MOST_ROWS, max(_LEAST_ROWS, room))
        self._most = self.block * 3 // 2  # rows of the last block, so that a few never need a block of their own
        self._rows = np.empty(program.rows * self._most, self.dtype)
        self._masks = np.empty(program.conditions * self._most, f"int{8 * self.dtype.itemsize}")
        self._body = join_biases(program)
        self._arguments = {
            span.start: np.ones((self._most, span.size), self.dtype) for span in read_by_products(program, self._body)
        }
        self._width_of_ones = 0  # the width of the block for which `ones` are set
        self._actions = Actions(program, self.once)
        self._widths: dict[int, tuple[Array, list[Array], list[Action]]] = {}
        self._before = self._actions.outside_rows(program.before)
        self._after = self._actions.outside_rows(program.after)
        self._updater: NumpyRunner | None = None
        self._values = slices_of(self.once, values)
        self._sums = self.once[program.sums.start : program.sums.stop]
        self._width(self.block)  # which fills the list `prepare`

    @quiet
    def run(self, given: Array, data: Sequence[Array], count: int) -> Results:
        """See `Runner`; whether the values are finite is not checked."""
        return self._run(given, data, count)

    def _run(self, given: Array, data: Sequence[Array], count: int) -> Results:
        self.once[: len(given)] = given
        for action in self._before:
            action()
        for action in self._actions.prepare:
            action()
        by_row = self._over_rows(data, count)
        for action in self._after:
            action()
        values = self.once.take(self.program.values) if self._values is None else np.concatenate(self._values)
        return Results(values, by_row, finite=False)

    @quiet
    def train_steps(
        self, given: Array, data: Sequence[Array], count: int, update: OptimiserStep, steps: int, batch: int, start: int
    ) -> tuple[Array, int, int]:
        """See `Runner`; the value before a step that failed is included."""
        if self._updater is None or self._updater.program is not update.program:
            self._updater = NumpyRunner(update.program, np.float64)
        losses, parameters = np.empty(steps, self.dtype), update.columns[0]
        for done in range(steps):
            stop = min(start + batch, count)
            given[: len(parameters)] = parameters
            given[-2] = stop - start
            given[-1] = 1.0 / (stop - start)
            values = self._run(given, [part[start:stop] for part in data], stop - start).values
            losses[done] = values[0]
            if not math.isfinite(values.dot(values)):  # too large a number makes a step of its own, without an error
                return losses[: done + 1], done, start
            self._updater._apply(update, values[1:])
            start = stop % count
        return losses, steps, start

    @quiet
    def apply(self, update: OptimiserStep, gradient: Array) -> None:
        """Make one step of an update whose program this runs."""
        self._apply(update, gradient)

    def _apply(self, update: OptimiserStep, gradient: Array) -> None:
        parameters, *states = update.columns
        self.once[: len(update.given)] = update.given
        for action in (*self._before, *self._actions.prepare):
            action()
        for start in range(0, len(parameters), self.block):
            stop = min(start + self.block, len(parameters))
            rows, columns, actions = self._width(stop - start)
            for column, numbers in zip(columns, (parameters, gradient, *states), strict=True):
                column[0] = numbers[start:stop]
            for action in actions:
                action()
            for numbers, place in zip(update.columns, self.program.by_row, strict=True):
                numbers[start:stop] = rows[place]
        if len(self.program.values):
            update.given[: len(self.program.values)] = self.once.take(self.program.values)

    def _over_rows(self, data: Sequence[Array], count: int) -> Array:
        wanted = self._by_row
        by_row = np.empty((len(wanted), count), self.dtype)
        total: CompensatedSum | None = None
        start = 0
        while start < count:
            width = count - start if count - start <= self._most else self.block
            rows, columns, actions = self._width(width)
            for column, part in zip(columns, data, strict=True):
                column[...] = part[start : start + width].T
            for action in actions:
                action()
            if len(wanted):
                by_row[:, start : start + width] = rows[wanted]
            if count > self._most:
                if total is None:
                    total = CompensatedSum(self._sums)
                else:
                    total.add(self._sums)
            start += width
        if total is not None:
            self._sums[:] = total.total()
        return by_row

    def _width(self, width: int) -> tuple[Array, list[Array], list[Action]]:
        """For a block of `width` rows: the array of ROWS, the arrays that the arguments are copied to, the actions."""
        if width not in self._widths:
            if len(self._widths) > _WIDTHS:
                self._widths.pop(next(known for known in self._widths if known != self.block))
            rows = self._rows[: self.program.rows * width].reshape(-1, width)
            masks = self._masks[: self.program.conditions * width].reshape(-1, width)
            files = BlockFiles(rows, masks, {start: array[:width].T for start, array in self._arguments.items()})
            columns = [self._actions.view(span, files) for span in self.program.columns]
            self._widths[width] = rows, columns, self._actions.over_rows(self._body, files)
        rows, columns, actions = self._widths[width]
        if width != self._width_of_ones:
            rows[self.program.ones] = 1.0
            self._width_of_ones = width
        return rows, columns, actions
