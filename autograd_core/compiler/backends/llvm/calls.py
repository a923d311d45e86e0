"""Lists of calls of kernels, and the kernels that are written for one program."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt

from autograd_core.compiler.backends.llvm.functions.called import CalledFunctions
from autograd_core.compiler.backends.llvm.ir.code import Code, VectorShape
from autograd_core.compiler.backends.llvm.kernels import elementwise, lists, products
from autograd_core.engine.primitive import Primitive

Array = npt.NDArray[Any]


@dataclass(slots=True)
class Calls:
    """Some calls in order: the name of the kernel and its arguments."""

    names: list[str] = field(default_factory=list)
    arguments: list[list[int]] = field(default_factory=list)

    def add(self, name: str, arguments: list[int]) -> list[int]:
        """Append a call; returns its arguments, some of which are set later."""
        self.names.append(name)
        self.arguments.append(arguments)
        return arguments


class Kernels:
    """The kernels that only one program has, each written once."""

    def __init__(self, shape: VectorShape) -> None:
        self.shape = shape
        self._functions = CalledFunctions()
        self._codes: list[Code] = []
        self._names: dict[Any, str] = {}

    @property
    def codes(self) -> list[Code]:
        """The kernels, and the functions they call."""
        return [*self._codes, *self._functions.codes]

    def pass_kernel(self, kernel: elementwise.Kernel, in_rows: bool) -> str:
        """The name of the kernel for a pass."""
        key = (in_rows, kernel.key())
        if key not in self._names:
            self._names[key] = name = f"pass{len(self._names)}"
            if in_rows:
                self._codes.append(elementwise.in_rows(name, self.shape, kernel, self._functions))
            else:
                self._codes.append(elementwise.on_singles(name, self.shape, kernel))
        return self._names[key]

    def fold_kernel(self, primitive: Primitive) -> str:
        """The name of the kernel that folds with an operation."""
        if primitive not in self._names:
            self._names[primitive] = name = f"fold{len(self._names)}"
            self._codes.append(lists.fold(name, self.shape, primitive))
        return self._names[primitive]

    def product_kernel(self, kernel: elementwise.Kernel, m: int, adds: bool, over_turns: bool) -> str:
        """The name of the kernel for a product with operations on it, see `products.product_and_pass`."""
        key = (products.heights(self.shape, m), adds, over_turns, kernel.key())
        if key not in self._names:
            self._names[key] = name = f"product{len(self._names)}"
            self._codes.append(products.product_and_pass(name, self.shape, kernel, m, adds, over_turns))
        return self._names[key]


def flatten(calls: Calls, address: Callable[[str], int]) -> tuple[Array, Array, dict[int, int]]:
    """(pairs of the addresses of a kernel and its arguments, all arguments, where each list of them begins)."""
    starts = np.cumsum([0, *map(len, calls.arguments)], dtype=np.int64)
    everything = np.fromiter(chain.from_iterable(calls.arguments), np.int64, int(starts[-1]))
    kernels = {name: address(name) for name in set(calls.names)}
    pairs = np.empty((len(calls.names), 2), np.int64)
    pairs[:, 0] = list(map(kernels.__getitem__, calls.names))
    pairs[:, 1] = everything.ctypes.data + 8 * starts[:-1]
    return pairs, everything, dict(zip(map(id, calls.arguments), starts.tolist(), strict=False))
