"""How fast the elementary functions are, against C's library lane by lane: `python -m tests.benchmarks.elementary`.

The same loop over the same numbers in the cache: with the vector form, with a call of the library for every number, and
NumPy's function. All take turns; on a busy machine the minimum is the most reliable.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd_core.compiler.backends.llvm import machine
from autograd_core.compiler.backends.llvm.functions import table as elementary
from autograd_core.compiler.backends.llvm.ir.code import Code, VectorShape
from autograd_core.compiler.backends.llvm.ir.vectors import Vector, VectorFunction, by_library

ROUNDS = 9
COUNT, REPEATS = 4096, 20  # numbers, and how often in one call
RANGES = {"log": (0.1, 10.0), "log1p": (-0.9, 10.0)}  # the others: -5 to 5

_call = ctypes.CFUNCTYPE(None, ctypes.c_void_p)


def kernel(name: str, shape: VectorShape, form: VectorFunction) -> Code:
    """A loop that puts form(x) into y. Arguments: the addresses of x and y."""
    code = Code(name, "ptr %a")
    x, y = code.argument(0, "ptr"), code.argument(1, "ptr")
    with code.loop(0, REPEATS), code.loop(0, COUNT // shape.lanes) as at:
        start = code.multiply(at.index, shape.lanes)
        wide = shape.lanes * shape.bytes
        number = Vector(code, shape, code.load(shape.vector, code.address(x, start, shape.type), wide))
        code.store(shape.vector, form(number).name, code.address(y, start, shape.type), wide)
    return code


def library(name: str) -> VectorFunction:
    """The function of C, lane by lane."""
    function = getattr(ctypes.CDLL(ctypes.util.find_library("m")), name)
    machine.offer(name, ctypes.cast(function, ctypes.c_void_p).value or 0)
    return lambda x: by_library(name, x)


def align(numbers: Any) -> Any:
    """A copy that begins with a line of the cache."""
    room = np.empty(len(numbers) + 64, numbers.dtype)
    start = -room.ctypes.data % 64 // numbers.itemsize
    room[start : start + len(numbers)] = numbers
    return room[start : start + len(numbers)]


def nanoseconds(contenders: dict[str, Callable[[], Any]], numbers: int) -> dict[str, tuple[float, float]]:
    """(the minimum, the median) for one number, taking turns."""
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(ROUNDS):
        for name, step in contenders.items():
            start = time.perf_counter()
            step()
            seconds[name].append((time.perf_counter() - start) / numbers * 1e9)
    return {name: (min(times), statistics.median(times)) for name, times in seconds.items()}


def main() -> None:
    """Print the table."""
    host = machine.processor()
    print(f"ns a number, the minimum (the median) of {ROUNDS}; {host.lanes} lanes of float64")
    print(f"{'':18}{'ours':>16}{'C, lane by lane':>18}{'NumPy':>16}   C / ours")
    for dtype, lanes in (("float64", host.lanes), ("float32", 2 * host.lanes)):
        shape = VectorShape("double" if dtype == "float64" else "float", lanes, host.registers, COUNT)
        for primitive, form in elementary.FUNCTIONS.items():
            name = primitive.name
            low, high = RANGES.get(name, (-5.0, 5.0))
            x = align(np.random.default_rng(1).uniform(low, high, COUNT).astype(dtype))
            contenders: dict[str, Callable[[], Any]] = {}
            results, alive = {}, []
            for which, function in (("ours", form), ("C", library(name))):
                code = kernel(f"time_{which}", shape, function)
                loaded = machine.load([code.text()], sorted(code.declared))
                y = results[which] = align(np.zeros_like(x))
                table = np.array([x.ctypes.data, y.ctypes.data], np.int64)
                call, at = _call(loaded.address(code.name)), table.ctypes.data
                alive.append((loaded, table))
                contenders[which] = lambda call=call, at=at: call(at)  # type: ignore[misc]
            if (known := getattr(np, {"atan": "arctan"}.get(name, name), None)) is not None:
                out = np.empty_like(x)
                contenders["NumPy"] = lambda known=known, x=x, out=out: [known(x, out) for _ in range(REPEATS)]
            times = nanoseconds(contenders, COUNT * REPEATS)
            digits = 4 * float(np.finfo(dtype).eps)
            assert np.allclose(results["ours"], results["C"], rtol=digits, atol=0), name
            cells = [
                f"{times[which][0]:.2f} ({times[which][1]:.2f})" if which in times else "-" for which in contenders
            ]
            cells += ["-"] * (3 - len(cells))
            ratio = times["C"][0] / times["ours"][0]
            print(f"{name:8}{dtype:10}{cells[0]:>16}{cells[1]:>18}{cells[2]:>16}{ratio:>9.1f} x")


if __name__ == "__main__":
    main()
