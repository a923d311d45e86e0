"""A compiled program that CPython calls directly, with no Python in between.

Checking the data, laying it out and reading the parameters takes a call through Python a few microseconds, which is as
long as a small net computes. An `Entry` is a function in machine code that does the same for what is repeated a million
times: plain arrays of the right shapes, parameters that are an array or Values, a finite result. Everything else it
declines, by returning None with nothing done that could be seen, and the caller goes the road through Python, which
computes it or says what is wrong. So there is one behaviour, and a short cut to it.

What to know of CPython, to follow it:

- A function written in C is given (self, the array of its arguments, how many) and gives a new reference to its result.
  `PyCFunction_NewEx` makes such a function callable. What it is given stays alive until it returns.
- No other thread runs until it returns, runs Python code or releases the lock of the interpreter. From the look at
  `busy` on, this one does neither, so that nobody else can use the runner's files meanwhile.
- The buffer protocol tells where the numbers of an array stand, their kind (one letter) and its shape. The array is
  asked anew at each call, since it may have been moved or reshaped, and let go at once.
- Where a Value keeps its float, and a float its number, is not for us to know. It is measured once (see `objects`), and
  where the measurement isn't clear there are no entries.
"""

from __future__ import annotations

import ctypes
import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from autograd_core.compiler.backends.llvm.direct_call.entry_code import TABLE

Array = npt.NDArray[Any]

_FASTCALL = 0x80  # METH_FASTCALL
_WORK = 1 << 19  # numbers in ROWS: some milliseconds, after which Python would let other threads run too


class Entry:
    """The short cut for one runner. call: takes (the data as a tuple, the parameters or None, a new array for the
    gradients or for the values of the rows, None), and gives the reduced value; None if it declines. With a learning
    rate in place of the last and no array before it, the array of parameters is moved down the gradient.

    table: what it is told, by the names of `TABLE`; kept: what stands behind the addresses there.
    """

    def __init__(self, address: int, dtype: np.dtype[Any], kept: Sequence[Any], **table: int) -> None:
        known = {"none": id(None), "array_type": id(np.ndarray), "float_type": id(float)}
        self._table = np.array([{**known, **table}[name] for name in TABLE], np.int64)
        self._kept = kept
        self._dtype, self._gradients = dtype, table["gradients"]
        make = ctypes.pythonapi.PyCFunction_NewEx
        make.restype, make.argtypes = ctypes.py_object, [ctypes.c_void_p, ctypes.py_object, ctypes.c_void_p]
        self.call: Callable[[tuple[Any, ...], Any, Array | None, Any], float | None] = make(
            ctypes.addressof(_method(address)), int(self._table.ctypes.data), None
        )

    def value_and_grad(self, data: tuple[Any, ...], parameters: Any) -> tuple[float, Array] | None:
        """(the reduced value, its gradients); None if it declines."""
        gradients = np.empty(self._gradients, self._dtype)
        value = self.call(data, parameters, gradients, None)
        return None if value is None else (value, gradients)

    def step(self, data: tuple[Any, ...], parameters: Any, learning_rate: Any) -> Array | None:
        """The reduced value in an array, after a step of plain SGD with an array of parameters; None if it declines."""
        value = self.call(data, parameters, None, learning_rate)
        if value is None:
            return None
        values = np.empty(1)
        values[0] = value  # np.array((value,)) takes twice as long
        return values

    def values(self, data: tuple[Any, ...]) -> Array | None:
        """The value for each row; None if it declines."""
        try:
            values = np.empty(len(data[0]), self._dtype)
        except (IndexError, TypeError):
            return None
        return None if self.call(data, None, values, None) is None else values


class _Method(ctypes.Structure):
    """What CPython wants to know of a function: its name, where it begins, how it is called, its description."""

    _fields_ = (
        ("name", ctypes.c_char_p),
        ("address", ctypes.c_void_p),
        ("how", ctypes.c_int),
        ("doc", ctypes.c_char_p),
    )


@functools.cache  # CPython keeps no copy, so they stay for good; there is one for each dtype
def _method(address: int) -> _Method:
    return _Method(b"entry", address, _FASTCALL, None)


def most_rows(places: int) -> int:
    """How many rows of a program that has so many numbers a row are computed without letting other threads run."""
    return _WORK // max(1, places)
