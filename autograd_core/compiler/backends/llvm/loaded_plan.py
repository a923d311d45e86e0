"""A plan in memory: its machine code, and the tables with the addresses of the data and the results."""

from __future__ import annotations

import ctypes
import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from autograd_core.compiler.backends.llvm import entry_code, machine
from autograd_core.compiler.backends.llvm.calls import Calls, flatten
from autograd_core.compiler.backends.llvm.ir.code import Code, VectorShape
from autograd_core.compiler.backends.llvm.kernels import lists, lookups, matrices, moves, products, train_steps
from autograd_core.compiler.backends.llvm.kernels.moves import (
    BLOCK,
    BUSY,
    ONE_ROW,
    ONE_ROW_CALLS,
    ONE_ROW_READY,
    READY,
    ROWS,
    START,
    STATE_SIZE,
)
from autograd_core.compiler.backends.llvm.plan import Plan

Array = npt.NDArray[Any]

MOST = 1 << 23  # numbers in ROWS of one call: some tens of milliseconds, for which Ctrl-C waits
_SLOWER = 128  # how much slower a call back to Python is than a kernel

LETTERS = "?bBhHiIlLqQfd"  # the kinds of numbers that are read without a conversion by NumPy

_run = ctypes.CFUNCTYPE(None, ctypes.c_void_p)


@dataclass(frozen=True, slots=True)
class OneRowCalls:
    """What is called for one row. names: the functions in `code`, which only this program has. arrays: which must stay
    alive."""

    calls: Calls
    names: set[str]
    code: machine.Loaded
    arrays: list[Array]


