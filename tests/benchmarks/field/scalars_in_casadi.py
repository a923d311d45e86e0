"""CasADi on the scalars of a program: its interpreter, and its C as gcc compiles it."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import reduce
from typing import Any

import numpy as np

from autograd_core.compiler.backends.llvm import object_cache
from tests.benchmarks.field.by_hand import compile_c
from tests.benchmarks.field.contender import Missing
from tests.benchmarks.field.programs.program import FieldProgram
from tests.benchmarks.field.with_casadi import FLAGS

MOST = 120_000  # operations; gcc takes minutes for more


class Engine:
    """The functions of this package that the programs call, in CasADi's symbols."""

    def __init__(self, casadi: Any) -> None:
        for name in ("exp", "log", "log1p", "sqrt", "sin", "cos", "tanh"):
            setattr(self, name, getattr(casadi, name))
        self._casadi = casadi

    def relu(self, a: Any) -> Any:
        return self._casadi.fmax(a, 0)

    def sigmoid(self, a: Any) -> Any:
        return 1 / (1 + self.exp(-a))  # type: ignore[attr-defined]

    def softplus(self, a: Any) -> Any:
        return self._casadi.fmax(a, 0) + self.log1p(self.exp(-self._casadi.fabs(a)))  # type: ignore[attr-defined]

    def normal_cdf(self, a: Any) -> Any:
        return 0.5 * (1 + self._casadi.erf(a / math.sqrt(2)))

    def gelu(self, a: Any) -> Any:
        return a * self.normal_cdf(a)

    def dot(self, a: Any, b: Any) -> Any:
        return sum(x * y for x, y in zip(a, b, strict=True))

    def logsumexp(self, numbers: Any) -> Any:
        most = reduce(self._casadi.fmax, numbers)
        return most + self.log(sum(self.exp(a - most) for a in numbers))  # type: ignore[attr-defined]

    def grad(self, function: Callable[[Any], Any]) -> Callable[[Any], Any]:
        return lambda symbol: self._casadi.gradient(function(symbol), symbol)


def _symbols(casadi: Any, array: Any) -> tuple[Any, Any]:
    """(as many symbols as an array has numbers, the same as nested lists)."""
    column = casadi.SX.sym("x", array.size)

    def nested(shape: tuple[int, ...], start: int) -> Any:
        if not shape:
            return column[start]
        size = math.prod(shape[1:])
        return [nested(shape[1:], start + i * size) for i in range(shape[0])]

    return column, nested(array.shape, 0)


def calls(program: FieldProgram, rows: int) -> dict[str, Callable[[], Any]]:
    """The interpreter and the C; both evaluate the first row, as often as there are rows. Raises `Missing`."""
    try:
        import casadi
    except ImportError as reason:
        raise Missing(str(reason)) from None
    row = [part[0] for part in map(np.asarray, program.data(1))]
    parameters, lists = zip(*[_symbols(casadi, array) for array in program.parameters], strict=True)
    arguments, row_lists = zip(*[_symbols(casadi, part) for part in row], strict=True)
    moving = casadi.vertcat(*parameters)
    loss = program.scalars(Engine(casadi), lists, *row_lists)
    function = casadi.Function("row", [*parameters, *arguments], [loss, casadi.gradient(loss, moving)])
    held = [np.ascontiguousarray(part, float).ravel() for part in (*program.parameters, *row)]
    found = {"CasADi, interpreter": _call(function, held, moving.numel(), rows)}
    if function.n_instructions() > MOST:
        print(f"  CasADi's C is left out: gcc takes minutes for {function.n_instructions():,} operations", flush=True)
        return found
    generator = casadi.CodeGenerator("row.c", {"with_header": False})
    generator.add(function)
    library = compile_c(generator.dump(), FLAGS, _kept())
    found["CasADi, its C"] = _call(casadi.external("row", str(library)), held, moving.numel(), rows)
    return found


def _call(function: Any, held: list[Any], size: int, rows: int) -> Callable[[], Any]:
    """The call through CasADi's buffers, which skips its checks."""
    buffer, evaluate = function.buffer()
    loss, gradient = np.zeros(1), np.zeros(size)
    for number, part in enumerate(held):
        buffer.set_arg(number, memoryview(part))
    buffer.set_res(0, memoryview(loss))
    buffer.set_res(1, memoryview(gradient))
    repeat = range(rows)

    def call(_held: Any = (function, buffer, held)) -> Any:
        for _ in repeat:
            evaluate()
        return loss[0], [gradient]

    return call


def _kept() -> Any:
    """Where compiled C is kept: gcc takes up to minutes."""
    return object_cache.folder().with_name("autograd_core_field_c")
