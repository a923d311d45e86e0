"""More rows than fit into memory: a compiled function on a memory-mapped file or a stream of chunks, part by part.

The sums over the rows are added up over the parts, in order. What comes after the rows is computed once, from the
totals. So the numbers are those of all rows at once, up to rounding, and the same parts give the same bits.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from autograd_core.compiler.backends.compensated import CompensatedSum
from autograd_core.compiler.backends.numpy.backend import NumpyRunner
from autograd_core.compiler.backends.quiet import quiet
from autograd_core.compiler.backends.rows import lay_out
from autograd_core.compiler.backends.runner import Runner
from autograd_core.compiler.run.progress_bar import progress_bar
from autograd_core.compiler.run.running import Running
from autograd_core.compiler.vectorise.vector_program import VectorProgram
from autograd_core.engine.interpreter.locks import make_lock

Array = npt.NDArray[Any]
Part = tuple[list[Array], int]  # the arrays of the arguments, and how many rows they have

_PART = 1 << 23  # bytes of one part of a mapped file
_DELAY = 1.0  # seconds before a progress bar is drawn


def is_stream(data: Sequence[Any]) -> bool:
    """Whether the data is a single iterable without indices: a generator, or a class with `__iter__` alone."""
    if len(data) != 1 or isinstance(data[0], Set):
        return False
    return hasattr(data[0], "__iter__") and not hasattr(data[0], "__getitem__")


def is_mapped(data: Sequence[Any]) -> bool:
    """Whether an argument is a file mapped into memory."""
    return any(isinstance(argument, np.memmap) for argument in data)


class Streaming:
    """Runs a program part by part; see `Program` for its methods."""

    def __init__(self, running: Running) -> None:
        self._running = running
        self._reductions: dict[bool, _Reduction] = {}
        self._lock = make_lock()

    def predictions(self, stream: Iterable[Any]) -> Iterator[Array]:
        """An array of values for each chunk of a stream, computed when the iterator reaches it."""
        for arrays, count in _Chunks(self._running, stream):
            yield self._running.values_of(arrays, count)

    def values(self, data: Sequence[Any]) -> Array:
        """One value for each row of mapped arrays."""
        slices = _Slices(self._running, data)
        values, start = np.empty(slices.rows, self._running.dtype), 0
        for arrays, count in _with_progress_bar(slices):
            values[start : start + count] = self._running.values_of(arrays, count)
            start += count
        return values

    @quiet
    def value_and_grad(self, data: Sequence[Any], parameters: Any) -> tuple[float, Array]:
        """The reduced value and its gradients, of mapped arrays or a stream. Raises ValueError for no rows."""
        parts = _Chunks(self._running, data[0]) if is_stream(data) else _Slices(self._running, data)
        with self._lock:
            if isinstance(parts, _Chunks) and parts.once:
                results = self._results_in_one_pass(parts, parameters)
                return float(results[0]), results[1:]
            results, rows = self._results(parts, parameters, propagate_gates=False)
            if np.isnan(results).any():
                # 0 may have met inf behind a closed gate: see gradient.differentiate.
                results, rows_again = self._results(parts, parameters, propagate_gates=True)
                if rows != rows_again:
                    raise ValueError(
                        f"the stream had {rows} rows in its first pass and {rows_again} in the second, needed "
                        "because of a nan. Give a stream whose __iter__ begins anew."
                    )
        return float(results[0]), results[1:]

    def _results(self, parts: _Chunks | _Slices, parameters: Any, propagate_gates: bool) -> tuple[Array, int]:
        reduction, given = self._reduction(propagate_gates), self._call_numbers(parameters)
        totals = _Totals(reduction)
        for arrays, count in _with_progress_bar(parts):
            if count:
                if propagate_gates:
                    self._running.require_places(arrays, count, parameters, first=totals.rows)
                totals.add(reduction.sums(given, arrays, count), count)
        return totals.results(given), totals.rows

    def _results_in_one_pass(self, parts: _Chunks, parameters: Any) -> Array:
        """The results where each part comes only once. A part whose own results have a nan is computed again with gates
        propagated, and such parts are added up separately. A gradient that is infinite for all rows at once may be nan
        here."""
        given = self._call_numbers(parameters)
        fast, slow = _Totals(self._reduction(False)), None
        for arrays, count in _with_progress_bar(parts):
            if not count:
                continue
            sums = fast.reduction.sums(given, arrays, count)
            if np.isnan(fast.reduction.results(given, sums, count)).any():
                self._running.require_places(arrays, count, parameters, first=fast.rows + (slow.rows if slow else 0))
                slow = slow or _Totals(self._reduction(True))
                slow.add(slow.reduction.sums(given, arrays, count), count)
            else:
                fast.add(sums, count)
        if slow is None:
            return fast.results(given)
        if not fast.rows:
            return slow.results(given)
        rows, results = fast.rows + slow.rows, (fast.results(given), slow.results(given))
        if self._running.reduce == "mean":
            return results[0] * (fast.rows / rows) + results[1] * (slow.rows / rows)
        once = self._once(given)  # which is in both
        return results[0] + np.where(np.isfinite(once), results[1] - once, results[1])

    def _once(self, given: Array) -> Array:
        """What is added once, and its gradient."""
        runner = NumpyRunner(self._running.once_program(), self._running.dtype)
        return runner.run(given, [], 0).values

    def _reduction(self, propagate_gates: bool) -> _Reduction:
        if propagate_gates not in self._reductions:
            self._reductions[propagate_gates] = _Reduction.of(self._running, propagate_gates)
        return self._reductions[propagate_gates]

    def _call_numbers(self, parameters: Any) -> Array:
        """The numbers of a call, with two more places for the number of rows and its inverse."""
        numbers = [] if parameters is None else np.asarray(parameters, np.float64).tolist()
        values = self._running.trace.values[len(numbers) :]
        return np.array([*numbers, *(value.data for value in values), 0.0, 0.0])


@dataclass(frozen=True, slots=True)
class _Reduction:
    """A program cut in two at its sums over the rows: `each` computes them (`size` numbers), `rest` what follows."""

    each: Runner
    rest: NumpyRunner
    start: int
    size: int

    @classmethod
    def of(cls, running: Running, propagate_gates: bool) -> _Reduction:
        program = running.vector_program("gradient", propagate_gates)
        sums = program.sums
        first: VectorProgram = replace(program, after=[], values=np.arange(sums.start, sums.stop))
        rest = replace(program, columns=[], body=[])
        return cls(running.runner(first, propagate_gates), NumpyRunner(rest, running.dtype), sums.start, sums.size)

    def sums(self, given: Array, arrays: list[Array], count: int) -> Array:
        """The sums over the rows of a part."""
        return self.each.run(given, arrays, count).values if self.size else np.empty(0)

    def results(self, given: Array, sums: Array, rows: int) -> Array:
        """The values of the program, from the sums over so many rows."""
        given[-2:] = rows, 1.0 / rows
        self.rest.once[self.start : self.start + self.size] = sums
        return self.rest.run(given, [], 0).values


class _Totals:
    """The sums over the rows of all parts so far."""

    def __init__(self, reduction: _Reduction) -> None:
        self.reduction, self.rows = reduction, 0
        self._sums: CompensatedSum | None = None

    def add(self, sums: Array, count: int) -> None:
        """Add the sums of a part."""
        sums = sums.astype(np.float64)
        if self._sums is None:
            self._sums = CompensatedSum(sums)
        else:
            self._sums.add(sums)
        self.rows += count

    def results(self, given: Array) -> Array:
        """The values of the program for all rows so far."""
        if self._sums is None:
            raise ValueError("there are no rows, and the mean or sum over none has no gradient. Give at least one row.")
        return self.reduction.results(given, self._sums.total(), self.rows)


class _Slices:
    """The rows of arrays in slices, checked."""

    def __init__(self, running: Running, data: Sequence[Any]) -> None:
        self.arrays, self.rows = lay_out(running.arguments, data)
        width = sum(array.itemsize * array.shape[1] for array in self.arrays)
        self.step = max(1 << 12, _PART // max(1, width))

    def __iter__(self) -> Iterator[Part]:
        for start in range(0, self.rows, self.step):
            stop = min(start + self.step, self.rows)
            yield [array[start:stop] for array in self.arrays], stop - start


class _Chunks:
    """The chunks of a stream, each checked when it comes. once: whether a second pass is impossible."""

    rows: int | None = None

    def __init__(self, running: Running, stream: Iterable[Any]) -> None:
        self.arguments, self.stream = running.arguments, stream
        self.once = iter(stream) is stream

    def __iter__(self) -> Iterator[Part]:
        for number, chunk in enumerate(self.stream):
            kinds = (tuple,) if len(self.arguments) == 1 else (tuple, list)
            try:
                yield lay_out(self.arguments, chunk if isinstance(chunk, kinds) else (chunk,))
            except (TypeError, ValueError) as error:
                raise type(error)(f"chunk {number} of the stream: {error}") from None


def _with_progress_bar(parts: _Chunks | _Slices) -> Iterator[Part]:
    """The parts, with a bar that counts rows after a while."""
    with progress_bar(parts.rows, delay=_DELAY, leave=False) as bar:
        for arrays, count in parts:
            yield arrays, count
            bar.update(count)
