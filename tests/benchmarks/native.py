"""How fast machine code runs, against C by hand, NumPy and PyTorch: `python -m tests.benchmarks.native`.

The nets, data and weights of `compiled`; all results are compared before they are timed. All contenders take turns in
one process, with one thread. C by hand needs gcc and is left out without it; this package needs no compiler.
Differences under 1.3x are noise; on a busy machine the minimum is the most reliable.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from tests.benchmarks.compiled import LIBRARIES, Net, flat, numpy_by_hand, program_of, torch_eager

ROUNDS = 5
SECONDS = 0.2  # for each contender in a round
LOOP = 1000  # training steps in one call
RATE = 1e-3
FLAGS = ["-O3", "-march=native", "-mprefer-vector-width=512", "-ffast-math", "-shared", "-fPIC"]

Step = Callable[[], Any]


def compile_c(folder: str) -> Any:
    """The C by hand, compiled; None without gcc."""
    gcc = shutil.which("gcc")
    if gcc is None:
        print("no gcc here, so the rows of C by hand are missing")
        return None
    library = Path(folder) / "hand.so"
    subprocess.run([gcc, *FLAGS, str(Path(__file__).with_name("hand.c")), "-o", str(library)], check=True)
    hand = ctypes.CDLL(str(library))
    hand.value_and_grad.restype = ctypes.c_double
    hand.value_and_grad.argtypes = [*[ctypes.c_void_p] * 4, ctypes.c_long]
    hand.descend.restype = None
    hand.descend.argtypes = [*[ctypes.c_void_p] * 3, ctypes.c_long, ctypes.c_double, ctypes.c_long, ctypes.c_void_p]
    return hand


def by_hand(hand: Any, net: Net, weights: Any) -> tuple[Step, Step, list[Any]]:
    """(a call, `LOOP` steps, their arrays) of the C by hand."""
    x, y = np.ascontiguousarray(net.data), np.ascontiguousarray(net.targets)
    gradient, losses, moving = np.empty(len(weights)), np.empty(LOOP), weights.copy()
    at = [array.ctypes.data for array in (x, y, weights, gradient, moving, losses)]

    def step() -> Any:
        return hand.value_and_grad(at[0], at[1], at[2], at[3], net.rows), gradient

    def loop() -> Any:
        moving[:] = weights
        hand.descend(at[0], at[1], at[4], net.rows, RATE, LOOP, at[5])
        return losses

    return step, loop, [x, y, weights, gradient, moving, losses]


def print_times(contenders: dict[str, tuple[Step, int]], base: str) -> None:
    """Print microseconds a step of each, taking turns; contenders: (what to call, how many steps that is)."""
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(ROUNDS):
        for name, (step, steps) in contenders.items():
            until = time.perf_counter() + SECONDS
            while (start := time.perf_counter()) < until:
                step()
                seconds[name].append((time.perf_counter() - start) / steps)
    least = min(seconds[base]) * 1e6
    for name, times in seconds.items():
        ours, median = min(times) * 1e6, statistics.median(times) * 1e6
        print(f"  {name:34}min {ours:>11.2f} us   median {median:>11.2f} us   {ours / least:>6.2f} x {base}")


def compare(net: Net, hand: Any) -> None:
    """One net: agreement, then times."""
    print(f"\n{net.name}")
    start = time.perf_counter()
    native = program_of(net, "native")
    traced = time.perf_counter() - start
    native.value_and_grad(net.data[:1], net.targets[:1])
    print(f"  traced in {traced:.2f} s, first call {time.perf_counter() - start - traced:.2f} s")
    plain = program_of(net, "numpy")
    weights = np.array([parameter.data for parameter in native.parameters])
    moving = weights.copy()

    def step_by_step() -> Any:
        native.train(net.data, net.targets, steps=1, learning_rate=RATE, parameters=moving)

    contenders: dict[str, tuple[Step, int]] = {
        "native": (lambda: native.value_and_grad(net.data, net.targets, parameters=weights), 1),
        "native, parameters read from Values": (lambda: native.value_and_grad(net.data, net.targets), 1),
        "native, a step of SGD in a call": (step_by_step, 1),
        "numpy backend": (lambda: plain.value_and_grad(net.data, net.targets, parameters=weights), 1),
        "NumPy by hand": (numpy_by_hand(net), 1),
    }
    if net.rows > 100_000:
        two = program_of(net, "native", threads=2)
        contenders["native, two threads"] = (lambda: two.value_and_grad(net.data, net.targets), 1)
    if (eager := torch_eager(net)) is not None:
        contenders["PyTorch eager"] = (eager, 1)
    arrays: list[Any] = []
    if hand is not None and net.hinge:
        step, loop, arrays = by_hand(hand, net, weights.copy())
        contenders["C by hand"] = (step, 1)
        if net.rows <= 100:
            contenders[f"C by hand, {LOOP} steps in a call"] = (loop, LOOP)
    value, gradient = contenders["native"][0]()
    for name, (step, _) in contenders.items():
        if "step" not in name:
            other, other_gradient = step()
            worst = max(abs(value - other), float(np.abs(gradient - flat(other_gradient)).max()))
            assert worst < 1e-12, f"{name} differs by {worst:.1e}"
    steps = LOOP if net.rows <= 100 else 20

    def train() -> Any:
        for parameter, number in zip(native.parameters, weights.tolist(), strict=True):
            parameter.data = number
        return native.train(net.data, net.targets, steps=steps, learning_rate=RATE)

    if arrays and net.rows <= 100:
        assert float(np.abs(train() - contenders[f"C by hand, {LOOP} steps in a call"][0]()).max()) < 1e-11
    for parameter, number in zip(native.parameters, weights.tolist(), strict=True):
        parameter.data = number
    if net.rows <= 1000:
        contenders[f"native, {steps} steps in a call"] = (train, steps)
    print_times(contenders, "native")


def main() -> None:
    """Print the tables."""
    if missing := [
        f"{library}_NUM_THREADS" for library in LIBRARIES if os.environ.get(f"{library}_NUM_THREADS") != "1"
    ]:
        # These are read when NumPy is loaded: start again with them set.
        environment = {**os.environ, **dict.fromkeys(missing, "1")}
        sys.exit(subprocess.run([sys.executable, "-m", "tests.benchmarks.native"], env=environment).returncode)
    with tempfile.TemporaryDirectory() as folder:
        hand = compile_c(folder)
        for net in (
            Net("W1, one step: 2-16-16-1, 100 rows", (2, 16, 16, 1), 100),
            Net("W3: the same net, 1 row", (2, 16, 16, 1), 1),
            Net("W3: the same net, 1,000,000 rows", (2, 16, 16, 1), 1_000_000),
            Net("digits: 64-32-10, 128 rows", (64, 32, 10), 128),
            Net("64-256-256-10, 256 rows", (64, 256, 256, 10), 256),
        ):
            compare(net, hand)


if __name__ == "__main__":
    main()
