"""An operation without a form in machine code, such as a custom primitive: a call back to Python between kernels."""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np
import numpy.typing as npt

from autograd_core.compiler.backends.numpy.operations import copy_result, slow_function
from autograd_core.compiler.backends.quiet import quiet
from autograd_core.compiler.vectorise.vector_program import Elementwise, File, Operand, Span

Array = npt.NDArray[Any]

_copy_quietly = quiet(copy_result)
_kernel = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64)


class CallOut:
    """Computes one instruction number by number, on the files of a plan. rows: of shape (places, rows of a block).

    address: the entry in a list of calls instead of a kernel. error: what the operation raised, until `raise_error`. An
    exception cannot pass through machine code.
    """

    def __init__(self, step: Elementwise, once: Array, rows: Array) -> None:
        self.error: BaseException | None = None
        self._count = 0
        self._step, self._once, self._rows = step, once, rows
        self._function = slow_function(step.primitive)
        self._code = _kernel(self._compute)  # which has to stay in memory
        self.address = int(ctypes.cast(self._code, ctypes.c_void_p).value or 0)

    def raise_error(self) -> None:
        """Raise what the operation raised in the last run."""
        error, self.error = self.error, None
        if error is not None:
            raise error

    def take_count(self) -> int:
        """How many calls came here since the last time."""
        count, self._count = self._count, 0
        return count

    def _compute(self, arguments: int | None, width: int, start: int) -> None:
        try:
            self._count += 1
            if self.error is not None:
                return
            operands = [self._read(each, width) for each in self._step.operands]
            _copy_quietly(self._function, operands, self._out(width))
        except BaseException as error:  # Ctrl-C too
            self.error = error
            self._out(width)[...] = np.nan

    def _out(self, width: int) -> Array:
        return self._numbers(self._step.out, width)

    def _read(self, operand: Operand, width: int) -> Array:
        if isinstance(operand, Span):
            return self._numbers(operand, width)
        numbers: Array = self._once.take(operand)
        return numbers[:, None] if self._step.out.file is File.ROWS else numbers

    def _numbers(self, span: Span, width: int) -> Array:
        if span.file is File.ONCE:
            return self._once[span.start : span.stop]
        return self._rows[span.start : span.stop, :width]