class LoadedPlan:
    """state: the table that `over_rows` reads. calls: pairs of the addresses of a kernel and its arguments
    for each call in the rows. data: for each argument of the program the table and the place in it where the arguments
    of the call that reads it begin. by_row: the table and place of the address of each result by row.
    readers: the address of the kernel that reads each kind of number. one_row: makes the calls for one row."""

    def __init__(
        self,
        plan: Plan,
        shape: VectorShape,
        codes: Sequence[Code],
        block: int,
        one_row: Callable[[LoadedPlan], OneRowCalls | None],
    ) -> None:
        self.plan = plan
        self._lanes, self._block = shape.lanes, block
        self._library = library = machine.load(*_library(shape))
        self._codes = codes
        self._code: list[machine.Loaded] = []  # which has to stay in memory
        self._make_one_row = one_row
        self.readers = {kind: library.address(moves.reader(kind.str[1:])) for kind in map(np.dtype, LETTERS)}
        self.state = np.zeros(STATE_SIZE, np.int64)
        self.data: list[tuple[Array, int]] = []
        self.by_row: list[tuple[Array, int]] = []
        self._tables: list[Array] = []
        self._own: list[tuple[Array, Calls]] = []
        self.stopped = False  # to be set by another thread, to end a run early
        names = {code.name for code in codes}

        def address_of(name: str) -> int:
            if name in plan.call_outs:
                return plan.call_outs[name].address
            return 0 if name in names else library.address(name)

        for i, calls in enumerate((plan.before, plan.body, plan.after)):
            pairs, arguments, starts = flatten(calls, address_of)
            self._tables += [pairs, arguments]
            self._own.append((pairs, calls))
            self.state[2 * i : 2 * i + 2] = pairs.ctypes.data, len(pairs)
            if calls is plan.body:
                self.calls = pairs  # which begin with those that read rows
                self.data = [(arguments, starts[id(call)]) for call in plan.data]
                self.by_row = [(arguments, starts[id(call)] + 1) for call in plan.by_row]
        self.address: int = self.state.ctypes.data
        self.entry_address = library.address("entry")
        self._over_rows = _run(library.address("over_rows"))
        self._train_steps = _run(library.address("train_steps"))
        self._lists = self.state[1:6:2].copy()

    def prepare(self, one_row: bool = False) -> None:
        """Compile what a run needs, over many rows or over one, unless that is done."""
        if one_row and not self.state[ONE_ROW_READY]:
            self._prepare_one_row()
        if self.state[READY] or (one_row and self.state[ONE_ROW_CALLS]):
            return
        if self._codes:
            own = machine.load(*_texts(self._codes))
            self._code.append(own)
            addresses = {code.name: own.address(code.name) for code in self._codes}
            for pairs, calls in self._own:
                for number, name in enumerate(calls.names):
                    if name in addresses:
                        pairs[number, 0] = addresses[name]
        self.state[READY] = 1

    def _prepare_one_row(self) -> None:
        if (made := self._make_one_row(self)) is not None:
            own, names = made.code, made.names
            self._code.append(own)
            pairs, arguments, _ = flatten(
                made.calls, lambda name: (own if name in names else self._library).address(name)
            )
            self._tables += [pairs, arguments, *made.arrays]
            self.state[ONE_ROW] = pairs.ctypes.data
            self.state[ONE_ROW_CALLS] = len(pairs)
        self.state[ONE_ROW_READY] = 1

    def set_rows(self, start: int, count: int) -> None:
        """Let the next run take `count` rows from row `start` on, in blocks as equal as whole vectors allow."""
        blocks = -(-count // self._block)
        even = -(-count // max(1, blocks))
        self.state[ROWS] = count
        self.state[BLOCK] = max(self._lanes, -(-even // self._lanes) * self._lanes)
        self.state[START] = start

    def run(
        self, start: int, stop: int, lists: tuple[bool, bool, bool] = (True, True, True), one_row: bool = False
    ) -> None:
        """Run over the rows from `start` to `stop`; lists: whether to make the calls before, in and after the rows;
        one_row: whether to make those for one row instead."""
        self.set_rows(start, stop - start)
        self.run_in_parts(start, stop, lists, one_row)

    def run_in_parts(
        self, start: int, stop: int, lists: tuple[bool, bool, bool] = (True, True, True), one_row: bool = False
    ) -> None:
        """Run over rows in blocks of the size that is set, with a moment for Ctrl-C now and then."""
        self.prepare(one_row)
        block, of_one_row = int(self.state[BLOCK]), int(self.state[ONE_ROW_CALLS])
        self.state[ONE_ROW_CALLS] *= one_row
        most = MOST // _SLOWER if self.plan.call_outs else MOST
        part = max(1, most // max(1, self.plan.program.rows * block)) * block
        try:
            end = start
            while True:
                first, end = end, min(end + part, stop)
                self.state[1:6:2] = self._lists * (lists[0] and first == start, lists[1], lists[2] and end == stop)
                self.state[ROWS], self.state[START] = end - first, first
                self._over_rows(self.address)
                failed = bool(self.plan.call_outs) and self._has_errors(-(-(end - first) // block))
                if failed or self.stopped or end == stop:
                    break
        finally:  # otherwise an entry would leave out calls after an interrupt
            self.state[1:6:2] = self._lists
            self.state[ONE_ROW_CALLS] = of_one_row

    def run_again(self) -> None:
        """Run over the rows that are set."""
        self._over_rows(self.address)

    def _has_errors(self, blocks: int) -> bool:
        """Whether a call back to Python failed in the last run. Ctrl-C may strike before its first line, where it
        cannot be caught: then a call is missing."""
        made = [call_out.take_count() for call_out in self.plan.call_outs.values()]
        plan, (before, body, after) = self.plan, self.state[1:6:2].tolist()
        for name, count in zip(plan.call_outs, made, strict=True):
            wanted = bool(before) * plan.before.names.count(name) + bool(after) * plan.after.names.count(name)
            wanted += bool(body) * blocks * plan.body.names.count(name)
            if count < wanted and plan.call_outs[name].error is None:
                plan.call_outs[name].error = KeyboardInterrupt()
        return any(call_out.error is not None for call_out in plan.call_outs.values())

    def forget_errors(self) -> None:
        """Forget what an interrupted run left."""
        for call_out in self.plan.call_outs.values():
            call_out.error = None
            call_out.take_count()

    def raise_errors(self) -> None:
        """Raise what a call back to Python raised in the last run."""
        for call_out in self.plan.call_outs.values():
            call_out.raise_error()

    def train_steps(self, table: Array) -> None:
        """Many steps of training in one call; table: see the kernel."""
        self.prepare(int(self.state[ROWS]) == 1)
        self._train_steps(table.ctypes.data)

    def set_busy(self, is_busy: bool) -> None:
        """Set whether the files are in use, since an entry takes no lock."""
        self.state[BUSY] = is_busy

    def point_results_at(self, addresses: Sequence[int]) -> None:
        """Set where the results by row are written."""
        for address, (arguments, place) in zip(addresses, self.by_row, strict=True):
            arguments[place] = address

    def point_data_at(self, data: Sequence[Array]) -> list[Array]:
        """Set where the rows are read; return the arrays that must stay alive for it."""
        alive = []
        for number, part in enumerate(data):
            reader = self.readers.get(part.dtype)
            if reader is None or not part.flags.aligned:
                part = np.ascontiguousarray(part, np.float64)
                reader = self.readers[part.dtype]
            alive.append(part)
            self.point_column_at(number, reader, part.ctypes.data, *part.strides)
        return alive

    def point_column_at(self, number: int, reader: int, address: int, down: int, along: int = 0) -> None:
        """Set where the rows of one argument are read, by which kernel, and their distances in bytes."""
        arguments, place = self.data[number]
        arguments[place] = address
        arguments[place + 1] = down
        arguments[place + 2] = along
        self.calls[number, 0] = reader


@functools.cache
def _library(shape: VectorShape) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The kernels that are the same for every program."""
    several = lists, lookups, matrices, products, moves
    kernels = [*[kernel for part in several for kernel in part.KERNELS], train_steps.train_steps]
    if entry_code.is_supported():
        kernels.append(entry_code.entry)
    return _texts([*[write(write.__name__, shape) for write in kernels], *moves.readers(shape)])


def _texts(codes: Sequence[Code]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(the functions, the declarations of what they call), as texts."""
    return tuple(code.text() for code in codes), tuple(sorted({line for code in codes for line in code.declared}))
