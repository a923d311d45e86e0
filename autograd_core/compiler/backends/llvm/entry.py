"""A compiled program that CPython calls directly, without the checks of the usual path in Python.

Checking the data, laying it out and reading the parameters takes longer in Python than a small net takes to compute. A
`NativeEntry` is a function in machine code that does the same for the common case: plain arrays of the right shapes (or
lists, of which NumPy makes such arrays first), numbers of parameters, a finite result. For anything else it declines:
it returns None and has no visible effect, and the caller takes the usual path, which computes the result or raises the
error. So both behave alike.

It relies only on the stable interface of CPython:

- `PyCFunction_NewEx` makes a function of machine code callable. It is given (self, the array of its arguments, their
  number) and returns a new reference. Its arguments stay alive until it returns.
- No other thread runs until it returns, runs Python code or releases the lock of the interpreter. After its check of
`BUSY` this function does neither, so no other thread uses the runner's files.
- The buffer protocol gives the address of an array's numbers, their kind (one letter) and the shape. It is read at each
call, since the array may have been moved or reshaped, and released at once.
- Floats and tuples are read by their functions (`PyFloat_AsDouble`, `PyTuple_GetItem`).
"""

from __future__ import annotations

import ctypes
import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from autograd_core.compiler.backends.llvm.entry_code import ADDRESS_BYTES, STEP_TABLE, TABLE
from autograd_core.compiler.backends.llvm.loaded_plan import LETTERS, LoadedPlan
from autograd_core.compiler.backends.rows import Argument
from autograd_core.engine.value import Value

Array = npt.NDArray[Any]

_FASTCALL = 0x80  # METH_FASTCALL
_NO_NUMBERS: list[float] = []
_WORK = (1 << 21) - 1  # numbers in ROWS: a few milliseconds of work, after which other threads should run


class NativeEntry:
    """The short cut for one program that reads the Values `read`, of which the first `own` receive gradients.

    make_step: prepares a step of plain SGD on an array of parameters, at its first call: the loaded plan of
    the step, the place of the learning rate, and the objects that must stay alive with it; None where it is not
    possible.
    """

    def __init__(
        self,
        plan: LoadedPlan,
        dtype: np.dtype[Any],
        read: Sequence[Value],
        own: int,
        arguments: Sequence[Argument],
        block: int,
        make_step: Callable[[], tuple[LoadedPlan, int, Any] | None],
    ) -> None:
        program, files = plan.plan.program, plan.plan.files
        lengths = [np.array(argument.dimensions or (), np.int64) for argument in arguments]
        about = np.array(
            [
                [
                    1 + len(row),
                    row.ctypes.data,
                    call.ctypes.data,
                    table.ctypes.data + ADDRESS_BYTES * place,
                ]
                for row, call, (table, place) in zip(lengths, plan.calls, plan.data, strict=False)
            ],
            np.int64,
        )
        readers = np.zeros(256, np.int64)
        for letter in LETTERS:
            readers[ord(letter)] = plan.readers[np.dtype(letter)]
        table, place = plan.by_row[0] if plan.by_row else (np.zeros(1, np.int64), 0)
        self._gradients = max(0, len(program.values) - 1)
        numbers = {
            "none": id(None),
            "array_type": id(np.ndarray),
            "arguments": about.ctypes.data,
            "argument_count": len(arguments),
            "readers": readers.ctypes.data,
            "own": own,
            "read": len(read),
            "once": files.once.ctypes.data,
            "results": plan.plan.results.ctypes.data,
            "gradients": self._gradients,
            "state": plan.address,
            "block": block,
            "most": _WORK // max(1, program.rows),
            "is_by_row": len(plan.by_row),
            "by_row": table.ctypes.data + ADDRESS_BYTES * place,
        }
        self._table = np.array([numbers[field] for field in TABLE], np.int64)
        self._alive: list[Any] = [plan, about, lengths, readers, table]  # the owners of the addresses in the table
        self._dtype, self._read, self._rest = dtype, list(read), list(read[own:])
        self._make_step = make_step
        self._step: int | None = None
        make = ctypes.pythonapi.PyCFunction_NewEx
        make.restype, make.argtypes = ctypes.py_object, [ctypes.c_void_p, ctypes.py_object, ctypes.c_void_p]
        self.call: Callable[..., float | None] = make(
            ctypes.addressof(_method(plan.entry_address)), int(self._table.ctypes.data), None
        )

    def _numbers(self, parameters: Any) -> list[float]:
        """The numbers of the Values that no array stands for."""
        values = self._read if parameters is None else self._rest
        return [value._data for value in values] if values else _NO_NUMBERS

    def _call(self, data: tuple[Any, ...], parameters: Any, out: Any, rate: Any, step: int | None) -> float | None:
        """The value; with lists of numbers as arrays if the machine code declines."""
        numbers = self._numbers(parameters)
        value = self.call(data, parameters, numbers, out, rate, step)
        if value is None and (arrays := _as_arrays(data)) is not None:
            value = self.call(arrays, parameters, numbers, out, rate, step)
        return value

    def value_and_grad(self, data: tuple[Any, ...], parameters: Any) -> tuple[float, Array] | None:
        """See `backends.runner.NativeEntry`."""
        gradients = np.empty(self._gradients, self._dtype)
        value = self._call(data, parameters, gradients, None, None)
        return None if value is None else (value, gradients)

    def step(self, data: tuple[Any, ...], parameters: Any, learning_rate: Any) -> Array | None:
        """See `backends.runner.NativeEntry`."""
        self._step = self._step or self._prepared_step()
        if self._step is None:
            return None
        value = self._call(data, parameters, None, learning_rate, self._step)
        if value is None:
            return None
        values = np.empty(1, self._dtype)
        values[0] = value  # np.array((value,)) takes twice as long
        return values

    def values(self, data: tuple[Any, ...]) -> Array | None:
        """See `backends.runner.NativeEntry`."""
        try:
            values = np.empty(len(data[0]), self._dtype)
        except (IndexError, TypeError):
            return None
        value = self._call(data, None, values, None, None)
        return None if value is None else values

    def _prepared_step(self) -> int | None:
        """The address of the step's table."""
        prepared = self._make_step()
        if prepared is None:
            return None
        plan, rate, owner = prepared
        (read, place), (written, where) = plan.data[0], plan.by_row[0]
        addresses = {
            "state": plan.address,
            "rate": rate,
            "read": read.ctypes.data + ADDRESS_BYTES * place,
            "written": written.ctypes.data + ADDRESS_BYTES * where,
        }
        table = np.array([addresses[field] for field in STEP_TABLE], np.int64)
        self._alive += [plan, owner, table]
        return int(table.ctypes.data)


def _as_arrays(data: tuple[Any, ...]) -> tuple[Any, ...] | None:
    """The arguments with lists of numbers as arrays; None where that changes nothing, or a list has other things."""
    found, changed = [], False
    for part in data:
        if type(part) is list or type(part) is tuple:
            try:
                part = np.asarray(part)
            except ValueError:  # rows of different lengths
                return None
            if part.dtype.kind not in "biuf":
                return None
            changed = True
        found.append(part)
    return tuple(found) if changed else None


class _Method(ctypes.Structure):
    """A function as CPython describes it: name, address, calling convention, docstring."""

    _fields_ = (
        ("name", ctypes.c_char_p),
        ("address", ctypes.c_void_p),
        ("how", ctypes.c_int),
        ("doc", ctypes.c_char_p),
    )


@functools.cache  # CPython keeps no copy, so they are never freed; there is one for each dtype
def _method(address: int) -> _Method:
    return _Method(b"entry", address, _FASTCALL, None)
