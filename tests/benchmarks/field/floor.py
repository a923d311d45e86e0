"""The least time a program can take on this machine: its arithmetic at the peak, its elementary functions as fast as a
vector function alone, its data at the speed of the memory.

The arithmetic is counted in the vectorised program, so a program that computes too much has a floor that is too high.
Functions that share their work are counted once.
"""

from __future__ import annotations

import ctypes
import math
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograd_core.compiler.backends.llvm import machine
from autograd_core.compiler.backends.llvm.functions import table
from autograd_core.compiler.backends.llvm.functions.power import power
from autograd_core.compiler.backends.llvm.ir.code import Code, VectorShape
from autograd_core.compiler.backends.llvm.ir.vectors import Vector
from autograd_core.compiler.backends.llvm.shared_reductions import share_reductions
from autograd_core.compiler.vectorise.vector_program import (
    Affine,
    Dot,
    Elementwise,
    Fold,
    Outer,
    Step,
    Total,
    VectorProgram,
    flat,
)
from autograd_core.engine import primitives
from tests.benchmarks.elementary import COUNT, REPEATS, align, kernel

ARITHMETIC = "arithmetic"  # multiply-adds and other operations that a vector unit starts twice a cycle
ROUNDS = 20
_SUMS, _TURNS = 12, 20_000  # of the kernel that measures the peak: as many sums side by side, and its rounds
_call = ctypes.CFUNCTYPE(None, ctypes.c_void_p)

Kind = Any  # ARITHMETIC, a primitive, or a pair of them


@dataclass(frozen=True, slots=True)
class MachineSpeed:
    """seconds: of one number, by kind of operation. byte: seconds to read one from memory."""

    seconds: dict[Kind, float]
    byte: float

    def __str__(self) -> str:
        peak = 2e-9 / self.seconds[ARITHMETIC]
        shown = {_name(kind): seconds for kind, seconds in self.seconds.items() if kind != ARITHMETIC}
        listed = ", ".join(f"{name} {seconds * 1e9:.2f}" for name, seconds in shown.items())
        return f"peak {peak:.1f} GFLOP/s, memory {1e-9 / self.byte:.1f} GB/s; nanoseconds of a number: {listed}"


def _name(kind: Kind) -> str:
    return " and ".join(each.name for each in kind) if isinstance(kind, tuple) else str(kind.name)


def measure_machine() -> MachineSpeed:
    """The speed of this machine, as the least of several rounds."""
    host = machine.processor()
    shape = VectorShape("double", host.lanes, host.registers, host.lanes)
    forms: dict[Kind, Callable[[Vector], Vector]] = dict(table.FUNCTIONS)
    for pair, both in table.PAIRS.items():
        forms[pair] = lambda x, both=both: _added(*both(x))  # type: ignore[misc]
    forms[primitives.power] = lambda x: power(x.absolute(), x.of(-0.5))
    forms[primitives.divide] = lambda x: x.of(1.0) / x
    forms[primitives.sqrt] = lambda x: x.absolute().root()
    names = {kind: f"f{number}" for number, kind in enumerate(forms)}
    codes = [kernel(names[kind], shape, form) for kind, form in forms.items()]
    codes.append(_peak(shape))
    loaded = machine.load([code.text() for code in codes], {line for code in codes for line in code.declared})
    x, y = align(np.linspace(0.1, 5.0, COUNT)), align(np.zeros(COUNT))
    ends = np.array([x.ctypes.data, y.ctypes.data], np.int64)

    def least(name: str, count: int) -> float:
        call = _call(loaded.address(name))
        return _least(lambda: call(ends.ctypes.data)) / count

    seconds: dict[Kind, float] = {ARITHMETIC: least("peak", _SUMS * _TURNS * shape.lanes)}
    seconds |= {kind: least(name, COUNT * REPEATS) for kind, name in names.items()}
    large = np.ones(1 << 23)
    return MachineSpeed(seconds, _least(large.sum) / large.nbytes)


def _added(a: Vector, b: Vector) -> Vector:
    return a + b


def _least(call: Callable[[], Any]) -> float:
    taken = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        call()
        taken.append(time.perf_counter() - start)
    return min(taken)


def _peak(shape: VectorShape) -> Code:
    """Sums of products side by side, all in registers."""
    code = Code("peak", "ptr %a")
    x, y = code.argument(0, "ptr"), code.argument(1, "ptr")
    factor = Vector(code, shape, code.load(shape.vector, x, shape.bytes))
    start = code.load(shape.vector, y, shape.bytes)
    with code.loop(0, _TURNS, 1, [(shape.vector, start)] * _SUMS) as turn:
        turn.next = [factor.times_plus(factor, Vector(code, shape, total)).name for total in turn.values]
    total = Vector(code, shape, turn.values[0])
    for other in turn.values[1:]:
        total = total + Vector(code, shape, other)
    code.store(shape.vector, total.name, y, shape.bytes)
    return code


def seconds(program: VectorProgram, rows: int, speed: MachineSpeed) -> float:
    """The floor of one call with so many rows."""
    program = share_reductions(program)
    once, each = count([*program.before, *program.after]), count(program.body)
    numbers = sum(span.size for span in program.columns)
    total = sum(speed.seconds[kind] * number for kind, number in once.items())
    total += rows * sum(speed.seconds[kind] * number for kind, number in each.items())
    return total + rows * numbers * 8 * speed.byte


def count(steps: Sequence[Step]) -> Counter[Kind]:
    """The numbers computed, by kind of operation."""
    found: Counter[Kind] = Counter()
    for step in steps:
        if isinstance(step, Affine):
            found[ARITHMETIC] += step.turns * sum(len(matrix) * len(matrix[0]) for matrix, _ in step.terms)
        elif isinstance(step, Outer):
            found[ARITHMETIC] += step.turns * step.left.size * step.right.size
        elif isinstance(step, Dot):
            found[ARITHMETIC] += len(flat(step.left))
        elif isinstance(step, Fold):
            found[ARITHMETIC] += len(flat(step.places))
        elif isinstance(step, Total):
            found[ARITHMETIC] += step.turns * step.operand.size
        elif isinstance(step, Elementwise):
            timed = step.primitive in table.FUNCTIONS or step.primitive in (
                primitives.power,
                primitives.divide,
                primitives.sqrt,
            )
            found[step.primitive if timed else ARITHMETIC] += step.out.size
    for pair in table.PAIRS:
        both = min(found[each] for each in pair)
        found[pair] = both
        for each in pair:
            found[each] -= both
    return found


def multiply_adds(program: VectorProgram) -> int:
    """Those of one row, for a table."""
    return math.floor(count(program.steps())[ARITHMETIC])
