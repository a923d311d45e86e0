"""Written by hand: NumPy, and C, whose source is `tests/benchmarks/hand.c`."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from autograd_core.compiler.backends.llvm import machine, object_cache
from tests.benchmarks.compiled import Net, numpy_by_hand
from tests.benchmarks.field.contender import RATE, Contender, Missing, flat_parameters

SOURCE = Path(__file__).parents[1] / "hand.c"
FLAGS = ("-O3", "-march=native", "-mprefer-vector-width=512", "-ffast-math")


def in_numpy(net: Net) -> Contender:
    """The usual program with arrays."""
    gradient = numpy_by_hand(net)
    own = Net(net.name, net.sizes, net.rows)
    own.data, own.targets = net.data, net.targets
    own.weights, own.biases = [w.copy() for w in net.weights], [b.copy() for b in net.biases]
    moving = list(zip(own.weights, own.biases, strict=True))
    descend = numpy_by_hand(own)

    def step() -> Any:
        for parameters, gradients in zip(moving, descend()[1], strict=True):
            for number, by_number in zip(parameters, gradients, strict=True):
                number -= RATE * by_number
        return moving

    return Contender("NumPy by hand", gradient, step)


def compile_c(source: str, flags: tuple[str, ...], kept: Path | None = None) -> Path:
    """A library that gcc compiles from C source, in a folder `kept` from one run to the next or in one that is left to
    the system; raises `Missing` without gcc."""
    if (compiler := shutil.which("gcc")) is None:
        raise Missing("gcc is not installed")
    folder = kept or Path(tempfile.mkdtemp())
    folder.mkdir(parents=True, exist_ok=True)
    library = folder / f"{object_cache.key(source, *flags, machine.processor().name)}.so"
    if library.exists():
        return library
    with tempfile.TemporaryDirectory() as work:
        text, made = Path(work) / "source.c", Path(work) / "library.so"
        text.write_text(source)
        command = [compiler, *flags, "-shared", "-fPIC", str(text), "-o", str(made), "-lm"]
        run = subprocess.run(command, capture_output=True, text=True)
        if run.returncode:
            raise Missing(f"gcc failed: {run.stderr.strip()[-300:]}")
        shutil.copy(made, library)
    return library


def in_c(net: Net) -> Contender:
    """The C source, called through ctypes with pointers prepared once."""
    if net.sizes != (2, 16, 16, 1):
        raise Missing("hand.c is written for 2-16-16-1")
    library = ctypes.CDLL(str(compile_c(SOURCE.read_text(), FLAGS)))
    pointer, whole, real = ctypes.c_void_p, ctypes.c_long, ctypes.c_double
    library.value_and_grad.argtypes = [pointer, pointer, pointer, pointer, whole]
    library.value_and_grad.restype = real
    library.descend.argtypes = [pointer, pointer, pointer, whole, real, whole, pointer]
    library.descend.restype = None
    numbers = flat_parameters(net)
    moving, looped, into, losses = numbers.copy(), numbers.copy(), np.empty_like(numbers), np.empty(10_000)
    held = (net.data, net.targets)
    rows = net.rows
    x, y, p, q, r, g, t = (pointer(array.ctypes.data) for array in (*held, numbers, moving, looped, into, losses))

    def gradient() -> tuple[float, Any]:
        return library.value_and_grad(x, y, p, g, rows), into

    def step() -> Any:
        library.descend(x, y, q, rows, RATE, 1, t)
        return moving

    def loop(steps: int) -> Any:
        library.descend(x, y, r, rows, RATE, steps, t)
        return looped

    # The pointers do not keep their arrays alive; the closures do.
    gradient.held = step.held = loop.held = (*held, numbers, losses)  # type: ignore[attr-defined]
    return Contender("C by hand", gradient, step, loop)
