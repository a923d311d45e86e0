"""The vectorised program in machine code.

The files are arrays of (places, rows), as in the NumPy backend, for one block of rows that stays in cache; kernels are
called in turn for each block. The size of a block depends on the program and the number of rows alone, and so does
whether the rows are added up in two halves, which two threads may share: the same data gives the same bits in every run
and with either number of threads.
"""

from __future__ import annotations

import ctypes
import functools
import threading
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from autograd_core.compiler.backends.llvm import machine
from autograd_core.compiler.backends.llvm.calls import Kernels, flattened
from autograd_core.compiler.backends.llvm.direct_call import entry_code
from autograd_core.compiler.backends.llvm.direct_call.entry import Entry, most_rows
from autograd_core.compiler.backends.llvm.direct_call.object_layout import holds_as_measured, layout
from autograd_core.compiler.backends.llvm.ir.code import Code, Shape
from autograd_core.compiler.backends.llvm.kernels import matrices, moves, products, update_steps
from autograd_core.compiler.backends.llvm.operations import has_form
from autograd_core.compiler.backends.llvm.plan import Files, Plan
from autograd_core.compiler.backends.rows import Argument
from autograd_core.compiler.backends.runner import Results
from autograd_core.compiler.backends.update_rules import Descent
from autograd_core.compiler.vectorise.vector_program import Elementwise, VectorProgram
from autograd_core.engine.value import Value

Array = npt.NDArray[Any]

_CACHE = 1 << 20  # bytes that the files of one block may take
_VECTORS = (18, 9, 5, 3, 1)  # in a block; few choices, so that the kernels are mostly compiled already

_HALVED = 1 << 21  # numbers in ROWS, from which on the rows are added up in two halves
_UP_TO_SUMS, _FROM_SUMS = (True, True, False), (False, False, True)
_LETTERS = "?bBhHiIlLqQfd"  # the kinds of numbers that are read as they lie there

_run = ctypes.CFUNCTYPE(None, ctypes.c_void_p)


def can_run(program: VectorProgram) -> bool:
    """Whether every operation of the program has a form in machine code."""
    return all(map(has_form, {one.primitive for one in program.steps() if isinstance(one, Elementwise)}))


