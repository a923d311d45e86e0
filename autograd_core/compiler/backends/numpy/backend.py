"""The vectorised program on NumPy: each instruction is one call, on arrays that are allocated once.

The files are arrays of (places, rows). So a vector is one stretch of memory, a gather copies whole stretches, and a sum
over the rows runs along them. Rows are computed in blocks that stay in the cache. The size of a block depends on the
program alone, so that the same data gives the same bits in every run.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from autograd_core.compiler.backends.numpy import operations
from autograd_core.compiler.backends.numpy.views import join_biases, read_by_products, slices_of, strided_view
from autograd_core.compiler.backends.rows import Argument
from autograd_core.compiler.backends.runner import OptimiserStep, Results
from autograd_core.compiler.vectorise.vector_program import (
    Affine,
    Elementwise,
    File,
    Gather,
    Operand,
    Outer,
    Places,
    Span,
    Spread,
    Step,
    Total,
    VectorProgram,
)
from autograd_core.engine import primitives
from autograd_core.engine.value import Value

Array = npt.NDArray[Any]
Action = Callable[[], Any]

_CACHE = 1 << 22  # bytes of the files of one block, found by measurement
_MOST_ROWS, _LEAST_ROWS = 4096, 16
_WIDTHS = 4  # widths of the last block whose actions are kept


class _Files(NamedTuple):
    """ROWS and CONDITIONS for a block of rows, and {first place: array} of the arguments with an array of their own:
    of shape (places, rows) too, but row by row in memory, as data come."""

    rows: Array
    masks: Array
    arguments: dict[int, Array]


class NumpyRunner:
    """Runs one `VectorProgram`, on one thread whatever `threads` is. Not for two threads at once."""

    def __init__(self, program: VectorProgram, dtype: npt.DTypeLike, threads: int = 1) -> None:
        self.program = program
        self.dtype = np.dtype(dtype)
        self.once = np.zeros(program.once, self.dtype)
        for place, number in program.constants.items():
            self.once[place] = number
        room = _CACHE // max(1, self.dtype.itemsize * program.rows + program.conditions)
        self.block = min(_MOST_ROWS, max(_LEAST_ROWS, room))
        self._integer = np.dtype(f"int{8 * self.dtype.itemsize}")
        self._most = self.block * 3 // 2  # rows of the last block, so that a few never need a block of their own
        self._rows = np.empty(program.rows * self._most, self.dtype)
        self._masks = np.empty(program.conditions * self._most, self._integer)
        self._body = join_biases(program)
        self._arguments = {
            span.start: np.ones((self._most, span.size), self.dtype) for span in read_by_products(program, self._body)
        }
        self._width_of_ones = 0  # the width of the block for which `ones` are set
        self._prepare: list[Action] = []
        self._shared: dict[Any, Array] = {}
        self._widths: dict[int, tuple[Array, list[Array], list[Action]]] = {}
        self._total = np.empty(program.sums.size, self.dtype)
        self._before = self._actions_once(program.before)
        self._after = self._actions_once(program.after)
        self._updater: NumpyRunner | None = None
        self._values = slices_of(self.once, program.values)
        self._sums = self.once[program.sums.start : program.sums.stop]
        self._width(self.block)  # which fills self._prepare

    def run(self, given: Array, data: Sequence[Array], count: int) -> Results:
        """See `Runner`; whether the values are finite is not checked."""
        with np.errstate(all="ignore"):
            self.once[: len(given)] = given
            for action in self._before:
                action()
            for action in self._prepare:
                action()
            by_row = self._over_rows(data, count)
            for action in self._after:
                action()
        values = self.once.take(self.program.values) if self._values is None else np.concatenate(self._values)
        return Results(values, by_row, finite=False)

    def train_steps(
        self, given: Array, data: Sequence[Array], count: int, update: OptimiserStep, steps: int, batch: int, start: int
    ) -> tuple[Array, int, int]:
        """See `Runner`; the value before a step that was not done is given too."""
        if self._updater is None or self._updater.program is not update.program:
            self._updater = NumpyRunner(update.program, np.float64)
        losses, parameters = np.empty(steps, self.dtype), update.columns[0]
        with np.errstate(all="ignore"):
            for done in range(steps):
                stop = min(start + batch, count)
                given[: len(parameters)] = parameters
                given[-2] = stop - start
                given[-1] = 1.0 / (stop - start)
                values = self.run(given, [part[start:stop] for part in data], stop - start).values
                losses[done] = values[0]
                if not math.isfinite(np.add.reduce(values)):
                    return losses[: done + 1], done, start
                self._updater.apply(update, values[1:])
                start = stop % count
        return losses, steps, start

    def apply(self, update: OptimiserStep, gradient: Array) -> None:
        """Make one step of an update whose program this runs; what NumPy warns of is the caller's."""
        parameters, *states = update.columns
        self.once[: len(update.given)] = update.given
        for action in (*self._before, *self._prepare):
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
            update.given[: len(self.program.values)] = self.once[self.program.values]

    def entry(
        self,
        read: Sequence[Value],
        own: int,
        arguments: Sequence[Argument],
        plain_sgd_step: Callable[[], OptimiserStep],
    ) -> None:
        """There is no faster way."""

    def _over_rows(self, data: Sequence[Array], count: int) -> Array:
        wanted = self.program.by_row
        by_row = np.empty((len(wanted), count), self.dtype)
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
                if start == 0:
                    self._total[:] = self._sums
                else:
                    self._total += self._sums
            start += width
        if count > self._most:
            self._sums[:] = self._total
        return by_row

    def _width(self, width: int) -> tuple[Array, list[Array], list[Action]]:
        """For a block of `width` rows: the array of ROWS, the arrays that the arguments are copied to, the actions."""
        if width not in self._widths:
            if len(self._widths) > _WIDTHS:
                self._widths.pop(next(known for known in self._widths if known != self.block))
            rows = self._rows[: self.program.rows * width].reshape(-1, width)
            masks = self._masks[: self.program.conditions * width].reshape(-1, width)
            files = _Files(rows, masks, {start: array[:width].T for start, array in self._arguments.items()})
            columns = [self._view(span, files) for span in self.program.columns]
            self._widths[width] = rows, columns, [self._action(step, files) for step in self._body]
        rows, columns, actions = self._widths[width]
        if width != self._width_of_ones:
            rows[self.program.ones] = 1.0
            self._width_of_ones = width
        return rows, columns, actions

    # ---------------------------------------------------------------------------------------------- instructions

    def _actions_once(self, steps: list[Step]) -> list[Action]:
        """The actions before or after the rows. What they gather from ONCE is gathered just before its use."""
        actions: list[Action] = []
        outer, self._prepare, shared = self._prepare, actions, self._shared
        for step in steps:
            self._shared = {}
            actions.append(self._action(step, None))
        self._prepare, self._shared = outer, shared
        return actions

    def _action(self, step: Step, files: _Files | None) -> Action:
        """The call that does one instruction. files: None before and after the rows."""
        if isinstance(step, Elementwise):
            return self._elementwise(step, files)
        if isinstance(step, Affine):
            return self._affine(step, files)
        assert files is not None
        if isinstance(step, Gather):
            source = files.rows if step.out.file is File.ROWS else files.masks
            out = source[step.out.start : step.out.stop]
            return functools.partial(np.take, source, step.places, axis=0, out=out, mode="clip")
        if isinstance(step, Spread):
            column = self._once(step.places, True)
            return functools.partial(np.copyto, files.rows[step.out.start : step.out.stop], column)
        if isinstance(step, Outer):
            left, right = self._read(step.left, files), self._read(step.right, files)
            view = strided_view(self.once, step.sums)
            if view is not None and view.flags.c_contiguous:
                return functools.partial(operations.product_of(left), left, right.T, out=view)
            product = np.empty(step.sums.shape, self.dtype)
            if view is not None:
                return functools.partial(operations.outer_to_view, left, right.T, product, view)
            return functools.partial(operations.outer_to_places, left, right.T, product, self.once, step.sums)
        assert isinstance(step, Total)
        operand = self._read(step.operand, files)
        view = strided_view(self.once, step.sums)
        if view is not None and view.flags.c_contiguous:
            return functools.partial(np.add.reduce, operand, axis=1, out=view)
        return functools.partial(operations.total_to_places, operand, self.once, step.sums)

    def _elementwise(self, step: Elementwise, files: _Files | None) -> Action:
        operands = [self._read(operand, files) for operand in step.operands]
        # NumPy's fastest loop takes a number by itself, but not an array that holds one.
        operands = [operand.reshape(()) if operand.size == 1 else operand for operand in operands]
        out = self._view(step.out, files)
        function = operations.FUNCTIONS.get(step.primitive)
        if step.out.file is File.CONDITIONS:
            a, b = operands
            return functools.partial(operations.mask, function, a, b, np.empty(out.shape, np.bool_), out)
        if function is not None:
            return functools.partial(function, *operands, out=out)
        if step.primitive is primitives.where:
            condition, a, b = operands
            if condition.dtype == self._integer:
                a, b, out = (array.view(self._integer) for array in (a, b, out))
                if self._is_zero(step.operands[2]):
                    return functools.partial(np.bitwise_and, a, condition, out)
                return functools.partial(operations.where_by_bits, condition, a, b, out)
            return functools.partial(operations.where, condition, a, b, out)
        return functools.partial(operations.copy_result, operations.slow_function(step.primitive), operands, out)

    def _is_zero(self, operand: Operand) -> bool:
        """Whether every number of an operand is the constant 0, and not -0."""
        constants = self.program.constants
        return not isinstance(operand, Span) and all(
            place in constants and constants[place].hex() == "0x0.0p+0" for place in operand.tolist()
        )

    def _affine(self, step: Affine, files: _Files | None) -> Action:
        out = self._view(step.out, files)
        parts = [(self._once(matrix, False), self._read(operand, files)) for matrix, operand in step.terms]
        bias = None if step.bias is None else self._once(step.bias, files is not None)
        if len(parts) == 1:
            matrix, operand = parts[0]
            if bias is None:
                return functools.partial(operations.product_of(matrix), matrix, operand, out)
            return functools.partial(operations.affine_single, matrix, operand, bias, out)
        return functools.partial(operations.affine, parts, bias, out, np.empty_like(out))

    def _read(self, operand: Operand, files: _Files | None) -> Array:
        if isinstance(operand, Span):
            return self._view(operand, files)
        return self._once(operand, files is not None)

    def _view(self, span: Span, files: _Files | None) -> Array:
        if span.file is File.ONCE:
            return self.once[span.start : span.stop]
        assert files is not None
        if span.file is File.ROWS and span.start in files.arguments:
            return files.arguments[span.start][: span.size]
        return (files.rows if span.file is File.ROWS else files.masks)[span.start : span.stop]

    def _once(self, places: Places, as_column: bool) -> Array:
        """The numbers at `places` of ONCE: a view where the places are regular, else a copy made once a run."""
        numbers = strided_view(self.once, places)
        if numbers is None:
            key = (places.shape, places.tobytes())
            if key not in self._shared:
                self._shared[key] = copy = self.once[places]
                if not set(places.flat) <= self.program.constants.keys():
                    self._prepare.append(functools.partial(np.take, self.once, places, out=copy, mode="clip"))
            numbers = self._shared[key]
        return numbers[:, None] if as_column else numbers