class NativeRunner:
    """Runs one `VectorProgram`. Not for two threads at once.

    threads: 2 to let a thread of its own run the second half where there are many rows.
    """

    def __init__(self, program: VectorProgram, dtype: npt.DTypeLike, threads: int = 1) -> None:
        self.program = program
        self.threads = threads
        self._helper: NativeRunner | None = None
        self.dtype = np.dtype(dtype)
        host = machine.processor()
        lanes = host.lanes * 8 // self.dtype.itemsize
        room = _CACHE // max(1, self.dtype.itemsize * lanes * program.rows)
        most = next((one for one in _VECTORS if one <= room), 1)
        # An odd number of vectors from place to place, so that places don't fall on the same lines of the cache.
        shape = Shape("double" if self.dtype.itemsize == 8 else "float", lanes, host.registers, (most | 1) * lanes)
        self._block = most * lanes
        self._lanes = lanes
        self.once = _aligned(program.once + lanes, self.dtype)
        for place, number in program.constants.items():
            self.once[place] = number
        rows = _aligned(program.rows * shape.stride, self.dtype)
        rows.reshape(-1, shape.stride)[program.ones] = 1.0
        masks = _aligned(program.conditions * shape.stride // lanes * max(8, lanes) // 8, np.dtype(np.int8))
        kernels = Kernels(shape)
        sums = self.once[program.sums.start :]
        self._plan = Plan(program, kernels, Files(self.once, rows, masks, sums))
        self._arguments: list[Array] = []
        self._results = self._plan.results
        self._load(shape, kernels.codes)
        before = self._plan.before
        zeroed = [one for name, one in zip(before.names, before.arguments, strict=True) if name == "zero"]
        known = {one.ctypes.data: one for one in (*self._plan.kept, sums)}
        self._sums = [known[address][:size] for address, size in zeroed]

    def _load(self, shape: Shape, codes: list[Code]) -> None:
        common = machine.load(*_library(shape))
        own = machine.load(*_texts(codes)) if codes else common
        self._code = common, own
        names = {one.name for one in codes}
        plan = self._plan
        self._readers = {one: common.address(moves.reader(one.str[1:])) for one in map(np.dtype, _LETTERS)}
        self._state = np.zeros(10, np.int64)
        self._data: list[tuple[Array, int]] = []
        self._by_row: list[tuple[Array, int]] = []
        for i, calls in enumerate((plan.before, plan.body, plan.after)):
            pairs, arguments, starts = flattened(calls, lambda name: (own if name in names else common).address(name))
            self._arguments += [pairs, arguments]
            self._state[2 * i : 2 * i + 2] = pairs.ctypes.data, len(pairs)
            if calls is plan.body:
                self._calls = pairs  # which begin with those that read rows
                self._data = [(arguments, starts[id(one)]) for one in plan.data]
                self._by_row = [(arguments, starts[id(one)] + 1) for one in plan.by_row]
        self._call = _run(common.address("over_rows"))
        self._descend = _run(common.address("descend"))
        self._at = self._state.ctypes.data
        self._lists = self._state[1:6:2].copy()

    def run(self, given: Array, data: Sequence[Array], count: int) -> Results:
        """See `Runner`."""
        by_row = np.empty((len(self._by_row), count), self.dtype)
        self._state[entry_code.BUSY] = 1  # an entry would not ask for a lock
        try:
            kept = self._point(given, data, by_row)
            if count * self.program.rows < _HALVED:
                self._sweep(0, count)
            else:
                self._in_halves(given, data, by_row)
            del kept
            return Results(self._results[:-1].copy(), by_row, bool(self._results[-1] == 0.0))
        finally:
            self._state[entry_code.BUSY] = 0

    def _in_halves(self, given: Array, data: Sequence[Array], by_row: Array) -> None:
        """What is added up over the rows, added up for each half and then added; by two threads or one after the
        other."""
        count = by_row.shape[1]
        middle = -(-count // (2 * self._block)) * self._block
        if self.threads == 1:
            self._sweep(0, middle, _UP_TO_SUMS)
            sums = [one.copy() for one in self._sums]
            self._sweep(middle, count, _UP_TO_SUMS)
        else:
            if self._helper is None:
                self._helper = NativeRunner(self.program, self.dtype)
            kept, sums = self._helper._point(given, data, by_row), self._helper._sums
            thread = threading.Thread(target=self._helper._sweep, args=(middle, count, _UP_TO_SUMS))
            thread.start()
            try:
                self._sweep(0, middle, _UP_TO_SUMS)
            finally:
                thread.join()
            del kept
        for one, other in zip(self._sums, sums, strict=True):
            one += other
        self._sweep(count, count, _FROM_SUMS)

    def _point(self, given: Array, data: Sequence[Array], by_row: Array) -> list[Array]:
        """Make ready for these numbers and arrays; returns what has to live as long as they are used."""
        self.once[: len(given)] = given
        for i, (arguments, at) in enumerate(self._by_row):
            arguments[at] = by_row.ctypes.data + i * by_row.shape[1] * self.dtype.itemsize
        return self._bind(data)

    def _sweep(self, start: int, stop: int, lists: tuple[bool, bool, bool] = (True, True, True)) -> None:
        """Run over rows from `start` to `stop`; lists: whether what comes before the rows, for them and after."""
        try:
            self._state[1:6:2] = self._lists * lists
            self._state[6:9] = stop - start, self._block_for(stop - start), start
            self._call(self._at)
        finally:  # or an entry would leave some out after an interrupt
            self._state[1:6:2] = self._lists

    def descend(
        self, given: Array, data: Sequence[Array], count: int, descent: Descent, steps: int, batch: int, start: int
    ) -> tuple[Array, int, int]:
        """See `Runner`; the value before a step that was not done is given too."""
        moved = len(self._results) - 2
        losses = np.empty(steps, self.dtype)
        decoupled = descent.rule == "adamw"
        numbers = np.array(
            [
                descent.learning_rate,
                descent.momentum,
                float(descent.nesterov),
                descent.betas[0],
                -1.0 if descent.rule == "sgd" else descent.betas[1],
                descent.epsilon,
                0.0 if decoupled else descent.weight_decay,
                1.0 - descent.learning_rate * descent.weight_decay if decoupled else 1.0,
                descent.state["step"],
            ]
        )
        done = np.zeros(2, np.int64)
        held = (self.once, self._results, losses, descent.state["first"], descent.state["second"], numbers, done)
        once, results, into, first, second, listed, end = (one.ctypes.data for one in held)
        rows_place = once + (len(given) - 2) * self.dtype.itemsize
        table = np.array(
            [self._at, once, moved, results, steps, into, count, batch, start, rows_place, first, second, listed, end],
            np.int64,
        )
        self._state[entry_code.BUSY] = 1
        try:
            self.once[: len(given)] = given
            kept = self._bind(data)
            self._state[6:9] = batch, self._block_for(batch), 0
            self._descend(table.ctypes.data)
            del kept
            given[:moved] = self.once[:moved]
        finally:
            self._state[entry_code.BUSY] = 0
        made, row = done.tolist()
        descent.state["step"] += made
        return losses[: made + 1], made, row

    def entry(self, read: Sequence[Value], own: int, arguments: Sequence[Argument]) -> Entry | None:
        """The short cut past Python for a program that reads these Values, of which the first `own` receive gradients;
        None where there is no way for it. Each argument is a number a row, or a list of them."""
        program, values = self.program, len(self.program.values)
        flat = all(one.dimensions is not None and len(one.dimensions) <= 1 for one in arguments)
        if not (flat and holds_as_measured(read)) or len(self._by_row) != (not values):
            return None
        size = 8  # bytes of an address
        about = np.array(
            [
                [1 + len(one.dimensions or ()), one.columns, call.ctypes.data, place.ctypes.data + size * at]
                for one, call, (place, at) in zip(arguments, self._calls, self._data, strict=False)
            ],
            np.int64,
        )
        readers, named = np.zeros(256, np.int64), np.array([id(one) for one in read], np.int64)
        for letter in _LETTERS:
            readers[ord(letter)] = self._readers[np.dtype(letter)]
        nowhere = np.zeros(1, np.int64)
        place, at = self._by_row[0] if self._by_row else (nowhere, 0)
        return Entry(
            self._code[0].address("entry"),
            self.dtype,
            (self, about, readers, named, list(read), nowhere),
            arguments=about.ctypes.data,
            how_many=len(arguments),
            readers=readers.ctypes.data,
            values=named.ctypes.data,
            own=own,
            read=len(read),
            once=self.once.ctypes.data,
            results=self._results.ctypes.data,
            gradients=max(0, values - 1),
            state=self._at,
            block=self._block,
            most=most_rows(program.rows),
            is_by_row=len(self._by_row),
            by_row=place.ctypes.data + size * at,
        )

    def _bind(self, data: Sequence[Array]) -> list[Array]:
        """Point the calls that read rows at the data; returns what has to live as long as they run."""
        kept = []
        for number, (part, (arguments, at)) in enumerate(zip(data, self._data, strict=True)):
            reader = self._readers.get(part.dtype)
            if reader is None or not part.flags.aligned:
                part = np.ascontiguousarray(part, np.float64)
                reader = self._readers[part.dtype]
            kept.append(part)
            arguments[at : at + 3] = part.ctypes.data, *part.strides
            self._calls[number, 0] = reader
        return kept

    def _block_for(self, count: int) -> int:
        """Rows in a block: as equal as whole vectors allow."""
        blocks = -(-count // self._block)
        even = -(-count // max(1, blocks))
        return max(self._lanes, -(-even // self._lanes) * self._lanes)


def _aligned(size: int, dtype: np.dtype[Any]) -> Array:
    """Zeros that begin with a line of the cache."""
    room = np.zeros(size + 64 // dtype.itemsize, dtype)
    start = -room.ctypes.data % 64 // dtype.itemsize
    return room[start : start + size]


@functools.cache
def _library(shape: Shape) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The kernels that are the same for every program."""
    kernels = [
        write(write.__name__, shape)
        for write in (*matrices.KERNELS, *products.KERNELS, *moves.KERNELS, update_steps.descend)
    ]
    entries = [entry_code.entry("entry", shape)] if layout() is not None else []
    return _texts([*kernels, *moves.readers(shape), *entries])


def _texts(codes: Sequence[Code]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(the functions, the declarations of what they call), as texts."""
    return tuple(one.text() for one in codes), tuple(sorted({line for one in codes for line in one.declared}))
